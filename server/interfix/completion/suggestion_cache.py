"""Suggestions made so far, found again by what is typed: typing what was suggested costs nothing. Knows no engine and no clock."""

from collections import deque

import msgspec

from interfix.completion.completer import Suggestion
from interfix.completion.text_anchor import TextAnchor
from interfix.syntax.document import Snapshot

MAX_SUGGESTIONS = 200
"""Suggestions kept; the oldest goes first."""


class CachedSuggestion(msgspec.Struct, frozen=True):
    """What came of one question, at its place."""

    id: str
    """By which the user's reaction is told."""
    anchor: TextAnchor
    """Where it goes."""
    suggestion: Suggestion | None
    """None: there was nothing worth showing unasked."""
    prefetched: bool = False
    """Computed before anybody was there."""


class CacheHit(msgspec.Struct, frozen=True):
    """What is left of a suggestion at a cursor."""

    entry: CachedSuggestion
    """Which one."""
    remaining_text: str
    """What the user has not typed yet; empty where there was nothing to show."""
    is_partly_typed: bool
    """Whether some of it has been typed."""


class SuggestionCache:
    """The newest suggestions of a client."""

    def __init__(self) -> None:
        self._entries: deque[CachedSuggestion] = deque(maxlen=MAX_SUGGESTIONS)

    def add(self, entry: CachedSuggestion) -> None:
        """Remember a suggestion, or that there was none."""
        self._entries.appendleft(entry)

    def remove_document(self, uri: str) -> None:
        """A document was closed."""
        self._entries = deque((kept for kept in self._entries if kept.anchor.uri != uri), maxlen=MAX_SUGGESTIONS)

    def find(self, snapshot: Snapshot, offset: int) -> CacheHit | None:
        """The newest suggestion that goes on at a cursor; silence counts only where nothing was typed since."""
        for kept in self._entries:
            if kept.anchor.uri == snapshot.uri and (rest := _match_entry(kept, snapshot, offset)) is not None:
                return rest
        return None


def _match_entry(entry: CachedSuggestion, snapshot: Snapshot, offset: int) -> CacheHit | None:
    text = entry.suggestion.text.encode() if entry.suggestion else b""
    since = entry.anchor.find_typed_text(snapshot, offset, len(text))
    if since is None or not text.startswith(since.text):
        return None
    rest = text[len(since.text) :]
    if since.closers:
        # The editor closed a bracket or quote that the suggestion closes itself.
        if not rest.endswith(since.closers) or b"\n" in rest:
            return None
        rest = rest.removesuffix(since.closers)
    if entry.suggestion and not rest.strip():
        return None
    return CacheHit(entry, rest.decode(errors="replace"), bool(since.text))
