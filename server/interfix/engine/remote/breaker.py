"""Leaves a server alone that keeps failing, for longer each time. Knows no network."""

import time
from collections.abc import Callable

from interfix.errors import Unavailable

FAILURES = 3
"""So many in a row, and the server is left alone."""
PAUSES = (5.0, 10.0, 20.0, 40.0, 60.0)
"""For so long after that many, and after each further failure, seconds."""
LONGEST = 300.0
"""A server that itself asks to be left alone gets no longer than this, seconds."""


class Breaker:
    """One server's record. Small enough to own: what matters is the sentence it has for the user."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._until = 0.0
        self._last = ""

    def check(self) -> None:
        """Raise `Unavailable` while the server is left alone."""
        if self.state:
            raise Unavailable(self.state)

    def failed(self, sentence: str, wait: float = 0.0) -> None:
        """It has failed so, and asked to be left alone for `wait` seconds."""
        self._failures += 1
        self._last = sentence
        pause = PAUSES[min(self._failures - FAILURES, len(PAUSES) - 1)] if self._failures >= FAILURES else 0.0
        self._until = self._clock() + max(pause, min(wait, LONGEST))

    def succeeded(self) -> None:
        """It has answered."""
        self._failures, self._until = 0, 0.0

    @property
    def state(self) -> str:
        """Why it is left alone and for how long; empty while it is not."""
        left = self._until - self._clock()
        times = f"has failed {self._failures} times and " if self._failures > 1 else ""
        return f"{self._last} It {times}is asked again in {left:.0f} s." if left > 0 else ""
