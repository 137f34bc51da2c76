"""Suggestions for one client while it types: what is at hand or under way is not computed again. Knows no protocol."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import msgspec

from interfix.completion.acceptance_tracker import AcceptanceTracker
from interfix.completion.completer import Completer
from interfix.completion.confidence import ModelCalibration
from interfix.completion.debounce import Debouncer
from interfix.completion.display_decision import DisplayDecision
from interfix.completion.pending_suggestion import PendingSuggestion
from interfix.completion.suggestion_cache import CachedSuggestion, CacheHit, SuggestionCache
from interfix.completion.suggestion_feedback import Feedback, NullFeedback
from interfix.completion.text_anchor import TextAnchor
from interfix.config.settings import CompletionSettings
from interfix.context.gatherer import Gatherer
from interfix.engine.protocol import Engine
from interfix.models.roles import BaseModel
from interfix.syntax.document import Snapshot

__all__ = ["Suggester", "SuggestionItem", "SuggestionRequest"]

PREFETCH_DELAY_SECONDS = 0.15
"""A suggestion has been shown so long, and nobody has asked again, before the one after it is computed."""
_TRIGGER_CHARACTERS = (b"(", b"[", b"{", b",", b"=", b".", b":", b" ", b"\t", b"\n")
"""Behind these a suggestion is likely to be wanted."""


class SuggestionRequest(msgspec.Struct, frozen=True):
    """Where a suggestion is wanted, and who is to make it."""

    model: BaseModel
    """Who completes."""
    snapshot: Snapshot
    """The document as it is."""
    offset: int
    """Byte offset of the cursor."""
    root: Path | None = None
    """The workspace's folder."""


