"""Keeps a host that dies of a model from being started for it again and again. Knows no process; the clock is handed in."""

import time
from collections.abc import Callable
from pathlib import Path

from interfix.errors import Unavailable

MOST = 3
"""Deaths in a row on one model after which it is left alone."""
DELAYS = (0.0, 1.0, 4.0)
"""Seconds before a host is started again, by how many deaths came before in a row."""
REST_SECONDS = 600
"""After so long a model that was left alone may be tried once more."""


class Crashes:
    """Counts, for each model, how often in a row the host was lost while it worked with it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._deaths: dict[str, int] = {}
        self._last = 0.0

    def lost(self, model: str) -> None:
        """The host has gone while it worked with the model file."""
        self._deaths[model] = self._deaths.get(model, 0) + 1
        self._last = self._clock()

    def survived(self, model: str) -> None:
        """The model has answered."""
        self._deaths.pop(model, None)

    def delay(self, model: str) -> float:
        """Seconds to wait before the host is started for the model.

        Raises `Unavailable` where it has died of it too often.
        """
        deaths = self._deaths.get(model, 0)
        passed = self._clock() - self._last
        if deaths >= MOST:
            if passed < REST_SECONDS:
                raise Unavailable(
                    f"The engine has crashed {deaths} times in a row with {Path(model).name} and leaves it alone for now. "
                    "Choose another model, or see what `interfix doctor` says."
                )
            self._deaths[model] = deaths = MOST - 1
        return max(0.0, DELAYS[deaths] - passed)
