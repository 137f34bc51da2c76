"""How much of an accepted suggestion is still there after a while.

The text is kept in memory only as long; only the share is recorded.

Places move with the edits made before them; what is inside when the time comes is compared with what was accepted.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from rapidfuzz.distance import Levenshtein

from interfix.syntax.document import AppliedEdit
from interfix.syntax.document_key import DocumentKey
from interfix.syntax.positions import encode_text

MEASURE_SECONDS = (30, 300)
"""When accepted text is looked at again."""

_MAX_TRACKED = 64
_SEARCH_BYTES = 80
"""An editor may put a suggestion in with the indentation before it, bytes."""

CallLater = Callable[[float, Callable[[], None]], object]
"""Calls a function after some seconds, as an event loop's `call_later` does."""
RetentionCallback = Callable[[str, int, float], None]
"""Takes a suggestion's id, the seconds since it was accepted and the share that is left."""


@dataclass
class _TrackedSpan:
    """Bytes of a document that follow its edits."""

    key: DocumentKey
    start: int
    end: int
    text: str

    def shift(self, edit: AppliedEdit) -> None:
        """Text that is put in at the edge of the span stays outside."""
        shift = edit.new_length - (edit.end - edit.start)
        if edit.start >= self.end:
            return
        if edit.end <= self.start:
            self.start += shift
            self.end += shift
        else:
            self.start = min(self.start, edit.start)
            self.end = max(self.end, edit.end) + shift


class RetentionTracker:
    """Follows suggestions from being shown to their last look. For one thread."""

    def __init__(self, on_retention: RetentionCallback, call_later: CallLater) -> None:
        self._on_retention = on_retention
        self._call_later = call_later
        self._shown: OrderedDict[str, _TrackedSpan] = OrderedDict()
        self._accepted: dict[str, _TrackedSpan] = {}
        self._documents: dict[DocumentKey, Callable[[], bytes]] = {}

    def track_suggestion(self, id: str, key: DocumentKey, offset: int, text: str, read_document: Callable[[], bytes]) -> None:
        """A suggestion stands at a byte offset of a document; `read_document` gives the document as it is whenever it is called."""
        self._documents[key] = read_document
        self._shown[id] = _TrackedSpan(key, offset, offset, text)
        if len(self._shown) > _MAX_TRACKED:
            self._shown.popitem(last=False)

    def apply_edits(self, key: DocumentKey, edits: Sequence[AppliedEdit]) -> None:
        """A document was edited. Call this before `mark_accepted`."""
        for span in (*self._shown.values(), *self._accepted.values()):
            if span.key == key:
                for edit in edits:
                    span.shift(edit)

    def mark_accepted(self, id: str, characters: int | None = None) -> None:
        """A suggestion, or its first `characters`, is in the document now; it is followed if it is found near its place."""
        if (span := self._shown.pop(id, None)) is None:
            return
        text = encode_text(span.text[:characters])
        start = _find_nearest(self._documents[span.key](), text, span.start)
        if not text or start < 0:
            return
        self._accepted[id] = _TrackedSpan(span.key, start, start + len(text), span.text[:characters])
        for seconds in MEASURE_SECONDS:
            self._call_later(seconds, partial(self._measure, id, seconds))

    def close_document(self, key: DocumentKey) -> None:
        """Nothing more can be known of a document."""
        self._documents.pop(key, None)
        for spans in (self._shown, self._accepted):
            for id in [id for id, span in spans.items() if span.key == key]:
                del spans[id]

    def _measure(self, id: str, seconds: int) -> None:
        if (span := self._accepted.get(id)) is None:
            return
        if seconds == MEASURE_SECONDS[-1]:
            del self._accepted[id]
        now = self._documents[span.key]()[span.start : span.end]
        self._on_retention(id, seconds, Levenshtein.normalized_similarity(encode_text(span.text), now))


def _find_nearest(data: bytes, text: bytes, expected_offset: int) -> int:
    """Where a text stands near a place, -1 where it does not. It may repeat: what was accepted is the copy at its place."""
    first, last = max(0, expected_offset - len(text) - _SEARCH_BYTES), expected_offset + 2 * len(text) + _SEARCH_BYTES
    before, behind = data.rfind(text, first, expected_offset + len(text)), data.find(text, expected_offset, last)
    if min(before, behind) < 0:
        return max(before, behind)
    return before if expected_offset - before < behind - expected_offset else behind
