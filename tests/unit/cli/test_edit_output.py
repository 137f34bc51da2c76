"""Edits on the command line: a diff that applies, a file that is written whole or not at all."""

import io
import stat
import subprocess
from pathlib import Path

import pytest

from interfix.cli.edit_output import format_diff, write_edit
from interfix.cli.instruct_command_runner import write_or_ask
from interfix.commands.edit_hunks import CheckedEdit, compute_hunks
from interfix.errors import UsageError
from interfix.syntax.document import Document, open_file
from interfix.system.file_writer import ReadOnlyFile


def make_edit(path: Path, after: str, creates: bool = False) -> CheckedEdit:
    snapshot = Document(path.as_uri(), "").snapshot() if creates else open_file(path).snapshot()
    return CheckedEdit(snapshot, compute_hunks(snapshot, 0, len(snapshot.data), after), is_new_file=creates)


@pytest.mark.parametrize(("before", "after"), [("a\nb\n", "a\nc\n"), ("a\r\nb\r\n", "a\r\nb\r\nc\r\n"), ("a", "b"), ("", "new\n")])
def test_the_diff_applies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str, after: str) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "code.py"
    if before:
        file.write_bytes(before.encode())
    patch = format_diff(make_edit(file, after, creates=not before))
    subprocess.run(["git", "apply", "-"], input=patch.encode(), cwd=tmp_path, check=True)
    assert file.read_bytes() == after.encode()


def test_it_is_written_with_its_mark_and_permissions(tmp_path: Path) -> None:
    file = tmp_path / "code.py"
    file.write_bytes(b"\xef\xbb\xbfa\n")
    file.chmod(0o750)
    write_edit(make_edit(file, "b\n"))
    assert file.read_bytes() == b"\xef\xbb\xbfb\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o750
    assert [path.name for path in tmp_path.iterdir()] == ["code.py"]


def test_a_new_file_is_made_with_its_folder(tmp_path: Path) -> None:
    file = tmp_path / "tests" / "test_a.py"
    write_edit(make_edit(file, "b\n", creates=True))
    assert file.read_text() == "b\n"


@pytest.mark.parametrize("creates", [False, True])
def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path, creates: bool) -> None:
    file = tmp_path / "code.py"
    if not creates:
        file.write_text("a\n")
    edit = make_edit(file, "b\n", creates)
    file.write_text("mine\n")
    with pytest.raises(UsageError, match="meanwhile"):
        write_edit(edit)
    assert file.read_text() == "mine\n"


def test_a_link_that_came_with_the_code_leads_nowhere(tmp_path: Path) -> None:
    """The temporary name of before, the file itself and its folder, each a link to somebody's file elsewhere."""
    outside, root = tmp_path / "outside", tmp_path / "clone"
    outside.mkdir()
    (root / ".git").mkdir(parents=True)
    (outside / "profile").write_text("mine\n")
    (outside / "profile").chmod(0o600)
    (root / "code.py").write_text("a\n")
    (root / ".code.py.interfix").symlink_to(outside / "profile")
    write_edit(make_edit(root / "code.py", "b\n"))
    assert (root / "code.py").read_text() == "b\n"
    (root / "linked.py").symlink_to(outside / "profile")
    (root / "folder").symlink_to(outside)
    for path in (root / "linked.py", root / "folder" / "profile"):
        with pytest.raises(UsageError, match=r"link to|lies outside"):
            write_edit(make_edit(path, "evil\n"))
    with pytest.raises(UsageError, match="lies outside"):
        write_edit(make_edit(root / "folder" / "new.py", "evil\n", creates=True))
    assert [path.name for path in outside.iterdir()] == ["profile"]
    assert (outside / "profile").read_text() == "mine\n"
    assert stat.S_IMODE((outside / "profile").stat().st_mode) == 0o600


@pytest.mark.parametrize("answer", ["y", "n", ""])
def test_whoever_sits_there_is_asked_about_a_read_only_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    file = tmp_path / "code.py"
    file.write_text("a\n")
    file.chmod(0o444)
    monkeypatch.setattr("sys.stdin", AnsweringTerminal(f"{answer}\n"))
    edit = make_edit(file, "b\n")
    if answer == "y":
        write_or_ask(edit)
    else:
        with pytest.raises(ReadOnlyFile):
            write_or_ask(edit)
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == ("b\n" if answer == "y" else "a\n", 0o444)


def test_nobody_there_means_no(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "code.py"
    file.write_text("a\n")
    file.chmod(0o444)
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    with pytest.raises(ReadOnlyFile, match="read-only"):
        write_or_ask(make_edit(file, "b\n"))
    assert file.read_text() == "a\n"


class AnsweringTerminal(io.StringIO):
    """Somebody who answers."""

    def isatty(self) -> bool:
        """Yes."""
        return True
