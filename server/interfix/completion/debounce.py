"""How long to wait before the model is asked, from how this user types and how fast the model answers."""

import time
from collections import deque
from collections.abc import Callable
from statistics import median

MAX_SAMPLES = 100
"""Keystrokes and answers that are remembered."""
MIN_SAMPLES = 20
"""With fewer gaps measured the user's rhythm is not known. Both figures are Tabby's."""
MAX_TYPING_GAP_SECONDS = 1.0
"""A longer gap is a thought, not a rhythm."""
EAGER_GAPS, USUAL_GAPS = 1.0, 1.75
"""Gaps to wait: where a suggestion is likely to be wanted (a line or an argument begins), and elsewhere."""
MAX_DELAY_SECONDS = 0.4
"""Nobody waits longer than that for the model to be asked."""


class Debouncer:
    """Listens to keystrokes and answers."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last = float("-inf")
        self._gaps: deque[float] = deque(maxlen=MAX_SAMPLES)
        self._latencies: deque[float] = deque(maxlen=MAX_SAMPLES)

    def record_keystroke(self) -> None:
        """The text has changed just now."""
        now = self._clock()
        if now - self._last < MAX_TYPING_GAP_SECONDS:
            self._gaps.append(now - self._last)
        self._last = now

    def record_latency(self, seconds: float) -> None:
        """The model has answered so fast."""
        self._latencies.append(seconds)

    def compute_delay(self, default: float, *, eager: bool) -> float:
        """Seconds to wait from now on; `default` seconds after the last keystroke while the rhythm is not known.

        Waiting and answering together take about as long as it takes to tell that the user has paused: a slow model is asked
        sooner.
        """
        if not default:
            return 0.0
        delay = default
        if len(self._gaps) >= MIN_SAMPLES:
            delay = median(self._gaps) * (EAGER_GAPS if eager else USUAL_GAPS) - (
                median(self._latencies) if self._latencies else 0.0
            )
        return max(0.0, min(delay, MAX_DELAY_SECONDS) - max(0.0, self._clock() - self._last))
