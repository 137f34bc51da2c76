"""Which files the ignore files of a workspace exclude, by git's rules.

Kinds do not overrule each other: a file is ignored where any kind ignores it, so that a `!pattern` in one shows nothing that
another hides.
"""

import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from interfix.context.exclusion.git_ignores_outside_tree import GitExcludeFiles, find_exclude_file
from interfix.context.exclusion.ignore_patterns import IgnorePattern, match_path, read_patterns
from interfix.system.file_reader import read_file

IGNORE_FILES = (".gitignore", ".ignore", ".interfixignore")
"""Names of ignore files; each holds for its folder and all below."""
MAX_IGNORE_FILE_BYTES = 1_000_000
"""An ignore file that is larger is not read, and nothing it is about is shown."""

_Stamp = tuple[int, int] | None
_Signature = tuple[bool | _Stamp, ...]


class _IgnoreFile(msgspec.Struct, frozen=True):
    """One ignore file."""

    name: str
    """What to call it."""
    kind: str
    """Files of the same kind overrule each other, the deepest and then the last pattern winning."""
    base: str
    """The folder its patterns are relative to."""
    patterns: tuple[IgnorePattern, ...]
    """Its patterns, the last first."""
    ignores_case: bool
    """They are in small letters and hold for paths in either case."""


class _Folder(msgspec.Struct, frozen=True):
    """A folder with all rules that hold in it."""

    parent: "_Folder | None"
    """The folder above, as it was when this was read."""
    signature: _Signature
    """Whether case counts, and size and time of its ignore files, by which a change is seen."""
    rules: tuple[_IgnoreFile, ...]
    """The deepest first."""
    refusal: str
    """Why the whole folder is ignored; nothing below can be shown again, as in git."""


class IgnoreFiles:
    """The ignore files from the top of the repository that holds `root`, or from `root`, down. They are looked at each time, so
    that what is told is never stale; who asks for many files at a time may have it told as of one moment.
    """

    def __init__(self, root: Path) -> None:
        top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)
        self._root = root.as_posix()
        self._top = top.as_posix()
        self._folders: dict[str, _Folder] = {}
        self._moment = threading.local()
        self._general = GitExcludeFiles(top)

    def find_refusal(self, inside: str) -> str:
        """The ignore file that takes out a path below the root; empty where none does. A folder's path ends with a slash."""
        path = f"{self._root}/{inside}"
        folder = self._get_folder(path.rstrip("/").rpartition("/")[0])
        return folder.refusal or _match_rules(folder.rules, path)

    @contextmanager
    def hold_moment(self) -> Iterator[None]:
        """Meanwhile, in this thread, no folder is looked at twice."""
        self._moment.folders = {}
        try:
            yield
        finally:
            self._moment.folders = None

    def _get_folder(self, path: str) -> _Folder:
        seen: dict[str, _Folder] | None = getattr(self._moment, "folders", None)
        if seen is None:
            return self._look_at_folder(path)
        if path not in seen:
            seen[path] = self._look_at_folder(path)
        return seen[path]

    def _look_at_folder(self, path: str) -> _Folder:
        parent = self._get_folder(path.rpartition("/")[0]) if path != self._top else None
        files = self._list_files(path, top=parent is None)
        ignores_case = self._general.ignores_case
        stamps = tuple(_stat_stamp(file) for file, _, _ in files)
        signature = (ignores_case, *stamps)
        cached = self._folders.get(path)
        if cached is not None and cached.parent is parent and cached.signature == signature:
            return cached
        above = parent.rules if parent else ()
        refusal = parent.refusal or _match_rules(above, f"{path}/") if parent else ""
        own: list[_IgnoreFile] = []
        for (file, kind, display_path), stamp in zip(files, stamps, strict=True):
            if stamp is None:
                continue
            folds = ignores_case and kind == IGNORE_FILES[0]
            patterns = _read_file(file, stamp, ignores_case=folds)
            if patterns is None:
                refusal = refusal or f"ignored: {display_path} is larger than {MAX_IGNORE_FILE_BYTES:,} bytes"
            elif patterns:
                own.append(_IgnoreFile(display_path, kind, path, patterns, folds))
        folder = _Folder(parent, signature, (*own, *above), refusal)
        self._folders[path] = folder
        return folder

    def _list_files(self, path: str, *, top: bool) -> list[tuple[str, str, str]]:
        """The ignore files of a folder, the deciding ones first: where each lies, its kind, and what to call it."""
        files = [(f"{path}/{name}", name, self._format_path(f"{path}/{name}")) for name in IGNORE_FILES]
        if top:
            return [*files, *((file, IGNORE_FILES[0], f"git's {_tail(file)}") for file in self._general.list_files())]
        if (own := find_exclude_file(Path(path))) is not None:  # another repository inside this one
            files.append((str(own), IGNORE_FILES[0], f"git's {_tail(str(own))}"))
        return files

    def _format_path(self, file: str) -> str:
        return file.removeprefix(f"{self._root}/")


def _match_rules(rules: tuple[_IgnoreFile, ...], path: str) -> str:
    decided: set[str] = set()
    folder = path.endswith("/")
    for each in rules:
        if each.kind not in decided:
            inside = os.fsencode(path[len(each.base) :].strip("/"))
            ignored = match_path(each.patterns, inside.lower() if each.ignores_case else inside, folder=folder)
            if ignored:
                return f"ignored by {each.name}"
            if ignored is False:
                decided.add(each.kind)
    return ""


def _read_file(file: str, stamp: tuple[int, int], *, ignores_case: bool) -> tuple[IgnorePattern, ...] | None:
    """The patterns of a file; none where it cannot be read or is a link, which git does not follow; None where it is too large."""
    if stamp[0] > MAX_IGNORE_FILE_BYTES:
        return None
    try:
        data = read_file(Path(file), MAX_IGNORE_FILE_BYTES, follow_links=False)
        return read_patterns(data, ignores_case=ignores_case)
    except OSError:
        return ()


def _stat_stamp(file: str) -> _Stamp:
    """Size and time of a regular file."""
    try:
        status = os.lstat(file)
    except OSError:
        return None
    return (status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None


def _tail(file: str) -> str:
    return "/".join(file.split("/")[-2:])
