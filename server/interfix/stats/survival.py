"""How much of an accepted suggestion is still there after a while. Keeps its text in memory only as long, and tells a share.

Places move with the edits made before them; what is inside when the time comes is compared with what was accepted.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from rapidfuzz.distance import Levenshtein

from interfix.syntax.document import Replaced
from interfix.syntax.positions import encode

LOOKS_SECONDS = (30, 300)
"""When accepted text is looked at again."""

_MOST_SHOWN = 64
_NEAR = 80
"""An editor may put a suggestion in with the indentation before it, bytes."""

Later = Callable[[float, Callable[[], None]], object]
"""Calls a function after some seconds, as an event loop's `call_later` does."""
Tell = Callable[[str, int, float], None]
"""Takes a suggestion's id, the seconds since it was accepted and the share that is left."""


@dataclass
class _Span:
    """Bytes of a document that follow its edits."""

    uri: str
    start: int
    end: int
    text: str

    def follow(self, edit: Replaced) -> None:
        """Text that is put in at the edge of the span stays outside."""
        shift = edit.length - (edit.end - edit.start)
        if edit.start >= self.end:
            return
        if edit.end <= self.start:
            self.start += shift
            self.end += shift
        else:
            self.start = min(self.start, edit.start)
            self.end = max(self.end, edit.end) + shift


class Survival:
    """Follows suggestions from being shown to their last look. For one thread."""

    def __init__(self, tell: Tell, later: Later) -> None:
        self._tell = tell
        self._later = later
        self._shown: OrderedDict[str, _Span] = OrderedDict()
        self._followed: dict[str, _Span] = {}
        self._documents: dict[str, Callable[[], bytes]] = {}

    def shown(self, id: str, uri: str, offset: int, text: str, data: Callable[[], bytes]) -> None:
        """A suggestion stands at a byte offset of a document; `data` gives the document as it is whenever it is called."""
        self._documents[uri] = data
        self._shown[id] = _Span(uri, offset, offset, text)
        if len(self._shown) > _MOST_SHOWN:
            self._shown.popitem(last=False)

    def changed(self, uri: str, edits: Sequence[Replaced]) -> None:
        """A document was edited. Tell this before `accepted`."""
        for span in (*self._shown.values(), *self._followed.values()):
            if span.uri == uri:
                for edit in edits:
                    span.follow(edit)

    def accepted(self, id: str, characters: int | None = None) -> None:
        """A suggestion, or its first `characters`, is in the document now; it is followed if it is found near its place."""
        if (span := self._shown.pop(id, None)) is None:
            return
        text = encode(span.text[:characters])
        around = len(text) + _NEAR
        start = self._documents[span.uri]().find(text, max(0, span.start - around), span.start + len(text) + around)
        if not text or start < 0:
            return
        self._followed[id] = _Span(span.uri, start, start + len(text), span.text[:characters])
        for seconds in LOOKS_SECONDS:
            self._later(seconds, partial(self._look, id, seconds))

    def closed(self, uri: str) -> None:
        """Nothing more can be known of a document."""
        self._documents.pop(uri, None)
        for spans in (self._shown, self._followed):
            for id in [id for id, span in spans.items() if span.uri == uri]:
                del spans[id]

    def _look(self, id: str, seconds: int) -> None:
        if (span := self._followed.get(id)) is None:
            return
        if seconds == LOOKS_SECONDS[-1]:
            del self._followed[id]
        now = self._documents[span.uri]()[span.start : span.end]
        self._tell(id, seconds, Levenshtein.normalized_similarity(encode(span.text), now))
