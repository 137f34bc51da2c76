"""A folder inside a workspace, held open by its descriptor: swapping it for a link does not redirect writes."""

import contextlib
import os
from pathlib import Path
from typing import Any

from interfix.errors import UsageError

_BY_DESCRIPTOR = {os.open, os.stat, os.mkdir, os.unlink, os.rmdir, os.rename} <= os.supports_dir_fd
"""Windows has no such calls: there the path is checked and then used."""
_FOLDER = getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


def lies_within(path: Path, root: Path) -> bool:
    """Whether the real path of a file, which need not exist, is below the root's."""
    return resolve_links(path).is_relative_to(resolve_links(root))


def find_nearest_folder(path: Path) -> Path:
    """The nearest folder above a path that exists."""
    return next(folder for folder in path.absolute().parents if folder.is_dir())


def resolve_links(path: Path) -> Path:
    """Where a path leads, links followed; one that leads in a circle stays as it is, where `Path.resolve` raises `RuntimeError`."""
    return Path(os.path.realpath(path))


class OpenFolder:
    """The folder of a file, opened from the workspace's root on, one real folder after the other; closed by `with`."""

    def __init__(self, path: Path, root: Path, *, create: bool = False) -> None:
        """Open `path`, a folder at or below `root`; missing ones are made if `create`.

        Raises `UsageError` where its real path lies outside the root's, `OSError` where it cannot be opened or is swapped.
        """
        self.path = resolve_links(path)
        real_root = resolve_links(root)
        if not self.path.is_relative_to(real_root):
            raise UsageError(f"{path} lies outside {root} (it is {self.path}), so nothing is written there.")
        self._made: list[tuple[dict[str, Any], str]] = []
        self._open: list[int] = []
        try:
            self._at = self._enter(real_root, create=create)
        except BaseException:
            self._close()
            raise

    def __enter__(self) -> "OpenFolder":
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def get_os_arguments(self, name: str) -> tuple[str, dict[str, Any]]:
        """How to name a file of the folder to a function of `os`: the name, and the arguments that go with it."""
        return (name, self._at) if _BY_DESCRIPTOR else (str(self.path / name), {})

    def move(self, name: str, to: str) -> None:
        """Give a file of the folder the name `to`, in place of what has it."""
        if _BY_DESCRIPTOR:
            os.replace(name, to, src_dir_fd=self._at["dir_fd"], dst_dir_fd=self._at["dir_fd"])
        else:
            (self.path / name).replace(self.path / to)

    def link(self, source: str, to: str) -> None:
        """Give a file, by its name here or an absolute path, a second name here. Raises `FileExistsError` where that is taken."""
        if _BY_DESCRIPTOR:
            os.link(source, to, src_dir_fd=self._at["dir_fd"], dst_dir_fd=self._at["dir_fd"])
        else:
            os.link(self.path / source, self.path / to)

    def remove(self, name: str, identity: tuple[int, int]) -> None:
        """Remove a file if it is still the one of this device and inode."""
        file, at = self.get_os_arguments(name)
        with contextlib.suppress(OSError):
            status = os.stat(file, follow_symlinks=False, **at)  # noqa: PTH116 (pathlib takes no descriptor)
            if (status.st_dev, status.st_ino) == identity:
                os.unlink(file, **at)

    def remove_new_folders(self) -> None:
        """Remove the folders that were made on the way here, if they are empty."""
        for at, name in reversed(self._made):
            with contextlib.suppress(OSError):
                os.rmdir(name, **at)

    def sync(self) -> None:
        """Have the disk keep the names, where the system can be asked for it."""
        if _BY_DESCRIPTOR:
            with contextlib.suppress(OSError):
                os.fsync(self._at["dir_fd"])

    def _enter(self, root: Path, *, create: bool) -> dict[str, Any]:
        if not _BY_DESCRIPTOR:
            if create:
                missing = [folder for folder in (self.path, *self.path.parents) if not folder.exists()]
                self.path.mkdir(parents=True, exist_ok=True)
                self._made = [({}, str(folder)) for folder in reversed(missing)]
            return {}
        at = {"dir_fd": self._descend(str(root), {})}
        for part in self.path.relative_to(root).parts:
            if create:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(part, **at)  # noqa: PTH102
                    self._made.append((at, part))
            at = {"dir_fd": self._descend(part, at)}
        return at

    def _descend(self, name: str, at: dict[str, Any]) -> int:
        self._open.append(os.open(name, os.O_RDONLY | _FOLDER, **at))
        return self._open[-1]

    def _close(self) -> None:
        for descriptor in self._open:
            os.close(descriptor)
        self._open.clear()
