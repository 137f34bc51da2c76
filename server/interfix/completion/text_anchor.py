"""A cursor that is found again while somebody types there: by its place, which moves with the edits, else by the text around it."""

import msgspec

from interfix.syntax.document import Snapshot
from interfix.syntax.document_key import DocumentKey
from interfix.syntax.tracked_span import TrackedSpan

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
    """A cursor, and the text around it."""

    key: DocumentKey
    """Of the document."""
    prefix: bytes
    """The text before it, at most `PREFIX_BYTES`; less only where the document begins there."""
    suffix: bytes
    """The text after it, at most `SUFFIX_BYTES`; less only where the document ends there."""
    span: TrackedSpan
    """What was put in there."""
    ahead_bytes: int
    """So much of it is not counted: text before the cursor that was not there yet."""

    @classmethod
    def from_cursor(cls, snapshot: Snapshot, offset: int, span: TrackedSpan | None = None, ahead_bytes: int = 0) -> "TextAnchor":
        """The place at a byte offset. It moves with its `span`, which begins there, or before text that only `snapshot` has yet."""
        return cls.from_range(snapshot, offset, offset, span or TrackedSpan(offset, offset), ahead_bytes)

    @classmethod
    def from_range(cls, snapshot: Snapshot, start: int, end: int, span: TrackedSpan, ahead_bytes: int = 0) -> "TextAnchor":
        """The place where the bytes `start` to `end` stand, without them."""
        data = snapshot.data
        prefix, suffix = data[max(0, start - PREFIX_BYTES) : start], data[end : end + SUFFIX_BYTES]
        return cls(snapshot.key, prefix, suffix, span, ahead_bytes)

    @property
    def start(self) -> int:
        """Where it is in the document as it is now, a byte offset."""
        return self.span.start + self.ahead_bytes

    def expect_text(self, text: str) -> None:
        """What may be put in here."""
        if self.ahead_bytes <= len(self.prefix):
            self.span.expected = self.prefix[len(self.prefix) - self.ahead_bytes :] + text.encode()

    def find_typed_text(self, snapshot: Snapshot, offset: int, max_bytes: int) -> TypedText | None:
        """What was typed here up to the byte `offset`, `max_bytes` at most; None where the text around is another now.

        `snapshot` need not be the document as it is: what is not where it should be is looked for before the offset.
        """
        data = snapshot.data
        places = [self.start]
        if len(self.prefix) == PREFIX_BYTES:
            places.append(data.rfind(self.prefix, max(0, offset - max_bytes - PREFIX_BYTES), offset) + PREFIX_BYTES)
        for start in places:
            if 0 <= offset - start <= max_bytes and self._follows_prefix(data, start):
                for count in range(_MAX_AUTO_CLOSERS + 1):
                    closers = data[offset : offset + count]
                    if closers.strip(AUTO_CLOSERS.encode()):
                        break
                    if data[offset + count : offset + count + SUFFIX_BYTES] == self.suffix:
                        return TypedText(data[start:offset], closers)
        return None

    def find_end(self, snapshot: Snapshot, text: str) -> int | None:
        """The byte offset behind `text`, which was inserted here; None where it does not stand here."""
        end = self.start + len(text.encode())
        return end if snapshot.data[self.start : end] == text.encode() else None

    def find_inserted(self, snapshot: Snapshot) -> bytes | None:
        """All that was put in here; None where that is not to be told."""
        return None if self.span.is_lost else snapshot.data[self.start : self.span.end]

    def is_prefix_unchanged(self, snapshot: Snapshot) -> bool:
        """Whether the text before it is what it was."""
        return self._follows_prefix(snapshot.data, self.start)

    def _follows_prefix(self, data: bytes, start: int) -> bool:
        """Whether the text before it is the text before `start`."""
        if len(self.prefix) < PREFIX_BYTES and start != len(self.prefix):
            return False
        return data[max(0, start - len(self.prefix)) : start] == self.prefix
