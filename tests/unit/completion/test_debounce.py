"""How long the model is left in peace: by the clock of the test, not of the machine."""

import pytest

from interfix.completion.debounce import MAX_DELAY_SECONDS, Debouncer


class FakeClock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def type_keys(gap: float, keys: int = 40, answer: float | None = None) -> tuple[Debouncer, FakeClock]:
    clock = FakeClock()
    rhythm = Debouncer(clock)
    for _ in range(keys):
        clock.now += gap
        rhythm.record_keystroke()
    if answer is not None:
        rhythm.record_latency(answer)
    return rhythm, clock


def test_before_anything_is_known_the_setting_holds() -> None:
    rhythm, clock = type_keys(0.1, keys=5)
    assert rhythm.compute_delay(0.075, eager=False) == pytest.approx(0.075)
    clock.now += 0.05
    assert rhythm.compute_delay(0.075, eager=False) == pytest.approx(0.025)


def test_who_types_slowly_is_waited_for_longer() -> None:
    assert type_keys(0.05)[0].compute_delay(0.075, eager=False) < type_keys(0.15)[0].compute_delay(0.075, eager=False)


def test_where_a_suggestion_is_wanted_the_wait_is_shorter() -> None:
    rhythm, _ = type_keys(0.1)
    assert rhythm.compute_delay(0.075, eager=True) < rhythm.compute_delay(0.075, eager=False)


def test_a_slow_model_is_asked_sooner() -> None:
    assert type_keys(0.1, answer=0.05)[0].compute_delay(0.075, eager=False) == pytest.approx(0.125)
    assert type_keys(0.1, answer=2.0)[0].compute_delay(0.075, eager=False) == 0.0


def test_thinking_is_no_rhythm() -> None:
    rhythm, clock = type_keys(0.1)
    for _ in range(30):
        clock.now += 60
        rhythm.record_keystroke()
    assert rhythm.compute_delay(0.075, eager=False) == pytest.approx(0.175)


def test_nobody_waits_for_long() -> None:
    assert type_keys(0.9)[0].compute_delay(0.075, eager=False) == pytest.approx(MAX_DELAY_SECONDS)


def test_no_debounce_is_none() -> None:
    assert type_keys(0.2)[0].compute_delay(0.0, eager=False) == 0.0
