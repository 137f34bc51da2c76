"""Reads places as people write them: FILE:LINE:COL and FILE:A-B, 1-based, columns in characters. Knows no command."""

import re
from pathlib import Path

import msgspec

from interfix.errors import BadUsage
from interfix.syntax.document import Encoding, Snapshot, open_file

_POINT = re.compile(r"(?P<file>.+):(?P<line>\d+):(?P<column>\d+)")
_LINES = re.compile(r"(?P<file>.+?)(:(?P<first>\d+)(-(?P<last>\d+))?)?")


class Point(msgspec.Struct, frozen=True):
    """A cursor in a file."""

    snapshot: Snapshot
    """The file."""
    offset: int
    """Byte offset of the cursor."""


class Lines(msgspec.Struct, frozen=True):
    """Whole lines of a file."""

    snapshot: Snapshot
    """The file."""
    start: int
    """Byte offset of the first line's first character."""
    end: int
    """Byte offset behind the last line's last character, its line end not included."""


def point(text: str) -> Point:
    """FILE:LINE:COL. Raises `BadUsage` where the file or the place does not exist."""
    match = _POINT.fullmatch(text)
    if match is None:
        raise BadUsage(f"'{text}' is no place in a file; write FILE:LINE:COL, such as main.py:12:5.")
    snapshot = open_file(Path(match["file"])).snapshot()
    line, column = int(match["line"]), int(match["column"])
    start, end = _line(snapshot, line, text)
    width = len(snapshot.data[start:end].decode("utf-8", "replace"))
    if not 1 <= column <= width + 1:
        raise BadUsage(f"Line {line} of {match['file']} has columns 1 to {width + 1}; {column} is not among them.")
    return Point(snapshot, snapshot.offset(line - 1, column - 1, Encoding.UTF32))


def lines(text: str, *, required: bool) -> Lines:
    """FILE, FILE:A or FILE:A-B. Raises `BadUsage` where the file or the lines do not exist, or are missing and `required`."""
    match = _LINES.fullmatch(text)
    if match is None or (required and not match["first"]):
        raise BadUsage(f"'{text}' names no lines; write FILE:A-B, such as main.py:10-24.")
    snapshot = open_file(Path(match["file"])).snapshot()
    if not match["first"]:
        return Lines(snapshot, 0, len(snapshot.data))
    first, last = int(match["first"]), int(match["last"] or match["first"])
    if last < first:
        raise BadUsage(f"'{text}' ends before it begins; write FILE:A-B with A not after B.")
    return Lines(snapshot, _line(snapshot, first, text)[0], _line(snapshot, last, text)[1])


def _line(snapshot: Snapshot, number: int, text: str) -> tuple[int, int]:
    """Byte offsets of a 1-based line, without its line end."""
    start = snapshot.offset(number - 1, 0, Encoding.UTF32) if number else 0
    if number < 1 or snapshot.position(start, Encoding.UTF32) != (number - 1, 0):
        last = snapshot.position(len(snapshot.data), Encoding.UTF32)[0] + 1
        raise BadUsage(f"'{text}' does not exist: the file has lines 1 to {last}.")
    return start, snapshot.offset(number - 1, 2**31 - 1, Encoding.UTF32)
