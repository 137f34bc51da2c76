"""Which parts of a text are in another language: a script in HTML, HTML around PHP. Knows no language by name."""

from collections.abc import Iterator

from interfix.syntax.languages import Language, languages
from interfix.syntax.queries import matches
from interfix.syntax.snapshot import Snapshot
from interfix.syntax.trees import Span


def embedded(snapshot: Snapshot, offset: int) -> Snapshot:
    """The text as the language at the byte `offset` sees it; the snapshot itself where that is its own language."""
    for language, spans in _injections(snapshot, max(0, offset - 1), offset + 1):
        if any(start <= offset <= end for start, end in spans):
            return embedded(snapshot.part(language, spans), offset)
    return snapshot


def parts(snapshot: Snapshot, start: int, end: int) -> tuple[Snapshot, ...]:
    """The snapshot, and for each part in another language that touches the bytes `start` to `end` the text as that one sees it."""
    inner = (snapshot.part(*injection) for injection in _injections(snapshot, start, end))
    return snapshot, *(part for each in inner for part in parts(each, start, end))


def _injections(snapshot: Snapshot, start: int, end: int) -> Iterator[tuple[Language, tuple[Span, ...]]]:
    for captures in matches(snapshot, "injections", start, end):
        for capture, nodes in captures.items():
            kind, _, name = capture.partition(".")
            language = languages().named(name.removesuffix(".combined")) if kind == "injection" else None
            if language is None:
                continue
            if name.endswith(".combined"):
                # One text with gaps, of which another language's parts are left out.
                nodes = [node for each in matches(snapshot, "injections", 0, len(snapshot.data)) for node in each.get(capture, ())]
            spans = sorted((node.start_byte, node.end_byte) for node in nodes)
            yield language, tuple(_common(spans, snapshot.spans or ((0, len(snapshot.data)),)))
            if name.endswith(".combined"):
                return


def _common(spans: list[Span], others: tuple[Span, ...]) -> Iterator[Span]:
    for start, end in spans:
        yield from ((max(start, first), min(end, last)) for first, last in others if first < end and start < last)
