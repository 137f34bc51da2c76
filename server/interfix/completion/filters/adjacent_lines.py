"""Lines that stand right above or below the cursor and are written again. Compares lines, not trees."""

from interfix.completion.hole import InfillHole
from interfix.completion.stops.suffix_reached import is_distinctive

MAX_LINES_BELOW = 3
"""A suggestion of one line that stands among so many lines below the cursor is there already."""


def drop_adjacent_lines(hole: InfillHole, text: str) -> str:
    """Drops a completion whose lines are the nearest ones above the cursor, or whose only line stands right below it."""
    ours = [line.rstrip() for line in (hole.line_prefix + text).split("\n") if line.strip()]
    if not any(map(is_distinctive, ours)):
        return text
    above = [line.rstrip() for line in hole.lines_above if line.strip()][-len(ours) :]
    below = [line.rstrip() for line in hole.lines_below if line.strip()][:MAX_LINES_BELOW]
    again_below = len(ours) == 1 and hole.is_line_start and not hole.line_suffix.strip() and ours[0] in below
    return "" if ours == above or again_below else text
