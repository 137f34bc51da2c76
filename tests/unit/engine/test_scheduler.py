"""Who comes first, what a cancel does, and that the thread survives whatever a job throws."""

import threading
from collections.abc import Callable, Iterator

import pytest

from interfix.engine.runtime import Aborted
from interfix.engine.scheduler import Job, Rank, Scheduler
from interfix.errors import Unavailable
from interfix.values import StreamEvent, Token


class Flag:
    """Stands for the abort flag of the native library, and remembers being set."""

    def __init__(self) -> None:
        self.raised = threading.Event()

    def set(self) -> None:
        self.raised.set()

    def interrupt(self) -> None:
        self.raised.set()

    def clear(self) -> None:
        self.raised.clear()


class Trace:
    """Runs jobs that write down their steps."""

    def __init__(self) -> None:
        self.flag = Flag()
        self.steps: list[str] = []
        self.errors: dict[str, BaseException | None] = {}
        self.ended: dict[str, threading.Event] = {}
        self.freed = threading.Event()
        self.scheduler = Scheduler(self.flag, closing=self.freed.set)  # type: ignore[arg-type]

    def job(self, name: str, steps: Callable[[], Iterator[StreamEvent | None]], *, rank: Rank = Rank.CHAT, key: str = "") -> Job:
        self.ended[name] = threading.Event()

        def done(error: BaseException | None) -> None:
            self.errors[name] = error
            self.ended[name].set()

        return Job(steps, rank=rank, key=key, emit=lambda event: self.steps.append(event.text), done=done)  # type: ignore[union-attr]

    def tokens(self, name: str, count: int) -> Callable[[], Iterator[StreamEvent | None]]:
        return lambda: (Token(text=f"{name}{i}", logprob=0.0) for i in range(count))

    def wait(self, *names: str) -> None:
        for name in names:
            assert self.ended[name].wait(10), name


@pytest.fixture
def trace() -> Iterator[Trace]:
    trace = Trace()
    yield trace
    trace.scheduler.close()
    assert trace.freed.is_set()


def test_infill_comes_first_and_a_chat_goes_on_where_it_was(trace: Trace) -> None:
    def chat() -> Iterator[StreamEvent | None]:
        yield Token(text="chat0", logprob=0.0)
        trace.scheduler.submit(trace.job("infill", trace.tokens("infill", 2), rank=Rank.INFILL))
        yield None
        yield Token(text="chat1", logprob=0.0)

    trace.scheduler.submit(trace.job("chat", chat))
    trace.scheduler.start()
    trace.wait("chat", "infill")
    assert trace.steps == ["chat0", "infill0", "infill1", "chat1"]


def test_an_infill_interrupts_the_step_of_a_chat_which_goes_on_after_it(trace: Trace) -> None:
    inside = threading.Event()

    def reading() -> Iterator[StreamEvent | None]:
        inside.set()
        assert trace.flag.raised.wait(10)
        yield None  # what was decoded is kept: the slot goes on from there
        yield Token(text="chat", logprob=0.0)

    trace.scheduler.submit(trace.job("chat", reading))
    trace.scheduler.start()
    assert inside.wait(10)
    trace.scheduler.submit(trace.job("infill", trace.tokens("infill", 1), rank=Rank.INFILL))
    trace.wait("chat", "infill")
    assert trace.steps == ["infill0", "chat"]
    assert trace.errors["chat"] is None


def test_a_newer_infill_ends_the_older_of_its_document_only(trace: Trace) -> None:
    for name, key in (("old", "a"), ("other", "b"), ("new", "a")):
        trace.scheduler.submit(trace.job(name, trace.tokens(name, 1), rank=Rank.INFILL, key=key))
    trace.scheduler.start()
    trace.wait("old", "other", "new")
    assert trace.steps == ["other0", "new0"]


