"""`interfix bench documents`: what an edit of a long file costs, in every language. Needs no model and no editor."""

import time
from collections.abc import Iterator
from statistics import median

import msgspec
from rich.console import Console
from rich.table import Table

from interfix.bench.spread import Spread, spread
from interfix.syntax.check import example
from interfix.syntax.document import Document, Edit, Encoding
from interfix.syntax.languages import Language, languages

_PLACES = (0.1, 0.5, 0.9)
_TYPED = "value = 1"


class Timed(msgspec.Struct, frozen=True):
    """One language."""

    language: str
    """Its id."""
    lines: int
    """How long the file was."""
    opened: float
    """Time to parse all of it once, ms."""
    first: float
    """Time of the first edit at a place, the median of all places, ms: what is parsed on from here has to be found."""
    edit: Spread
    """Time of each further edit, text, lines and tree, ms."""


def run(lines: int, names: list[str]) -> list[Timed]:
    """Type at three places of a file of so many lines, in each of the named languages or in all; show figures."""
    found = [timed for language in languages() if not names or language.id in names for timed in _timed(language, lines)]
    table = Table("language", *("lines", "open ms", "first ms", "edit p50 ms", "p95 ms"), title="edits, parse included")
    for each in found:
        figures = (each.opened, each.first, each.edit.p50, each.edit.p95)
        table.add_row(each.language, str(each.lines), *(f"{figure:.1f}" for figure in figures))
    Console(stderr=True).print(table)
    print(msgspec.json.encode(found).decode(), flush=True)
    return found


def _timed(language: Language, lines: int) -> Iterator[Timed]:
    """Its example over and over, where that still parses."""
    snapshot = example(language)
    if snapshot is None or snapshot.tree is None:
        return
    text = (snapshot.text.rstrip() + "\n\n") * (lines // len(snapshot.lines) + 1)
    document = Document(snapshot.uri, text)
    opened = _ms(document)
    first, further = list[float](), list[float]()
    for place in _PLACES:
        line = int(len(document.snapshot().lines) * place)
        for i, character in enumerate(_TYPED):
            document_edit = Edit((line, i), (line, i), character)
            (further if i else first).append(_ms(document, document_edit))
    yield Timed(language.id, len(document.snapshot().lines), opened, round(median(first), 1), spread(further))


def _ms(document: Document, *edits: Edit) -> float:
    began = time.perf_counter()
    document.apply(edits, 0, Encoding.UTF16)
    _ = document.snapshot().tree
    return round((time.perf_counter() - began) * 1000, 2)
