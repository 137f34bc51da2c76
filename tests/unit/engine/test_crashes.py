"""A model that kills its host is tried with growing delays, then left alone for a while."""

from itertools import count
from pathlib import Path

import pytest

from interfix.engine import crashes as module
from interfix.engine.crashes import DELAYS, MOST, REST_SECONDS, Crashes
from interfix.errors import Unavailable

MODEL, OTHER = "/models/a.gguf", "/models/b.gguf"


HOSTS = count(1)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "runtime_dir", lambda: tmp_path)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_first_restart_is_at_once_and_later_ones_wait() -> None:
    crashes = Crashes(Clock())
    assert crashes.delay(MODEL) == 0.0
    crashes.lost(MODEL, next(HOSTS))
    assert crashes.delay(MODEL) == DELAYS[1]
    crashes.lost(MODEL, next(HOSTS))
    assert crashes.delay(MODEL) == DELAYS[2]


def test_the_wait_passes() -> None:
    clock = Clock()
    crashes = Crashes(clock)
    crashes.lost(MODEL, next(HOSTS))
    clock.now += DELAYS[1]
    assert crashes.delay(MODEL) == 0.0


def test_the_third_death_in_a_row_ends_it_with_the_models_name() -> None:
    crashes = Crashes(Clock())
    for _ in range(MOST):
        crashes.lost(MODEL, next(HOSTS))
    with pytest.raises(Unavailable, match=r"3 times in a row with a\.gguf"):
        crashes.delay(MODEL)
    assert crashes.delay(OTHER) == 0.0


def test_an_answer_in_between_starts_the_count_anew() -> None:
    crashes = Crashes(Clock())
    crashes.lost(MODEL, next(HOSTS))
    crashes.lost(MODEL, next(HOSTS))
    crashes.survived(MODEL)
    crashes.lost(MODEL, next(HOSTS))
    assert crashes.delay(MODEL) == DELAYS[1]


def test_after_a_rest_it_may_be_tried_once_more() -> None:
    clock = Clock()
    crashes = Crashes(clock)
    for _ in range(MOST):
        crashes.lost(MODEL, next(HOSTS))
    clock.now += REST_SECONDS
    assert crashes.delay(MODEL) == 0.0
    crashes.lost(MODEL, next(HOSTS))
    with pytest.raises(Unavailable):
        crashes.delay(MODEL)


def test_one_death_that_several_windows_notice_counts_once_and_is_known_to_all() -> None:
    clock = Clock()
    windows = [Crashes(clock) for _ in range(3)]
    for window in windows:
        window.lost(MODEL, 4711)
    assert {window.delay(MODEL) for window in windows} == {DELAYS[1]}
    windows[0].survived(MODEL)
    assert windows[2].delay(MODEL) == 0.0


def test_a_damaged_record_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / "crashes.json").write_bytes(b"\0{")
    crashes = Crashes(Clock())
    assert crashes.delay(MODEL) == 0.0
    crashes.lost(MODEL, 1)
    assert crashes.delay(MODEL) == DELAYS[1]
