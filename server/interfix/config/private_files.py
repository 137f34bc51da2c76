"""Files and folders of Interfix's own: whatever the umask, they are this user's alone (0600 and 0700).

Everything that a process of ours keeps is made here: state, caches, logs, databases and locks. Windows keeps a user's folders apart
by itself.
"""

import contextlib
import errno
import logging
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from filelock import AsyncFileLock, FileLock

FILE_MODE = 0o600
FOLDER_MODE = 0o700
DATABASE_ENDINGS = ("", "-wal", "-shm", "-journal")
"""What SQLite keeps beside a database, under the database's own mode where it makes it."""


def make_private_folder(path: Path) -> Path:
    """The folder, made with those above it where they are missing, and closed to others where it was open to them."""
    make_parents(path / "file")
    with contextlib.suppress(PermissionError):  # it is somebody else's, who decides
        _close_to_others(path, FOLDER_MODE)
    return path


def make_parents(file: Path) -> None:
    """Make the folders that are missing above a file. One that is there stays as it is: the user may have chosen it."""
    for folder in [*reversed(file.parent.parents), file.parent]:
        if not folder.exists():
            with contextlib.suppress(FileExistsError):  # another process was quicker
                folder.mkdir(FOLDER_MODE)
                folder.chmod(FOLDER_MODE)


def write_private_file(file: Path, data: bytes) -> None:
    """Put the bytes in the place of the file in one step: whoever reads it finds the old ones or the new ones."""
    make_parents(file)
    handle, beside = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with open_handle(handle, "wb") as opened:
            opened.write(data)
        Path(beside).replace(file)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def open_to_append(file: Path) -> IO[bytes]:
    """The file, opened to write at its end."""
    make_parents(file)
    return open_handle(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | _NO_LINKS, FILE_MODE), "ab")


def open_download(file: Path, *, append: bool) -> IO[bytes]:
    """A file that is being fetched, under a name that others can guess: made or gone on with, never through a link, and no device.

    Raises `OSError` where another thing has the name.
    """
    flags = os.O_WRONLY | os.O_CREAT | _NO_LINKS | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(file, flags | (os.O_APPEND if append else 0), 0o666)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file", str(file))
        if not append:
            os.ftruncate(handle, 0)
        return os.fdopen(handle, "ab" if append else "wb")
    except BaseException:
        os.close(handle)
        raise


def open_log(file: Path) -> IO[bytes]:
    """The file, opened to write at its end; where that cannot be, what is written is lost."""
    try:
        return open_to_append(file)
    except OSError:
        return Path(os.devnull).open("ab")


def open_handle(handle: int, mode: Literal["wb", "ab"]) -> IO[bytes]:
    """A file object over a new file's handle, the file closed to others."""
    if hasattr(os, "fchmod"):
        os.fchmod(handle, FILE_MODE)
    return os.fdopen(handle, mode)


def prepare_database(file: Path) -> Path:
    """The file of a SQLite database, ready to be opened: SQLite gives what it makes beside it the same mode."""
    open_to_append(file).close()
    for ending in DATABASE_ENDINGS:
        with contextlib.suppress(FileNotFoundError):
            _close_to_others(file.with_name(file.name + ending), FILE_MODE)
    return file


def create_lock(file: Path) -> "FileLock":
    """A lock between processes; `file` is only there to be locked."""
    from filelock import FileLock  # here: whoever only reads should not wait for it

    open_to_append(file).close()
    return FileLock(file, mode=FILE_MODE)


@contextlib.contextmanager
def hold_lock(file: Path, on_wait: Callable[[], None]) -> Iterator[None]:
    """Hold a lock; while another process holds it, call `on_wait` twice a second."""
    from filelock import Timeout

    lock = create_lock(file)
    while True:
        try:
            lock.acquire(timeout=0.5)
            break
        except Timeout:
            on_wait()
    try:
        yield
    finally:
        lock.release()


def create_async_lock(file: Path) -> "AsyncFileLock":
    """The same for an event loop."""
    from filelock import AsyncFileLock

    open_to_append(file).close()
    return AsyncFileLock(file, mode=FILE_MODE)


class PrivateLogHandler(RotatingFileHandler):
    """A log whose files others cannot read. What cannot be written, on a full disk, is lost without a word."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (the name is logging's)
        """Say nothing: the error stream of a server is shown to its user, and a traceback tells them nothing."""

    def _open(self) -> IO[str]:  # type: ignore[override]
        open_to_append(Path(self.baseFilename)).close()
        return super()._open()


_NO_LINKS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


def _close_to_others(path: Path, mode: int) -> None:
    status = path.lstat()
    if hasattr(os, "getuid") and not stat.S_ISLNK(status.st_mode) and status.st_mode & 0o777 != mode:
        path.chmod(mode)
