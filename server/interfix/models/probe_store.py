"""Where the outcomes of probes are kept: each for as long as what was probed, and who probed it, are the same."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

import msgspec

from interfix.config import paths
from interfix.config.state_file import StateFile

T = TypeVar("T")


class ProbeEntry(msgspec.Struct, Generic[T], frozen=True):
    """One outcome."""

    version: str
    """Who probed: of Interfix, or of the native library."""
    at: float
    """When, seconds of Unix time."""
    outcome: T
    """What was found."""


class ProbeStore(Generic[T]):
    """The outcomes of one kind of probe, by a key that changes with whatever was probed."""

    def __init__(self, name: str, shape: Any, version: str, *, clock: Callable[[], float] = time.time) -> None:
        """`name` is the file's name in the state folder without its ending, `shape` the type of an outcome."""
        self._version = version
        self._clock = clock
        self._file: StateFile[dict[str, ProbeEntry[T]]] = StateFile(
            paths.state_dir() / f"{name}.json", dict[str, ProbeEntry[shape]], dict
        )

    def find(self, key: str, ttl_seconds: Callable[[T], float] = lambda _: float("inf")) -> T | None:
        """The outcome that this version has found; None where there is none, or it is older than it holds."""
        entry = self._file.read().get(key)
        if entry is None or entry.version != self._version or self._clock() - entry.at >= ttl_seconds(entry.outcome):
            return None
        return entry.outcome

    def list_outcomes(self) -> dict[str, T]:
        """All that are kept, whichever version has found them."""
        return {key: entry.outcome for key, entry in self._file.read().items()}

    def remember(self, key: str, outcome: T) -> None:
        """Keep an outcome; those of other versions go."""
        with self._file.lock():
            self._put(key, outcome)

    @contextmanager
    def find_or_lock(self, key: str) -> Iterator["tuple[T | None, Callable[[T], None]]"]:
        """The outcome, and what keeps a new one; meanwhile no other process probes or writes."""
        with self._file.lock():
            yield self.find(key), lambda outcome: self._put(key, outcome)

    def _put(self, key: str, outcome: T) -> None:
        entries = {entry_key: entry for entry_key, entry in self._file.read().items() if entry.version == self._version}
        self._file.write({**entries, key: ProbeEntry(self._version, self._clock(), outcome)})
