"""What takes its time and computes nothing leaves the inference thread to completions."""

import threading

import pytest

from interfix.engine.llama_runtime import AbortFlag
from interfix.engine.scheduler import Job, JobPriority, Scheduler
from interfix.engine.side_work_thread import offload


def test_a_completion_comes_while_a_chat_waits_for_its_template() -> None:
    may_end, has_ended, completed = threading.Event(), threading.Event(), threading.Event()
    scheduler = Scheduler(AbortFlag(), on_close=lambda: None)
    scheduler.start()

    def chat():  # type: ignore[no-untyped-def]
        yield from offload(lambda: may_end.wait(10))
        has_ended.set()

    scheduler.submit(Job(chat, priority=JobPriority.CHAT))
    scheduler.submit(Job(lambda: iter(()), priority=JobPriority.INFILL, on_end=lambda _: completed.set()))
    assert completed.wait(10)
    assert not has_ended.is_set()
    may_end.set()
    assert has_ended.wait(10)
    scheduler.close()


def test_what_it_comes_to_or_fails_of_is_told() -> None:
    def ended(work):  # type: ignore[no-untyped-def]
        return (yield from offload(work))

    def noted(work):  # type: ignore[no-untyped-def]
        results.append((yield from offload(work)))

    results: list[int] = []
    list(noted(lambda: 42))
    assert results == [42]
    with pytest.raises(ZeroDivisionError):
        list(ended(lambda: 1 / 0))
