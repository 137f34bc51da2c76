"""How a bench fits into its minutes, and how it ends."""

import asyncio
import signal

import pytest

from interfix.bench.completion_time_estimate import COMPLETION_TOKENS, OVERHEAD_SECONDS, compute_cold_seconds
from interfix.bench.time_budget import TimeBudget, format_duration
from interfix.engine.line_latency import LineLatency


async def work_for_ever() -> int:
    await asyncio.Event().wait()
    return 1


async def work() -> int:
    await asyncio.sleep(0)
    return 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_ends_the_work_and_no_more_is_begun(number: signal.Signals) -> None:
    budget = TimeBudget()
    before = signal.getsignal(number)

    async def interrupt() -> int:
        signal.raise_signal(number)
        return await work_for_ever()

    async def run() -> list[int | None]:
        return [await budget.complete(each) for each in (work(), interrupt(), work())]

    with budget.watch_interrupts():
        assert asyncio.run(run()) == [1, None, None]
    assert budget.is_over
    assert signal.getsignal(number) is before


def test_the_second_interrupt_ends_the_program() -> None:
    with TimeBudget().watch_interrupts():
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_parts_share_what_time_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("interfix.bench.time_budget.time.monotonic", lambda: now)
    budget = TimeBudget(1)
    first = budget.open_share(3)
    now += 19
    assert not first()
    now += 11
    assert first()
    second = budget.open_share(2)
    now += 14
    assert not second(), "of the thirty seconds that are left it has fifteen"
    now += 1
    assert second()
    assert not TimeBudget().open_share(2)(), "without minutes there is no end"


async def test_work_that_the_minutes_end_has_no_result() -> None:
    budget = TimeBudget(0.0001)
    assert await budget.complete(work_for_ever()) is None
    assert budget.is_over
    assert not budget.is_interrupted


async def test_an_error_of_the_work_is_told() -> None:
    async def fail() -> None:
        raise ValueError("so")

    with pytest.raises(ValueError, match="so"):
        await TimeBudget().complete(fail())


@pytest.mark.parametrize(("minutes", "count"), [(None, 100), (10, 100), (1, 30), (0.001, 1)])
def test_a_sample_fits(minutes: float | None, count: int) -> None:
    chosen = TimeBudget(minutes).choose_sample(range(100), 1.99)
    assert len(chosen) == count
    assert chosen == sorted(set(chosen))


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "a second"), (40, "40 seconds"), (89, "89 seconds"), (91, "2 minutes"), (9000, "2 hours")]
)
def test_durations_are_said_as_people_say_them(seconds: float, words: str) -> None:
    assert format_duration(seconds) == words


def test_a_cold_request_reads_its_prompt_and_writes_its_answer() -> None:
    latency = LineLatency(line_ms=0.0, prefill_tokens_per_second=100.0, generated_tokens_per_second=10.0)
    assert compute_cold_seconds(latency, 1000) == pytest.approx(10 + COMPLETION_TOKENS / 10 + OVERHEAD_SECONDS)
