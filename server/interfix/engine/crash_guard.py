"""Stops every client from restarting a host that keeps crashing with one model.

Every client of a host notices its death; the process's id tells that it was one. The record is shared by all of them and belongs to
one run of the machine, whose monotonic clock it is kept by.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from interfix.config.paths import runtime_dir, state_dir
from interfix.config.state_file import StateFile
from interfix.errors import UnavailableError

MAX_CRASHES = 3
"""Deaths in a row on one model after which it is left alone."""
RESTART_DELAYS = (0.0, 1.0, 4.0)
"""Seconds before a host is started again, by how many deaths came before in a row."""
RETRY_AFTER_SECONDS = 600
"""After so long a model that was left alone may be tried once more."""


class _CrashRecord(msgspec.Struct):
    """Of hosts that worked with one model, in a row."""

    hosts: list[int]
    """Process ids."""
    last: float
    """When the last was noticed: seconds of the machine's monotonic clock."""


def _locate_record() -> Path:
    try:
        return runtime_dir() / "crashes.json"
    except OSError:  # whoever starts a host is told why
        return state_dir() / "crashes.json"


class CrashGuard:
    """Counts, for each model, how often in a row the host was lost while it worked with it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._file: StateFile[dict[str, _CrashRecord]] = StateFile(_locate_record(), dict[str, _CrashRecord], dict)

    def record_crash(self, model: str, host_pid: int) -> None:
        """The host with this process id has gone while it worked with the model file."""
        with self._edit() as deaths:
            record = deaths.setdefault(model, _CrashRecord([], 0.0))
            if host_pid not in record.hosts:
                record.hosts.append(host_pid)
                record.last = self._clock()

    def record_success(self, model: str) -> None:
        """The model has answered."""
        if model in self._file.read():
            with self._edit() as deaths:
                deaths.pop(model, None)

    def compute_restart_delay(self, model: str) -> float:
        """Seconds to wait before the host is started for the model.

        Raises `UnavailableError` where it has died of it too often.
        """
        record = self._file.read().get(model)
        if record is None:
            return 0.0
        passed = self._clock() - record.last
        if passed < 0:  # of an earlier run of the machine
            return 0.0
        if len(record.hosts) < MAX_CRASHES:
            return max(0.0, RESTART_DELAYS[len(record.hosts)] - passed)
        if passed >= RETRY_AFTER_SECONDS:
            return 0.0
        raise UnavailableError(
            f"The engine has crashed {len(record.hosts)} times in a row with {Path(model).name} and leaves it alone for now. "
            "Choose another model, or see what `interfix doctor` says."
        )

    @contextmanager
    def _edit(self) -> Iterator[dict[str, _CrashRecord]]:
        """The record, written back under a lock; another process reads the old one or the new one, nothing in between."""
        with self._file.lock():
            deaths = self._file.read()
            yield deaths
            self._file.write(deaths)
