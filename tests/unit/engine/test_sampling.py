"""The token that is chosen, and its log-probability, against plain arithmetic."""

import math

import numpy as np
import pytest

from interfix.engine.sampling import pick_start, sample_token
from interfix.inference_types import Sampling

GREEDY = Sampling(temperature=0.0)
RANDOM = np.random.default_rng(7)


def test_greedy_takes_the_likeliest_and_tells_its_probability() -> None:
    logits = np.array([1.0, 3.0, 2.0], dtype=np.float32)
    choice = sample_token(logits, GREEDY, RANDOM)
    assert choice.token == 1
    assert math.exp(choice.logprob) == pytest.approx(math.exp(3) / (math.exp(1) + math.exp(3) + math.exp(2)))


def test_huge_logits_do_not_overflow() -> None:
    assert sample_token(np.array([1e4, 0.0], dtype=np.float32), GREEDY, RANDOM).logprob == pytest.approx(0.0)


def test_a_warm_draw_follows_the_probabilities() -> None:
    logits = np.log(np.array([0.6, 0.39, 0.01], dtype=np.float32))
    drawn = [sample_token(logits, Sampling(1.0, top_k=40, top_p=0.95), RANDOM).token for _ in range(2000)]
    assert drawn.count(0) / 2000 == pytest.approx(0.6 / 0.99, abs=0.05)
    assert drawn.count(2) == 0  # outside the 95% of top-p


def test_a_cool_draw_is_nearly_greedy() -> None:
    logits = np.array([2.0, 1.0, 0.0] + [-5.0] * 100, dtype=np.float32)
    drawn = [sample_token(logits, Sampling(0.1), RANDOM).token for _ in range(200)]
    assert drawn.count(0) >= 198


@pytest.mark.parametrize(
    ("sampling", "left"),
    [
        (Sampling(1.0), {0, 1, 2, 3}),
        (Sampling(1.0, top_k=2), {0, 1}),
        (Sampling(1.0, top_p=0.5), {0}),
        (Sampling(1.0, min_p=0.4), {0, 1}),
        (Sampling(1.0, top_k=3, top_p=0.99, min_p=0.1), {0, 1, 2}),
    ],
)
def test_what_may_be_drawn(sampling: Sampling, left: set[int]) -> None:
    logits = np.log(np.array([0.55, 0.25, 0.12, 0.08], dtype=np.float32))
    assert {sample_token(logits, sampling, RANDOM).token for _ in range(500)} == left


def test_what_a_request_leaves_open_is_as_the_family_has_it() -> None:
    family = Sampling(0.2, top_k=20, top_p=0.8)
    assert Sampling(temperature=0.0, min_p=0.1).with_defaults(family) == Sampling(0.0, top_k=20, top_p=0.8, min_p=0.1)


@pytest.mark.parametrize(("rank", "token"), [(1, 2), (2, 0), (3, 4), (9, 4)])
def test_a_start_is_the_likeliest_of_the_tokens_that_end_nothing(rank: int, token: int) -> None:
    probabilities = np.array([0.2, 0.4, 0.3, 0.09, 0.01], dtype=np.float32)
    start = pick_start(np.log(probabilities), rank, {1, 3}.__contains__)
    assert start.token == token
    assert math.exp(start.logprob) == pytest.approx(float(probabilities[token]))


def test_where_every_token_ends_it_the_end_is_the_start() -> None:
    assert pick_start(np.log(np.array([0.4, 0.6], dtype=np.float32)), 1, lambda _: True).token == 1
