"""A suggestion that is being computed, and the requests that wait for it."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from interfix.completion.suggestion import Suggestion
from interfix.completion.suggestion_request import SuggestionRequest
from interfix.completion.text_anchor import AUTO_CLOSERS
from interfix.syntax.document import Snapshot

log = logging.getLogger(__name__)

GRACE_SECONDS = 0.06
"""So long it goes on after its request was cancelled: the request that the same keystroke brings may take it over.

Editors send the two within some ms of each other, but a server that is busy reads them apart: only time in which messages are read
counts, from the last keystroke that agrees.
"""

_MAX_TYPED_BYTES = 400
"""Bytes that may be typed while it is made."""

SuggestionFactory = Callable[[Callable[[str], None]], Coroutine[Any, Any, Suggestion]]
"""Makes a suggestion and tells the text so far."""


class PendingSuggestion:
    """Ends when it is done, when what is typed disagrees with it, or soon after the last one who waited has gone."""

    def __init__(self, request: SuggestionRequest, factory: SuggestionFactory) -> None:
        self.request = request
        """What it is made for."""
        self._anchor = request.anchor
        self._text = ""
        self._typed = ""
        self._waiters = 0
        self._grace: asyncio.TimerHandle | None = None
        self._task = asyncio.create_task(factory(self._receive_text))
        self._task.add_done_callback(_log_failure)

    def serves(self, request: SuggestionRequest) -> bool:
        """Whether it may still bring what a request wants; from now on it must agree with the text there.

        What was made for somebody who asked is good for whoever comes; who asks gets nothing that was made unasked.
        """
        return (request.automatic or not self.request.automatic) and self.matches_text(request.snapshot, request.offset)

    def matches_text(self, snapshot: Snapshot, offset: int) -> bool:
        """Whether it may still bring what goes on at a cursor; from now on it must agree with what stands there."""
        since = None if self._task.done() else self._anchor.find_typed_text(snapshot, offset, _MAX_TYPED_BYTES)
        if since is None:
            return False
        self._typed = since.text.decode(errors="ignore").replace("\r\n", "\n")
        return _is_consistent(self._text, self._typed)

    def handle_edit(self, snapshot: Snapshot) -> None:
        """Ends where the text was changed so that it can agree with no cursor."""
        entry = self.request.entry
        anchor, text = (self.request.entry_anchor, entry.text + self._text) if entry else (self._anchor, self._text)
        inserted = anchor.find_inserted(snapshot) if anchor.is_prefix_unchanged(snapshot) else None
        if inserted is None or not _is_consistent(text, inserted.decode(errors="ignore").rstrip(AUTO_CLOSERS)):
            self.cancel()
        elif self._grace is not None:
            self._begin_grace()

    async def wait_for_result(self) -> Suggestion | None:
        """What came of it; None where it was ended. Whoever waits may leave: soon after the last one it ends."""
        self._waiters += 1
        self._end_grace()
        try:
            await asyncio.wait({self._task})
        finally:
            self._waiters -= 1
            if not self._waiters and not self._task.done():
                self._begin_grace()
        return None if self._task.cancelled() else self._task.result()

    def cancel(self) -> None:
        """Nobody wants it any more."""
        self._end_grace()
        self._task.cancel()

    def _begin_grace(self) -> None:
        self._end_grace()
        loop = asyncio.get_running_loop()
        self._grace = loop.call_later(GRACE_SECONDS, self._cancel_unless_late, loop.time() + GRACE_SECONDS)

    def _end_grace(self) -> None:
        if self._grace is not None:
            self._grace.cancel()
            self._grace = None

    def _cancel_unless_late(self, due: float) -> None:
        """What came while the server was busy is not read yet where the timer is late."""
        if asyncio.get_running_loop().time() - due > GRACE_SECONDS / 2:
            self._begin_grace()
        else:
            self.cancel()

    def _receive_text(self, text: str) -> None:
        self._text = text
        if not _is_consistent(text, self._typed):
            self.cancel()


def _is_consistent(generated_text: str, typed_text: str) -> bool:
    """One is the beginning of the other; filters may yet take white space off the beginning of what was written."""
    generated_text, typed_text = (generated_text, typed_text) if typed_text[:1].isspace() else (generated_text.lstrip(), typed_text)
    return generated_text.startswith(typed_text) or typed_text.startswith(generated_text)


def _log_failure(task: asyncio.Task[Suggestion]) -> None:
    """Take note of a failure, which nobody may be waiting for."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.debug("no suggestion: %s", type(error).__name__)
