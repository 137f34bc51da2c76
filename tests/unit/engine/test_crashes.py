"""A model that kills its host is tried with growing delays, then left alone for a while."""

import pytest

from interfix.engine.crashes import DELAYS, MOST, REST_SECONDS, Crashes
from interfix.errors import Unavailable

MODEL, OTHER = "/models/a.gguf", "/models/b.gguf"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_first_restart_is_at_once_and_later_ones_wait() -> None:
    crashes = Crashes(Clock())
    assert crashes.delay(MODEL) == 0.0
    crashes.lost(MODEL)
    assert crashes.delay(MODEL) == DELAYS[1]
    crashes.lost(MODEL)
    assert crashes.delay(MODEL) == DELAYS[2]


def test_the_wait_passes() -> None:
    clock = Clock()
    crashes = Crashes(clock)
    crashes.lost(MODEL)
    clock.now += DELAYS[1]
    assert crashes.delay(MODEL) == 0.0


def test_the_third_death_in_a_row_ends_it_with_the_models_name() -> None:
    crashes = Crashes(Clock())
    for _ in range(MOST):
        crashes.lost(MODEL)
    with pytest.raises(Unavailable, match=r"3 times in a row with a\.gguf"):
        crashes.delay(MODEL)
    assert crashes.delay(OTHER) == 0.0


def test_an_answer_in_between_starts_the_count_anew() -> None:
    crashes = Crashes(Clock())
    crashes.lost(MODEL)
    crashes.lost(MODEL)
    crashes.survived(MODEL)
    crashes.lost(MODEL)
    assert crashes.delay(MODEL) == DELAYS[1]


def test_after_a_rest_it_may_be_tried_once_more() -> None:
    clock = Clock()
    crashes = Crashes(clock)
    for _ in range(MOST):
        crashes.lost(MODEL)
    clock.now += REST_SECONDS
    assert crashes.delay(MODEL) == 0.0
    crashes.lost(MODEL)
    with pytest.raises(Unavailable):
        crashes.delay(MODEL)
