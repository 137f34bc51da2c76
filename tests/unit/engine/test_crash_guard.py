"""A model that kills its host is tried with growing delays, then left alone for a while."""

from itertools import count
from pathlib import Path

import pytest

from interfix.engine import crash_guard as module
from interfix.engine.crash_guard import MAX_CRASHES, RESTART_DELAYS, RETRY_AFTER_SECONDS, CrashGuard
from interfix.errors import UnavailableError

MODEL, OTHER = "/models/a.gguf", "/models/b.gguf"


HOSTS = count(1)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "runtime_dir", lambda: tmp_path)


class ManualClock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_first_restart_is_at_once_and_later_ones_wait() -> None:
    crashes = CrashGuard(ManualClock())
    assert crashes.compute_restart_delay(MODEL) == 0.0
    crashes.record_crash(MODEL, next(HOSTS))
    assert crashes.compute_restart_delay(MODEL) == RESTART_DELAYS[1]
    crashes.record_crash(MODEL, next(HOSTS))
    assert crashes.compute_restart_delay(MODEL) == RESTART_DELAYS[2]


def test_the_wait_passes() -> None:
    clock = ManualClock()
    crashes = CrashGuard(clock)
    crashes.record_crash(MODEL, next(HOSTS))
    clock.now += RESTART_DELAYS[1]
    assert crashes.compute_restart_delay(MODEL) == 0.0


def test_the_third_death_in_a_row_ends_it_with_the_models_name() -> None:
    crashes = CrashGuard(ManualClock())
    for _ in range(MAX_CRASHES):
        crashes.record_crash(MODEL, next(HOSTS))
    with pytest.raises(UnavailableError, match=r"3 times in a row with a\.gguf"):
        crashes.compute_restart_delay(MODEL)
    assert crashes.compute_restart_delay(OTHER) == 0.0


def test_an_answer_in_between_starts_the_count_anew() -> None:
    crashes = CrashGuard(ManualClock())
    crashes.record_crash(MODEL, next(HOSTS))
    crashes.record_crash(MODEL, next(HOSTS))
    crashes.record_success(MODEL)
    crashes.record_crash(MODEL, next(HOSTS))
    assert crashes.compute_restart_delay(MODEL) == RESTART_DELAYS[1]


def test_after_a_rest_it_may_be_tried_once_more() -> None:
    clock = ManualClock()
    crashes = CrashGuard(clock)
    for _ in range(MAX_CRASHES):
        crashes.record_crash(MODEL, next(HOSTS))
    clock.now += RETRY_AFTER_SECONDS
    assert crashes.compute_restart_delay(MODEL) == 0.0
    crashes.record_crash(MODEL, next(HOSTS))
    with pytest.raises(UnavailableError):
        crashes.compute_restart_delay(MODEL)


def test_one_death_that_several_windows_notice_counts_once_and_is_known_to_all() -> None:
    clock = ManualClock()
    windows = [CrashGuard(clock) for _ in range(3)]
    for window in windows:
        window.record_crash(MODEL, 4711)
    assert {window.compute_restart_delay(MODEL) for window in windows} == {RESTART_DELAYS[1]}
    windows[0].record_success(MODEL)
    assert windows[2].compute_restart_delay(MODEL) == 0.0


def test_a_damaged_record_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / "crashes.json").write_bytes(b"\0{")
    crashes = CrashGuard(ManualClock())
    assert crashes.compute_restart_delay(MODEL) == 0.0
    crashes.record_crash(MODEL, 1)
    assert crashes.compute_restart_delay(MODEL) == RESTART_DELAYS[1]


def test_a_record_of_an_earlier_run_of_the_machine_holds_nobody_up() -> None:
    clock = ManualClock()
    crashes = CrashGuard(clock)
    for _ in range(MAX_CRASHES):
        crashes.record_crash(MODEL, next(HOSTS))
    clock.now = 5.0
    assert crashes.compute_restart_delay(MODEL) == 0.0
