"""The code of a notebook as one script: its cells in their order, each behind a mark, markdown as comments.

This is what a model, the index and the sources of context see of a notebook, in the percent format that notebooks are exported to.
Positions in a cell are the cell's own; `join_cells` leads from them to the script.
"""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import msgspec

from interfix.syntax.document_key import DocumentKey
from interfix.syntax.languages import Language
from interfix.syntax.positions import LineIndex, find_difference
from interfix.syntax.snapshot import Snapshot

MAX_BYTES_BEFORE = 400_000
"""So much of the cells above is part of the script, the nearest."""
MAX_BYTES_AFTER = 100_000
"""So much of the cells below."""


class NotebookCell(msgspec.Struct, frozen=True):
    """What a script needs of a cell."""

    text: bytes
    """Its text as UTF-8."""
    is_markup: bool = False
    """It is markdown and no code."""


class NotebookScript:
    """The script of one notebook in one language. Parsed again only where cells have changed; safe to use from several threads."""

    def __init__(self, uri: str, path: str, key: DocumentKey, language: Language) -> None:
        """`key` is the notebook's; its scripts in several languages have keys of their own."""
        self._snapshot = Snapshot(
            uri,
            path,
            0,
            language,
            b"",
            LineIndex.from_text(b""),
            key=DocumentKey(f"{key}#{language.id}"),
            language_id=language.ids[0],
            has_magics=True,
        )
        self._lock = threading.Lock()

    @property
    def key(self) -> DocumentKey:
        """Its key as a document."""
        return self._snapshot.key

    def update(self, data: bytes) -> Snapshot:
        """The script with this text."""
        with self._lock:
            old = self._snapshot.data
            if old != data:
                start, end = find_difference(old, data)
                # Never within a character: a replacement is text.
                while _is_within(old, start) or _is_within(data, start):
                    start -= 1
                while _is_within(old, end):
                    end += 1
                new = data[start : len(data) - len(old) + end]
                self._snapshot = self._snapshot.replace_range(start, end, new.decode("utf-8", "surrogatepass"))
            return self._snapshot


@dataclass(frozen=True, slots=True)
class CellPlace:
    """A cell's place in the script of its notebook."""

    before: bytes
    """The script up to the cell."""
    after: bytes
    """The script behind it."""
    script: NotebookScript
    """The script."""


def join_cells(snapshot: Snapshot, offset: int) -> tuple[Snapshot, int]:
    """The script of the notebook that the snapshot is a cell of, and the byte offset there; both as they are for any other text."""
    if (cell_place := snapshot.cell_place) is None:
        return snapshot, offset
    script = cell_place.script.update(cell_place.before + snapshot.data + cell_place.after)
    return replace(script, version=snapshot.version), len(cell_place.before) + offset


def get_script_key(snapshot: Snapshot) -> DocumentKey:
    """The key of what `join_cells` makes of the snapshot."""
    return snapshot.cell_place.script.key if snapshot.cell_place is not None else snapshot.key


def place_cell(cells: Sequence[NotebookCell], index: int, script: NotebookScript, language: Language) -> CellPlace:
    """The place of one of a notebook's cells, which are those of a language and the markdown between them."""
    above = _keep_within(reversed(cells[:index]), MAX_BYTES_BEFORE, language)[::-1]
    below = _keep_within(cells[index + 1 :], MAX_BYTES_AFTER, language)
    before = b"".join(each + b"\n" for each in above) + _mark(language)
    ends = cells[index].text.endswith(b"\n")
    after = (b"\n" if ends else b"\n\n") + b"\n".join(below) if below else b""
    return CellPlace(before, after, script)


def write_script(cells: Sequence[NotebookCell], language: Language) -> bytes:
    """A whole notebook's script."""
    return b"\n".join(_format_cell(cell, language) for cell in cells)


def _keep_within(cells: Iterable[NotebookCell], max_bytes: int, language: Language) -> list[bytes]:
    """The first cells that together have so many bytes."""
    cells_within = []
    for cell in cells:
        text = _format_cell(cell, language)
        max_bytes -= len(text)
        if max_bytes < 0:
            break
        cells_within.append(text)
    return cells_within


def _format_cell(cell: NotebookCell, language: Language) -> bytes:
    if cell.is_markup:
        return _format_markup(cell.text, language)
    return _mark(language) + cell.text + (b"" if cell.text.endswith(b"\n") else b"\n")


def _format_markup(text: bytes, language: Language) -> bytes:
    if not language.line_comment:
        return b""
    comment = language.line_comment.encode()
    lines = [comment + b" " + line if line.strip() else comment for line in text.splitlines()]
    return b"\n".join([f"{language.line_comment} %% [markdown]".encode(), *lines, b""])


def _mark(language: Language) -> bytes:
    """The line before a cell of code."""
    return f"{language.line_comment} %%\n".encode() if language.line_comment else b""


def _is_within(data: bytes, offset: int) -> bool:
    return offset < len(data) and data[offset] & 0xC0 == 0x80
