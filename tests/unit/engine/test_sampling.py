"""The token that is chosen, and its log-probability, against plain arithmetic."""

import math

import numpy as np
import pytest

from interfix.engine.sampling import choose

RANDOM = np.random.default_rng(7)


def test_greedy_takes_the_likeliest_and_tells_its_probability() -> None:
    logits = np.array([1.0, 3.0, 2.0], dtype=np.float32)
    choice = choose(logits, 0.0, RANDOM)
    assert choice.token == 1
    assert math.exp(choice.logprob) == pytest.approx(math.exp(3) / (math.exp(1) + math.exp(3) + math.exp(2)))


def test_huge_logits_do_not_overflow() -> None:
    assert choose(np.array([1e4, 0.0], dtype=np.float32), 0.0, RANDOM).logprob == pytest.approx(0.0)


def test_a_warm_draw_follows_the_probabilities() -> None:
    logits = np.log(np.array([0.6, 0.39, 0.01], dtype=np.float32))
    drawn = [choose(logits, 1.0, RANDOM).token for _ in range(2000)]
    assert drawn.count(0) / 2000 == pytest.approx(0.6 / 0.99, abs=0.05)
    assert drawn.count(2) == 0  # outside the 95% of top-p


def test_a_cool_draw_is_nearly_greedy() -> None:
    logits = np.array([2.0, 1.0, 0.0] + [-5.0] * 100, dtype=np.float32)
    drawn = [choose(logits, 0.1, RANDOM).token for _ in range(200)]
    assert drawn.count(0) >= 198
