"""How far the window around the cursor reaches, in steps."""

from collections.abc import Sequence

import msgspec

from interfix.syntax.enclosing_scopes import Scope
from interfix.syntax.indent_structure import measure_line_indent
from interfix.syntax.positions import align_to_character
from interfix.syntax.snapshot import Snapshot

STEP_LINES = 32
"""Lines: the window and the nearest code begin at a multiple of it, or at a top-level definition in the step after it."""
NEAR_LINES = 16
"""The nearest code is at least so many lines, where there are."""
PREFIX_BYTES = 16_000
"""Most bytes before the cursor, other than imports and headers."""
SUFFIX_BYTES = 6_000
"""Most bytes after the cursor."""
SUFFIX_LINES = 16
"""So many lines after the cursor are shown whole, where there are, even beyond the end of its definition."""
LOOKAHEAD_LINES = 64
"""So many lines after the cursor are shown where there is room, even beyond the end of all scopes."""
BEYOND_SCOPE_LINES = 8
"""Lines shown behind the end of the top-level scope that holds the cursor."""


class WindowBounds(msgspec.Struct, frozen=True):
    """The window's marks."""

    first_line: int
    """Its first line."""
    near_line: int
    """First line of the nearest code; that of the cursor where a single line fills the window."""
    near_start: int
    """Byte offset at which the nearest code begins."""
    suffix_end: int
    """Byte offset at which the code ends that follows the cursor whole."""
    tail_line: int
    """First line of what is shown behind that."""
    stop_line: int
    """The line behind the last one shown; not beyond `behind` where there is none."""


def compute_bounds(snapshot: Snapshot, offset: int, scopes: Sequence[Scope]) -> WindowBounds:
    """The marks of the window around the byte `offset`, which lies in `scopes`, outermost first."""
    lines = snapshot.lines
    line = lines.find_line(offset)
    near = _step_down(snapshot, line - NEAR_LINES, line)
    start = snapshot.lines.find_start(near)
    if offset - start > PREFIX_BYTES:
        near = _first_fitting(snapshot, near, offset, line)
        start = max(snapshot.lines.find_start(near), align_to_character(snapshot.data, offset - PREFIX_BYTES))
    far = _first_fitting(snapshot, max(0, line - 16 * STEP_LINES), offset, near)
    first = near if far >= near else _step_up(snapshot, far, near)
    inner = lines.find_line(scopes[-1].end) if scopes else line
    end = _find_suffix_end(snapshot, offset, line, max(line + SUFFIX_LINES, inner + 1))
    outer = lines.find_line(scopes[0].end) if scopes else line
    last = _find_suffix_end(snapshot, offset, line, max(line + LOOKAHEAD_LINES, outer + BEYOND_SCOPE_LINES))
    return WindowBounds(
        first_line=first,
        near_line=near,
        near_start=start,
        suffix_end=end,
        tail_line=lines.find_line(max(offset, end - 1)) + 1,
        stop_line=lines.find_line(last - 1) + 1 if last > end else 0,
    )


def _step_down(snapshot: Snapshot, line: int, limit: int) -> int:
    """The step at or before `line`, moved on to a top-level definition if one begins within half a step and before `limit`."""
    base = max(0, line) // STEP_LINES * STEP_LINES
    return _find_definition_line(snapshot, base, min(limit, base + STEP_LINES // 2)) if base else 0


def _first_fitting(snapshot: Snapshot, line: int, offset: int, limit: int) -> int:
    """The first line from `line` on that begins at most `PREFIX_BYTES` before `offset`, `limit` at the latest."""
    while line < limit and offset - snapshot.lines.find_start(line) > PREFIX_BYTES:
        line += 1
    return line


def _step_up(snapshot: Snapshot, line: int, limit: int) -> int:
    if line == 0:
        return 0
    base = min(-(-line // STEP_LINES) * STEP_LINES, limit)
    return _find_definition_line(snapshot, base, min(limit, base + STEP_LINES // 2))


def _find_definition_line(snapshot: Snapshot, base: int, limit: int) -> int:
    """The first line from `base` to before `limit` that is not indented and follows a blank one; else `base` past blank lines."""
    for i in range(base, limit):
        if i and measure_line_indent(snapshot, i) == 0 and measure_line_indent(snapshot, i - 1) is None:
            return i
    return next((i for i in range(base, limit) if measure_line_indent(snapshot, i) is not None), base)


def _find_suffix_end(snapshot: Snapshot, offset: int, line: int, wanted_line: int) -> int:
    """The byte behind the line `wanted_line`, or as many lines sooner as `SUFFIX_BYTES` want it."""
    data, lines = snapshot.data, snapshot.lines
    last = min(wanted_line, len(lines) - 1)
    while last + 1 < len(lines) and measure_line_indent(snapshot, last + 1) is None:
        last += 1  # blank lines go with what they follow
    while last > line and lines.find_next_start(data, last) - offset > SUFFIX_BYTES:
        last -= 1
    end = lines.find_next_start(data, last)
    if end - offset <= SUFFIX_BYTES:
        return end
    cut = align_to_character(data, offset + SUFFIX_BYTES)
    return cut - (data[cut - 1 : cut + 1] == b"\r\n")
