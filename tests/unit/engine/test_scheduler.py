"""Who comes first, what a cancel does, and that the thread survives whatever a job throws."""

import threading
from collections.abc import Callable, Iterator

import pytest

from interfix.engine import scheduler
from interfix.engine.llama_runtime import DecodeAborted
from interfix.engine.scheduler import Job, JobPriority, Scheduler
from interfix.errors import UnavailableError
from interfix.inference_types import GeneratedToken, GenerationEvent


class FakeAbortFlag:
    """Stands for the abort flag of the native library, and remembers being set."""

    def __init__(self) -> None:
        self.raised = threading.Event()

    def set(self) -> None:
        self.raised.set()

    def interrupt(self) -> None:
        self.raised.set()

    def clear(self) -> None:
        self.raised.clear()


class JobTrace:
    """Runs jobs that write down their steps."""

    def __init__(self) -> None:
        self.flag = FakeAbortFlag()
        self.steps: list[str] = []
        self.errors: dict[str, BaseException | None] = {}
        self.ended: dict[str, threading.Event] = {}
        self.freed = threading.Event()
        self.scheduler = Scheduler(self.flag, on_close=self.freed.set)  # type: ignore[arg-type]

    def job(
        self,
        name: str,
        steps: Callable[[], Iterator[GenerationEvent | None]],
        *,
        rank: JobPriority = JobPriority.CHAT,
        key: str = "",
    ) -> Job:
        self.ended[name] = threading.Event()

        def done(error: BaseException | None) -> None:
            self.errors[name] = error
            self.ended[name].set()

        return Job(steps, priority=rank, key=key, on_event=lambda event: self.steps.append(event.text), on_end=done)  # type: ignore[union-attr]

    def tokens(self, name: str, count: int) -> Callable[[], Iterator[GenerationEvent | None]]:
        return lambda: (GeneratedToken(text=f"{name}{i}", logprob=0.0) for i in range(count))

    def wait(self, *names: str) -> None:
        for name in names:
            assert self.ended[name].wait(10), name


@pytest.fixture
def trace() -> Iterator[JobTrace]:
    trace = JobTrace()
    yield trace
    trace.scheduler.close()
    assert trace.freed.is_set()


def test_infill_comes_first_and_a_chat_goes_on_where_it_was(trace: JobTrace) -> None:
    def chat() -> Iterator[GenerationEvent | None]:
        yield GeneratedToken(text="chat0", logprob=0.0)
        trace.scheduler.submit(trace.job("infill", trace.tokens("infill", 2), rank=JobPriority.INFILL))
        yield None
        yield GeneratedToken(text="chat1", logprob=0.0)

    trace.scheduler.submit(trace.job("chat", chat))
    trace.scheduler.start()
    trace.wait("chat", "infill")
    assert trace.steps == ["chat0", "infill0", "infill1", "chat1"]


def test_an_infill_interrupts_the_step_of_a_chat_which_goes_on_after_it(trace: JobTrace) -> None:
    inside = threading.Event()

    def reading() -> Iterator[GenerationEvent | None]:
        inside.set()
        assert trace.flag.raised.wait(10)
        yield None  # what was decoded is kept: the slot goes on from there
        yield GeneratedToken(text="chat", logprob=0.0)

    trace.scheduler.submit(trace.job("chat", reading))
    trace.scheduler.start()
    assert inside.wait(10)
    trace.scheduler.submit(trace.job("infill", trace.tokens("infill", 1), rank=JobPriority.INFILL))
    trace.wait("chat", "infill")
    assert trace.steps == ["infill0", "chat"]
    assert trace.errors["chat"] is None


def test_newer_upkeep_ends_the_older_of_its_key_only(trace: JobTrace) -> None:
    for name, key in (("old", "a"), ("other", "b"), ("new", "a")):
        trace.scheduler.submit(trace.job(name, trace.tokens(name, 1), rank=JobPriority.UPKEEP, key=key))
    trace.scheduler.start()
    trace.wait("old", "other", "new")
    assert trace.steps == ["other0", "new0"]


def test_a_cancel_reaches_a_decode_under_way(trace: JobTrace) -> None:
    inside = threading.Event()

    def decoding() -> Iterator[GenerationEvent | None]:
        inside.set()
        assert trace.flag.raised.wait(10)
        raise DecodeAborted
        yield  # a generator

    job = trace.job("decoding", decoding, rank=JobPriority.INFILL)
    trace.scheduler.submit(job)
    trace.scheduler.start()
    assert inside.wait(10)
    trace.scheduler.cancel(job)
    trace.wait("decoding")
    assert trace.errors["decoding"] is None
    trace.scheduler.submit(trace.job("next", trace.tokens("next", 1)))
    trace.wait("next")
    assert not trace.flag.raised.is_set()


