"""What a keystroke in a long file waits for, in every language. It needs no model."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import combinations
from statistics import median

import msgspec
from rich.table import Table

from interfix.bench.percentiles import Percentiles, compute_percentiles
from interfix.output.console_output import Console, write_json
from interfix.syntax.document import Document, DocumentEdit, PositionEncoding, Snapshot
from interfix.syntax.grammar_check import load_example
from interfix.syntax.languages import Language, load_languages

_POSITIONS = (0.1, 0.5, 0.9)
_TYPED_TEXT = "value = 1"


class ParseTiming(msgspec.Struct, frozen=True):
    """One language."""

    language: str
    """Its id."""
    lines: int
    """How long the file was."""
    errors: int
    """How many places of the file did not fit the grammar before anything was typed."""
    opened: float
    """Computing time to parse all of it, which happens in the background, ms."""
    first: float
    """Computing time of the first edit at a place, the median of all places, ms: what is parsed on from here has to be found."""
    edit: Percentiles
    """Computing time of each further edit, text, lines and tree, ms."""
    late: float
    """Share of the edits after which the tree was not there yet."""


def run(line_count: int, language_ids: list[str]) -> list[ParseTiming]:
    """Type at three places of a file of so many lines, in each of the named languages or in all; show figures."""
    measurements = [
        timed
        for language in load_languages()
        if not language_ids or language.id in language_ids
        for timed in _time_language(language, line_count)
    ]
    columns = ("lines", "errors", "open ms", "first ms", "edit p50 ms", "p95 ms", "late")
    table = Table("language", *columns, title="edits, parse included")
    for each in measurements:
        figures = (each.opened, each.first, each.edit.p50, each.edit.p95)
        counts = (str(each.lines), str(each.errors))
        table.add_row(each.language, *counts, *(f"{figure:.1f}" for figure in figures), f"{each.late:.0%}")
    Console(stderr=True).print(table)
    write_json(measurements)
    return measurements


def repeat_source(snapshot: Snapshot, line_count: int) -> str:
    """A text of at least so many lines: the snapshot's, of which as much as can be is repeated so that it still parses.

    Lua's `return` stands only at the end, Kotlin's imports only at the beginning. Where nothing can be, all of it is.
    """
    data, trees = snapshot.data.rstrip() + b"\n\n", snapshot.trees
    starts = [child.start_byte for child in trees.full_tree.root_node.children] if trees else []
    cuts = sorted({0, len(data), *(data.rfind(b"\n", 0, start) + 1 for start in starts)})
    for start, end in sorted(combinations(cuts, 2), key=lambda cut: cut[0] - cut[1]):
        few = _repeat_section(data, start, end, 3)
        if snapshot.replace_all(few).count_errors() == 0:
            return _repeat_section(data, start, end, line_count // data.count(b"\n", start, end) + 1)
    return _repeat_section(data, 0, len(data), line_count // data.count(b"\n") + 1)


def _repeat_section(data: bytes, start: int, end: int, times: int) -> str:
    return (data[:start] + data[start:end] * times + data[end:]).decode()


def _time_language(language: Language, line_count: int) -> Iterator[ParseTiming]:
    snapshot = load_example(language)
    if snapshot is None or snapshot.trees is None:
        return
    text = repeat_source(snapshot, line_count)
    opened = _measure_ms(lambda: Document(snapshot.uri, text).snapshot().trees)
    document = Document(snapshot.uri, text, interactive=True)
    errors, count = _wait_for_tree(document).count_errors(), len(document.snapshot().lines)
    first, further, late = list[float](), list[float](), list[bool]()
    for place in _POSITIONS:
        line = int(count * place)
        for i, character in enumerate(_TYPED_TEXT):
            edit = DocumentEdit((line, i), (line, i), character)
            (further if i else first).append(_measure_ms(partial(_type, document, edit)))
            late.append(document.snapshot().late)
        _wait_for_tree(document)
    yield ParseTiming(
        language.id, count, errors, opened, round(median(first), 1), compute_percentiles(further), sum(late) / len(late)
    )


def _type(document: Document, edit: DocumentEdit) -> None:
    document.apply([edit], 0, PositionEncoding.UTF16)
    _ = document.snapshot().trees


def _wait_for_tree(document: Document) -> Snapshot:
    """The document when its tree is there."""
    while document.snapshot().late:
        time.sleep(0.01)
    return document.snapshot()


def _measure_ms(work: Callable[[], object]) -> float:
    # Computing time of this thread only: what else the machine does, and what is parsed in the background, does not count.
    began = time.thread_time()
    work()
    return round((time.thread_time() - began) * 1000, 2)
