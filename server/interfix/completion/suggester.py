"""Suggestions for one client while it types: what is at hand or under way is not computed again. Knows no protocol."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import msgspec

from interfix.completion.confidence import Fit
from interfix.completion.feedback import Feedback, Unheard
from interfix.completion.flight import Flight
from interfix.completion.memory import Found, Kept, Memory
from interfix.completion.pipeline import Completer
from interfix.completion.place import Place
from interfix.completion.rhythm import Rhythm
from interfix.completion.verdict import Verdict
from interfix.completion.witness import Witness
from interfix.config.settings import Completion
from interfix.context.gathering import Gatherer
from interfix.engine.protocol import Engine
from interfix.models.roles import BaseModel
from interfix.syntax.document import Snapshot

__all__ = ["Cursor", "Offer", "Suggester"]

AHEAD_SECONDS = 0.15
"""A suggestion has been shown so long, and nobody has asked again, before the one after it is computed."""
_EAGER_AFTER = (b"(", b"[", b"{", b",", b"=", b".", b":", b" ", b"\t", b"\n")
"""Behind these a suggestion is likely to be wanted."""


class Cursor(msgspec.Struct, frozen=True):
    """Where a suggestion is wanted, and who is to make it."""

    model: BaseModel
    """Who completes."""
    snapshot: Snapshot
    """The document as it is."""
    offset: int
    """Byte offset of the cursor."""
    root: Path | None = None
    """The workspace's folder."""


class Offer(msgspec.Struct, frozen=True):
    """One suggestion as an editor may show it."""

    id: str
    """By which its acceptance is told."""
    text: str
    """What to insert at the cursor, with the file's own line endings."""
    offset: int
    """Byte offset of the cursor."""
    model: str
    """Name of the model that wrote it."""


