"""The ignore files that git keeps outside a repository's folders: `info/exclude`, and the user's for every repository."""

import logging
import os
import shutil
from pathlib import Path

from interfix.system.child_process import run_child
from interfix.system.file_reader import read_beginning

_log = logging.getLogger(__name__)

_TIMEOUT_SECONDS = 5.0
"""Git reads its settings in milliseconds."""
_MAX_LINE_BYTES = 4096
"""Bytes of a file that names a folder."""

_Signature = tuple[tuple[int, int] | None, ...]


class GitExcludeFiles:
    """The general ignore files of the repository at a folder, those that decide first before the others (gitignore(5))."""

    def __init__(self, top: Path) -> None:
        self._top = top
        self._signature: _Signature | None = None
        self._files: tuple[str, ...] = ()
        self.ignores_case = False
        """Whether patterns hold for names in either case (`core.ignorecase`), as `list_files` has last found it."""

    def list_files(self) -> tuple[str, ...]:
        """The files, which need not exist. Git's settings are read again where one of their usual files has changed."""
        home = _locate_user_folder()
        own = find_git_folder(self._top)
        settings = [Path.home() / ".gitconfig", home / "config", *([own / "config"] if own is not None else [])]
        signature = tuple(map(_read_stamp, settings))
        if signature != self._signature:
            own_file = find_exclude_file(self._top)
            everywhere = _read_excludes_setting(self._top) if own is not None else home / "ignore"
            self._files = tuple(str(file) for file in (own_file, everywhere) if file is not None)
            self.ignores_case = own is not None and _read_setting(self._top, "bool", "core.ignorecase") == b"true"
            self._signature = signature
        return self._files


def find_exclude_file(folder: Path) -> Path | None:
    """A repository's own ignore file, by its folder; None where that is no repository."""
    git = find_git_folder(folder)
    return git / "info" / "exclude" if git is not None else None


def find_git_folder(folder: Path) -> Path | None:
    """Where the repository at a folder keeps what its worktrees have in common (gitrepository-layout(5)); None where none is."""
    git = folder / ".git"
    if git.is_dir():
        return git
    if not git.is_file():
        return None
    own = folder / _read_first_line(git).removeprefix("gitdir:").strip()
    common = _read_first_line(own / "commondir")
    return own / common if common else own


def _read_excludes_setting(top: Path) -> Path | None:
    """The file that git's `core.excludesFile` names, else the usual one."""
    value = _read_setting(top, "path", "core.excludesFile")
    if value is None:
        return _locate_user_folder() / "ignore"
    return top / os.fsdecode(value) if value else None


def _read_setting(top: Path, kind: str, name: str) -> bytes | None:
    """A setting of git's for a repository; None where it is not set, or git is not here."""
    program = shutil.which("git")
    if program is None:
        return None
    command = [program, "-C", str(top), "config", "--null", f"--type={kind}", "--get", name]
    try:
        ended = run_child(command, _TIMEOUT_SECONDS, environ={"GIT_DIR": None, "GIT_WORK_TREE": None})
    except OSError as error:
        _log.warning("git's %s cannot be read and counts as not set: %s", name, type(error).__name__)
        return None
    return ended.output.rstrip(b"\0") if ended.code == 0 else None


def _locate_user_folder() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "git"


def _read_first_line(file: Path) -> str:
    try:
        return os.fsdecode(read_beginning(file, _MAX_LINE_BYTES).partition(b"\n")[0])
    except OSError:
        return ""


def _read_stamp(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
