"""A suggestion that only says again what stands right above it. Knows nothing below the cursor."""

from interfix.completion.hole import Hole
from interfix.completion.stops.suffix import telling


def without_echo(hole: Hole, text: str) -> str:
    """Drops a completion whose line, or lines, are the nearest ones above the cursor."""
    ours = [line.rstrip() for line in (hole.left + text).split("\n") if line.strip()]
    above = [line.rstrip() for line in hole.above if line.strip()][-len(ours) :]
    return "" if ours == above and any(map(telling, ours)) else text
