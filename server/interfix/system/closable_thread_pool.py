"""Threads whose owner may be closed while somebody still hands them work."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class WorkerPool(ThreadPoolExecutor):
    """Once it is closed, what waits in it and what is handed in later is cancelled: who awaits it is cancelled, too.

    A plain executor raises `RuntimeError` for the latter. Work is handed in and the pool is closed by one thread.
    """

    _is_closed = False

    def close(self) -> None:
        """Start nothing more; does not wait for what runs."""
        self._is_closed = True
        self.shutdown(wait=False, cancel_futures=True)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have a thread call a function; the result to come."""
        if not self._is_closed:
            return super().submit(fn, *args, **kwargs)
        cancelled: Future[T] = Future()
        cancelled.cancel()
        cancelled.set_running_or_notify_cancel()
        return cancelled
