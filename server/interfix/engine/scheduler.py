"""One thread that computes, and who comes first: infill, then next edits, then chat, then upkeep.

Jobs are generators; between two of their steps another job may run, and a chat goes on where it was. Any infill or chat ends
upkeep, and an infill does not even wait for the step of another that reads its prompt. A cancelled job is closed before any other
goes on.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from enum import IntEnum

from interfix.engine.llama_runtime import AbortFlag, DecodeAborted
from interfix.engine.protocol import ChatRequest, EngineRequest, InfillRequest
from interfix.inference_types import GenerationEvent


class JobPriority(IntEnum):
    """Whose turn it is first."""

    INFILL = 0
    NEXT_EDIT = 1
    CHAT = 2
    UPKEEP = 3


def choose_priority(request: EngineRequest) -> JobPriority:
    """The rank of a request. Somebody waits for a next edit between two keystrokes, yet never longer for a completion because of
    it; nobody waits for a prompt that is only decoded.
    """
    if isinstance(request, InfillRequest | ChatRequest) and not request.max_tokens and not request.dry_run:
        return JobPriority.UPKEEP
    if isinstance(request, ChatRequest):
        return JobPriority.CHAT
    return JobPriority.INFILL if isinstance(request, InfillRequest) and not request.is_next_edit else JobPriority.NEXT_EDIT


class Job:
    """One request under way. `on_event` is called in the scheduler's thread with each event, `on_end` once at the end."""

    def __init__(
        self,
        make_steps: Callable[[], Iterator[GenerationEvent | None]],
        *,
        priority: JobPriority,
        key: str = "",
        on_event: Callable[[GenerationEvent], None] = lambda _: None,
        on_end: Callable[[BaseException | None], None] = lambda _: None,
    ) -> None:
        self.make_steps = make_steps
        """Makes the generator, in the scheduler's thread."""
        self.priority = priority
        """Lower ones run first."""
        self.key = key
        """A newer job of the same priority and key ends this one: of upkeep only the newest is wanted. Empty: none does."""
        self.on_event = on_event
        self.on_end = on_end
        self.is_cancelled = False
        self.generator: Iterator[GenerationEvent | None] | None = None

    def close(self) -> None:
        """Give back what its steps hold."""
        if isinstance(self.generator, Generator):
            self.generator.close()


class Scheduler:
    """Runs jobs one step at a time in a thread of its own."""

    def __init__(self, abort: AbortFlag, on_close: Callable[[], None]) -> None:
        """`on_close` runs last in the thread, to free what the jobs used."""
        self._abort = abort
        self._on_close = on_close
        self._queues: dict[JobPriority, deque[Job]] = {rank: deque() for rank in JobPriority}
        self._current: Job | None = None
        self._step_started_at = 0.0
        self._longest_step_seconds = 0.0
        self._is_closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="inference", daemon=True)

    def start(self) -> None:
        """Begin to run jobs."""
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Queue a job; an older one with its rank and key is cancelled, and so is upkeep where the job is none."""
        with self._changed:
            for older in self._list_jobs():
                same = older.priority is job.priority and older.key == job.key != ""
                if same or older.priority is JobPriority.UPKEEP is not job.priority:
                    self._cancel(older)
            if self._current is not None and self._current.priority > job.priority:
                self._abort.interrupt()
            self._queues[job.priority].append(job)
            self._changed.notify()

    def cancel(self, job: Job) -> None:
        """End a job: a decode under way stops at the next graph node."""
        with self._changed:
            self._cancel(job)

    def is_stuck(self, step_seconds: float, first_step_seconds: float) -> bool:
        """Whether a step has run for longer than that; a job's first step, which may load a model, has its own limit.

        On a slow machine a step may take long and end all the same: the limit is at least ten times the longest that ended.
        """
        with self._changed:
            job, begun = self._current, self._step_started_at
            limit = first_step_seconds if job is not None and job.generator is None else step_seconds
            return job is not None and time.monotonic() - begun > max(limit, 10 * self._longest_step_seconds)

    def close(self) -> None:
        """End every job and the thread."""
        with self._changed:
            self._is_closed = True
            for job in self._list_jobs():
                self._cancel(job)
            self._changed.notify()
        self._thread.join()

    def _cancel(self, job: Job) -> None:
        job.is_cancelled = True
        if self._current is job:
            self._abort.set()
        self._changed.notify()

    def _run(self) -> None:
        while self._advance():
            pass
        self._on_close()

    def _advance(self) -> bool:
        """Run a step of the job whose turn it is; False when closed and everything has ended."""
        if (job := self._wait_for_job()) is None:
            return False
        ended, error = self._turn(job)
        with self._changed:
            self._current = None
            self._longest_step_seconds = max(self._longest_step_seconds, time.monotonic() - self._step_started_at)
            self._abort.clear()
            if ended:
                self._queues[job.priority].remove(job)
        if ended:
            job.on_end(error)
        return True

    def _wait_for_job(self) -> Job | None:
        """The job whose turn it is, cancelled ones first; waits for one. None when closed and everything has ended."""
        with self._changed:
            while not (jobs := self._list_jobs()):
                if self._is_closed:
                    return None
                self._changed.wait()
            # What a job that has ended still holds is given back before another begins: its clean-up works on a slot, or a model,
            # that the next one takes over. It matters where a step does not hear the abort, as on a GPU.
            self._current, self._step_started_at = next((job for job in jobs if job.is_cancelled), jobs[0]), time.monotonic()
            return self._current

    def _list_jobs(self) -> list[Job]:
        """Every job that has not ended, in the order of their turns."""
        return [job for rank in JobPriority for job in self._queues[rank]]

    def _turn(self, job: Job) -> tuple[bool, BaseException | None]:
        """Run a job up to its next pause, and close it where there is none; whether it has ended, and of what."""
        error: BaseException | None = None
        try:
            if not job.is_cancelled and self._run_step(job):
                return False, None
        except DecodeAborted:
            pass
        except BaseException as problem:  # reported to whoever asked; the thread must live
            error = problem
        try:
            # Here and now: left to the garbage collector, its clean-up would work on the model from any thread, at any time.
            job.close()
        except BaseException as problem:
            error = error or problem
        return True, error

    @staticmethod
    def _run_step(job: Job) -> bool:
        """Run a job up to its next pause; whether there is one."""
        steps = job.generator or iter(job.make_steps())
        try:
            event = next(steps)
        except StopIteration:
            return False
        finally:
            job.generator = steps
        if event is not None:
            job.on_event(event)
        return True
