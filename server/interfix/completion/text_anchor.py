"""A place in a text that is found again while somebody types there. Edits elsewhere do not move it."""

import msgspec

from interfix.syntax.document import Snapshot

PREFIX_BYTES = 512
"""So much before a place must be the same."""
SUFFIX_BYTES = 256
"""And so much after it."""
AUTO_CLOSERS = ")]}\"'`"
"""What editors put behind the cursor by themselves when the opening one is typed."""
_MAX_AUTO_CLOSERS = 3
"""So many of them may stand there."""


class TypedText(msgspec.Struct, frozen=True):
    """What came into the text between a place and a cursor behind it."""

    text: bytes
    """What stands between the two."""
    closers: bytes
    """Closing brackets and quotes right of the cursor that were not there."""


class TextAnchor(msgspec.Struct, frozen=True):
    """A cursor, by the text around it."""

    uri: str
    """Of the document."""
    prefix: bytes
    """The text before it, at most `PREFIX_BYTES`; less only where the document begins there."""
    suffix: bytes
    """The text after it, at most `SUFFIX_BYTES`; less only where the document ends there."""

    @classmethod
    def from_cursor(cls, snapshot: Snapshot, offset: int) -> "TextAnchor":
        """The place at a byte offset."""
        return cls.from_range(snapshot, offset, offset)

    @classmethod
    def from_range(cls, snapshot: Snapshot, start: int, end: int) -> "TextAnchor":
        """The place where the bytes `start` to `end` stand, without them."""
        data = snapshot.data
        return cls(snapshot.uri, data[max(0, start - PREFIX_BYTES) : start], data[end : end + SUFFIX_BYTES])

    def find_typed_text(self, snapshot: Snapshot, offset: int, max_bytes: int) -> TypedText | None:
        """What was typed here up to the byte `offset`, `longest` bytes at most; None where the text around is another now."""
        data = snapshot.data
        if len(self.prefix) < PREFIX_BYTES:
            begin = len(self.prefix) if data.startswith(self.prefix) else -1
        else:
            found = data.rfind(self.prefix, max(0, offset - max_bytes - PREFIX_BYTES), offset)
            begin = found + PREFIX_BYTES if found >= 0 else -1
        if not 0 <= offset - begin <= max_bytes or begin < 0:
            return None
        for count in range(_MAX_AUTO_CLOSERS + 1):
            closers = data[offset : offset + count]
            if closers.strip(AUTO_CLOSERS.encode()):
                return None
            if data[offset + count : offset + count + SUFFIX_BYTES] == self.suffix:
                return TypedText(data[begin:offset], closers)
        return None

    def find_end(self, snapshot: Snapshot, text: str) -> int | None:
        """The byte offset behind `text`, which was inserted here; None where it does not stand here."""
        begin = self._find_start(snapshot)
        end = None if begin is None else begin + len(text.encode())
        return end if begin is not None and snapshot.data[begin:end] == text.encode() else None

    def find_inserted(self, snapshot: Snapshot, max_bytes: int) -> bytes | None:
        """All that stands here now between what was before and what was after; None where that is not to be told."""
        data, begin = snapshot.data, self._find_start(snapshot)
        if begin is None:
            return None
        end = len(data) if not self.suffix else data.find(self.suffix, begin, begin + max_bytes + len(self.suffix))
        return data[begin:end] if begin <= end <= begin + max_bytes else None

    def _find_start(self, snapshot: Snapshot) -> int | None:
        if len(self.prefix) < PREFIX_BYTES:
            return len(self.prefix) if snapshot.data.startswith(self.prefix) else None
        found = snapshot.data.find(self.prefix)
        return None if found < 0 else found + len(self.prefix)
