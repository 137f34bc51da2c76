"""Pauses requests to a server that keeps failing, longer each time."""

import time
from collections.abc import Callable

from interfix.errors import UnavailableError

FAILURE_THRESHOLD = 3
"""So many in a row, and the server is left alone."""
PAUSE_SECONDS = (5.0, 10.0, 20.0, 40.0, 60.0)
"""For so long after that many, and after each further failure, seconds."""
MAX_PAUSE_SECONDS = 300.0
"""A server that itself asks to be left alone gets no longer than this, seconds."""


class CircuitBreaker:
    """One server's record. Small enough to own: what matters is the sentence it has for the user."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._open_until = 0.0
        self._last_reason = ""

    def check(self) -> None:
        """Raise `UnavailableError` while the server is left alone."""
        if self.open_reason:
            raise UnavailableError(self.open_reason)

    def record_failure(self, reason: str, wait_seconds: float = 0.0) -> None:
        """It has failed so, and asked to be left alone for `wait_seconds`."""
        self._failures += 1
        self._last_reason = reason
        pause = (
            PAUSE_SECONDS[min(self._failures - FAILURE_THRESHOLD, len(PAUSE_SECONDS) - 1)]
            if self._failures >= FAILURE_THRESHOLD
            else 0.0
        )
        self._open_until = self._clock() + max(pause, min(wait_seconds, MAX_PAUSE_SECONDS))

    def record_success(self) -> None:
        """It has answered."""
        self._failures, self._open_until = 0, 0.0

    @property
    def open_reason(self) -> str:
        """Why it is left alone and for how long; empty while it is not."""
        left = self._open_until - self._clock()
        times = f"has failed {self._failures} times and " if self._failures > 1 else ""
        return f"{self._last_reason} It {times}is asked again in {left:.0f} s." if left > 0 else ""
