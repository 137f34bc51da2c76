"""How long a bench takes here, how much of it fits into the minutes that its user gave, and how it ends with what it has."""

import asyncio
import random
import signal
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeVar

from interfix.output.console_output import Console

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_SAMPLE_SEED = 1
_ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class TimeBudget:
    """The time of one run: it is over when the minutes are, or when the user ends it with Ctrl-C or SIGTERM."""

    def __init__(self, minutes: float | None = None) -> None:
        """`minutes` is the most that the bench may take; None: as long as its work takes."""
        self.is_interrupted = False
        """The user has ended it."""
        self._seconds = None if minutes is None else minutes * 60
        self._began = time.monotonic()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = asyncio.Event()

    @property
    def is_over(self) -> bool:
        """Whether no further work is to be begun."""
        left = self.seconds_left
        return self.is_interrupted or (left is not None and left <= 0)

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the minutes are over; None where none were given."""
        return None if self._seconds is None else self._seconds - (time.monotonic() - self._began)

    def open_share(self, parts: int) -> Callable[[], bool]:
        """Begin one of so many parts that are left, with as much time each: what is returned tells whether its own is over."""
        left = self.seconds_left
        end = None if left is None else time.monotonic() + left / parts
        return lambda: self.is_over or (end is not None and time.monotonic() >= end)

    def choose_sample(self, items: Sequence[_Item], seconds_each: float) -> list[_Item]:
        """All of them, or as many as fit, drawn at random and in their order; one at least."""
        left = self.seconds_left
        if left is None or len(items) * seconds_each <= left:
            return list(items)
        count = max(1, int(left / seconds_each))
        return [items[i] for i in sorted(random.Random(_SAMPLE_SEED).sample(range(len(items)), count))]

    def announce(self, work: str, seconds: float, console: Console | None = None) -> None:
        """Tell, before it begins, how long the work takes here, or how long it may; on the console of what is drawn, if that is."""
        left = self.seconds_left
        limit = f" It ends after {format_duration(self._seconds)}." if self._seconds and left is not None and seconds > left else ""
        (console or Console(stderr=True)).print(
            f"{work}: about {format_duration(seconds)} here.{limit} Ctrl-C ends it and shows what was measured till then."
        )

    @contextmanager
    def watch_interrupts(self) -> Iterator[None]:
        """The first Ctrl-C or SIGTERM ends the work, the second the program."""
        try:
            before = {number: signal.signal(number, self._interrupt) for number in _ENDING_SIGNALS}
        except ValueError:  # not the main thread: no signal comes here
            yield
            return
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def complete(self, work: Coroutine[Any, Any, _Result]) -> _Result | None:
        """The result of a piece of work; None where the time was over first. Raises what the work raises."""
        self._loop = asyncio.get_running_loop()
        if self.is_over:
            work.close()
            return None
        task, ended = asyncio.create_task(work), asyncio.create_task(self._ended.wait())
        try:
            await asyncio.wait((task, ended), timeout=self.seconds_left, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended.cancel()
            if not task.done():
                task.cancel()
                await asyncio.wait((task,))
        return None if task.cancelled() else task.result()

    def _interrupt(self, _signal: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        self.is_interrupted = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ended.set)


def format_duration(seconds: float) -> str:
    """As people say it: 40 seconds, 3 minutes, 2 hours."""
    for unit, size in (("hour", 3600), ("minute", 60)):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.0f} {unit}s"
    return "a second" if seconds < 1.5 else f"{seconds:.0f} seconds"
