"""What indentation tells of a text's structure, where there is no tree or a broken one. Knows no grammar."""

import re
from collections.abc import Iterator

from interfix.syntax.snapshot import Snapshot

REACH = 5000
"""Lines looked at in one direction, so that a huge file cannot hold up a keystroke."""

_SPACE = re.compile(rb"[ \t\f\v]*")


def width(space: bytes) -> int:
    """Columns that leading white space takes; a tab reaches to the next multiple of 8, as in Python's own reference."""
    return len(space.expandtabs(8))


def text_of(snapshot: Snapshot, line: int) -> bytes:
    """The text of `line` without its ending."""
    return snapshot.data[snapshot.lines.start(line) : snapshot.lines.end(snapshot.data, line)]


def first_code(snapshot: Snapshot, line: int) -> int:
    """Byte offset of the first character of `line` that is no white space; the line's end where it is blank."""
    match = _SPACE.match(snapshot.data, snapshot.lines.start(line), snapshot.lines.end(snapshot.data, line))
    return match.end() if match else snapshot.lines.start(line)


def indent(snapshot: Snapshot, line: int) -> int | None:
    """Columns by which `line` is indented; None where it is blank."""
    start = first_code(snapshot, line)
    if start == snapshot.lines.end(snapshot.data, line):
        return None
    return width(snapshot.data[snapshot.lines.start(line) : start])


def previous_code(snapshot: Snapshot, line: int) -> int | None:
    """The nearest line above `line` that is not blank."""
    return next((i for i in range(line - 1, max(-1, line - 1 - REACH), -1) if indent(snapshot, i) is not None), None)


def next_code(snapshot: Snapshot, line: int) -> int | None:
    """The nearest line below `line` that is not blank."""
    return next((i for i in range(line + 1, min(len(snapshot.lines), line + 1 + REACH)) if indent(snapshot, i) is not None), None)


def parents(snapshot: Snapshot, line: int, columns: int) -> Iterator[int]:
    """The lines above `line` that are each indented less than `columns` and less than those before; nearest first."""
    for i in range(line - 1, max(-1, line - 1 - REACH), -1):
        if columns <= 0:
            return
        own = indent(snapshot, i)
        if own is not None and own < columns:
            columns = own
            yield i


def block_end(snapshot: Snapshot, line: int) -> int:
    """Byte offset at which the last line ends that is indented deeper than `line` and follows it without a break.

    A line that only closes what `line` opened belongs to it.
    """
    own = indent(snapshot, line) or 0
    last = line
    for i in range(line + 1, min(len(snapshot.lines), line + 1 + REACH)):
        columns = indent(snapshot, i)
        if columns is None:
            continue
        start = first_code(snapshot, i)
        if columns <= own and snapshot.data[start : start + 1] not in (b")", b"{"):
            closes = columns == own and (snapshot.data[start : start + 1] == b"}" or text_of(snapshot, i).strip() == b"end")
            last = i if closes else last
            break
        last = i
    return snapshot.lines.end(snapshot.data, last)
