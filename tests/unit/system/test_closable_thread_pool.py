"""Work that comes after the close is cancelled; what runs comes to its end."""

import asyncio
import threading

import pytest

from interfix.system.closable_thread_pool import WorkerPool


async def test_work_is_done_and_what_comes_after_the_close_is_cancelled() -> None:
    loop, pool = asyncio.get_running_loop(), WorkerPool(1)
    assert await loop.run_in_executor(pool, pow, 2, 5) == 32
    began, gate = threading.Event(), threading.Event()

    def wait_at_gate() -> bool:
        began.set()
        return gate.wait(30)

    running, waiting = loop.run_in_executor(pool, wait_at_gate), loop.run_in_executor(pool, pow, 2, 5)
    assert await asyncio.to_thread(began.wait, 30)
    pool.close()
    late = loop.run_in_executor(pool, pow, 2, 5)
    gate.set()
    assert await running
    for cancelled in (waiting, late):
        with pytest.raises(asyncio.CancelledError):
            await cancelled
