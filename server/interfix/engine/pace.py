"""How fast a model reads prompts on this machine, as its own decodes show. Knows no clock and no model."""

LEAST_TOKENS = 16
"""A decode of fewer tokens says little: it takes as long as one of a single token."""
_NEWEST = 0.3


class Pace:
    """Tokens of prompt a second, the newest decodes counting most."""

    def __init__(self) -> None:
        self._tokens_s = 0.0

    def took(self, tokens: int, seconds: float) -> None:
        """A decode of so many tokens has taken so long."""
        if tokens >= LEAST_TOKENS and seconds > 0:
            speed = tokens / seconds
            self._tokens_s = speed if not self._tokens_s else self._tokens_s + _NEWEST * (speed - self._tokens_s)

    def within(self, ms: float) -> int:
        """Tokens that are read in so many milliseconds; 0 where nothing has been read yet."""
        return int(self._tokens_s * ms / 1000)
