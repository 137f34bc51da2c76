"""Chooses the next token among those that a guide allows: the likeliest, or one drawn, as without a guide from all."""

import math
from collections.abc import Callable

import msgspec
import numpy as np
import numpy.typing as npt

from interfix.engine.guided_text import GuidedText
from interfix.engine.sampling import SampledToken, compute_log_total

LIKELY_MARGIN = 12.0
"""Tokens that are less likely than the likeliest by more than this (natural logarithm of the ratio) are judged only if no other may
follow."""
MAX_JUDGED = 200
"""So many of the likeliest tokens are judged at once."""
MAX_DRAWS = 16
"""So many times a token that was not judged may be drawn before all are."""

Draw = Callable[[npt.NDArray[np.float32]], SampledToken]
"""Chooses a token from logits."""


class GuidedToken(msgspec.Struct, frozen=True):
    """A chosen token."""

    choice: SampledToken
    """What is written; its log-probability is the model's own, with no guide."""
    removed: float = 0.0
    """The probability that the model gave to what the guide refused, as far as it was judged; 0 to 1."""


class GuidedSampler:
    """Judges tokens by a guide, and follows what is written."""

    def __init__(self, text: GuidedText, token_to_piece: Callable[[int], bytes], ends: Callable[[int], bool]) -> None:
        """`ends` says of a token that it ends the answer: it has no text to judge, and may come where no name is half written."""
        self._text = text
        self._token_to_piece = token_to_piece
        self._ends = ends

    def choose(self, logits: npt.NDArray[np.float32], draw: Draw) -> GuidedToken:
        """What `draw` chooses, where the guide has nothing against it; else what it chooses of what is left."""
        choice = draw(logits)
        if self._judge(choice.token) == 0.0:
            return GuidedToken(choice)
        log_total = compute_log_total(logits)
        left = logits.copy()
        judged: set[int] = set()
        removed = 0.0
        likely = np.flatnonzero(logits > logits.max() - LIKELY_MARGIN)
        likely = likely[np.argsort(logits[likely])[::-1]][:MAX_JUDGED]
        for token in map(int, likely):
            cost = self._judge(token, instead=True)
            judged.add(token)
            left[token] -= cost
            removed += math.exp(float(logits[token]) - log_total) if cost == math.inf else 0.0
        for draws in range(MAX_DRAWS + 1):
            if left.max() == -math.inf:
                break
            token = draw(left).token
            if token in judged:
                return GuidedToken(SampledToken(token=token, logprob=float(logits[token]) - log_total), min(1.0, removed))
            if draws == MAX_DRAWS:
                break
            left[token] -= self._judge(token, instead=True)
            judged.add(token)
        token = self._find_any(logits, left, judged)
        return GuidedToken(SampledToken(token=token, logprob=float(logits[token]) - log_total), min(1.0, removed))

    def accept(self, token: int) -> None:
        """This token is written."""
        self._text.accept(self._token_to_piece(token))

    def may_follow(self, token: int) -> bool:
        """Whether the guide lets a token follow, whatever it costs."""
        return self._judge(token) < math.inf

    def _judge(self, token: int, *, instead: bool = False) -> float:
        """What a token costs; `instead` of one that was refused: an end is no way out of naming a member."""
        if self._ends(token):
            return math.inf if self._text.state.is_open or (instead and self._text.state.tiers) else 0.0
        return self._text.judge(self._token_to_piece(token))

    def _find_any(self, logits: npt.NDArray[np.float32], left: npt.NDArray[np.float32], judged: set[int]) -> int:
        """The likeliest token that may follow, of all there are; the likeliest of all where a vocabulary has none."""
        first = self._text.list_next_bytes()
        best, best_score = int(logits.argmax()), -math.inf
        for token in map(int, np.argsort(left)[::-1]):
            if left[token] <= best_score:
                break
            piece = self._token_to_piece(token)
            if first is not None and (not piece or piece[0] not in first) and not self._ends(token):
                continue
            score = float(left[token]) - (0.0 if token in judged else self._judge(token, instead=True))
            if score > best_score:
                best, best_score = token, score
        return best
