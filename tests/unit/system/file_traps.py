"""Things that may lie where a file is expected, each by what a careless reader does with it."""

import os
import socket
from collections.abc import Callable
from pathlib import Path


def _make_self_link(path: Path) -> None:
    path.symlink_to(path.name)


def _make_link_circle(path: Path) -> None:
    other = path.with_name(f"{path.name}.other")
    other.symlink_to(path.name)
    path.symlink_to(other.name)


def _make_sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(8 << 30)


def _make_socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # its address has room for a short path only
    try:
        socket.socket(socket.AF_UNIX).bind(path.name)
    finally:
        os.chdir(here)


def _make_fifo_link(path: Path) -> None:
    fifo = path.with_name(f"{path.name}.fifo")
    os.mkfifo(fifo)
    path.symlink_to(fifo)


TRAPS: dict[str, Callable[[Path], None]] = {
    "a link to a device without an end": lambda path: path.symlink_to("/dev/zero"),
    "a link to a device that may wait": lambda path: path.symlink_to("/dev/tty"),
    "a link to random bytes": lambda path: path.symlink_to("/dev/urandom"),
    "a FIFO that nobody writes to": lambda path: os.mkfifo(path),
    "a link to a FIFO": _make_fifo_link,
    "a link to itself": _make_self_link,
    "two links to each other": _make_link_circle,
    "a link to nothing": lambda path: path.symlink_to("nowhere"),
    "a sparse file of 8 GiB": _make_sparse,
    "a file of the kernel that says it is empty": lambda path: path.symlink_to("/proc/kallsyms"),
    "a folder": lambda path: path.mkdir(),
    "a socket": _make_socket,
    "a link to the root folder": lambda path: path.symlink_to("/"),
    "a file that may not be read": lambda path: (path.write_text("x"), path.chmod(0))[1],
}
"""By what each is; called with the path to make it at."""
