"""What every source of model files shares: its names, progress, failure, and room on the disk."""

import shutil
from pathlib import Path
from typing import Protocol

import msgspec

from interfix.errors import UnavailableError
from interfix.models.catalog import CatalogEntry

MIRROR = "the mirror"
HUB = "Hugging Face"
INDEX = "the package index"
CHECKING = "checking"
WAITING = "another pull of the same file"


class PullProgress(Protocol):
    """Told how a pull gets on, many times a second and from the thread that pulls."""

    def __call__(self, source: str, done: int, total: int) -> None:
        """`source` is one of `MIRROR`, `HUB`, `INDEX`, `CHECKING`, `WAITING`; `done` and `total` are bytes of the model file."""


class FetchedFile(msgspec.Struct, frozen=True):
    """A whole file that nobody has verified yet."""

    path: Path
    """Where it is."""
    sha256: str
    """What its SHA-256 must be; empty where nobody can tell, for a file from a folder of the user's own."""


class SourceError(Exception):
    """A source does not have the file or cannot be reached: a phrase to be put behind the source's name."""


def check_disk_room(entry: CatalogEntry, directory: Path, needed: int) -> None:
    """Raise `UnavailableError` at once for what the disk has no room for; `needed` is in bytes."""
    free = shutil.disk_usage(directory).free
    if needed + _RESERVED_BYTES > free:
        raise UnavailableError(
            f"{entry.name} needs {needed / 1e9:.1f} GB more in {directory}, where {free / 1e9:.1f} GB are free. "
            "Make room, or set models.directory to a folder on another disk."
        )


_RESERVED_BYTES = 64 << 20
