"""A model that goes round in circles: the same line, lines or characters again and again. Knows nothing of the file."""

from interfix.completion.hole import Hole
from interfix.completion.stops.suffix import telling

SAME_LINE = 3
"""A telling line this often in a row is a loop."""
SAME_LINES = 2
"""Two to eight lines this often in a row, one of them telling, are a loop."""
ALMOST = 5
"""Two to eight lines this often in a row, at least half of them the same each time, are a list that has no end."""
_MOST_LINES = 8
_PERIODS = ((range(2, 25), 6), (range(25, 101), 3))
"""Within a line: a piece of so many characters, this often in a row."""
_LEAST_CHARACTERS = 48


def loop(hole: Hole, text: str) -> int | None:
    """Keeps the first round; of a list without an end, all but the last."""
    lines = (hole.left + text).split("\n")
    whole = lines[:-1]
    for size in range(1, _MOST_LINES + 1):
        rounds = SAME_LINE if size == 1 else SAME_LINES
        tail = whole[-size * rounds :]
        if len(tail) == size * rounds and tail == tail[:size] * rounds and any(map(telling, tail)):
            return len("\n".join(whole[: len(whole) - size * (rounds - 1)])) - len(hole.left)
        if size > 1 and _almost(whole[-size * ALMOST :], size):
            return len("\n".join(whole[:-size])) - len(hole.left)
    again = _again(text.rsplit("\n", 1)[-1])
    return len(text) - again if again else None


def _almost(tail: list[str], size: int) -> bool:
    rounds = [tail[start : start + size] for start in range(0, len(tail), size)]
    if len(tail) < size * ALMOST:
        return False
    same = [lines[0] for lines in zip(*rounds, strict=True) if lines[0].strip() and len(set(lines)) == 1]
    filled = sum(bool(line.strip()) for line in rounds[0])
    return len(same) * 2 >= filled and any(map(telling, same))


def _again(line: str) -> int:
    """Characters at the end of a line that only say again what stands before them."""
    for periods, rounds in _PERIODS:
        for period in periods:
            piece = line[-period:]
            if rounds * period >= _LEAST_CHARACTERS and piece.strip("-=#*_~/ ") and line.endswith(piece * rounds):
                length = rounds * period
                while line[: len(line) - length].endswith(piece):
                    length += period
                return length - period
    return 0
