"""Lines that repeat those right above or below the cursor. Compares lines, not trees."""

import re
from itertools import takewhile

from interfix.completion.hole import InfillHole
from interfix.completion.indent_style import measure_indent
from interfix.completion.stops.suffix_reached import is_distinctive

_ENDING = re.compile(r"#\s*e\w+|</[\w.-]+>")
"""A line that only ends something says nothing of what: a directive of a preprocessor, a tag."""
MAX_LINES_BELOW = 3
"""A suggestion of one line that stands among so many lines of its block below the cursor is there already."""


def drop_adjacent_lines(hole: InfillHole, text: str) -> str:
    """Drops a completion whose lines are the nearest ones above the cursor, or whose only line stands right below it.

    A line that the file has in several places is a pattern of its own, and stays.
    """
    ours = [line.rstrip() for line in (hole.line_prefix + text).split("\n") if line.strip()]
    if not any(is_distinctive(line) and not _ENDING.fullmatch(line.strip()) for line in ours):
        return text
    above = [line.rstrip() for line in hole.lines_above if line.strip()][-len(ours) :]
    below = [
        line.rstrip()
        for line in takewhile(lambda line: measure_indent(line) >= measure_indent(ours[0]), filter(str.strip, hole.lines_below))
    ]
    again_below = len(ours) == 1 and hole.is_line_start and not hole.line_suffix.strip() and ours[0] in below[:MAX_LINES_BELOW]
    return "" if (ours == above or again_below) and not _pattern(hole, ours) else text


def _pattern(hole: InfillHole, ours: list[str]) -> bool:
    """Whether the first of these lines stands more than once around: the file repeats it on purpose."""
    return sum(line.strip() == ours[0].strip() for line in (*hole.lines_above, *hole.lines_below)) > 1
