"""Downloads a model file: the order of its sources, and the check that every file must pass."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from interfix.config.private_files import hold_lock
from interfix.config.settings import ModelSettings
from interfix.errors import UnavailableError, UsageError
from interfix.models import store
from interfix.models.catalog import CatalogEntry
from interfix.models.pull.source_progress_and_errors import (
    CHECKING,
    HUB,
    INDEX,
    MIRROR,
    WAITING,
    FetchedFile,
    PullProgress,
    SourceError,
)

__all__ = ["CHECKING", "HUB", "INDEX", "MIRROR", "WAITING", "PullProgress", "has_partial_pull", "pull"]

_DEFAULTS = ModelSettings()


def pull(entry: CatalogEntry, directory: Path, progress: PullProgress, settings: ModelSettings = _DEFAULTS) -> Path:
    """The entry's file in `directory`, fetched if it is not there yet. Blocks; call it from a thread.

    The settings say where to look: a mirror of the user's own, then the hub, then the package index. An interrupted pull goes on
    where it was. A second one for the same file waits for the first. Raises `UnavailableError` with what was tried and what to do.
    """
    if (path := store.find_installed(directory, entry)) is not None:
        return path
    missed = []
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with _hold_pull_lock(entry, directory, progress):
            if (path := store.find_installed(directory, entry)) is not None:
                return path
            # Imported here: nobody who only asks what is installed should wait for network libraries.
            from interfix.models.pull import hub, mirror, package_index

            sources = [(MIRROR, mirror.fetch, settings.mirror)] if settings.mirror else []
            sources += [(HUB, hub.fetch, settings.hub), (INDEX, package_index.fetch, settings.index)]
            for name, fetch, address in sources:
                try:
                    return _accept_file(entry, directory, fetch(entry, directory, progress, address), progress)
                except SourceError as reason:
                    missed.append(f"{name} {reason}")
    except OSError as error:
        full = error.errno == errno.ENOSPC
        advice = "Make room, or set" if full else "Set"
        raise UnavailableError(
            f"{entry.name} cannot be written to {directory}: {error.strerror or error}. "
            f"{advice} models.directory to a folder {'on another disk' if full else 'that can be written'}."
        ) from error
    raise UnavailableError(
        f"{entry.name} cannot be had now: {'; '.join(missed)}. "
        f"Try again with a network, set models.mirror or models.hub to a mirror, or put the file at {directory / entry.file}."
    )


def has_partial_pull(entry: CatalogEntry, directory: Path) -> bool:
    """Whether a pull of the entry was interrupted and can go on."""
    return bool(store.list_partials(directory, entry))


def _accept_file(entry: CatalogEntry, directory: Path, fetched: FetchedFile, progress: PullProgress) -> Path:
    """Move what was fetched to its place if it is what it should be; else remove it and say so."""
    total = fetched.path.stat().st_size
    sha256 = store.hash_file(fetched.path, lambda done: progress(CHECKING, done, total))
    if fetched.sha256 not in ("", sha256):
        fetched.path.unlink()
        raise SourceError("sent a damaged file (its SHA-256 is wrong), which was removed")
    try:
        store.check_roles(entry, fetched.path)
    except UsageError as error:
        fetched.path.unlink()
        raise SourceError("sent a file that is not the model it should be, which was removed") from error
    path = directory / entry.file
    fetched.path.replace(path)
    store.remember_verified(path, sha256)
    for leftover in store.list_partials(directory, entry):
        leftover.unlink()
    return path


@contextmanager
def _hold_pull_lock(entry: CatalogEntry, directory: Path, progress: PullProgress) -> Iterator[None]:
    """Hold the entry's lock; while another process holds it, show how that one gets on."""

    def show_progress() -> None:
        sizes = [path.stat().st_size for path in store.list_partials(directory, entry) if path.is_file()]
        progress(WAITING, max(sizes, default=0), entry.bytes)

    with hold_lock(directory / f"{entry.file}.lock", show_progress):
        yield
