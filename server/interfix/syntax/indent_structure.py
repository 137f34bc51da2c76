"""What indentation tells of a text's structure, where there is no tree or a broken one."""

import re
from collections.abc import Iterator

from interfix.syntax.snapshot import Snapshot

MAX_LINES_SCANNED = 5000
"""Lines looked at in one direction, so that a huge file cannot hold up a keystroke."""

_SPACE = re.compile(rb"[ \t\f\v]*")


def measure_whitespace(whitespace: bytes) -> int:
    """Columns that leading white space takes; a tab reaches to the next multiple of 8, as in Python's own reference."""
    return len(whitespace.expandtabs(8))


def get_line_text(snapshot: Snapshot, line: int) -> bytes:
    """The text of `line` without its ending."""
    return snapshot.data[snapshot.lines.find_start(line) : snapshot.lines.find_end(snapshot.data, line)]


def find_first_code(snapshot: Snapshot, line: int) -> int:
    """Byte offset of the first character of `line` that is no white space; the line's end where it is blank."""
    match = _SPACE.match(snapshot.data, snapshot.lines.find_start(line), snapshot.lines.find_end(snapshot.data, line))
    return match.end() if match else snapshot.lines.find_start(line)


def measure_line_indent(snapshot: Snapshot, line: int) -> int | None:
    """Columns by which `line` is indented; None where it is blank."""
    start = find_first_code(snapshot, line)
    if start == snapshot.lines.find_end(snapshot.data, line):
        return None
    return measure_whitespace(snapshot.data[snapshot.lines.find_start(line) : start])


def find_previous_code_line(snapshot: Snapshot, line: int) -> int | None:
    """The nearest line above `line` that is not blank."""
    return next(
        (i for i in range(line - 1, max(-1, line - 1 - MAX_LINES_SCANNED), -1) if measure_line_indent(snapshot, i) is not None),
        None,
    )


def find_next_code_line(snapshot: Snapshot, line: int) -> int | None:
    """The nearest line below `line` that is not blank."""
    return next(
        (
            i
            for i in range(line + 1, min(len(snapshot.lines), line + 1 + MAX_LINES_SCANNED))
            if measure_line_indent(snapshot, i) is not None
        ),
        None,
    )


def find_parent_lines(snapshot: Snapshot, line: int, columns: int) -> Iterator[int]:
    """The lines above `line` that are each indented less than `columns` and less than those before; nearest first."""
    for i in range(line - 1, max(-1, line - 1 - MAX_LINES_SCANNED), -1):
        if columns <= 0:
            return
        own = measure_line_indent(snapshot, i)
        if own is not None and own < columns:
            columns = own
            yield i


def find_block_end(snapshot: Snapshot, line: int) -> int:
    """Byte offset at which the last line ends that is indented deeper than `line` and follows it without a break.

    A line that only closes what `line` opened belongs to it.
    """
    own = measure_line_indent(snapshot, line) or 0
    last = line
    for i in range(line + 1, min(len(snapshot.lines), line + 1 + MAX_LINES_SCANNED)):
        columns = measure_line_indent(snapshot, i)
        if columns is None:
            continue
        start = find_first_code(snapshot, i)
        if columns <= own and snapshot.data[start : start + 1] not in (b")", b"{"):
            closes = columns == own and (snapshot.data[start : start + 1] == b"}" or get_line_text(snapshot, i).strip() == b"end")
            last = i if closes else last
            break
        last = i
    return snapshot.lines.find_end(snapshot.data, last)
