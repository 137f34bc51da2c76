"""An answer on its way out: cut where it begins another turn in plain text, ended where it goes in circles. Knows no model."""

import re
from collections.abc import Sequence

SAME_LINE = 8
"""A line with letters or digits this often in a row is a loop."""
SAME_LINES = 4
"""Two to twelve lines this often in a row, one of them with letters or digits, are a loop."""
MOST_LINES = 12
SAME_PIECE = 8
"""A piece of a line this often in a row, at least `LEAST_CHARACTERS` in all, is a loop."""
MOST_CHARACTERS = 80
"""Length of such a piece, characters."""
LEAST_CHARACTERS = 200

_TELLING = re.compile(r"\w")


class Answer:
    """Text goes in as it is decoded and comes out as it may be shown."""

    def __init__(self, ends: Sequence[str] = (), shown: str | None = None) -> None:
        """`ends` are texts at which the answer is cut; `shown` is what it may repeat without being a loop, None for no looking."""
        self.ended = ""
        """Why there is nothing more to come: end or loop; empty while there may be."""
        self._ends = tuple(ends)
        self._shown = shown
        self._held = ""
        self._lines: list[str] = [""]

    def take(self, text: str) -> str:
        """What can be shown now; a possible beginning of an end is held back until more is known."""
        self._held += text
        found = min((at for end in self._ends if (at := self._held.find(end)) >= 0), default=-1)
        if found >= 0:
            self.ended = "end"
            out, self._held = self._held[:found], ""
        else:
            keep = max((size for end in self._ends for size in range(1, len(end)) if self._held.endswith(end[:size])), default=0)
            out, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        if out and self._shown is not None and self._loops(out, self._shown):
            self.ended = self.ended or "loop"
        return out

    def rest(self) -> str:
        """What is still held back, for when the model has ended by itself."""
        held, self._held = self._held, ""
        return held

    def _loops(self, text: str, shown: str) -> bool:
        """Whether the text goes round in circles now that `text` is added to it."""
        first, *more = text.split("\n")
        self._lines[-1] += first
        self._lines += more
        del self._lines[: -MOST_LINES * SAME_LINES - 1 - len(more)]
        whole = self._lines[:-1]
        return any(_circle(whole[: len(whole) - back], shown) for back in range(len(more))) or _stutter(self._lines[-1], shown)


def _circle(lines: list[str], shown: str) -> bool:
    """Whether the lines end in the same ones again and again, which nobody showed the model so."""
    for size in range(1, MOST_LINES + 1):
        rounds = SAME_LINE if size == 1 else SAME_LINES
        tail = lines[-size * rounds :]
        if len(tail) == size * rounds and tail == tail[:size] * rounds and any(map(_TELLING.search, tail)):
            return "\n".join(tail) not in shown
    return False


def _stutter(line: str, shown: str) -> bool:
    """Whether a line ends in the same piece again and again."""
    for size in range(1, MOST_CHARACTERS + 1):
        rounds = max(SAME_PIECE, -(-LEAST_CHARACTERS // size))
        tail = line[-size * rounds :]
        if len(tail) == size * rounds and tail == tail[:size] * rounds and _TELLING.search(tail):
            return tail not in shown
    return False
