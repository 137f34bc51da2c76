"""Suggestions made so far, found again by what is typed: typing what was suggested costs nothing."""

from collections import deque

import msgspec

from interfix.completion.suggestion import Suggestion
from interfix.syntax.document import Snapshot
from interfix.syntax.document_key import DocumentKey

MAX_SUGGESTIONS = 200
"""Suggestions kept; the oldest goes first."""


class SuggestionCache:
    """The newest suggestions of a client."""

    def __init__(self) -> None:
        self._entries: deque[Suggestion] = deque(maxlen=MAX_SUGGESTIONS)

    def add(self, suggestion: Suggestion) -> None:
        """Remember a suggestion, or that there was none."""
        self._entries.appendleft(suggestion)

    def remove_document(self, key: DocumentKey) -> None:
        """A document was closed."""
        self._entries = deque((entry for entry in self._entries if entry.anchor.key != key), maxlen=MAX_SUGGESTIONS)

    def find(self, snapshot: Snapshot, offset: int) -> Suggestion | None:
        """The newest suggestion that goes on at a cursor, as it goes on there; silence only where nothing was typed since."""
        for entry in self._entries:
            if entry.anchor.key == snapshot.key and (continuation := _continue_at(entry, snapshot, offset)) is not None:
                return continuation
        return None


def _continue_at(suggestion: Suggestion, snapshot: Snapshot, offset: int) -> Suggestion | None:
    text = suggestion.whole_text.encode()
    since = suggestion.anchor.find_typed_text(snapshot, offset, len(text))
    if since is None or not text.startswith(since.text):
        return None
    rest = text[len(since.text) :]
    if since.closers:
        # The editor closed a bracket or quote that the suggestion closes itself.
        if not rest.endswith(since.closers) or b"\n" in rest:
            return None
        rest = rest.removesuffix(since.closers)
    if text and not rest.strip():
        return None
    return msgspec.structs.replace(suggestion, text=rest.decode(errors="replace"), offset=offset, is_partly_typed=bool(since.text))
