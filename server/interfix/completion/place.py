"""A place in a text that is found again while somebody types there. Knows bytes only; edits elsewhere do not move it."""

import msgspec

from interfix.syntax.document import Snapshot

HEAD_BYTES = 512
"""So much before a place must be the same."""
TAIL_BYTES = 256
"""And so much after it."""
AUTO_CLOSED = ")]}\"'`"
"""What editors put behind the cursor by themselves when the opening one is typed."""
_MOST_AUTO_CLOSED = 3
"""So many of them may stand there."""


class Since(msgspec.Struct, frozen=True):
    """What came into the text between a place and a cursor behind it."""

    typed: bytes
    """What stands between the two."""
    closers: bytes
    """Closing brackets and quotes right of the cursor that were not there."""


class Place(msgspec.Struct, frozen=True):
    """A cursor, by the text around it."""

    uri: str
    """Of the document."""
    head: bytes
    """The text before it, at most `HEAD_BYTES`; less only where the document begins there."""
    tail: bytes
    """The text after it, at most `TAIL_BYTES`; less only where the document ends there."""

    @classmethod
    def at(cls, snapshot: Snapshot, offset: int) -> "Place":
        """The place at a byte offset."""
        data = snapshot.data
        return cls(snapshot.uri, data[max(0, offset - HEAD_BYTES) : offset], data[offset : offset + TAIL_BYTES])

    def since(self, snapshot: Snapshot, offset: int, longest: int) -> Since | None:
        """What was typed here up to the byte `offset`, `longest` bytes at most; None where the text around is another now."""
        data = snapshot.data
        if len(self.head) < HEAD_BYTES:
            begin = len(self.head) if data.startswith(self.head) else -1
        else:
            found = data.rfind(self.head, max(0, offset - longest - HEAD_BYTES), offset)
            begin = found + HEAD_BYTES if found >= 0 else -1
        if not 0 <= offset - begin <= longest or begin < 0:
            return None
        for count in range(_MOST_AUTO_CLOSED + 1):
            closers = data[offset : offset + count]
            if closers.strip(AUTO_CLOSED.encode()):
                return None
            if data[offset + count : offset + count + TAIL_BYTES] == self.tail:
                return Since(data[begin:offset], closers)
        return None

    def end(self, snapshot: Snapshot, text: str) -> int | None:
        """The byte offset behind `text`, which was inserted here; None where it does not stand here."""
        begin = self._begin(snapshot)
        end = None if begin is None else begin + len(text.encode())
        return end if begin is not None and snapshot.data[begin:end] == text.encode() else None

    def inserted(self, snapshot: Snapshot, longest: int) -> bytes | None:
        """All that stands here now between what was before and what was after; None where that is not to be told."""
        data, begin = snapshot.data, self._begin(snapshot)
        if begin is None:
            return None
        end = len(data) if not self.tail else data.find(self.tail, begin, begin + longest + len(self.tail))
        return data[begin:end] if begin <= end <= begin + longest else None

    def _begin(self, snapshot: Snapshot) -> int | None:
        if len(self.head) < HEAD_BYTES:
            return len(self.head) if snapshot.data.startswith(self.head) else None
        found = snapshot.data.find(self.head)
        return None if found < 0 else found + len(self.head)
