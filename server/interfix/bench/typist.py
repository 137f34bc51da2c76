"""Somebody typing a text: bursts, pauses, slips and their corrections, all from a seed.

The figures are those of a practised typist: 80 words a minute within a burst, about 50 with the pauses (168,000 volunteers had 52:
Dhakal et al., Observations on Typing from 136 Million Keystrokes, CHI 2018), and a slip in every fifty letters, noticed up to two
keys later.
"""

import math
import random
import re

import msgspec

KEY_GAP_MS = 150
"""Median time between two keys of a burst, ms."""
PAUSE_MS = 600
"""Median pause, ms: long enough to see what is suggested."""
MAX_PAUSE_MS = 1200
"""Pauses are cut here: nothing that a server does depends on a longer one."""
SLIP_RATE = 0.02
"""Share of letters that go wrong."""

_LINE_PAUSE_CHANCE, _WORD_PAUSE_CHANCE = 0.8, 0.25
"""Chance of a pause before the first character of a line and of a word."""
_SLIP_NOTICE_MS = 350
_KEYBOARD_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_INDENT = re.compile(r"\n[ \t]*")


class Keypress(msgspec.Struct, frozen=True):
    """One press of a key."""

    wait_ms: int
    """Time since the key before, ms."""
    is_reading: bool
    """Whether the typist pauses before it with nothing to correct, and reads what is suggested."""
    text: str
    """What it puts in, with the indentation that an editor adds to a new line; empty for a backspace."""


class Typist:
    """Types a text. Each `next` plans one key; whoever carries it out calls `press`, or `skip` for what came otherwise."""

    def __init__(self, text: str, rng: random.Random) -> None:
        self._text = text
        self._rng = rng
        self._position = 0
        self._wrong = ""
        self._slips_left = 0
        self._notices = False

    @property
    def remaining_text(self) -> str:
        """What is still to be typed, once nothing is left to correct."""
        return self._text[self._position :]

    @property
    def uncorrected_text(self) -> str:
        """What stands before the cursor and is to be taken back."""
        return self._wrong

    def plan_key(self) -> Keypress | None:
        """The next key; None when the text is there."""
        if self._wrong and not self._slips_left:
            return Keypress(_SLIP_NOTICE_MS if self._notices else self._sample_gap_ms(), is_reading=False, text="")
        if self._wrong:
            return Keypress(self._sample_gap_ms(), is_reading=False, text=self._text[self._position + len(self._wrong)])
        if not self.remaining_text:
            return None
        pauses = self._rng.random() < self._pause_chance()
        wait = self._sample_ms(PAUSE_MS, 0.5, MAX_PAUSE_MS) if pauses else self._sample_gap_ms()
        return Keypress(wait, is_reading=pauses, text=self._choose_character())

    def press(self, key: Keypress) -> None:
        """The key was pressed."""
        if not key.text:
            self._wrong = self._wrong[:-1]
            self._notices = False
        elif self._wrong:
            self._wrong += key.text
            self._slips_left -= 1
        elif self.remaining_text.startswith(key.text):
            self._position += len(key.text)
        else:
            self._wrong, self._notices = key.text, True
            later = self._text[self._position + 1 : self._position + 3]
            self._slips_left = self._rng.randint(0, 2) if later.isalpha() and len(later) == 2 else 0

    def skip(self, characters: int) -> None:
        """So much of the text came without being typed."""
        self._position += characters

    def _choose_character(self) -> str:
        if match := _INDENT.match(self.remaining_text):
            return match[0]
        right = self.remaining_text[0]
        row = next((row for row in _KEYBOARD_ROWS if right in row), "")
        if row and self._rng.random() < SLIP_RATE:
            at = row.index(right)
            return row[at - 1] if at else row[1]
        return right

    def _pause_chance(self) -> float:
        before, after = self._text[: self._position].rpartition("\n")[2], self.remaining_text[0]
        if not before.strip():
            return _LINE_PAUSE_CHANCE
        return _WORD_PAUSE_CHANCE if after.isalnum() and not before[-1].isalnum() else 0.0

    def _sample_gap_ms(self) -> int:
        return self._sample_ms(KEY_GAP_MS, 0.35, 4 * KEY_GAP_MS)

    def _sample_ms(self, median: int, spread: float, maximum: int) -> int:
        return round(min(maximum, max(median / 4, median * math.exp(self._rng.gauss(0, spread)))))


def count_keystrokes(text: str) -> int:
    """How many keys a text takes without slips: an editor indents by itself."""
    return len(_INDENT.sub("\n", text))


def estimate_typing_seconds(text: str, seed: int = 1) -> float:
    """How long somebody types at a text whom nothing is suggested, seconds."""
    typist, milliseconds = Typist(text, random.Random(seed)), 0
    while (key := typist.plan_key()) is not None:
        typist.press(key)
        milliseconds += key.wait_ms
    return milliseconds / 1000
