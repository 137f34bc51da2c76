"""Lines below the cursor that the completion ends with: they are there already."""

from interfix.completion.hole import Hole
from interfix.completion.indentation import width
from interfix.completion.stops.suffix import telling

_MOST_LINES = 12


def without_following_lines(hole: Hole, text: str) -> str:
    """Drops the longest run of last lines that equals the next lines of the file, blank lines aside.

    A run that says little (`}`) counts only where the file parses without it, or better, or as well at the same indentation.
    """
    below = [line for line in hole.below if line.strip()][:_MOST_LINES]
    lines = text.rstrip().split("\n")
    whole = [hole.left + lines[0], *lines[1:]]
    filled = [index for index, line in enumerate(whole) if line.strip() and (index > 0 or hole.fresh)]
    for size in range(min(len(filled), len(below)), 0, -1):
        tail = filled[-size:]
        same = [(whole[index], line) for index, line in zip(tail, below, strict=False)]
        if all(ours.strip() == theirs.strip() for ours, theirs in same):
            shorter = "\n".join(lines[: tail[0]])
            errors = hole.errors(shorter)
            if any(telling(line) for _, line in same) or not errors or errors < hole.errors(text) + _same_indent(same):
                return shorter
    return text


def _same_indent(pairs: list[tuple[str, str]]) -> bool:
    return all(width(ours) == width(theirs) for ours, theirs in pairs)
