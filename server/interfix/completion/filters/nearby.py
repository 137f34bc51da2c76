"""Lines that stand right above or below the cursor and are written again. Compares lines, not trees."""

import re
from itertools import takewhile

from interfix.completion.hole import Hole
from interfix.completion.indentation import width
from interfix.completion.stops.suffix import telling

_ENDING = re.compile(r"#\s*e\w+|</[\w.-]+>")
"""A line that only ends something says nothing of what: a directive of a preprocessor, a tag."""
NEAR_BELOW = 3
"""A suggestion of one line that stands among so many lines of its block below the cursor is there already."""


def without_nearby(hole: Hole, text: str) -> str:
    """Drops a completion whose lines are the nearest ones above the cursor, or whose only line stands right below it.

    A line that the file has in several places is a pattern of its own, and stays.
    """
    ours = [line.rstrip() for line in (hole.left + text).split("\n") if line.strip()]
    if not any(telling(line) and not _ENDING.fullmatch(line.strip()) for line in ours):
        return text
    above = [line.rstrip() for line in hole.above if line.strip()][-len(ours) :]
    below = [line.rstrip() for line in takewhile(lambda line: width(line) >= width(ours[0]), filter(str.strip, hole.below))]
    again_below = len(ours) == 1 and hole.fresh and not hole.right.strip() and ours[0] in below[:NEAR_BELOW]
    return "" if (ours == above or again_below) and not _pattern(hole, ours) else text


def _pattern(hole: Hole, ours: list[str]) -> bool:
    """Whether the first of these lines stands more than once around: the file repeats it on purpose."""
    return sum(line.strip() == ours[0].strip() for line in (*hole.above, *hole.below)) > 1
