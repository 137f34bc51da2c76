"""How long to wait before the model is asked, from how this user types and how fast the model answers. Knows no text."""

import time
from collections import deque
from collections.abc import Callable
from statistics import median

SAMPLES = 100
"""Keystrokes and answers that are remembered."""
FEWEST = 20
"""With fewer gaps measured the user's rhythm is not known. Both figures are Tabby's."""
BURST_SECONDS = 1.0
"""A longer gap is a thought, not a rhythm."""
EAGER, USUAL = 1.0, 1.75
"""Gaps to wait: where a suggestion is likely to be wanted (a line or an argument begins), and elsewhere."""
LONGEST_SECONDS = 0.4
"""Nobody waits longer than that for the model to be asked."""


class Rhythm:
    """Listens to keystrokes and answers."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last = float("-inf")
        self._gaps: deque[float] = deque(maxlen=SAMPLES)
        self._answers: deque[float] = deque(maxlen=SAMPLES)

    def key(self) -> None:
        """The text has changed just now."""
        now = self._clock()
        if now - self._last < BURST_SECONDS:
            self._gaps.append(now - self._last)
        self._last = now

    def answered(self, seconds: float) -> None:
        """The model has answered so fast."""
        self._answers.append(seconds)

    def pause(self, default: float, *, eager: bool) -> float:
        """Seconds to wait from now on; `default` seconds after the last keystroke while the rhythm is not known.

        Waiting and answering together take about as long as it takes to tell that the user has paused: a slow model is asked
        sooner.
        """
        if not default:
            return 0.0
        wanted = default
        if len(self._gaps) >= FEWEST:
            wanted = median(self._gaps) * (EAGER if eager else USUAL) - (median(self._answers) if self._answers else 0.0)
        return max(0.0, min(wanted, LONGEST_SECONDS) - max(0.0, self._clock() - self._last))
