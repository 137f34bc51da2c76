"""Chooses the next token from logits and tells how sure the model was. Pure numpy."""

import math
from collections.abc import Callable

import msgspec
import numpy as np
import numpy.typing as npt

from interfix.inference_types import Sampling

_MAX_LIKELY_ENDS = 32
"""A vocabulary has fewer tokens that end an answer."""


class SampledToken(msgspec.Struct, frozen=True):
    """A chosen token."""

    token: int
    """Its id."""
    logprob: float
    """Natural logarithm of its probability at temperature 1."""


def sample_token(logits: npt.NDArray[np.float32], sampling: Sampling, random: np.random.Generator) -> SampledToken:
    """The most likely token at temperature 0; else one drawn from what top-k, top-p and min-p leave, asked in that order."""
    token = _draw_token(logits, sampling, sampling.temperature, random) if sampling.temperature else int(logits.argmax())
    return SampledToken(token=token, logprob=float(logits[token]) - compute_log_total(logits))


def pick_start(logits: npt.NDArray[np.float32], rank: int, ends: Callable[[int], bool]) -> SampledToken:
    """The token of that rank, from 1, among those that do not end an answer; the last of them where there are fewer."""
    count = min(len(logits), rank + _MAX_LIKELY_ENDS)
    top = np.argpartition(logits, -count)[-count:]
    ranked = map(int, top[np.argsort(logits[top])[::-1]])
    starts = [token for token in ranked if logits[token] > -math.inf and not ends(token)] or [int(logits.argmax())]
    token = starts[min(rank, len(starts)) - 1]
    return SampledToken(token=token, logprob=float(logits[token]) - compute_log_total(logits))


def rank_tokens(logits: npt.NDArray[np.float32], count: int) -> list[SampledToken]:
    """The likeliest tokens, the likeliest first; none that cannot come."""
    count = min(count, len(logits))
    top = np.argpartition(logits, -count)[-count:]
    total = compute_log_total(logits)
    ranked = (SampledToken(int(token), float(logits[token]) - total) for token in top[np.argsort(logits[top])[::-1]])
    return [each for each in ranked if each.logprob > -math.inf]


def compute_lead(logits: npt.NDArray[np.float32]) -> float:
    """How far the likeliest token is ahead of the second, natural logarithm of the ratio of their probabilities."""
    second, first = np.partition(logits, -2)[-2:]
    return float(first - second)


def compute_log_total(logits: npt.NDArray[np.float32]) -> float:
    """The natural logarithm of the sum of all exponentials."""
    best = logits.max()
    # The terms in single precision, which is ten times as fast; their sum in double: 150,000 of them would lose the third digit.
    return float(best) + float(np.log(np.exp(logits - best).sum(dtype=np.float64)))


def _draw_token(logits: npt.NDArray[np.float32], sampling: Sampling, temperature: float, random: np.random.Generator) -> int:
    count = min(sampling.top_k or len(logits), len(logits))
    top = np.argpartition(logits, -count)[-count:]
    top = top[np.argsort(logits[top])[::-1]]
    scaled = logits[top].astype(np.float64) / temperature
    weights = np.exp(scaled - scaled[0])
    likely = int((weights >= (sampling.min_p or 0.0)).sum())
    weights /= weights.sum()
    nucleus_size = min(likely, int(np.searchsorted(weights.cumsum(), sampling.top_p or 1.0)) + 1)
    weights = weights[:nucleus_size] / weights[:nucleus_size].sum()
    return int(random.choice(top[:nucleus_size], p=weights))
