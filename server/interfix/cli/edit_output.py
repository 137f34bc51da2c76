"""Edits on the command line: shown as a unified diff, or written to the file."""

import contextlib
import difflib
import io
from pathlib import Path

from interfix.cli.cli_settings import find_workspace_root
from interfix.commands.edit_hunks import CheckedEdit
from interfix.system.file_writer import create_file, replace_file
from interfix.system.folder_handle import find_nearest_folder


def format_diff(edit: CheckedEdit) -> str:
    """A unified diff that `patch -p1` takes, or nothing where nothing differs."""
    path = Path(edit.snapshot.path)
    with contextlib.suppress(ValueError):
        path = path.relative_to(Path.cwd())
    name = path.as_posix().lstrip("/")
    old = "/dev/null" if edit.is_new_file else f"a/{name}"
    before, after = (data.decode("utf-8", "replace") for data in (edit.snapshot.data, edit.result))
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in difflib.unified_diff(_lines(before), _lines(after), old, f"b/{name}")
    )


def write_edit(edit: CheckedEdit, *, read_only: bool = False) -> tuple[str, ...]:
    """Make the edit on the disk, inside the file's workspace; returns sentences on what could not be kept of the file.

    Raises `ReadOnlyFile` for a file that may not be written unless `read_only`, and `UsageError` where it has changed since it was
    read, or cannot be written.
    """
    path = Path(edit.snapshot.path)
    # By the path as it was given: a link in a repository does not take its target's workspace along.
    root = find_workspace_root(str(path), real=False) or find_nearest_folder(path)
    if edit.is_new_file:
        create_file(path, edit.snapshot.bom + edit.result, root)
        return ()
    before = edit.snapshot.bom + edit.snapshot.data
    return replace_file(path, edit.snapshot.bom + edit.result, root, expected=before, read_only=read_only)


def _lines(text: str) -> list[str]:
    return io.StringIO(text, newline="\n").readlines()
