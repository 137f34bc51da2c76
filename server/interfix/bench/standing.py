"""An event loop by whose clock computing takes no time, neither in threads nor on a server. Knows nothing of what it runs."""

import asyncio
import selectors
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any, TypeVar, TypeVarTuple

_Given = TypeVarTuple("_Given")
_Made = TypeVar("_Made")


class Standing(asyncio.SelectorEventLoop):
    """A loop whose time passes only where everybody waits for it: it jumps to whoever is next."""

    def __init__(self) -> None:
        self._now = 0.0
        self._held = 0
        super().__init__(_Jumping(self))

    def time(self) -> float:
        """Seconds since it began."""
        return self._now

    @contextmanager
    def still(self) -> Iterator[None]:
        """No time passes."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1

    def wait(self, seconds: float) -> float | None:
        """How long really to wait for what comes from outside where the next timer is so far away; None is until it comes."""
        if self._held:
            return None
        self._now += seconds
        return 0.0

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*_Given], _Made], *args: *_Given
    ) -> "asyncio.Future[_Made]":
        """As every loop does; no time passes meanwhile."""
        self._held += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._done)
        return future

    def _done(self, _future: "asyncio.Future[Any]") -> None:
        self._held -= 1


class _Jumping(selectors.DefaultSelector):
    def __init__(self, loop: Standing) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(self._loop.wait(timeout) if timeout else timeout)
