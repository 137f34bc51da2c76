"""What the ignore files of a workspace take out, as git reads them. Knows no other rule.

Kinds do not overrule each other: a file is ignored where any kind ignores it, so that a `!pattern` in one shows nothing that
another hides.
"""

import os
from pathlib import Path

import msgspec
from pathspec import GitIgnoreSpec

IGNORE_FILES = (".gitignore", ".ignore", ".interfixignore")
"""Names of ignore files; each holds for its folder and all below."""

_Signature = tuple[tuple[int, int] | None, ...]


class _IgnoreFile(msgspec.Struct, frozen=True):
    """One ignore file."""

    name: str
    """What to call it."""
    kind: str
    """Files of the same kind overrule each other, the deepest and then the last pattern winning."""
    base: str
    """The folder its patterns are relative to."""
    spec: GitIgnoreSpec
    """Its patterns."""


class _Folder(msgspec.Struct, frozen=True):
    """A folder with all rules that hold in it."""

    parent: "_Folder | None"
    """The folder above, as it was when this was read."""
    signature: _Signature
    """Size and time of its ignore files, by which a change is seen."""
    rules: tuple[_IgnoreFile, ...]
    """The deepest first."""
    refusal: str
    """Why the whole folder is ignored; nothing below can be shown again, as in git."""


class IgnoreFiles:
    """The ignore files from the top of the repository that holds `root`, or from `root`, down. They are looked at each time: a
    stat costs microseconds and is never stale.
    """

    def __init__(self, root: Path) -> None:
        top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)
        self._root = root.as_posix()
        self._top = top.as_posix()
        self._folders: dict[str, _Folder] = {}
        self._general = tuple(rules for rules in (_read_repository_file(file, top) for file in _find_general_files(top)) if rules)

    def find_refusal(self, inside: str) -> str:
        """The ignore file that takes out a path below the root; empty where none does. A folder's path ends with a slash."""
        path = f"{self._root}/{inside}"
        folder = self._folder(path.rstrip("/").rpartition("/")[0])
        return folder.refusal or _match_rules(folder.rules, path)

    def _folder(self, path: str) -> _Folder:
        parent = self._folder(path.rpartition("/")[0]) if path != self._top else None
        signature = tuple(_stat_stamp(f"{path}/{name}") for name in IGNORE_FILES)
        known = self._folders.get(path)
        if known is not None and known.parent is parent and known.signature == signature:
            return known
        above = parent.rules if parent else self._general
        refusal = parent.refusal or _match_rules(above, f"{path}/") if parent else ""
        own = (self._read(Path(path, name)) for name, stamp in zip(IGNORE_FILES, signature, strict=True) if stamp)
        folder = _Folder(parent, signature, (*(rules for rules in own if rules), *above), refusal)
        self._folders[path] = folder
        return folder

    def _read(self, file: Path) -> _IgnoreFile | None:
        spec = _read_patterns(file)
        shown = file.relative_to(self._root) if file.is_relative_to(self._root) else file
        return _IgnoreFile(shown.as_posix(), file.name, file.parent.as_posix(), spec) if spec else None


def _read_repository_file(file: Path, top: Path) -> _IgnoreFile | None:
    spec = _read_patterns(file)
    return _IgnoreFile(f"git's {file.parent.name}/{file.name}", ".gitignore", top.as_posix(), spec) if spec else None


def _match_rules(rules: tuple[_IgnoreFile, ...], path: str) -> str:
    decided: set[str] = set()
    for each in rules:
        if each.kind not in decided:
            include = each.spec.check_file(path[len(each.base) :].lstrip("/")).include
            if include:
                return f"ignored by {each.name}"
            if include is False:
                decided.add(each.kind)
    return ""


def _find_general_files(top: Path) -> tuple[Path, ...]:
    """The ignore files that lie in none of the folders: the repository's own, the user's for every repository (gitignore(5))."""
    git = top / ".git"
    if git.is_file():
        # A linked worktree: `.git` names its own folder, which lies in the common one under worktrees/.
        git = Path(git.read_text(encoding="utf-8", errors="replace").removeprefix("gitdir:").strip()).parent.parent
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return git / "info" / "exclude", home / "git" / "ignore"


def _read_patterns(file: Path) -> GitIgnoreSpec | None:
    """The patterns of a file; None where there are none or it cannot be read."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    spec = GitIgnoreSpec.from_lines(line for line in lines if line.strip() and not line.startswith("#"))
    return spec if spec.patterns else None


def _stat_stamp(file: str) -> tuple[int, int] | None:
    try:
        status = os.stat(file)  # noqa: PTH116 (three for each folder above each file: a Path costs more than the call)
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
