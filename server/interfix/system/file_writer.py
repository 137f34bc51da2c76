"""Writes the user's own files: whole or not at all, inside the workspace by real path, never through a link.

A new text is written to a file without a name (Linux) or with a random one that must not exist, and then takes the old one's
place by renaming. Whoever is interrupted leaves the old file or the new one, never half of either.
"""

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from interfix.errors import UsageError
from interfix.system.folder_handle import OpenFolder, resolve_links

_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_TRY_UNNAMED_FILES = hasattr(os, "O_TMPFILE") and Path("/proc/self/fd").is_dir()


class ReadOnlyFile(UsageError):
    """The file is there and its permissions forbid to write it: whoever asked may be asked."""


def replace_file(path: Path, data: bytes, root: Path, *, expected: bytes | None = None, read_only: bool = False) -> tuple[str, ...]:
    """Give a file that exists a new text; owner, mode and extended attributes are kept. Returns sentences on what could not be.

    `root` is the workspace: nothing outside it is written. Where the file does not hold `expected` any more, it stays as it is.
    Raises `ReadOnlyFile` for a file that may not be written unless `read_only`, and `UsageError` for whatever else forbids it.
    """
    with _translate_errors(path), OpenFolder(path.parent, root) as folder:
        before = _read_status(folder, path)
        _check(folder, path, before, expected)
        if not read_only and (not before.st_mode & 0o222 or not _is_writable(folder, path)):
            raise ReadOnlyFile(f"{path} is read-only, so nothing was changed. Make it writable, or say that it is to be written.")
        notes: list[str] = []

        def take_over(descriptor: int) -> None:
            notes.extend(_take_over(folder, path, before, descriptor))

        with _write_new_file(folder, data, 0o600, take_over) as name:
            if _get_identity(_read_status(folder, path)) != _get_identity(before):
                raise UsageError(f"{path} was changed meanwhile; it is left as it is. Ask again.")
            folder.move(name, path.name)
        folder.sync()
        return tuple(notes)


def create_file(path: Path, data: bytes, root: Path) -> None:
    """Make a file that must not exist yet, and the folders it needs. Raises `UsageError` where it cannot be, or is there."""
    with _translate_errors(path), OpenFolder(path.parent, root, create=True) as folder:
        try:
            with _write_new_file(folder, data, 0o666) as name:
                _take_name(folder, name, path.name, data)
        except FileExistsError:
            raise UsageError(f"{path} has come to be meanwhile; nothing was changed. Ask again.") from None
        folder.sync()


def write_file(path: Path, data: bytes, root: Path) -> None:
    """Make a file, or give the one that is there a new text: for what the user has named as the place to write to."""
    if os.path.lexists(path):
        replace_file(path, data, root)
    else:
        create_file(path, data, root)


@contextmanager
def create_trial_file(path: Path, data: bytes, root: Path) -> Iterator[None]:
    """A file that is there for a while, under a name that must not exist; afterwards it is gone, and the folders made for it.

    Only the very file that was made is removed. Raises `UsageError` where it cannot be made.
    """
    with contextlib.ExitStack() as stack:
        with _translate_errors(path):
            folder = stack.enter_context(OpenFolder(path.parent, root, create=True))
            stack.callback(folder.remove_new_folders)
            name, at = folder.get_os_arguments(path.name)
            descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW, 0o666, **at)
            status = os.fstat(descriptor)
            if os.name != "nt":  # while it is open, no other file can get its inode
                stack.callback(os.close, os.dup(descriptor))
            stack.callback(folder.remove, path.name, (status.st_dev, status.st_ino))
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
        yield


@contextmanager
def _translate_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = "a folder on the way is a link" if error.errno in (errno.ELOOP, errno.ENOTDIR) else error.strerror
        raise UsageError(f"{path} cannot be written ({why}); nothing was changed.") from error


def _read_status(folder: OpenFolder, path: Path) -> os.stat_result:
    name, at = folder.get_os_arguments(path.name)
    status = os.stat(name, follow_symlinks=False, **at)  # noqa: PTH116 (pathlib takes no descriptor)
    if stat.S_ISLNK(status.st_mode):
        raise UsageError(f"{path} is a link to {resolve_links(path)}; nothing was changed. Name the file itself.")
    if not stat.S_ISREG(status.st_mode):
        raise UsageError(f"{path} is no regular file; nothing was changed.")
    return status


