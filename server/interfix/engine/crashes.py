"""Keeps a host that dies of a model from being started for it again and again, by whichever window. The clock is handed in.

Every client of a host notices its death; the process's id tells that it was one. The record is shared by all of them and gone
after a reboot.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from interfix.config.paths import runtime_dir
from interfix.config.private_files import private_lock, write_private
from interfix.errors import Unavailable

MOST = 3
"""Deaths in a row on one model after which it is left alone."""
DELAYS = (0.0, 1.0, 4.0)
"""Seconds before a host is started again, by how many deaths came before in a row."""
REST_SECONDS = 600
"""After so long a model that was left alone may be tried once more."""


class _Deaths(msgspec.Struct):
    """Of hosts that worked with one model, in a row."""

    hosts: list[int]
    """Process ids."""
    last: float
    """When the last was noticed, seconds of the clock."""


class Crashes:
    """Counts, for each model, how often in a row the host was lost while it worked with it."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._file = runtime_dir() / "crashes.json"

    def lost(self, model: str, host: int) -> None:
        """The host with this process id has gone while it worked with the model file."""
        with self._changed() as deaths:
            known = deaths.setdefault(model, _Deaths([], 0.0))
            if host not in known.hosts:
                known.hosts.append(host)
                known.last = self._clock()

    def survived(self, model: str) -> None:
        """The model has answered."""
        if model in self._read():
            with self._changed() as deaths:
                deaths.pop(model, None)

    def delay(self, model: str) -> float:
        """Seconds to wait before the host is started for the model.

        Raises `Unavailable` where it has died of it too often.
        """
        known = self._read().get(model)
        if known is None:
            return 0.0
        passed = self._clock() - known.last
        if len(known.hosts) < MOST:
            return max(0.0, DELAYS[len(known.hosts)] - passed)
        if passed >= REST_SECONDS:
            return 0.0
        raise Unavailable(
            f"The engine has crashed {len(known.hosts)} times in a row with {Path(model).name} and leaves it alone for now. "
            "Choose another model, or see what `interfix doctor` says."
        )

    def _read(self) -> dict[str, _Deaths]:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=dict[str, _Deaths])
        except (OSError, msgspec.MsgspecError):
            return {}

    @contextmanager
    def _changed(self) -> Iterator[dict[str, _Deaths]]:
        """The record, written back under a lock; another process reads the old one or the new one, nothing in between."""
        with private_lock(Path(f"{self._file}.lock")):
            deaths = self._read()
            yield deaths
            write_private(self._file, msgspec.json.encode(deaths))
