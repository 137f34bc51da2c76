"""The model repeats itself: the same line, lines or characters again and again."""

import re

from interfix.completion.hole import InfillHole
from interfix.completion.stops.suffix_reached import is_distinctive

LINE_LOOP_ROUNDS = 3
"""A telling line this often in a row is a loop."""
ELEMENT_LOOP_ROUNDS = 6
"""The same for an argument or an item of a list."""
BLOCK_LOOP_ROUNDS = 2
"""Two to eight lines this often in a row, one of them telling, are a loop."""
LIST_LOOP_ROUNDS = 5
"""Two to eight lines this often in a row, at least half of them the same each time, are a list that has no end."""
_ELEMENT = re.compile(r"\s*<\w[^<>]*>(?:[^<>]*</[\w.-]+>)?\s*")
_MAX_BLOCK_LINES = 8
_PERIODS = ((range(2, 25), 6), (range(25, 101), 3))
"""Within a line: a piece of so many characters, this often in a row."""
_MIN_REPEATED_CHARACTERS = 48


def stop_at_loop(hole: InfillHole, text: str) -> int | None:
    """Keeps the first round; of a list without an end, all but the last."""
    lines = (hole.line_prefix + text).split("\n")
    whole = lines[:-1]
    for size in range(1, _MAX_BLOCK_LINES + 1):
        same = len(set(whole[-size:])) == 1
        rounds = LINE_LOOP_ROUNDS if size == 1 else BLOCK_LOOP_ROUNDS
        if same and is_element(whole[-1]):
            rounds = -(-ELEMENT_LOOP_ROUNDS // size)
        tail = whole[-size * rounds :]
        if len(tail) == size * rounds and tail == tail[:size] * rounds and any(map(is_distinctive, tail)):
            return len("\n".join(whole[: len(whole) - size * (rounds - 1)])) - len(hole.line_prefix)
        if size > 1 and _is_endless_list(whole[-size * LIST_LOOP_ROUNDS :], size):
            return len("\n".join(whole[:-size])) - len(hole.line_prefix)
    again = _count_repeated_characters(text.rsplit("\n", 1)[-1])
    return len(text) - again if again else None


def is_element(line: str) -> bool:
    """Whether a line is an argument, an item of a list or an element of a page, of which several may be the same."""
    return line.rstrip().endswith(",") or _ELEMENT.fullmatch(line) is not None


def _is_endless_list(tail: list[str], size: int) -> bool:
    rounds = [tail[start : start + size] for start in range(0, len(tail), size)]
    if len(tail) < size * LIST_LOOP_ROUNDS:
        return False
    same = [lines[0] for lines in zip(*rounds, strict=True) if lines[0].strip() and len(set(lines)) == 1]
    filled = sum(bool(line.strip()) for line in rounds[0])
    return len(same) * 2 >= filled and any(map(is_distinctive, same))


def _count_repeated_characters(line: str) -> int:
    """Characters at the end of a line that only say again what stands before them."""
    if len(line) < _MIN_REPEATED_CHARACTERS:
        return 0
    for periods, rounds in _PERIODS:
        for period in periods:
            piece = line[-period:]
            if rounds * period >= _MIN_REPEATED_CHARACTERS and piece.strip("-=#*_~/ ") and line.endswith(piece * rounds):
                length = rounds * period
                while line[: len(line) - length].endswith(piece):
                    length += period
                return length - period
    return 0
