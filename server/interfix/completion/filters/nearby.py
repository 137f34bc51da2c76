"""Lines that stand right above or below the cursor and are written again. Compares lines, not trees."""

from interfix.completion.hole import Hole
from interfix.completion.stops.suffix import telling

NEAR_BELOW = 3
"""A suggestion of one line that stands among so many lines below the cursor is there already."""


def without_nearby(hole: Hole, text: str) -> str:
    """Drops a completion whose lines are the nearest ones above the cursor, or whose only line stands right below it."""
    ours = [line.rstrip() for line in (hole.left + text).split("\n") if line.strip()]
    if not any(map(telling, ours)):
        return text
    above = [line.rstrip() for line in hole.above if line.strip()][-len(ours) :]
    below = [line.rstrip() for line in hole.below if line.strip()][:NEAR_BELOW]
    again_below = len(ours) == 1 and hole.fresh and not hole.right.strip() and ours[0] in below
    return "" if ours == above or again_below else text
