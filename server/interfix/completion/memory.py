"""Suggestions made so far, found again by what is typed: typing what was suggested costs nothing. Knows no engine and no clock."""

from collections import deque

import msgspec

from interfix.completion.pipeline import Suggestion
from interfix.completion.place import Place
from interfix.syntax.document import Snapshot

MOST = 200
"""Suggestions kept; the oldest goes first."""


class Kept(msgspec.Struct, frozen=True):
    """What came of one question, at its place."""

    id: str
    """By which the user's reaction is told."""
    place: Place
    """Where it goes."""
    suggestion: Suggestion | None
    """None: there was nothing worth showing unasked."""
    ahead: bool = False
    """Computed before anybody was there."""


class Found(msgspec.Struct, frozen=True):
    """What is left of a suggestion at a cursor."""

    kept: Kept
    """Which one."""
    rest: str
    """What the user has not typed yet; empty where there was nothing to show."""
    typed: bool
    """Whether some of it has been typed."""


class Memory:
    """The newest suggestions of a client."""

    def __init__(self) -> None:
        self._kept: deque[Kept] = deque(maxlen=MOST)

    def keep(self, kept: Kept) -> None:
        """Remember a suggestion, or that there was none."""
        self._kept.appendleft(kept)

    def forget(self, uri: str) -> None:
        """A document was closed."""
        self._kept = deque((kept for kept in self._kept if kept.place.uri != uri), maxlen=MOST)

    def find(self, snapshot: Snapshot, offset: int) -> Found | None:
        """The newest suggestion that goes on at a cursor; silence counts only where nothing was typed since."""
        for kept in self._kept:
            if kept.place.uri == snapshot.uri and (rest := _rest(kept, snapshot, offset)) is not None:
                return rest
        return None


def _rest(kept: Kept, snapshot: Snapshot, offset: int) -> Found | None:
    text = kept.suggestion.text.encode() if kept.suggestion else b""
    since = kept.place.since(snapshot, offset, len(text))
    if since is None or not text.startswith(since.typed):
        return None
    rest = text[len(since.typed) :]
    if since.closers:
        # The editor closed a bracket or quote that the suggestion closes itself.
        if not rest.endswith(since.closers) or b"\n" in rest:
            return None
        rest = rest.removesuffix(since.closers)
    if kept.suggestion and not rest.strip():
        return None
    return Found(kept, rest.decode(errors="replace"), bool(since.typed))
