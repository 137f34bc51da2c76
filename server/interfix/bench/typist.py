"""Somebody typing a text: bursts, pauses, slips and their corrections, all from a seed. Knows no clock, no editor and no server.

The figures are those of a practised typist: 80 words a minute within a burst, about 50 with the pauses (168,000 volunteers had 52:
Dhakal et al., Observations on Typing from 136 Million Keystrokes, CHI 2018), and a slip in every fifty letters, noticed up to two
keys later.
"""

import math
import random
import re

import msgspec

GAP_MS = 150
"""Median time between two keys of a burst, ms."""
PAUSE_MS = 600
"""Median pause, ms: long enough to see what is suggested."""
LONGEST_PAUSE_MS = 1200
"""Pauses are cut here: nothing that a server does depends on a longer one."""
SLIPS = 0.02
"""Share of letters that go wrong."""

_AT_LINE, _AT_WORD = 0.8, 0.25
"""Chance of a pause before the first character of a line and of a word."""
_NOTICE_MS = 350
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_INDENT = re.compile(r"\n[ \t]*")


class Key(msgspec.Struct, frozen=True):
    """One press of a key."""

    wait_ms: int
    """Time since the key before, ms."""
    looks: bool
    """Whether the typist pauses before it with nothing to correct, and reads what is suggested."""
    text: str
    """What it puts in, with the indentation that an editor adds to a new line; empty for a backspace."""


class Typist:
    """Types a text. Each `next` plans one key; whoever carries it out calls `press`, or `skip` for what came otherwise."""

    def __init__(self, text: str, chance: random.Random) -> None:
        self._text = text
        self._chance = chance
        self._at = 0
        self._wrong = ""
        self._slips_left = 0
        self._notices = False

    @property
    def rest(self) -> str:
        """What is still to be typed, once nothing is left to correct."""
        return self._text[self._at :]

    @property
    def wrong(self) -> str:
        """What stands before the cursor and is to be taken back."""
        return self._wrong

    def next(self) -> Key | None:
        """The next key; None when the text is there."""
        if self._wrong and not self._slips_left:
            return Key(_NOTICE_MS if self._notices else self._gap(), looks=False, text="")
        if self._wrong:
            return Key(self._gap(), looks=False, text=self._text[self._at + len(self._wrong)])
        if not self.rest:
            return None
        pauses = self._chance.random() < self._pause_chance()
        wait = self._about(PAUSE_MS, 0.5, LONGEST_PAUSE_MS) if pauses else self._gap()
        return Key(wait, looks=pauses, text=self._character())

    def press(self, key: Key) -> None:
        """The key was pressed."""
        if not key.text:
            self._wrong = self._wrong[:-1]
            self._notices = False
        elif self._wrong:
            self._wrong += key.text
            self._slips_left -= 1
        elif self.rest.startswith(key.text):
            self._at += len(key.text)
        else:
            self._wrong, self._notices = key.text, True
            later = self._text[self._at + 1 : self._at + 3]
            self._slips_left = self._chance.randint(0, 2) if later.isalpha() and len(later) == 2 else 0

    def skip(self, characters: int) -> None:
        """So much of the text came without being typed."""
        self._at += characters

    def _character(self) -> str:
        if match := _INDENT.match(self.rest):
            return match[0]
        right = self.rest[0]
        row = next((row for row in _ROWS if right in row), "")
        if row and self._chance.random() < SLIPS:
            at = row.index(right)
            return row[at - 1] if at else row[1]
        return right

    def _pause_chance(self) -> float:
        before, after = self._text[: self._at].rpartition("\n")[2], self.rest[0]
        if not before.strip():
            return _AT_LINE
        return _AT_WORD if after.isalnum() and not before[-1].isalnum() else 0.0

    def _gap(self) -> int:
        return self._about(GAP_MS, 0.35, 4 * GAP_MS)

    def _about(self, median: int, spread: float, most: int) -> int:
        return round(min(most, max(median / 4, median * math.exp(self._chance.gauss(0, spread)))))


def strokes(text: str) -> int:
    """How many keys a text takes without slips: an editor indents by itself."""
    return len(_INDENT.sub("\n", text))