class Suggester:
    """Suggests, remembers what it suggested, and works ahead. Its answers to `changed` and `accepted` go to the feedback."""

    def __init__(
        self,
        engine: Engine,
        settings: Completion,
        feedback: Feedback | None = None,
        fits: Mapping[str, Fit] | None = None,
        *,
        gatherer: Gatherer | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._settings = settings
        self._feedback = feedback or Unheard()
        self._completer = Completer(engine, settings, self._feedback, fits, gatherer=gatherer)
        self._clock = clock
        self._sleep = sleep
        self._memory = Memory()
        self._rhythm = Rhythm(clock)
        self._witness = Witness(self._feedback)
        self.verdicts: dict[str, Verdict] = {}
        """By document: what became of what was last made for its cursor."""
        self._flights: dict[str, Flight] = {}
        self._ahead: dict[str, asyncio.Task[None]] = {}

    async def suggest(self, cursor: Cursor, *, automatic: bool) -> tuple[Offer, ...]:
        """What to show, best first: one suggestion or none; several where one is asked for that is shown already.

        An automatic one waits until the user seems to pause, unless it is at hand or under way. Raises what the engine raises.
        """
        began = self._clock()
        found = self._at_hand(cursor)
        self._look_no_further(cursor.snapshot.uri)
        more: list[str] = []
        cached = found is not None and automatic
        if found and found.rest and not automatic:
            more = await self._others(cursor, found.rest)
        elif not cached:
            found = await self._fetched(cursor, automatic=automatic)
        ms = (self._clock() - began) * 1000
        language = cursor.snapshot.language.id if cursor.snapshot.language else ""
        shown = found is not None and bool(found.rest) and found.kept.suggestion is not None
        self._feedback.requested(language, cursor.model.name, ms, cached=cached, shown=shown)
        if found is None or not found.rest or found.kept.suggestion is None:
            return ()
        self._witness.shown(found.kept, language, ms, cached=cached)
        if self._settings.ahead:
            self._ahead[cursor.snapshot.uri] = asyncio.create_task(self._look_ahead(cursor, found.rest))
        model = found.kept.suggestion.model
        return tuple(Offer(found.kept.id, text, cursor.offset, model) for text in (found.rest, *more))

    def changed(self, snapshot: Snapshot) -> None:
        """The user has edited a document, which is now `snapshot`."""
        self._rhythm.key()
        self._witness.changed(snapshot)
        if flight := self._flights.get(snapshot.uri):
            if not flight.ahead:
                flight.changed(snapshot)
            elif not self._witness.hopeful(snapshot.uri):
                flight.end()

    def accepted(self, id: str) -> None:
        """The editor says that the user has accepted a suggestion."""
        self._witness.accepted(id)

    def closed(self, uri: str) -> None:
        """A document was closed."""
        self._look_no_further(uri)
        if flight := self._flights.pop(uri, None):
            flight.end()
        self._witness.closed(uri)
        self.verdicts.pop(uri, None)
        self._memory.forget(uri)

    def close(self) -> None:
        """The client has gone, or its settings are others now: nothing goes on."""
        for uri in {*self._flights, *self._ahead}:
            self.closed(uri)

    def _at_hand(self, cursor: Cursor) -> Found | None:
        found = self._memory.find(cursor.snapshot, cursor.offset)
        usable = found and (self._settings.type_through or (found.kept.ahead and not found.typed))
        return found if usable else None

    async def _fetched(self, cursor: Cursor, *, automatic: bool) -> Found | None:
        """What is under way, if it agrees with the text; else what is made now."""
        uri = cursor.snapshot.uri
        flight = self._flights.get(uri)
        if flight and (automatic or flight.requested) and flight.agrees(cursor.snapshot, cursor.offset):
            await flight.landed()
            if found := self._at_hand(cursor):
                return found
        if automatic:
            eager = cursor.snapshot.data[: cursor.offset].endswith(_EAGER_AFTER)
            await self._sleep(self._rhythm.pause(self._settings.debounce_ms / 1000, eager=eager))
        kept = await self._fly(cursor, automatic=automatic).landed()
        return Found(kept, kept.suggestion.text if kept.suggestion else "", typed=False) if kept else None

    async def _others(self, cursor: Cursor, shown: str) -> list[str]:
        """What else could stand where something is shown already."""
        texts = [shown]
        for attempt in range(self._settings.candidates + 1):
            if len(texts) == self._settings.candidates:
                break
            kept = await self._fly(cursor, automatic=False, attempt=attempt).landed()
            if kept and kept.suggestion and kept.suggestion.text.strip() not in [text.strip() for text in texts]:
                texts.append(kept.suggestion.text)
        return texts[1:]

    async def _look_ahead(self, cursor: Cursor, text: str) -> None:
        """Compute what comes behind a suggestion while the user reads it."""
        await self._sleep(AHEAD_SECONDS)
        there = cursor.offset + len(text.encode())
        snapshot = cursor.snapshot.replaced(cursor.offset, cursor.offset, text)
        rest_of_line = snapshot.data[there : snapshot.lines.end(snapshot.data, snapshot.lines.at(there))]
        beyond = msgspec.structs.replace(cursor, snapshot=snapshot, offset=there)
        under_way = self._flights.get(snapshot.uri)
        known = self._memory.find(snapshot, there) or (under_way and under_way.agrees(snapshot, there))
        if not rest_of_line.strip() and not known:
            self._fly(beyond, automatic=True, ahead=True)

    def _fly(self, cursor: Cursor, *, automatic: bool, attempt: int = 0, ahead: bool = False) -> Flight:
        """Begin to make a suggestion; whatever was under way in the document ends."""
        snapshot, offset = cursor.snapshot, cursor.offset
        if older := self._flights.get(snapshot.uri):
            older.end()
        place = Place.at(snapshot, offset)
        behind_accepted = automatic and (ahead or self._witness.behind_accepted(snapshot, offset))

        def judged(verdict: Verdict) -> None:
            if not ahead:
                self.verdicts[snapshot.uri] = verdict

        async def make(streamed: Callable[[str], None]) -> Kept:
            began = self._clock()
            suggestion = await self._completer.suggest(
                cursor.model,
                snapshot,
                offset,
                automatic=automatic,
                root=cursor.root,
                accepted=behind_accepted,
                attempt=attempt,
                streamed=streamed,
                judged=judged,
            )
            self._rhythm.answered(self._clock() - began)
            kept = Kept(uuid.uuid4().hex, place, suggestion, ahead)
            if not attempt:
                self._memory.keep(kept)
            return kept

        self._flights[snapshot.uri] = flight = Flight(place, make, requested=not automatic, ahead=ahead)
        return flight

    def _look_no_further(self, uri: str) -> None:
        """Nothing is begun ahead any more; what is under way already may prove right."""
        if task := self._ahead.pop(uri, None):
            task.cancel()
