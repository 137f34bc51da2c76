"""`interfix bench documents`: what a keystroke in a long file waits for, in every language. Needs no model and no editor."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import combinations
from statistics import median

import msgspec
from rich.table import Table

from interfix.bench.spread import Spread, spread
from interfix.output.terminal import Console, write_json
from interfix.syntax.check import example
from interfix.syntax.document import Document, Edit, Encoding, Snapshot
from interfix.syntax.languages import Language, languages

_PLACES = (0.1, 0.5, 0.9)
_TYPED = "value = 1"


class Timed(msgspec.Struct, frozen=True):
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
    edit: Spread
    """Computing time of each further edit, text, lines and tree, ms."""
    late: float
    """Share of the edits after which the tree was not there yet."""


def run(lines: int, names: list[str]) -> list[Timed]:
    """Type at three places of a file of so many lines, in each of the named languages or in all; show figures."""
    found = [timed for language in languages() if not names or language.id in names for timed in _timed(language, lines)]
    columns = ("lines", "errors", "open ms", "first ms", "edit p50 ms", "p95 ms", "late")
    table = Table("language", *columns, title="edits, parse included")
    for each in found:
        figures = (each.opened, each.first, each.edit.p50, each.edit.p95)
        counts = (str(each.lines), str(each.errors))
        table.add_row(each.language, *counts, *(f"{figure:.1f}" for figure in figures), f"{each.late:.0%}")
    Console(stderr=True).print(table)
    write_json(found)
    return found


def repeated(snapshot: Snapshot, lines: int) -> str:
    """A text of at least so many lines: the snapshot's, of which as much as can be is repeated so that it still parses.

    Lua's `return` stands only at the end, Kotlin's imports only at the beginning. Where nothing can be, all of it is.
    """
    data, trees = snapshot.data.rstrip() + b"\n\n", snapshot.trees
    starts = [child.start_byte for child in trees.whole.root_node.children] if trees else []
    cuts = sorted({0, len(data), *(data.rfind(b"\n", 0, start) + 1 for start in starts)})
    for start, end in sorted(combinations(cuts, 2), key=lambda cut: cut[0] - cut[1]):
        few = _with_more(data, start, end, 3)
        if snapshot.rewritten(few).errors() == 0:
            return _with_more(data, start, end, lines // data.count(b"\n", start, end) + 1)
    return _with_more(data, 0, len(data), lines // data.count(b"\n") + 1)


def _with_more(data: bytes, start: int, end: int, times: int) -> str:
    return (data[:start] + data[start:end] * times + data[end:]).decode()


def _timed(language: Language, lines: int) -> Iterator[Timed]:
    snapshot = example(language)
    if snapshot is None or snapshot.trees is None:
        return
    text = repeated(snapshot, lines)
    opened = _ms(lambda: Document(snapshot.uri, text).snapshot().trees)
    document = Document(snapshot.uri, text, typed=True)
    errors, count = _rested(document).errors(), len(document.snapshot().lines)
    first, further, late = list[float](), list[float](), list[bool]()
    for place in _PLACES:
        line = int(count * place)
        for i, character in enumerate(_TYPED):
            edit = Edit((line, i), (line, i), character)
            (further if i else first).append(_ms(partial(_type, document, edit)))
            late.append(document.snapshot().late)
        _rested(document)
    yield Timed(language.id, count, errors, opened, round(median(first), 1), spread(further), sum(late) / len(late))


def _type(document: Document, edit: Edit) -> None:
    document.apply([edit], 0, Encoding.UTF16)
    _ = document.snapshot().trees


def _rested(document: Document) -> Snapshot:
    """The document when its tree is there."""
    while document.snapshot().late:
        time.sleep(0.01)
    return document.snapshot()


def _ms(work: Callable[[], object]) -> float:
    # Computing time of this thread only: what else the machine does, and what is parsed in the background, does not count.
    began = time.thread_time()
    work()
    return round((time.thread_time() - began) * 1000, 2)
