"""The model says its prompt again. Compares whole lines with those above the cursor."""

from interfix.completion.hole import Hole
from interfix.completion.stops.suffix import telling

SAME_LINES = 8
"""So many telling lines in a row that stand above in the same order: fewer may be a pattern that the file repeats on purpose."""


def prompt_again(hole: Hole, text: str) -> int | None:
    """The last whole lines of the completion are a run of lines above the cursor: it ends where that run begins."""
    lines = [line for line in (hole.left + text).split("\n")[:-1] if line.strip()]
    if sum(map(telling, lines)) < SAME_LINES:
        return None
    last = _shortest(lines)
    above = [line.rstrip() for line in hole.above if line.strip()]
    runs = (above[start : start + len(last)] for start in range(len(above) - len(last) + 1) if above[start] == last[0])
    if last not in runs:
        return None
    begin = ("\n" + text).rfind("\n" + "\n".join(text.rstrip("\n").split("\n")[-len(last) :]))
    return max(0, begin)


def _shortest(lines: list[str]) -> list[str]:
    """The fewest last lines that hold `SAME_LINES` telling ones."""
    start = len(lines)
    found = 0
    while found < SAME_LINES:
        start -= 1
        found += telling(lines[start])
    return [line.rstrip() for line in lines[start:]]
