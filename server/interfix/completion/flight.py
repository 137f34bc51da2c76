"""A suggestion that is being made, for whoever still waits for it. Knows no editor and makes nothing itself."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from interfix.completion.memory import Kept
from interfix.completion.place import AUTO_CLOSED, Place
from interfix.syntax.document import Snapshot

log = logging.getLogger(__name__)

GRACE_SECONDS = 0.06
"""So long it goes on after its request was cancelled: the request that the same keystroke brings may take it over."""

_MOST_TYPED = 400
"""Bytes that may be typed while it is made."""

Making = Callable[[Callable[[str], None]], Coroutine[Any, Any, Kept]]
"""Makes a suggestion and tells the text so far."""


class Flight:
    """Ends when it is done, when what is typed disagrees with it, or soon after the last one who waited has gone."""

    def __init__(self, place: Place, make: Making, *, requested: bool, ahead: bool = False) -> None:
        self.requested = requested
        """Made because the user asked for it, and so good for whoever comes."""
        self.ahead = ahead
        """Made for a text that is not there yet."""
        self._place = place
        self._text = ""
        self._typed = ""
        self._waiting = 0
        self._task = asyncio.create_task(make(self._streamed))
        self._task.add_done_callback(_noted)

    def agrees(self, snapshot: Snapshot, offset: int) -> bool:
        """Whether it may still bring what goes on at a cursor; from now on it must agree with what stands there."""
        since = None if self._task.done() else self._place.since(snapshot, offset, _MOST_TYPED)
        if since is None:
            return False
        self._typed = since.typed.decode(errors="ignore").replace("\r\n", "\n")
        return _agree(self._text, self._typed)

    def changed(self, snapshot: Snapshot) -> None:
        """Ends where the text was changed so that it can agree with no cursor."""
        inserted = self._place.inserted(snapshot, _MOST_TYPED)
        if inserted is None or not _agree(self._text, inserted.decode(errors="ignore").rstrip(AUTO_CLOSED)):
            self.end()

    async def landed(self) -> Kept | None:
        """What came of it; None where it was ended. Whoever waits may leave: soon after the last one it ends."""
        self._waiting += 1
        try:
            await asyncio.wait({self._task})
        finally:
            self._waiting -= 1
            if not self._waiting and not self._task.done():
                asyncio.get_running_loop().call_later(GRACE_SECONDS, self._abandon)
        return None if self._task.cancelled() else self._task.result()

    def end(self) -> None:
        """Nobody wants it any more."""
        self._task.cancel()

    def _abandon(self) -> None:
        if not self._waiting:
            self.end()

    def _streamed(self, text: str) -> None:
        self._text = text
        if not _agree(text, self._typed):
            self.end()


def _agree(written: str, typed: str) -> bool:
    """One is the beginning of the other; filters may yet take white space off the beginning of what was written."""
    written, typed = (written, typed) if typed[:1].isspace() else (written.lstrip(), typed)
    return written.startswith(typed) or typed.startswith(written)


def _noted(task: asyncio.Task[Kept]) -> None:
    """Take note of a failure, which nobody may be waiting for."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.debug("no suggestion: %s", type(error).__name__)
