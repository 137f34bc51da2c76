"""What somebody waits for in a newly opened file, on processors of three classes, by a simulated clock.

About `engine/brief_prompt_choice.py`, `engine/inference_jobs.py` and `completion/prompt_read_ahead.py` together.
"""

from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest

from interfix.engine.brief_prompt_choice import MIN_BRIEF_PROMPT_TOKENS
from tests.unit.engine.simulated_reading import MachineSpeed, SimulatedMachine

SPEEDS = (MachineSpeed("AVX2", 38.0, 10.0), MachineSpeed("AVX-512", 98.0, 14.1), MachineSpeed("AMX", 186.0, 13.6))
PLACE, ELSEWHERE = 100, 199
DELAYS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""From where the cursor came to rest to the first key, seconds."""

MakeMachine = Callable[[], SimulatedMachine]


@pytest.fixture(params=SPEEDS, ids=lambda speed: speed.name)
def make_machine(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeMachine:
    return lambda: SimulatedMachine(request.param, tmp_path / "model.gguf", monkeypatch)


@pytest.mark.parametrize("is_asked", [False, True], ids=["unasked", "asked"])
def test_the_first_suggestion_is_there_within_three_seconds_at_the_median(make_machine: MakeMachine, *, is_asked: bool) -> None:
    waits = []
    for delay in DELAYS:
        machine = make_machine()
        machine.read_ahead(PLACE, until=delay)
        waits.append(machine.complete(PLACE, is_asked=is_asked).seconds)
    assert median(waits) <= 3.0
    assert max(waits) <= 4.0, "nor does anybody wait for much longer"
    assert waits[-1] < 1.6, "who has read for a while waits for little more than the line itself"


@pytest.mark.parametrize("is_asked", [False, True], ids=["unasked", "asked"])
def test_what_is_not_read_ahead_takes_no_longer_than_before_it_was(make_machine: MakeMachine, *, is_asked: bool) -> None:
    cold = make_machine().complete(PLACE, is_asked=is_asked)
    misread = make_machine()
    misread.read_ahead(ELSEWHERE, until=3.0)
    assert misread.complete(PLACE, is_asked=is_asked).seconds <= cold.seconds + 0.01 <= 4.0
    assert cold.prompt_tokens >= 0.6 * MIN_BRIEF_PROMPT_TOKENS


def test_who_asks_again_is_answered_from_the_whole_prompt(make_machine: MakeMachine) -> None:
    machine = make_machine()
    first = machine.complete(PLACE, is_asked=True)
    machine.rest(PLACE, 60.0)
    again = machine.complete(PLACE, is_asked=True)
    assert (first.budget < 1024, again.budget) == (True, 1024)
    assert again.seconds < 1.6


def test_a_machine_that_was_never_measured_is_measured_by_its_first_tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = SimulatedMachine(SPEEDS[0], tmp_path / "model.gguf", monkeypatch, is_measured=False)
    first = machine.complete(PLACE, is_asked=True)
    assert machine.model.prefill_speed.estimate_tokens_within(10_000) == pytest.approx(380, abs=1)
    assert first.budget == MIN_BRIEF_PROMPT_TOKENS
    assert first.seconds <= 5.5, "the whole prompt takes 27 s"


def test_what_is_worth_no_wait_makes_nobody_wait(make_machine: MakeMachine) -> None:
    machine = make_machine()
    machine.complete(PLACE, is_asked=True)
    machine.rest(PLACE, 60.0)
    warm = machine.complete(PLACE, is_asked=True)
    machine.extra_file = "total = compute_total(order)\n"
    assert machine.complete(PLACE, is_asked=True) == pytest.approx(warm)


@pytest.mark.parametrize("is_warm", [False, True])
def test_what_is_worth_no_wait_is_shown_where_it_costs_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_warm: bool
) -> None:
    speed = MachineSpeed("GPU", 4000.0, 60.0) if is_warm else MachineSpeed("CPU", 400.0, 60.0)
    machine = SimulatedMachine(speed, tmp_path / "model.gguf", monkeypatch)
    bare = machine.complete(PLACE, is_asked=True)
    machine = machine if is_warm else SimulatedMachine(speed, tmp_path / "model.gguf", monkeypatch)
    machine.extra_file = "total = compute_total(order)\n"
    more = machine.complete(PLACE, is_asked=True)
    assert (more.budget, more.prompt_tokens != bare.prompt_tokens) == (1024, True)
