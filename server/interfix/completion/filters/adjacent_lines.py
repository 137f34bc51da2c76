"""Lines that repeat those right above or below the cursor. Compares lines, not trees."""

import re
from itertools import takewhile

from interfix.completion.hole import InfillHole
from interfix.completion.indent_style import measure_indent
from interfix.completion.stops.repetition import is_element
from interfix.completion.stops.suffix_reached import is_distinctive

_ENDING = re.compile(r"#\s*e\w+|</[\w.-]+>")
"""A line that only ends something says nothing of what: a directive of a preprocessor, a tag."""
MAX_LINES_BELOW = 3
"""A suggestion of one line that stands among so many lines of its block below the cursor is there already."""


def drop_adjacent_lines(hole: InfillHole, text: str) -> str:
    """Drops a completion whose lines are the nearest ones above the cursor, or whose only line stands right below it.

    A line that the file has in several places is a pattern of its own, and stays; so does an item of a list.
    """
    ours = [line.rstrip() for line in (hole.line_prefix + text).split("\n") if line.strip()]
    if not any(is_distinctive(line) and not _ENDING.fullmatch(line.strip()) for line in ours):
        return text
    above = [line.rstrip() for line in hole.lines_above if line.strip()][-len(ours) :]
    below = [
        line.rstrip()
        for line in takewhile(lambda line: measure_indent(line) >= measure_indent(ours[0]), filter(str.strip, hole.lines_below))
    ]
    alone = len(ours) == 1 and hole.is_line_start and not hole.line_suffix.strip()
    near = 1 if hole.opens_block(ours[0]) else MAX_LINES_BELOW  # a block further down that begins alike is another one
    if not (ours == above or (alone and ours[0] in below[:near])) or hole.is_pattern(ours[0]) or is_element(ours[0]):
        return text
    lacks_it = hole.is_line_start and hole.count_errors(text) < hole.count_errors("")
    return text if lacks_it else ""
