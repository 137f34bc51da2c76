"""Files in which Interfix remembers something: read whatever is in them, written in one step, changed under a lock.

What is kept there can be found out again, so a file that is damaged, of another version, or cannot be read counts as empty. Where
one cannot be written, because the disk is full or the folder is somebody else's, this process remembers and the next one forgets.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from interfix.config import paths
from interfix.config.private_files import create_lock, write_private_file
from interfix.system.file_reader import read_file

_log = logging.getLogger(__name__)

T = TypeVar("T")

MAX_STATE_BYTES = 16 << 20
"""A larger file is none of ours."""
MIN_FREE_BYTES = 1 << 16
"""With less room a disk counts as full."""
_reported: set[Path] = set()
"""Files that were logged as unusable: they are read often."""
_unwritten: dict[Path, bytes] = {}
"""What could not be written, by its file."""
_reasons: dict[Path, str] = {}
"""Why nothing can be written to a folder."""


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
            data = _unwritten.get(self.file) or read_file(self.file, MAX_STATE_BYTES)
            value: T = msgspec.json.decode(data, type=self._shape)
        except FileNotFoundError:
            return self._default()
        except (OSError, ValueError, RecursionError, msgspec.MsgspecError) as error:  # msgspec recurses into what it skips
            if self.file not in _reported:
                _reported.add(self.file)
                _log.warning("%s cannot be used and counts as empty: %s", self.file, error)
            return self._default()
        return value

    def write(self, value: T, *, is_wanted_later: bool = False) -> None:
        """Put the value in the place of the old one. Raises `OSError` where that cannot be and it `is_wanted_later`, by another
        process.
        """
        data = msgspec.json.encode(value)
        try:
            write_private_file(self.file, data)
        except OSError as error:
            if is_wanted_later:
                raise
            _unwritten[self.file] = data
            _note_unwritable(self.file, error)
        else:
            _unwritten.pop(self.file, None)
            _reasons.pop(self.file.parent, None)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep other processes from changing the file. Whoever only reads it waits for nobody; who cannot lock goes on without."""
        with ExitStack() as stack:
            try:
                stack.enter_context(create_lock(self.file.with_name(f"{self.file.name}.lock")))
            except OSError as error:
                _note_unwritable(self.file, error)
            yield

    def update(self, change: Callable[[T], T], *, is_wanted_later: bool = False) -> None:
        """Change the value under the lock; the rest as `write`."""
        with self.lock():
            self.write(change(self.read()), is_wanted_later=is_wanted_later)


def describe_unwritable() -> str:
    """A sentence about the folders that this process could not write to when it last tried, or that have no room; empty where there
    are none.
    """
    folders = [f"{folder} ({reason})" for folder, reason in sorted(_reasons.items())]
    if not folders and paths.measure_free_bytes(folder := paths.state_dir()) < MIN_FREE_BYTES:
        folders = [f"{folder} (no room is left)"]
    if not folders:
        return ""
    return f"Nothing can be written to {', '.join(folders)}: Interfix works on and forgets what it finds out. Make room there."


def _note_unwritable(file: Path, error: OSError) -> None:
    if file.parent not in _reasons:
        _reasons[file.parent] = error.strerror or type(error).__name__
        _log.warning("%s", describe_unwritable())
