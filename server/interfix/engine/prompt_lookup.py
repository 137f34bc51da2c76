"""Guesses the next tokens where an answer copies its prompt, so that one decode proves several.

Where the last three tokens stood before, what followed them then is likely to follow now. A decode of a handful of tokens costs
two or three times that of one, so a guess pays where a few in a row are right; where it is measured not to pay, it rests.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence

NGRAM_TOKENS = 3
"""Tokens that must have stood together before."""
DRAFT_TOKENS = 8
"""Most tokens guessed at once."""
BACKOFF_TOKENS = 24
"""Tokens written without guessing after guessing did not pay."""
MEAN_WEIGHT = 0.3
"""Of the newest measurement in the running means."""


class PromptLookupDrafter:
    """Everything written so far, the prompt first, and what may come next; without a prompt to copy from it never guesses."""

    def __init__(self, prompt: Sequence[int]) -> None:
        self._tokens: list[int] = []
        self._followers: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
        self._candidates: list[int] = []
        self._cursor = 0
        self._backoff_tokens = 0
        self._plain_token_seconds = 0.0  # seconds a token without a guess, and with one; 0 while unknown
        self._drafted_token_seconds = 0.0
        self._is_enabled = bool(prompt)
        for token in prompt:
            self.add(token)

    def add(self, token: int) -> None:
        """The next token is known."""
        self._tokens.append(token)
        self._backoff_tokens = max(0, self._backoff_tokens - 1)
        if self._is_enabled and len(self._tokens) >= NGRAM_TOKENS:
            positions = self._followers[tuple(self._tokens[-NGRAM_TOKENS:])]
            self._candidates = positions[:]
            positions.append(len(self._tokens))

    def propose(self, max_tokens: int) -> list[int]:
        """Up to `max_tokens` that may follow; none where nothing is known or guessing does not pay at the moment.

        Where the text stood several times, the place after the one copied last wins: edits keep the order of what they copy.
        """
        if self._backoff_tokens or not self._candidates:
            return []
        later = bisect_right(self._candidates, self._cursor)
        start = self._candidates[min(later, len(self._candidates) - 1)]
        draft = self._tokens[start : start + min(max_tokens, DRAFT_TOKENS)]
        self._cursor = start
        return draft

    def record_decode(self, seconds: float, draft_tokens: int, written_tokens: int) -> None:
        """A decode with so many guesses (`draft_tokens`) took `seconds` and gave `written_tokens`."""
        each = seconds / written_tokens
        if not draft_tokens:
            self._plain_token_seconds = _update_mean(self._plain_token_seconds, each)
            return
        self._drafted_token_seconds = _update_mean(self._drafted_token_seconds, each)
        if self._plain_token_seconds and self._drafted_token_seconds > self._plain_token_seconds:
            self._backoff_tokens, self._drafted_token_seconds = BACKOFF_TOKENS, 0.0


def _update_mean(old: float, new: float) -> float:
    return old + MEAN_WEIGHT * (new - old) if old else new
