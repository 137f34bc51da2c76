"""A model that goes round in circles: the same line, lines or characters again and again. Knows nothing of the file."""

from interfix.completion.hole import Hole
from interfix.completion.stops.suffix import telling

SAME_LINE = 3
"""A telling line this often in a row is a loop."""
SAME_LINES = 2
"""Two to eight lines this often in a row, one of them telling, are a loop."""
_MOST_LINES = 8
_PERIODS = ((range(2, 25), 6), (range(25, 101), 3))
"""Within a line: a piece of so many characters, this often in a row."""
_LEAST_CHARACTERS = 48


def loop(hole: Hole, text: str) -> int | None:
    """Keeps the first round."""
    lines = (hole.left + text).split("\n")
    whole = lines[:-1]
    for size in range(1, _MOST_LINES + 1):
        rounds = SAME_LINE if size == 1 else SAME_LINES
        tail = whole[-size * rounds :]
        if len(tail) == size * rounds and tail == tail[:size] * rounds and any(map(telling, tail)):
            return len("\n".join(whole[: len(whole) - size * (rounds - 1)])) - len(hole.left)
    again = _again(text.rsplit("\n", 1)[-1])
    return len(text) - again if again else None


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
