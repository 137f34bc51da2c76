"""One thread that computes, and who comes first: infill, then chat, then upkeep. Knows no model and no socket.

Jobs are generators; between two of their steps another job may run, and a chat goes on where it was. A newer infill ends an older
of its document, any infill or chat ends upkeep, and an infill does not even wait for the step of a chat that reads its prompt.
A cancelled job is closed before any other goes on.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from enum import IntEnum

from interfix.engine.runtime import Abort, Aborted
from interfix.values import StreamEvent


class Rank(IntEnum):
    """Whose turn it is first."""

    INFILL = 0
    CHAT = 1
    UPKEEP = 2


class Job:
    """One request under way. `emit` is called in the scheduler's thread with each event, `done` once at the end."""

    def __init__(
        self,
        steps: Callable[[], Iterator[StreamEvent | None]],
        *,
        rank: Rank,
        key: str = "",
        emit: Callable[[StreamEvent], None] = lambda _: None,
        done: Callable[[BaseException | None], None] = lambda _: None,
    ) -> None:
        self.steps = steps
        """Makes the generator, in the scheduler's thread."""
        self.rank = rank
        """Lower ones run first."""
        self.key = key
        """A newer job of the same rank and key ends this one; empty: none does."""
        self.emit = emit
        self.done = done
        self.cancelled = False
        self.running: Iterator[StreamEvent | None] | None = None

    def close(self) -> None:
        """Give back what its steps hold."""
        if isinstance(self.running, Generator):
            self.running.close()


class Scheduler:
    """Runs jobs one step at a time in a thread of its own."""

    def __init__(self, abort: Abort, closing: Callable[[], None]) -> None:
        """`closing` runs last in the thread, to free what the jobs used."""
        self._abort = abort
        self._closing = closing
        self._queues: dict[Rank, deque[Job]] = {rank: deque() for rank in Rank}
        self._current: Job | None = None
        self._begun = 0.0
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="inference", daemon=True)

    def start(self) -> None:
        """Begin to run jobs."""
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Queue a job; an older one with its rank and key is cancelled, and so is upkeep where the job is none."""
        with self._changed:
            for older in self._jobs():
                same = older.rank is job.rank and older.key == job.key != ""
                if same or older.rank is Rank.UPKEEP is not job.rank:
                    self._cancel(older)
            if self._current is not None and self._current.rank > job.rank:
                self._abort.interrupt()
            self._queues[job.rank].append(job)
            self._changed.notify()

    def cancel(self, job: Job) -> None:
        """End a job: a decode under way stops at the next graph node."""
        with self._changed:
            self._cancel(job)

    def stuck(self, seconds: float, first_seconds: float) -> bool:
        """Whether a step has run for longer than that; a job's first step, which may load a model, has its own limit."""
        with self._changed:
            job, begun = self._current, self._begun
            return job is not None and time.monotonic() - begun > (seconds if job.running is not None else first_seconds)

    def close(self) -> None:
        """End every job and the thread."""
        with self._changed:
            self._closed = True
            for job in self._jobs():
                self._cancel(job)
            self._changed.notify()
        self._thread.join()

    def _cancel(self, job: Job) -> None:
        job.cancelled = True
        if self._current is job:
            self._abort.set()
        self._changed.notify()

    def _run(self) -> None:
        while (job := self._next()) is not None:
            ended, error = self._turn(job)
            with self._changed:
                self._current = None
                self._abort.clear()
                if ended:
                    self._queues[job.rank].remove(job)
            if ended:
                job.done(error)
        self._closing()

    def _next(self) -> Job | None:
        """The job whose turn it is, cancelled ones first; waits for one. None when closed and everything has ended."""
        with self._changed:
            while not (jobs := self._jobs()):
                if self._closed:
                    return None
                self._changed.wait()
            # What a job that has ended still holds is given back before another begins: its clean-up works on a slot, or a model,
            # that the next one takes over. It matters where a step does not hear the abort, as on a GPU.
            self._current, self._begun = next((job for job in jobs if job.cancelled), jobs[0]), time.monotonic()
            return self._current

    def _jobs(self) -> list[Job]:
        """Every job that has not ended, in the order of their turns."""
        return [job for rank in Rank for job in self._queues[rank]]

    def _turn(self, job: Job) -> tuple[bool, BaseException | None]:
        """Run a job up to its next pause, and close it where there is none; whether it has ended, and of what."""
        error: BaseException | None = None
        try:
            if not job.cancelled and self._step(job):
                return False, None
        except Aborted:
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
    def _step(job: Job) -> bool:
        """Run a job up to its next pause; whether there is one."""
        steps = job.running or iter(job.steps())
        try:
            event = next(steps)
        except StopIteration:
            return False
        finally:
            job.running = steps
        if event is not None:
            job.emit(event)
        return True