class SuggestionItem(msgspec.Struct, frozen=True):
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
        settings: CompletionSettings,
        feedback: Feedback | None = None,
        calibrations: Mapping[str, ModelCalibration] | None = None,
        *,
        gatherer: Gatherer | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._settings = settings
        self._feedback = feedback or NullFeedback()
        self._completer = Completer(engine, settings, self._feedback, calibrations, gatherer=gatherer)
        self._clock = clock
        self._sleep = sleep
        self._cache = SuggestionCache()
        self._debouncer = Debouncer(clock)
        self._tracker = AcceptanceTracker(self._feedback)
        self.decisions: dict[str, DisplayDecision] = {}
        """By document: what became of what was last made for its cursor."""
        self._pending: dict[str, PendingSuggestion] = {}
        self._prefetches: dict[str, asyncio.Task[None]] = {}

    async def suggest(self, request: SuggestionRequest, *, automatic: bool) -> tuple[SuggestionItem, ...]:
        """What to show, best first: one suggestion or none; several where one is asked for that is shown already.

        An automatic one waits until the user seems to pause, unless it is at hand or under way. Raises what the engine raises.
        """
        began = self._clock()
        found = self._find_cached(request)
        self._cancel_prefetch(request.snapshot.uri)
        more: list[str] = []
        cached = found is not None and automatic
        if found and found.remaining_text and not automatic:
            more = await self._generate_alternatives(request, found.remaining_text)
        elif not cached:
            found = await self._wait_or_generate(request, automatic=automatic)
        ms = (self._clock() - began) * 1000
        language = request.snapshot.language.id if request.snapshot.language else ""
        shown = found is not None and bool(found.remaining_text) and found.entry.suggestion is not None
        self._feedback.record_request(language, request.model.name, ms, cached=cached, has_suggestion=shown)
        if found is None or not found.remaining_text or found.entry.suggestion is None:
            return ()
        self._tracker.track_suggestion(found.entry, language, ms, cached=cached)
        if self._settings.ahead:
            self._prefetches[request.snapshot.uri] = asyncio.create_task(self._prefetch_next(request, found.remaining_text))
        model = found.entry.suggestion.model
        return tuple(SuggestionItem(found.entry.id, text, request.offset, model) for text in (found.remaining_text, *more))

    def handle_edit(self, snapshot: Snapshot) -> None:
        """The user has edited a document, which is now `snapshot`."""
        self._debouncer.record_keystroke()
        self._tracker.handle_edit(snapshot)
        if flight := self._pending.get(snapshot.uri):
            if not flight.is_prefetch:
                flight.handle_edit(snapshot)
            elif not self._tracker.may_be_accepted(snapshot.uri):
                flight.cancel()

    def handle_acceptance(self, id: str) -> None:
        """The editor says that the user has accepted a suggestion."""
        self._tracker.handle_acceptance(id)

    def close_document(self, uri: str) -> None:
        """A document was closed."""
        self._cancel_prefetch(uri)
        if flight := self._pending.pop(uri, None):
            flight.cancel()
        self._tracker.close_document(uri)
        self.decisions.pop(uri, None)
        self._cache.remove_document(uri)

    def close(self) -> None:
        """The client has gone, or its settings are others now: nothing goes on."""
        for uri in {*self._pending, *self._prefetches}:
            self.close_document(uri)

    def _find_cached(self, request: SuggestionRequest) -> CacheHit | None:
        found = self._cache.find(request.snapshot, request.offset)
        usable = found and (self._settings.type_through or (found.entry.prefetched and not found.is_partly_typed))
        return found if usable else None

    async def _wait_or_generate(self, request: SuggestionRequest, *, automatic: bool) -> CacheHit | None:
        """What is under way, if it agrees with the text; else what is made now."""
        uri = request.snapshot.uri
        flight = self._pending.get(uri)
        if flight and (automatic or flight.explicit) and flight.matches_text(request.snapshot, request.offset):
            await flight.wait_for_result()
            if found := self._find_cached(request):
                return found
        if automatic:
            eager = request.snapshot.data[: request.offset].endswith(_TRIGGER_CHARACTERS)
            await self._sleep(self._debouncer.compute_delay(self._settings.debounce_ms / 1000, eager=eager))
        kept = await self._start_generation(request, automatic=automatic).wait_for_result()
        return CacheHit(kept, kept.suggestion.text if kept.suggestion else "", is_partly_typed=False) if kept else None

    async def _generate_alternatives(self, request: SuggestionRequest, shown_text: str) -> list[str]:
        """What else could stand where something is shown already."""
        texts = [shown_text]
        for attempt in range(self._settings.candidates + 1):
            if len(texts) == self._settings.candidates:
                break
            kept = await self._start_generation(request, automatic=False, attempt=attempt).wait_for_result()
            if kept and kept.suggestion and kept.suggestion.text.strip() not in [text.strip() for text in texts]:
                texts.append(kept.suggestion.text)
        return texts[1:]

    async def _prefetch_next(self, request: SuggestionRequest, text: str) -> None:
        """Compute what comes behind a suggestion while the user reads it."""
        await self._sleep(PREFETCH_DELAY_SECONDS)
        there = request.offset + len(text.encode())
        snapshot = request.snapshot.replace_range(request.offset, request.offset, text)
        rest_of_line = snapshot.data[there : snapshot.lines.find_end(snapshot.data, snapshot.lines.find_line(there))]
        beyond = msgspec.structs.replace(request, snapshot=snapshot, offset=there)
        under_way = self._pending.get(snapshot.uri)
        known = self._cache.find(snapshot, there) or (under_way and under_way.matches_text(snapshot, there))
        if not rest_of_line.strip() and not known:
            self._start_generation(beyond, automatic=True, is_prefetch=True)

    def _start_generation(
        self, request: SuggestionRequest, *, automatic: bool, attempt: int = 0, is_prefetch: bool = False
    ) -> PendingSuggestion:
        """Begin to make a suggestion; whatever was under way in the document ends."""
        snapshot, offset = request.snapshot, request.offset
        if older := self._pending.get(snapshot.uri):
            older.cancel()
        place = TextAnchor.from_cursor(snapshot, offset)
        behind_accepted = automatic and (is_prefetch or self._tracker.is_after_accepted(snapshot, offset))

        def judged(verdict: DisplayDecision) -> None:
            if not is_prefetch:
                self.decisions[snapshot.uri] = verdict

        async def make(streamed: Callable[[str], None]) -> CachedSuggestion:
            began = self._clock()
            suggestion = await self._completer.suggest(
                request.model,
                snapshot,
                offset,
                automatic=automatic,
                root=request.root,
                after_accepted=behind_accepted,
                attempt=attempt,
                on_text=streamed,
                on_decision=judged,
            )
            self._debouncer.record_latency(self._clock() - began)
            kept = CachedSuggestion(uuid.uuid4().hex, place, suggestion, is_prefetch)
            if not attempt:
                self._cache.add(kept)
            return kept

        self._pending[snapshot.uri] = flight = PendingSuggestion(place, make, explicit=not automatic, is_prefetch=is_prefetch)
        return flight

    def _cancel_prefetch(self, uri: str) -> None:
        """Nothing is begun ahead any more; what is under way already may prove right."""
        if task := self._prefetches.pop(uri, None):
            task.cancel()
