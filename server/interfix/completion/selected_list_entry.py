"""The entry that is selected in the editor's completion list. A suggestion beside the open list goes on from it."""

import re
from collections.abc import Iterable

import msgspec

from interfix.syntax.document import Snapshot

_WORD = re.compile(rb"[\w\x80-\xff]+")


class ListEntry(msgspec.Struct, frozen=True):
    """What the list would insert, and where."""

    start: int
    """Byte offset of the text that it replaces."""
    end: int
    """Byte offset behind it."""
    text: str
    """What it would insert."""
    is_document_word: bool = False
    """An editor without a language server lists the words of open documents: such an entry is selected because its letters fit."""

    @classmethod
    def from_range(cls, snapshot: Snapshot, start: int, end: int, text: str, documents: Iterable[Snapshot] = ()) -> "ListEntry":
        """The entry that replaces the bytes `start` to `end`; `documents` are those whose words an editor may list."""
        word = text.encode()
        texts = (snapshot.data[:start], snapshot.data[end:], *(other.data for other in documents if other.key != snapshot.key))
        is_word = bool(_WORD.fullmatch(word)) and any(_contains_word(data, word) for data in texts)
        return cls(start, end, text, is_word)


def _contains_word(data: bytes, word: bytes) -> bool:
    at = data.find(word)
    while at >= 0:
        if not _WORD.match(data[at - 1 : at]) and not _WORD.match(data[at + len(word) : at + len(word) + 1]):
            return True
        at = data.find(word, at + 1)
    return False
