"""Edits on the command line: a diff that applies, a file that is written whole or not at all."""

import stat
import subprocess
from pathlib import Path

import pytest

from interfix.cli.edit_output import format_diff, write_edit
from interfix.commands.edit import CheckedEdit, compute_hunks
from interfix.errors import UsageError
from interfix.syntax.document import Document, open_file


def edit_of(path: Path, after: str, creates: bool = False) -> CheckedEdit:
    snapshot = Document(path.as_uri(), "").snapshot() if creates else open_file(path).snapshot()
    return CheckedEdit(snapshot, compute_hunks(snapshot, 0, len(snapshot.data), after), is_new_file=creates)


@pytest.mark.parametrize(("before", "after"), [("a\nb\n", "a\nc\n"), ("a\r\nb\r\n", "a\r\nb\r\nc\r\n"), ("a", "b"), ("", "new\n")])
def test_the_diff_applies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str, after: str) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "code.py"
    if before:
        file.write_bytes(before.encode())
    patch = format_diff(edit_of(file, after, creates=not before))
    subprocess.run(["git", "apply", "-"], input=patch.encode(), cwd=tmp_path, check=True)
    assert file.read_bytes() == after.encode()


def test_it_is_written_with_its_mark_and_permissions(tmp_path: Path) -> None:
    file = tmp_path / "code.py"
    file.write_bytes(b"\xef\xbb\xbfa\n")
    file.chmod(0o750)
    write_edit(edit_of(file, "b\n"))
    assert file.read_bytes() == b"\xef\xbb\xbfb\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o750
    assert [path.name for path in tmp_path.iterdir()] == ["code.py"]


def test_a_new_file_is_made_with_its_folder(tmp_path: Path) -> None:
    file = tmp_path / "tests" / "test_a.py"
    write_edit(edit_of(file, "b\n", creates=True))
    assert file.read_text() == "b\n"


@pytest.mark.parametrize("creates", [False, True])
def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path, creates: bool) -> None:
    file = tmp_path / "code.py"
    if not creates:
        file.write_text("a\n")
    edit = edit_of(file, "b\n", creates)
    file.write_text("mine\n")
    with pytest.raises(UsageError, match="meanwhile"):
        write_edit(edit)
    assert file.read_text() == "mine\n"
