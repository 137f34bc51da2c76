"""Lines that a completion says twice."""

import re

from rapidfuzz import fuzz

from interfix.completion.hole import InfillHole
from interfix.completion.stops.repetition import is_element
from interfix.completion.stops.suffix_reached import is_distinctive

MIN_SIMILARITY = 95.0
"""Two lines as similar as that, in per cent (normalised Indel similarity), say the same."""
MIN_COMPARED_CHARACTERS = 20
"""Shorter lines are only compared as they are: one letter changes what they say."""
MAX_SIMILAR_LINES = 3
"""So many lines alike in a row are a list, or a loop; more than that is a loop."""
MAX_COUNTED_LINES = 4
"""The same for lines that differ in nothing but their numbers, which may count up to something."""
MAX_ENDED_LINES = 16
"""The same where another line follows: then they did."""
MAX_EQUAL_ELEMENTS = 4
"""So many arguments or items may be the same, one a line; more than that is a loop."""
_NUMBER = re.compile(r"\s*\d+")


def trim_repeated_lines(hole: InfillHole, text: str) -> str:
    """Ends the completion before a line that says what the line before it says, and a list before it goes on for ever."""
    lines = text.split("\n")
    whole = [hole.line_prefix + lines[0], *lines[1:]]
    row = equal = 1
    for index in range(1, len(whole)):
        before, line = whole[index - 1], whole[index]
        if not is_distinctive(line):
            row = equal = 1
            continue
        equal = equal + 1 if line.rstrip().removesuffix(",") == before.rstrip().removesuffix(",") else 1
        if equal > (MAX_EQUAL_ELEMENTS if is_element(before) else 1):
            return "\n".join(lines[:index])
        row = row + 1 if equal == 1 and _is_similar(before, line) else 1
        if row > MAX_SIMILAR_LINES and row > _most_counted(whole, index):
            return "\n".join(lines[:index])
    return text


def _is_similar(one: str, other: str) -> bool:
    return min(len(one.strip()), len(other.strip())) >= MIN_COMPARED_CHARACTERS and fuzz.ratio(one, other) >= MIN_SIMILARITY


def _most_counted(lines: list[str], index: int) -> int:
    """How many lines may count on up to the one at `index`; 0 where that one counts nothing."""
    if not _counts_on(lines[index - 1], lines[index]):
        return 0
    later = [line for line in lines[index + 1 :] if line.strip()]
    return MAX_COUNTED_LINES if all(_counts_on(lines[index], line) for line in later) else MAX_ENDED_LINES


def _counts_on(one: str, other: str) -> bool:
    return _NUMBER.sub("0", one) == _NUMBER.sub("0", other)
