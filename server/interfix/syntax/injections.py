"""Which parts of a text are in another language: a script in HTML, HTML around PHP, a notebook's `%%bash` cell."""

from collections.abc import Iterator

from interfix.syntax.incremental_trees import Span
from interfix.syntax.languages import Language, load_languages
from interfix.syntax.magics import find_body_language, find_magic_cells
from interfix.syntax.query_matches import find_matches
from interfix.syntax.snapshot import Snapshot


def get_embedded_at(snapshot: Snapshot, offset: int) -> Snapshot:
    """The text as the language at the byte `offset` sees it; the snapshot itself where that is its own language."""
    for language, spans in _find_injections(snapshot, max(0, offset - 1), offset + 1):
        if any(start <= offset <= end for start, end in spans):
            return get_embedded_at(snapshot.restrict_to(language, spans), offset)
    return snapshot


def split_by_language(snapshot: Snapshot, start: int, end: int) -> tuple[Snapshot, ...]:
    """The snapshot, and for each part in another language that touches the bytes `start` to `end` the text as that one sees it."""
    inner = (snapshot.restrict_to(*injection) for injection in _find_injections(snapshot, start, end))
    return snapshot, *(part for each in inner for part in split_by_language(each, start, end))


def _find_injections(snapshot: Snapshot, start: int, end: int) -> Iterator[tuple[Language, tuple[Span, ...]]]:
    if snapshot.has_magics and snapshot.language is not None and snapshot.language.magics:
        for cell in find_magic_cells(snapshot.data):
            body = find_body_language(cell, snapshot.language)
            if body is not None and cell.body[0] < end and start < cell.body[1]:
                yield body, (cell.body,)
    for captures in find_matches(snapshot, "injections", start, end):
        for capture, nodes in captures.items():
            kind, _, name = capture.partition(".")
            language = load_languages().find_by_folder(name.removesuffix(".combined")) if kind == "injection" else None
            if language is None:
                continue
            if name.endswith(".combined"):
                # One text with gaps, of which another language's parts are left out.
                nodes = [
                    node for each in find_matches(snapshot, "injections", 0, len(snapshot.data)) for node in each.get(capture, ())
                ]
            spans = sorted((node.start_byte, node.end_byte) for node in nodes)
            yield language, tuple(_intersect_spans(spans, snapshot.spans or ((0, len(snapshot.data)),)))
            if name.endswith(".combined"):
                return


def _intersect_spans(spans: list[Span], others: tuple[Span, ...]) -> Iterator[Span]:
    for start, end in spans:
        yield from ((max(start, first), min(end, last)) for first, last in others if first < end and start < last)
