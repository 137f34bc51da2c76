"""Files in which Interfix remembers something: read whatever is in them, written in one step, changed under a lock.

What is kept there can be found out again, so a file that is damaged, of another version, or cannot be read counts as empty.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from interfix.config.private_files import create_lock, write_private_file
from interfix.system.file_reader import read_file

_log = logging.getLogger(__name__)

T = TypeVar("T")

MAX_STATE_BYTES = 16 << 20
"""A larger file is none of ours."""
_reported: set[Path] = set()
"""Files that were logged as unusable: they are read often."""


class StateFile(Generic[T]):
    """One value in a JSON file that several processes share."""

    def __init__(self, file: Path, shape: Any, default: Callable[[], T]) -> None:
        """`shape` is the value's type, as msgspec decodes it; `default` makes what a missing or useless file stands for."""
        self.file = file
        self._shape = shape
        self._default = default

    def read(self) -> T:
        """The value; the default where there is none that can be read, which is logged once. Never raises."""
        try:
            value: T = msgspec.json.decode(read_file(self.file, MAX_STATE_BYTES), type=self._shape)
        except FileNotFoundError:
            return self._default()
        except (OSError, ValueError, RecursionError, msgspec.MsgspecError) as error:  # msgspec recurses into what it skips
            if self.file not in _reported:
                _reported.add(self.file)
                _log.warning("%s cannot be used and counts as empty: %s", self.file, error)
            return self._default()
        return value

    def write(self, value: T) -> None:
        """Put the value in the place of the old one. Raises `OSError` where the file cannot be written."""
        write_private_file(self.file, msgspec.json.encode(value))

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep other processes from changing the file. Whoever only reads it waits for nobody."""
        with create_lock(self.file.with_name(f"{self.file.name}.lock")):
            yield

    def update(self, change: Callable[[T], T]) -> None:
        """Change the value under the lock. Raises `OSError` where the file cannot be written."""
        with self.lock():
            self.write(change(self.read()))
