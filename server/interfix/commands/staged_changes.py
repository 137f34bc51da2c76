"""What is staged in a git repository, and its last commit messages: what a commit message is written from.

Git runs no program that the repository names: no external diff, no text conversion, no file system monitor.
"""

from collections.abc import Callable
from pathlib import Path

import msgspec

from interfix.errors import UsageError
from interfix.system.child_process import ChildResult, run_child

MAX_MESSAGES = 10
"""Commit messages that are read."""
MAX_FILES = 60
"""Files whose changes are read; of others only the names."""
_SECONDS = 20.0
_SAFE = ("-c", "core.fsmonitor=false", "-c", "core.quotePath=false", "-c", "diff.external=", "--no-pager")
_DIFF = ("diff", "--cached", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames")
_STATES = {"A": "added", "D": "deleted", "M": "changed", "T": "type changed"}


class StagedFile(msgspec.Struct, frozen=True):
    """One file of the index that differs from the last commit."""

    path: str
    """Below the top of the repository, with `/`."""
    state: str
    """added, deleted, changed or type changed."""
    diff: str
    """The change; empty where it is not shown."""
    refusal: str = ""
    """Why the change is not shown; empty where it is."""


class StagedChanges(msgspec.Struct, frozen=True):
    """All of it."""

    files: tuple[StagedFile, ...]
    """The staged files, in git's order."""
    messages: tuple[str, ...]
    """The last commit messages, newest first."""


def find_repository(folder: Path) -> Path:
    """The top of the repository that a folder lies in. Raises `UsageError` where there is none, or no git."""
    result = _run_git(folder, "rev-parse", "--show-toplevel")
    if result.code:
        raise UsageError(f"{folder} is not in a git repository.")
    return Path(result.output.decode(errors="surrogateescape").rstrip("\n"))


def read_committed_text(path: str) -> str:
    """A file as the last commit has it. Raises `UsageError` where it has none such, or there is no git."""
    file = Path(path)
    result = _run_git(file.parent, "show", "--no-textconv", f"HEAD:./{file.name}")
    if result.code:
        raise UsageError(f"{path} is in no commit yet, so nothing is known of its changes.")
    return result.output.decode("utf-8", "replace")


def read_staged_changes(repository: Path, find_refusal: Callable[[Path], str]) -> StagedChanges:
    """What is staged; `find_refusal` says why the file at a path may not be shown, or nothing.

    Raises `UsageError` where nothing is staged.
    """
    fields = _run_git(repository, *_DIFF, "--name-status", "-z").output.decode(errors="surrogateescape").split("\0")
    names = list(zip(fields[::2], fields[1::2], strict=False))
    if not names:
        raise UsageError(f"Nothing is staged in {repository}. Stage changes first: git add.")
    files = [_read_file(repository, path, _STATES.get(state, "changed"), find_refusal) for state, path in names[:MAX_FILES]]
    files += [StagedFile(path, _STATES.get(state, "changed"), "", "too many files") for state, path in names[MAX_FILES:]]
    log = _run_git(repository, "log", f"--max-count={MAX_MESSAGES}", "--no-merges", "--format=%B%x00")
    messages = log.output.decode(errors="replace").split("\0") if not log.code else []
    return StagedChanges(tuple(files), tuple(each.strip() for each in messages if each.strip()))


def _read_file(repository: Path, path: str, state: str, find_refusal: Callable[[Path], str]) -> StagedFile:
    if state == "deleted":
        return StagedFile(path, state, "")
    if refusal := find_refusal(repository / path):
        return StagedFile(path, state, "", refusal)
    diff = _run_git(repository, *_DIFF, "--unified=3", "--", f":(literal,top){path}").output.decode(errors="replace")
    # The head of a file's diff says nothing that its name does not.
    start = diff.find("\n@@")
    return StagedFile(path, state, diff[start + 1 :] if start >= 0 else "", "" if start >= 0 else "binary or empty")


def _run_git(folder: Path, *arguments: str) -> ChildResult:
    try:
        result = run_child(["git", *_SAFE, *arguments], _SECONDS, folder=folder, environ={"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"})
    except OSError as error:
        raise UsageError(f"git cannot be run in {folder}: {error.strerror or error}.") from None
    if result.code is None:
        raise UsageError(f"git took longer than {_SECONDS:.0f} s in {folder}.")
    return result