def _get_identity(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _check(folder: OpenFolder, path: Path, before: os.stat_result, expected: bytes | None) -> None:
    """Raises `UsageError` where the file does not hold what it is to."""
    if expected is None:
        return
    name, at = folder.get_os_arguments(path.name)
    descriptor = os.open(name, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _NOFOLLOW, **at)
    with os.fdopen(descriptor, "rb") as file:
        same = _get_identity(os.fstat(descriptor)) == _get_identity(before) and file.read(len(expected) + 1) == expected
    if not same:
        raise UsageError(f"{path} was changed meanwhile; it is left as it is. Ask again.")


def _is_writable(folder: OpenFolder, path: Path) -> bool:
    name, at = folder.get_os_arguments(path.name)
    return os.access(name, os.W_OK, **at)


def _take_over(folder: OpenFolder, path: Path, before: os.stat_result, descriptor: int) -> Iterator[str]:
    """Give the new file what the old one has besides its text; yields a sentence for each thing that it cannot be given."""
    mode = stat.S_IMODE(before.st_mode)
    if hasattr(os, "fchown"):
        now = os.fstat(descriptor)
        if (now.st_uid, now.st_gid) != (before.st_uid, before.st_gid):
            try:
                os.fchown(descriptor, before.st_uid, before.st_gid)
            except OSError:
                mode &= 0o777  # what ran as somebody else does not run as this user
                yield f"{path} now belongs to this user: its owner or group could not be kept."
        yield from _copy_attributes(folder, path, descriptor)
        os.fchmod(descriptor, mode)
    if before.st_nlink > 1:
        yield f"{path} had {before.st_nlink} names (hard links); the others keep the old text."


def _copy_attributes(folder: OpenFolder, path: Path, descriptor: int) -> Iterator[str]:
    if not hasattr(os, "listxattr"):
        return
    name, at = folder.get_os_arguments(path.name)
    source = os.open(name, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _NOFOLLOW, **at)
    lost = []
    try:
        for attribute in os.listxattr(source):
            try:
                os.setxattr(descriptor, attribute, os.getxattr(source, attribute))
            except OSError:
                lost.append(attribute)
    except OSError as error:
        if error.errno not in (errno.ENOTSUP, errno.ENODATA):
            lost.append("all")
    finally:
        os.close(source)
    if lost:
        yield f"{path} has lost extended attributes that could not be kept: {', '.join(lost)}."


@contextmanager
def _write_new_file(folder: OpenFolder, data: bytes, mode: int, prepare: Callable[[int], None] | None = None) -> Iterator[str]:
    """A file of this text in the folder under a random name, on the disk before its name is; gone afterwards unless moved."""
    name = f".interfix-{secrets.token_hex(16)}"
    descriptor = _open_unnamed_file(folder, mode)
    has_name = descriptor is None
    if descriptor is None:
        file, at = folder.get_os_arguments(name)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW, mode, **at)
    status = os.fstat(descriptor)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(data)
            opened.flush()
            if prepare is not None:
                prepare(descriptor)
            os.fsync(descriptor)
            if not has_name:
                folder.link(f"/proc/self/fd/{descriptor}", name)
        yield name
    finally:
        folder.remove(name, (status.st_dev, status.st_ino))


def _open_unnamed_file(folder: OpenFolder, mode: int) -> int | None:
    """A file that nobody can name and that is gone with this process; None where the file system has none such."""
    if not _TRY_UNNAMED_FILES:
        return None
    here, at = folder.get_os_arguments(".")
    try:
        return os.open(here, os.O_WRONLY | os.O_TMPFILE | _NOFOLLOW, mode, **at)
    except OSError:
        return None


def _take_name(folder: OpenFolder, name: str, to: str, data: bytes) -> None:
    """Give the new file a name that must be free. Raises `FileExistsError` where it is not."""
    try:
        folder.link(name, to)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        file, at = folder.get_os_arguments(to)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW, 0o666, **at), "wb") as opened:
            opened.write(data)
