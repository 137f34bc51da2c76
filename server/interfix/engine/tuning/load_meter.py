"""How much other programs compute, while nothing of ours does or beside it: what decides whether a measurement says anything."""

import time

import psutil

SAMPLE_SECONDS = 0.5
"""Where nothing of ours computes, their use is averaged over so long."""


class LoadMeter:
    """Watches from where it is made on."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._busy, self._own = _read_busy_seconds(), _read_own_seconds()

    def read_others_percent(self) -> float:
        """How much of all processors programs have used that are neither this process nor what it has started and seen end, per
        cent.

        On Windows nobody is told what a program that has ended took: there they are looked at now.
        """
        if psutil.WINDOWS:
            return sample_load_percent()
        room = (time.monotonic() - self._began) * (psutil.cpu_count() or 1)
        others = _read_busy_seconds() - self._busy - (_read_own_seconds() - self._own)
        return max(0.0, 100 * others / room) if room else 0.0


def sample_load_percent() -> float:
    """How much of all processors is in use now, per cent; nothing of ours computes meanwhile."""
    return psutil.cpu_percent(interval=SAMPLE_SECONDS)


def _read_busy_seconds() -> float:
    """Time that all processors together have computed for anybody."""
    times = psutil.cpu_times()
    return sum(getattr(times, name, 0.0) for name in ("user", "system", "nice", "irq", "softirq", "steal"))


def _read_own_seconds() -> float:
    """The same for this process and its children that have ended."""
    times = psutil.Process().cpu_times()
    return times.user + times.system + times.children_user + times.children_system
