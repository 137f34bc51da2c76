"""Types one place from its first key to its last, and accepts suggestions that are right.

The clock is real: a suggestion that comes too late is not seen. Pauses end when what was suggested has been read.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from types import TracebackType
from typing import Protocol, Self

import msgspec
from pygls.exceptions import JsonRpcException

from interfix.bench.acceptance_policy import AcceptedPart, AcceptGranularity, choose_acceptance, first_line_matches, matches_whole
from interfix.bench.typing_sites import TypingSite
from interfix.bench.typist import Keypress, Typist, count_keystrokes

READ_MS = 250
"""Time to read a suggestion, ms."""


class TypedDocument(Protocol):
    """An open document with a cursor, and whoever suggests text there."""

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...

    async def insert(self, text: str) -> None:
        """Put a text in at the cursor."""

    async def backspace(self) -> None:
        """Take the character before the cursor away."""

    async def accept(self, accepted: AcceptedPart) -> None:
        """Put in what was suggested last, or the beginning of it."""

    async def look(self, expected: str) -> str:
        """What is suggested on the screen now, where `expected` was suggested a moment ago."""

    async def request_suggestion(self) -> str:
        """What is suggested at the cursor after a key; empty for nothing or what comes too late."""


class TextSpan(msgspec.Struct, frozen=True):
    """Text of a place by how it came to be there."""

    text: str
    """The text."""
    granularity: AcceptGranularity | None
    """How it was taken; None where it was typed."""


class TypingStats(msgspec.Struct, frozen=True):
    """What came of typing at one place, or at all."""

    characters: int
    """Keys that the text that stands there would have taken, an editor's indentation aside."""
    suggested: int
    """How many of them a suggestion took over."""
    keys: int
    """Keys that were pressed, those that took suggestions and corrected slips included."""
    shown: int
    """Different suggestions that were on the screen; one that is typed through stays the same."""
    right: int
    """How many of them had a right first line when they came."""
    right_whole: int
    """How many of them were all that was to come, or its beginning, when they came."""
    taken: dict[str, int]
    """How many were taken whole, by the line and by the word."""
    asked: int
    """Requests the editor made."""
    errors: int
    """How many of them were answered with an error."""


def sum_stats(stats: Sequence[TypingStats]) -> TypingStats:
    """All of them added up."""
    taken: Counter[str] = Counter()
    for each in stats:
        taken.update(each.taken)
    return TypingStats(
        characters=sum(each.characters for each in stats),
        suggested=sum(each.suggested for each in stats),
        keys=sum(each.keys for each in stats),
        shown=sum(each.shown for each in stats),
        right=sum(each.right for each in stats),
        right_whole=sum(each.right_whole for each in stats),
        taken=dict(taken),
        asked=sum(each.asked for each in stats),
        errors=sum(each.errors for each in stats),
    )


class TypingSession:
    """One place from its first key to its last."""

    def __init__(self, document: TypedDocument, site: TypingSite, rng: random.Random) -> None:
        self.site = site
        self.spans: list[TextSpan] = []
        """The text, by how it came."""
        self.latencies_ms: list[float] = []
        """Times from a request to its suggestion, of those that came before the next key, ms."""
        self._typist = Typist(site.text, rng)
        self._document = document
        self._requests: list[asyncio.Task[None]] = []
        self._suggestion = ""
        self._key_count = self._request_count = self._error_count = 0
        self._shown_count = self._correct_count = self._correct_whole_count = 0
        self._accepted_counts: Counter[str] = Counter()

    async def run(self) -> None:
        """Type it all."""
        with self._document:
            try:
                while (key := self._typist.plan_key()) is not None:
                    if not (key.is_reading and await self._pause_and_read(key.wait_ms / 1000)):
                        if not key.is_reading:
                            await asyncio.sleep(key.wait_ms / 1000)
                        await self._press(key)
                    self._request_suggestion()
                await self._await_requests()
            finally:
                for request in self._requests:  # none outlives its document, however the typing ends
                    request.cancel()

    def collect_stats(self) -> TypingStats:
        """What came of it."""
        suggested = sum(count_keystrokes(piece.text) for piece in self.spans if piece.granularity is not None)
        return TypingStats(
            characters=count_keystrokes("".join(piece.text for piece in self.spans)),
            suggested=suggested,
            keys=self._key_count,
            shown=self._shown_count,
            right=self._correct_count,
            right_whole=self._correct_whole_count,
            taken=dict(self._accepted_counts),
            asked=self._request_count,
            errors=self._error_count,
        )

    async def _press(self, key: Keypress) -> None:
        wrong = self._typist.uncorrected_text
        self._typist.press(key)
        self._key_count += 1
        if key.text:
            await self._document.insert(key.text)
            self._suggestion = self._suggestion.removeprefix(key.text) if self._suggestion.startswith(key.text) else ""
        else:
            await self._document.backspace()
            self._suggestion = ""
        if key.text and not wrong and not self._typist.uncorrected_text:
            self._append_span(key.text, None)

    async def _pause_and_read(self, seconds: float) -> bool:
        """Pause; read a suggestion if one is there or comes in time, and take of it what is right. Whether anything was taken."""
        if not self._suggestion and self._requests:
            await asyncio.wait(self._requests[-1:], timeout=seconds)
        if not self._suggestion:
            return False
        await asyncio.sleep(READ_MS / 1000)
        self._show_suggestion(await self._document.look(self._suggestion))
        taken = choose_acceptance(self._suggestion, self._typist.remaining_text)
        if taken is None:
            return False
        await self._accept(taken)
        return True

    async def _accept(self, acceptance: AcceptedPart) -> None:
        await self._document.accept(acceptance)
        self._typist.skip(len(acceptance.text))
        self._key_count += acceptance.key_count
        self._accepted_counts[acceptance.granularity] += 1
        self._suggestion = self._suggestion.removeprefix(acceptance.text)
        self._append_span(acceptance.text, acceptance.granularity)

    def _append_span(self, text: str, granularity: AcceptGranularity | None) -> None:
        if self.spans and self.spans[-1].granularity is granularity:
            text = self.spans.pop().text + text
        self.spans.append(TextSpan(text, granularity))

    def _request_suggestion(self) -> None:
        """Ask for a suggestion at the cursor; the server ends what was asked before."""
        self._request_count += 1
        self._requests = [request for request in self._requests if not request.done()]
        self._requests.append(asyncio.create_task(self._await_suggestion()))

    async def _await_suggestion(self) -> None:
        began = time.perf_counter()
        try:
            text = await self._document.request_suggestion()
        except JsonRpcException:
            self._error_count += 1
            return
        if text:
            self.latencies_ms.append((time.perf_counter() - began) * 1000)
            self._show_suggestion(text)

    def _show_suggestion(self, text: str) -> None:
        if text and text != self._suggestion and not self._typist.uncorrected_text:
            self._shown_count += 1
            self._correct_count += first_line_matches(text, self._typist.remaining_text)
            self._correct_whole_count += matches_whole(text, self._typist.remaining_text)
        self._suggestion = text

    async def _await_requests(self) -> None:
        """Leave no request without its answer."""
        await asyncio.gather(*self._requests)
