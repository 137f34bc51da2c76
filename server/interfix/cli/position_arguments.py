"""Reads places as people write them: FILE:LINE:COL and FILE:A-B, 1-based, columns in characters."""

import re
from pathlib import Path

import msgspec

from interfix.errors import UsageError
from interfix.syntax.document import Document, PositionEncoding, Snapshot, open_file
from interfix.syntax.notebook_file import NOTEBOOK_SUFFIX
from interfix.system.digit_parsing import parse_whole_number

_POINT = re.compile(r"(?P<file>.+):(?P<line>[0-9]+):(?P<column>[0-9]+)", re.DOTALL)
_LINES = re.compile(r"(?P<file>.+?)(:(?P<first>[0-9]+)(-(?P<last>[0-9]+))?)?", re.DOTALL)
_MAX_NUMBER = 2**31 - 1
"""A line or column beyond it is as good as this one: no file has it."""


class FilePosition(msgspec.Struct, frozen=True):
    """A cursor in a file."""

    snapshot: Snapshot
    """The file."""
    offset: int
    """Byte offset of the cursor."""


class FileLines(msgspec.Struct, frozen=True):
    """Whole lines of a file."""

    snapshot: Snapshot
    """The file."""
    start: int
    """Byte offset of the first line's first character."""
    end: int
    """Byte offset behind the last line's last character, its line end not included."""


def parse_position(text: str) -> FilePosition:
    """FILE:LINE:COL. Raises `UsageError` where the file or the place does not exist."""
    match = _POINT.fullmatch(text)
    if match is None:
        raise UsageError(f"'{text}' is no place in a file; write FILE:LINE:COL, such as main.py:12:5.")
    snapshot = _open_text(Path(match["file"])).snapshot()
    line, column = _parse_number(match["line"]), _parse_number(match["column"])
    start, end = _line_offsets(snapshot, line, text)
    width = len(snapshot.data[start:end].decode("utf-8", "replace"))
    if not 1 <= column <= width + 1:
        raise UsageError(f"Line {line} of {match['file']} has columns 1 to {width + 1}; {column} is not among them.")
    return FilePosition(snapshot, snapshot.to_offset(line - 1, column - 1, PositionEncoding.UTF32))


def parse_lines(text: str, *, required: bool) -> FileLines:
    """FILE, FILE:A or FILE:A-B. Raises `UsageError` where the file or the lines do not exist, or are missing and `required`."""
    match = _LINES.fullmatch(text)
    if match is None or (required and not match["first"]):
        raise UsageError(f"'{text}' names no lines; write FILE:A-B, such as main.py:10-24.")
    snapshot = _open_text(Path(match["file"])).snapshot()
    if not match["first"]:
        return FileLines(snapshot, 0, len(snapshot.data))
    first, last = _parse_number(match["first"]), _parse_number(match["last"] or match["first"])
    if last < first:
        raise UsageError(f"'{text}' ends before it begins; write FILE:A-B with A not after B.")
    return FileLines(snapshot, _line_offsets(snapshot, first, text)[0], _line_offsets(snapshot, last, text)[1])


def _parse_number(digits: str) -> int:
    return parse_whole_number(digits, _MAX_NUMBER) or 0


def _open_text(path: Path) -> Document:
    if path.suffix == NOTEBOOK_SUFFIX:
        raise UsageError(
            f"{path} is a notebook, and the lines of its cells are not those of its file. Open it in an editor, where Interfix"
            " works in each cell, or name a script that was made of it."
        )
    return open_file(path)


def _line_offsets(snapshot: Snapshot, number: int, text: str) -> tuple[int, int]:
    """Byte offsets of a 1-based line, without its line end."""
    start = snapshot.to_offset(number - 1, 0, PositionEncoding.UTF32) if number else 0
    if number < 1 or snapshot.to_position(start, PositionEncoding.UTF32) != (number - 1, 0):
        last = snapshot.to_position(len(snapshot.data), PositionEncoding.UTF32)[0] + 1
        raise UsageError(f"'{text}' does not exist: the file has lines 1 to {last}.")
    return start, snapshot.to_offset(number - 1, 2**31 - 1, PositionEncoding.UTF32)
