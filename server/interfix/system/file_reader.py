"""Reads files that others have made: regular files only, of bounded size, in bounded time.

A workspace, a model folder or a command line may name anything: a device without an end, a FIFO that nobody writes to, a link to
itself, a sparse file of terabytes. Whatever is refused is an `OSError` whose `strerror` is a clause for a sentence.
"""

import errno
import os
import stat
import time
import tomllib
from pathlib import Path
from typing import Any, BinaryIO

MAX_SOURCE_BYTES = 64 << 20
"""Bytes of a source file that anybody asks about; an editor is slow long before."""

_FLAGS = os.O_RDONLY
for _name in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"):  # none is on every system
    _FLAGS |= getattr(os, _name, 0)
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_CHUNK_BYTES = 1 << 20
_MAX_SECONDS = 10.0
"""A disk reads what is allowed here in far less; what takes longer is no disk."""
_MAX_TOML_DOTS = 200
"""Of one line: the parser takes quadratic time for a key of many parts."""


class FileRefusedError(OSError):
    """A file that is there and is not read: `strerror` says why, such as "it is no regular file"."""


def read_file(path: Path, max_bytes: int, *, root: Path | None = None, follow_links: bool = True) -> bytes:
    """All bytes of a regular file, which lies below `root`, if given, by its real path.

    Raises `FileRefusedError` where it is something else, lies elsewhere, has more than `max_bytes` bytes or takes too long to
    read, and the usual `OSError` where it is missing or may not be read.
    """
    with open_regular(path, root=root, follow_links=follow_links) as file:
        if os.fstat(file.fileno()).st_size > max_bytes:
            raise _refuse_large(path, max_bytes)
        data = _read_up_to(file, max_bytes + 1, path)
    if len(data) > max_bytes:  # it has grown, or says that it is empty as those of /proc do
        raise _refuse_large(path, max_bytes)
    return data


def read_beginning(path: Path, max_bytes: int, *, root: Path | None = None) -> bytes:
    """The first bytes of a regular file, at most `max_bytes`. Raises as `read_file` does, but never for the size."""
    with open_regular(path, root=root) as file:
        return _read_up_to(file, max_bytes, path)


def read_toml(path: Path, max_bytes: int, *, root: Path | None = None) -> dict[str, Any]:
    """A TOML file. Raises as `read_file` does, and `ValueError` where it is not UTF-8, not TOML, or nested too deeply."""
    return parse_toml(read_file(path, max_bytes, root=root).decode())


def parse_toml(text: str) -> dict[str, Any]:
    """TOML that somebody else wrote. Raises `ValueError` where it is none, or nested too deeply to be read."""
    if any(line.count(".") > _MAX_TOML_DOTS for line in text.splitlines() if not line.lstrip().startswith("#")):
        raise ValueError(f"a line has more than {_MAX_TOML_DOTS} dots")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("its brackets are nested too deeply") from None


def open_regular(path: Path, *, root: Path | None = None, follow_links: bool = True) -> BinaryIO:
    """A regular file, open for reading without a buffer. Never waits for a FIFO and opens no device. Raises as `read_file` does."""
    try:
        _check_kind(path, path.stat() if follow_links else path.lstat())  # to open a device may do something to it
        descriptor = os.open(path, _FLAGS | (0 if follow_links else _NOFOLLOW))
    except ValueError:
        raise FileRefusedError(errno.EINVAL, "no file can have such a name", str(path)) from None
    try:
        _check_kind(path, os.fstat(descriptor))  # it may be another by now
        if root is not None and not _is_below(path, root):
            raise FileRefusedError(errno.EXDEV, "it is a link out of the workspace", str(path))
        return os.fdopen(descriptor, "rb", buffering=0)
    except BaseException:
        os.close(descriptor)
        raise


def is_regular(entry: os.DirEntry[str] | Path) -> bool:
    """Whether it is a regular file, or a link to one; False for a link to itself and whatever else cannot be looked at."""
    try:
        return stat.S_ISREG(entry.stat().st_mode)
    except (OSError, ValueError):
        return False


def is_folder(entry: os.DirEntry[str] | Path) -> bool:
    """Whether it is a folder, or a link to one; False for whatever cannot be looked at."""
    try:
        return stat.S_ISDIR(entry.stat().st_mode)
    except (OSError, ValueError):
        return False


def has_text_name(path: str) -> bool:
    """Whether a path is text: POSIX allows any bytes, and neither JSON nor a database nor a prompt can hold those of no UTF-8."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_kind(path: Path, status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder", str(path))
    if stat.S_ISLNK(status.st_mode):
        raise FileRefusedError(errno.ELOOP, "it is a link", str(path))
    if not stat.S_ISREG(status.st_mode):
        raise FileRefusedError(errno.EINVAL, "it is no regular file", str(path))


def _is_below(path: Path, root: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def _read_up_to(file: BinaryIO, max_bytes: int, path: Path) -> bytes:
    parts, room, end = [], max_bytes, time.monotonic() + _MAX_SECONDS
    while room > 0 and (part := file.read(min(room, _CHUNK_BYTES))):
        parts.append(part)
        room -= len(part)
        if time.monotonic() > end:
            raise FileRefusedError(errno.ETIMEDOUT, f"it takes more than {_MAX_SECONDS:.0f} seconds to read", str(path))
    return b"".join(parts)


def _refuse_large(path: Path, max_bytes: int) -> FileRefusedError:
    return FileRefusedError(errno.EFBIG, f"it is larger than {max_bytes:,} bytes", str(path))
