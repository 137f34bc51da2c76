"""Lines that a completion says twice. Knows only the completion: what stands in the file is other filters' affair."""

from rapidfuzz import fuzz

from interfix.completion.hole import Hole
from interfix.completion.stops.suffix import telling

ALIKE = 95.0
"""Two lines as similar as that, in per cent (normalised Indel similarity), say the same."""
LEAST = 20
"""Shorter lines are only compared as they are: one letter changes what they say."""
ROUNDS = 3
"""So many lines alike in a row are a list, or a loop; more than that is a loop."""


def without_repeats(hole: Hole, text: str) -> str:
    """Ends the completion before a line that says what the line before it says, and a list before it goes on for ever."""
    lines = text.split("\n")
    whole = [hole.left + lines[0], *lines[1:]]
    row = 1
    for index in range(1, len(whole)):
        before, line = whole[index - 1], whole[index]
        if not telling(line):
            row = 1
            continue
        if line.rstrip() == before.rstrip():
            return "\n".join(lines[:index])
        row = row + 1 if _alike(before, line) else 1
        if row > ROUNDS:
            return "\n".join(lines[:index])
    return text


def _alike(one: str, other: str) -> bool:
    return min(len(one.strip()), len(other.strip())) >= LEAST and fuzz.ratio(one, other) >= ALIKE