def test_a_cancel_reaches_a_decode_under_way(trace: Trace) -> None:
    inside = threading.Event()

    def decoding() -> Iterator[StreamEvent | None]:
        inside.set()
        assert trace.flag.raised.wait(10)
        raise Aborted
        yield  # a generator

    job = trace.job("decoding", decoding, rank=Rank.INFILL)
    trace.scheduler.submit(job)
    trace.scheduler.start()
    assert inside.wait(10)
    trace.scheduler.cancel(job)
    trace.wait("decoding")
    assert trace.errors["decoding"] is None
    trace.scheduler.submit(trace.job("next", trace.tokens("next", 1)))
    trace.wait("next")
    assert not trace.flag.raised.is_set()


def test_a_cancelled_job_that_waits_never_begins(trace: Trace) -> None:
    job = trace.job("waiting", trace.tokens("waiting", 1))
    trace.scheduler.submit(job)
    trace.scheduler.cancel(job)
    trace.scheduler.start()
    trace.wait("waiting")
    assert trace.steps == []


def test_an_error_is_reported_and_the_next_job_runs(trace: Trace) -> None:
    def failing() -> Iterator[StreamEvent | None]:
        raise Unavailable("no model")
        yield  # a generator

    trace.scheduler.submit(trace.job("failing", failing))
    trace.scheduler.submit(trace.job("next", trace.tokens("next", 1)))
    trace.scheduler.start()
    trace.wait("failing", "next")
    assert str(trace.errors["failing"]) == "no model"
    assert trace.steps == ["next0"]


def test_closing_ends_what_runs(trace: Trace) -> None:
    started = threading.Event()

    def endless() -> Iterator[StreamEvent | None]:
        while True:
            started.set()
            yield None

    trace.scheduler.submit(trace.job("endless", endless))
    trace.scheduler.start()
    assert started.wait(10)
    trace.scheduler.close()
    assert trace.ended["endless"].is_set()


def test_upkeep_runs_last_and_gives_way_at_once(trace: Trace) -> None:
    inside = threading.Event()

    def upkeep() -> Iterator[StreamEvent | None]:
        inside.set()
        assert trace.flag.raised.wait(10)
        raise Aborted
        yield  # a generator

    trace.scheduler.submit(trace.job("upkeep", upkeep, rank=Rank.UPKEEP))
    trace.scheduler.start()
    assert inside.wait(10)
    trace.scheduler.submit(trace.job("infill", trace.tokens("infill", 1), rank=Rank.INFILL))
    trace.wait("upkeep", "infill")
    assert trace.steps == ["infill0"]


@pytest.mark.parametrize("rank", [Rank.UPKEEP, Rank.CHAT])
def test_what_a_cancelled_job_holds_is_given_back_before_the_next_begins(trace: Trace, rank: Rank) -> None:
    """Where no step hears the abort, as on a GPU, the job is found cancelled between two of its steps."""

    def holding() -> Iterator[StreamEvent | None]:
        try:
            yield Token(text="holds", logprob=0.0)
            trace.scheduler.submit(trace.job("infill", trace.tokens("infill", 2), rank=Rank.INFILL))
            trace.scheduler.cancel(job)
            yield None
        finally:
            trace.steps.append("gives back")

    job = trace.job("holding", holding, rank=rank)
    trace.scheduler.submit(job)
    trace.scheduler.start()
    trace.wait("holding", "infill")
    assert trace.steps == ["holds", "gives back", "infill0", "infill1"]


def test_a_job_whose_reader_fails_gives_back_what_it_holds_in_the_thread_that_computes(trace: Trace) -> None:
    threads = []

    def holding() -> Iterator[StreamEvent | None]:
        try:
            yield Token(text="holds", logprob=0.0)
        finally:
            threads.append(threading.current_thread().name)

    job = trace.job("holding", holding)
    job.emit = lambda _: 1 / 0  # type: ignore[assignment,return-value]
    trace.scheduler.submit(job)
    trace.scheduler.start()
    trace.wait("holding")
    assert threads == ["inference"]
    assert isinstance(trace.errors["holding"], ZeroDivisionError)
