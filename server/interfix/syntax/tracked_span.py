"""A place in a document that moves with the edits of the document, whatever its text: text may repeat, a place does not.

An edit of which several spellings give the same text is taken to be at the place that is tracked: an editor that finds its edits by
comparing texts sends a closing bracket put in before another one as if it had been put in behind it.
"""

import weakref
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from interfix.syntax.document import AppliedEdit
from interfix.syntax.document_key import DocumentKey
from interfix.syntax.snapshot import Snapshot

MIN_SLIDE_BYTES = 16
"""So far an edit is moved to the place that is tracked, and a longer one as far as twice its length: who repeats a line elsewhere
does not mean this place. What is expected here is moved from anywhere."""
_MAX_HISTORY = 64
"""Messages with edits of a document that are kept for places of a moment ago."""


@dataclass(slots=True, weakref_slot=True, eq=False)
class TrackedSpan:
    """Bytes of a document, from where they begin to where they end now; none at first, where it is a cursor."""

    start: int
    end: int
    is_lost: bool = False
    """The text at its edge is gone, so that what is inside cannot be told any more."""
    expected: bytes = b""
    """What may come into it, from its beginning on; empty where that is not known."""

    def apply(self, edit: AppliedEdit, after: bytes | None = None) -> None:
        """The document was edited, and is `after` now if that is known. What is put in at an edge of the span belongs to it."""
        self.apply_trimmed(_trim(edit), after)

    def apply_trimmed(self, edit: tuple[int, bytes, bytes], after: bytes | None) -> None:
        """The same for an edit as `_trim` has it."""
        start, old, new = edit
        reach = max(MIN_SLIDE_BYTES, 2 * max(len(old), len(new)))
        may_slide = self.expected or self.start - reach <= start <= self.end + reach
        if after is not None and may_slide and bool(old) != bool(new):
            start = self._slide(start, old, new, after)
        end, shift = start + len(old), len(new) - len(old)
        if start > self.end or (start == self.end and old):
            return
        if end < self.start or (end == self.start and old and new):
            self.start += shift
            self.end += shift
        elif start >= self.start and end <= self.end:
            self.end += shift
        else:
            self.is_lost = True
            self.start = min(self.start, start)
            self.end = max(self.start, self.end + shift)

    def _slide(self, start: int, old: bytes, new: bytes, after: bytes) -> int:
        """Where else an insertion or a deletion can have been: as near to the span as gives the same text."""
        length = len(old) or len(new)
        if len(old) > self.end - self.start:
            return start
        target = max(self.start, min(start, self.end - len(old)))
        is_near = abs(target - start) <= max(MIN_SLIDE_BYTES, 2 * length)
        if target == start or not (is_near or (new and self.expected.startswith(after[self.start : self.end + length]))):
            return start
        low, high = min(start, target), max(start, target)
        around = after[low:start] + old + after[start:high] if old else after[low : high + length]
        return target if around[: high - low] == around[length : length + high - low] else start


class SpanTracker:
    """The spans of a session's documents, as long as somebody keeps them. For one thread."""

    def __init__(self) -> None:
        self._spans: dict[DocumentKey, weakref.WeakSet[TrackedSpan]] = {}
        self._history: dict[DocumentKey, deque[tuple[int, Sequence[AppliedEdit]]]] = {}

    def track(self, snapshot: Snapshot, start: int, end: int | None = None) -> TrackedSpan:
        """A cursor of a document as it is, or as it was a moment ago; or the text up to `end`."""
        span = TrackedSpan(start, start if end is None else end)
        for version, edits in self._history.get(snapshot.key, ()):
            if version > snapshot.version:
                for edit in edits:
                    span.apply(edit)
        self._spans.setdefault(snapshot.key, weakref.WeakSet()).add(span)
        return span

    def apply(self, snapshot: Snapshot, edits: Sequence[AppliedEdit]) -> None:
        """A document was edited, one edit after another, and is `snapshot` now."""
        self._history.setdefault(snapshot.key, deque(maxlen=_MAX_HISTORY)).append((snapshot.version, tuple(edits)))
        after = snapshot.data if len(edits) == 1 else None
        trimmed = [_trim(edit) for edit in edits]
        for span in self._spans.get(snapshot.key, ()):
            for edit in trimmed:
                span.apply_trimmed(edit, after)

    def close_document(self, key: DocumentKey) -> None:
        """A document was closed."""
        self._spans.pop(key, None)
        self._history.pop(key, None)


def _trim(edit: AppliedEdit) -> tuple[int, bytes, bytes]:
    """Where an edit begins, what it replaces and by what, without what both begin or end with."""
    old, new, start = edit.old, edit.new, edit.start
    if not old or not new:
        return start, old, new
    most = min(len(old), len(new))
    head = next((i for i in range(most) if old[i] != new[i]), most)
    tail = next((i for i in range(most - head) if old[-1 - i] != new[-1 - i]), most - head)
    return start + head, old[head : len(old) - tail], new[head : len(new) - tail]
