"""Edits on the command line: shown as a unified diff, written in one step. Knows no model."""

import contextlib
import difflib
import io
from pathlib import Path

from interfix.commands.edit import CheckedEdit
from interfix.errors import UsageError


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


def write_edit(edit: CheckedEdit) -> None:
    """Make the edit on the disk. Raises `BadUsage` where the file has changed since it was read, or cannot be written."""
    path = Path(edit.snapshot.path)
    if edit.is_new_file:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            raise UsageError(f"{path} has come to be meanwhile; nothing was changed. Ask again.")
    elif path.read_bytes() != edit.snapshot.bom + edit.snapshot.data:
        raise UsageError(f"{path} was changed meanwhile; it is left as it is. Ask again.")
    replace_file(path, edit.snapshot.bom + edit.result)


def replace_file(path: Path, data: bytes) -> None:
    """Write a file anew in one step, its permissions kept. Raises `BadUsage` where it cannot be written."""
    partial = path.with_name(f".{path.name}.interfix")
    try:
        partial.write_bytes(data)
        if path.exists():
            partial.chmod(path.stat().st_mode)
        partial.replace(path.resolve())
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise UsageError(f"{path} cannot be written ({error.strerror}); nothing was changed.") from error


def _lines(text: str) -> list[str]:
    return io.StringIO(text, newline="\n").readlines()
