"""Lines that a completion says twice."""

from rapidfuzz import fuzz

from interfix.completion.hole import InfillHole
from interfix.completion.stops.suffix_reached import is_distinctive

MIN_SIMILARITY = 95.0
"""Two lines as similar as that, in per cent (normalised Indel similarity), say the same."""
MIN_COMPARED_CHARACTERS = 20
"""Shorter lines are only compared as they are: one letter changes what they say."""
MAX_SIMILAR_LINES = 3
"""So many lines alike in a row are a list, or a loop; more than that is a loop."""


def trim_repeated_lines(hole: InfillHole, text: str) -> str:
    """Ends the completion before a line that says what the line before it says, and a list before it goes on for ever."""
    lines = text.split("\n")
    whole = [hole.line_prefix + lines[0], *lines[1:]]
    row = 1
    for index in range(1, len(whole)):
        before, line = whole[index - 1], whole[index]
        if not is_distinctive(line):
            row = 1
            continue
        if line.rstrip() == before.rstrip():
            return "\n".join(lines[:index])
        row = row + 1 if _is_similar(before, line) else 1
        if row > MAX_SIMILAR_LINES:
            return "\n".join(lines[:index])
    return text


def _is_similar(one: str, other: str) -> bool:
    return min(len(one.strip()), len(other.strip())) >= MIN_COMPARED_CHARACTERS and fuzz.ratio(one, other) >= MIN_SIMILARITY
