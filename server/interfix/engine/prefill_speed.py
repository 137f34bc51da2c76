"""How fast a model reads prompts on this machine, as its own decodes show."""

MIN_TOKENS = 16
"""A decode of fewer tokens says little: it takes as long as one of a single token."""
STEP_MS = 800
"""One decode of a prompt should take no longer than this: what ends it loses its work, ms."""
FIRST_STEP_TOKENS = 16
"""Length of the first where nothing was measured: it says nothing, for it may have read the weights from the disk."""
MEASURE_TOKENS = 64
"""Length of the second: it shows how fast prompts are read. Of fewer tokens each takes longer."""
_MEAN_WEIGHT = 0.3


class PrefillSpeed:
    """Tokens of prompt a second, the newest decodes counting most."""

    def __init__(self, tokens_per_second: float = 0.0) -> None:
        """Begins with what was measured before; 0 where nothing was."""
        self._tokens_per_second = tokens_per_second
        self._is_first = True

    @property
    def is_known(self) -> bool:
        """Whether anything was measured."""
        return self._tokens_per_second > 0

    def record(self, tokens: int, seconds: float) -> None:
        """A decode of so many tokens has taken so long; the first of all says nothing."""
        is_first, self._is_first = self._is_first, False
        if not is_first and tokens >= MIN_TOKENS and seconds > 0:
            speed = tokens / seconds
            self._tokens_per_second = (
                speed if not self._tokens_per_second else self._tokens_per_second + _MEAN_WEIGHT * (speed - self._tokens_per_second)
            )

    @property
    def step_tokens(self) -> int:
        """Most tokens that should be decoded at once."""
        if self.is_known:
            return self.estimate_tokens_within(STEP_MS)
        return FIRST_STEP_TOKENS if self._is_first else MEASURE_TOKENS

    def estimate_tokens_within(self, ms: float) -> int:
        """Tokens that are read in so many milliseconds; 0 where nothing has been read yet."""
        return int(self._tokens_per_second * ms / 1000)
