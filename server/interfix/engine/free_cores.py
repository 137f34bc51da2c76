"""How many threads to compute with right now: as many as this machine has cores that nobody else is using.

llama.cpp's threads wait for each other by spinning, many times a token. Where another program takes one of their cores they spin
through its time slices: with both of two cores shared, a prompt took ten times as long as with one thread alone.
"""

import os
import time

import psutil

WINDOW_SECONDS = 0.25
"""Others' use of the processors is averaged over at least this long."""


class CpuMonitor:
    """Watches what other programs take of the processors."""

    def __init__(self, fixed_threads: int) -> None:
        """`fixed_threads` are used whatever other programs do; 0: as many as they leave free."""
        self._fixed_threads = fixed_threads
        self._cores = count_physical_cores()
        self._threads = fixed_threads or self._cores
        self._process = psutil.Process()
        self._read_at, self._own_seconds, self._total_seconds = self._read_cpu_times()

    def pick_thread_count(self) -> int:
        """Threads for the next job, 1 to one a core; costs some microseconds."""
        if self._fixed_threads:
            return self._fixed_threads
        now, mine, everyone = self._read_cpu_times()
        if (seconds := now - self._read_at) >= WINDOW_SECONDS:
            others = max(0.0, (everyone - self._total_seconds) - (mine - self._own_seconds)) / seconds
            self._threads = max(1, min(self._cores, round((os.cpu_count() or 1) - others)))
            self._read_at, self._own_seconds, self._total_seconds = now, mine, everyone
        return self._threads

    def _read_cpu_times(self) -> tuple[float, float, float]:
        """Seconds: the clock's, and the processors' spent by this process and by everyone."""
        mine, everyone = self._process.cpu_times(), psutil.cpu_times()
        idle = everyone.idle + getattr(everyone, "iowait", 0.0)
        guests = getattr(everyone, "guest", 0.0) + getattr(everyone, "guest_nice", 0.0)  # counted in user and nice already
        return time.monotonic(), mine.user + mine.system, sum(everyone) - idle - guests


def count_physical_cores() -> int:
    """Physical cores that this process may use."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(usable, psutil.cpu_count(logical=False) or usable))
