"""An event loop with a simulated clock: computing takes no time on it, neither in threads nor on a server."""

import asyncio
import selectors
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any, TypeVar, TypeVarTuple

_Args = TypeVarTuple("_Args")
_Result = TypeVar("_Result")


class SimulatedClockLoop(asyncio.SelectorEventLoop):
    """A loop whose time passes only where everybody waits for it: it jumps to whoever is next."""

    def __init__(self) -> None:
        self._now = 0.0
        self._freeze_count = 0
        super().__init__(_ClockSelector(self))

    def time(self) -> float:
        """Seconds since it began."""
        return self._now

    @contextmanager
    def freeze(self) -> Iterator[None]:
        """No time passes."""
        self._freeze_count += 1
        try:
            yield
        finally:
            self._freeze_count -= 1

    def advance(self, seconds: float) -> float | None:
        """How long really to wait for what comes from outside where the next timer is so far away; None is until it comes."""
        if self._freeze_count:
            return None
        self._now += seconds
        return 0.0

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*_Args], _Result], *args: *_Args
    ) -> "asyncio.Future[_Result]":
        """As every loop does; no time passes meanwhile."""
        self._freeze_count += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._release)
        return future

    def _release(self, _future: "asyncio.Future[Any]") -> None:
        self._freeze_count -= 1


class _ClockSelector(selectors.DefaultSelector):
    def __init__(self, loop: SimulatedClockLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(self._loop.advance(timeout) if timeout else timeout)
