"""What IPython adds to a language: lines such as `%matplotlib inline`, `!pip install x` and `obj?`, and cells such as `%%bash`.

No grammar knows them, so a parse is shown something else of the same length in their place. They are looked for where a statement
begins, for `%` and `!` are operators elsewhere. Source: IPython's reference, "Special command syntax".
"""

import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from interfix.syntax.languages import Language, load_languages

_Span = tuple[int, int]

_MARK_LINE = re.compile(rb"^# (?:%%(?=[\s\[]|\Z)|In\[[\d ]*\]:)[^\r\n]*(?:\r\n|\n|\r|\Z)", re.MULTILINE)
"""What stands before each cell of a notebook where its text is one script, as jupytext, VS Code, Spyder and nbconvert write it."""
_CELL_MAGIC = re.compile(rb"\s*^%%(\w+)[ \t]*([^\r\n]*)(?:\r\n|\n|\r|\Z)", re.MULTILINE)
_SUSPECT = re.compile(rb"^[ \t]*[%!?]|\?[ \t]*$|=[ \t]*[%!]", re.MULTILINE)
_LINE_MAGIC = re.compile(
    rb"[ \t]*(?:(?P<whole>[%!?])"
    rb"|(?P<help>[\w*\x80-\xff][\w.*\[\]\x80-\xff]*\?{1,2}[ \t]*(?=[\r\n]|\Z))"
    rb"|[\w\x80-\xff.,\[\]()'\"* \t]+=[ \t]*(?P<value>[%!]))"
)
_LINE_END = re.compile(rb"(?:\\\r?\n|[^\r\n])*")
"""Up to the end of a line, and of those that go on with it."""
_TOKEN = re.compile(
    rb'"""(?:[^\\]|\\.)*?"""'
    rb"|'''(?:[^\\]|\\.)*?'''"
    rb'|"(?:[^"\\\r\n]|\\.)*"?'
    rb"|'(?:[^'\\\r\n]|\\.)*'?"
    rb"|#[^\r\n]*|(?P<open>[(\[{])|(?P<close>[)\]}])|\\(?:\r\n|[\r\n])|(?P<end>\r\n|\n|\r)",
    re.DOTALL,
)
_VISIBLE = re.compile(rb"[^\r\n]")
_BY_FILE_NAME = "*"
_MAX_CACHED_CELLS = 512
_MAX_CACHED_BYTES = 8_000
"""Of a cell."""


class MagicCell(msgspec.Struct, frozen=True):
    """A cell whose first line is a magic that decides what the rest of it is."""

    start: int
    """Byte offset of that line."""
    body: _Span
    """The bytes of the rest."""
    name: str
    """The magic's name, without `%%`."""
    argument: str
    """What follows the name."""


def has_cell_marks(data: bytes) -> bool:
    """Whether a text is a script of cells, which may have magics as a notebook has."""
    return _MARK_LINE.search(data) is not None


def hide_magics(data: bytes, language: Language) -> bytes:
    """The text with a name in place of each magic and blank lines in place of what is in another language; each byte stays where
    it is.
    """
    if not _SUSPECT.search(data):
        return data
    own_bodies = frozenset(name for name, folder in language.magics.items() if folder == language.id)
    hidden = bytearray(data)
    for start, end in _find_cells(data):
        cell = data[start:end]
        if _SUSPECT.search(cell):
            hide = _hide_in_cell if len(cell) > _MAX_CACHED_BYTES else _hide_in_small_cell
            hidden[start:end] = hide(cell, own_bodies)
    return bytes(hidden)


def _hide_in_cell(data: bytes, own_bodies: frozenset[str]) -> bytes:
    hidden, start, end = bytearray(data), 0, len(data)
    if (magic := _read_cell_magic(data, start, end)) is not None:
        start = magic.body[0]
        hidden[magic.start : start] = _VISIBLE.sub(b"_", data[magic.start : start])
        if magic.name not in own_bodies:
            hidden[start:end] = _VISIBLE.sub(b" ", data[start:end])
            return bytes(hidden)
    for first, last in _find_line_magics(data, start, end):
        line, newline, more = data[first:last].partition(b"\n")
        hidden[first:last] = _VISIBLE.sub(b"_", line) + newline + _VISIBLE.sub(b" ", more)
    return bytes(hidden)


# A keystroke changes one cell of a script.
_hide_in_small_cell = lru_cache(maxsize=_MAX_CACHED_CELLS)(_hide_in_cell)


def find_magic_cells(data: bytes) -> Iterator[MagicCell]:
    """The cells of a text that begin with a cell magic."""
    if b"%%" in data:
        cells = (_read_cell_magic(data, start, end) for start, end in _find_cells(data))
        yield from (cell for cell in cells if cell is not None)


def find_body_language(cell: MagicCell, language: Language) -> Language | None:
    """The language of a magic's cell within a text in `language`; None where it is that one, or not known."""
    language_id = language.magics.get(cell.name, "")
    if language_id == _BY_FILE_NAME:
        return load_languages().find_by_path(cell.argument.split()[-1]) if cell.argument.strip() else None
    return load_languages().find_by_folder(language_id) if language_id != language.id else None


def _find_cells(data: bytes) -> Iterator[_Span]:
    start = 0
    for mark in _MARK_LINE.finditer(data):
        yield start, mark.start()
        start = mark.end()
    yield start, len(data)


def _read_cell_magic(data: bytes, start: int, end: int) -> MagicCell | None:
    match = _CELL_MAGIC.match(data, start, end)
    if match is None:
        return None
    line = data.index(b"%%", start)
    return MagicCell(line, (match.end(), end), match[1].decode("utf-8", "replace"), match[2].decode("utf-8", "replace"))


def _find_line_magics(data: bytes, start: int, end: int) -> Iterator[_Span]:
    """The bytes of each magic of a line, of those between two bytes: from its sign to the end of the line, or of its last."""
    while start < end:
        if match := _LINE_MAGIC.match(data, start, end):
            group = match.lastgroup or ""
            stop = _LINE_END.match(data, start, end)
            assert stop is not None
            yield match.start(group), stop.end()
            start = stop.end()
        start = _find_statement_end(data, start, end)


def _find_statement_end(data: bytes, start: int, end: int) -> int:
    """Behind the line end at which a statement's last line ends."""
    depth = 0
    for token in _TOKEN.finditer(data, start, end):
        if token["open"]:
            depth += 1
        elif token["close"]:
            depth = max(0, depth - 1)
        elif token["end"] and not depth:
            return token.end()
    return end