def test_a_cancelled_job_that_waits_never_begins(trace: JobTrace) -> None:
    job = trace.job("waiting", trace.tokens("waiting", 1))
    trace.scheduler.submit(job)
    trace.scheduler.cancel(job)
    trace.scheduler.start()
    trace.wait("waiting")
    assert trace.steps == []


def test_an_error_is_reported_and_the_next_job_runs(trace: JobTrace) -> None:
    def failing() -> Iterator[GenerationEvent | None]:
        raise UnavailableError("no model")
        yield  # a generator

    trace.scheduler.submit(trace.job("failing", failing))
    trace.scheduler.submit(trace.job("next", trace.tokens("next", 1)))
    trace.scheduler.start()
    trace.wait("failing", "next")
    assert str(trace.errors["failing"]) == "no model"
    assert trace.steps == ["next0"]


def test_closing_ends_what_runs(trace: JobTrace) -> None:
    started = threading.Event()

    def endless() -> Iterator[GenerationEvent | None]:
        while True:
            started.set()
            yield None

    trace.scheduler.submit(trace.job("endless", endless))
    trace.scheduler.start()
    assert started.wait(10)
    trace.scheduler.close()
    assert trace.ended["endless"].is_set()


def test_upkeep_runs_last_and_gives_way_at_once(trace: JobTrace) -> None:
    inside = threading.Event()

    def upkeep() -> Iterator[GenerationEvent | None]:
        inside.set()
        assert trace.flag.raised.wait(10)
        raise DecodeAborted
        yield  # a generator

    trace.scheduler.submit(trace.job("upkeep", upkeep, rank=JobPriority.UPKEEP))
    trace.scheduler.start()
    assert inside.wait(10)
    trace.scheduler.submit(trace.job("infill", trace.tokens("infill", 1), rank=JobPriority.INFILL))
    trace.wait("upkeep", "infill")
    assert trace.steps == ["infill0"]


@pytest.mark.parametrize("rank", [JobPriority.UPKEEP, JobPriority.CHAT])
def test_what_a_cancelled_job_holds_is_given_back_before_the_next_begins(trace: JobTrace, rank: JobPriority) -> None:
    """Where no step hears the abort, as on a GPU, the job is found cancelled between two of its steps."""

    def holding() -> Iterator[GenerationEvent | None]:
        try:
            yield GeneratedToken(text="holds", logprob=0.0)
            trace.scheduler.submit(trace.job("infill", trace.tokens("infill", 2), rank=JobPriority.INFILL))
            trace.scheduler.cancel(job)
            yield None
        finally:
            trace.steps.append("gives back")

    job = trace.job("holding", holding, rank=rank)
    trace.scheduler.submit(job)
    trace.scheduler.start()
    trace.wait("holding", "infill")
    assert trace.steps == ["holds", "gives back", "infill0", "infill1"]


def test_a_job_whose_reader_fails_gives_back_what_it_holds_in_the_thread_that_computes(trace: JobTrace) -> None:
    threads = []

    def holding() -> Iterator[GenerationEvent | None]:
        try:
            yield GeneratedToken(text="holds", logprob=0.0)
        finally:
            threads.append(threading.current_thread().name)

    job = trace.job("holding", holding)
    job.on_event = lambda _: 1 / 0  # type: ignore[assignment,return-value]
    trace.scheduler.submit(job)
    trace.scheduler.start()
    trace.wait("holding")
    assert threads == ["inference"]
    assert isinstance(trace.errors["holding"], ZeroDivisionError)


def test_a_slow_machine_is_no_hang(trace: JobTrace, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(scheduler.time, "monotonic", lambda: now[0])
    working, release = threading.Event(), threading.Event()

    def steps() -> Iterator[GenerationEvent | None]:
        now[0] += 200  # loads the model
        yield None
        working.set()
        release.wait(10)
        yield None

    trace.scheduler.start()
    trace.scheduler.submit(trace.job("chat", steps))
    assert working.wait(10)
    now[0] += 1000
    assert not trace.scheduler.is_stuck(60, 900)
    now[0] += 1001
    assert trace.scheduler.is_stuck(60, 900)
    release.set()
    trace.wait("chat")
