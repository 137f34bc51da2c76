"""What follows from the changes since the last commit. About `cli/next_edit_report.py`."""

import json
import subprocess
from pathlib import Path

import pytest

from interfix.cli.next_edit_report import list_uncommitted_edits, show_next_edit
from interfix.errors import UsageError
from interfix.syntax.document import open_file

BEFORE = "count = 1\n\n\ndef show():\n    print(count)\n\n\ndef other():\n    return 1\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "code.py"
    found.write_text(BEFORE)
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=A", "-c", "user.email=a@b.c", "commit", "-qm", "first"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    return found


def test_what_was_weighed_is_told(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(BEFORE.replace("count", "total", 1))
    show_next_edit(f"{file}:1:6", json=True)
    told = json.loads(capsys.readouterr().out)
    (shown,) = [each for each in told["decision"]["considered"] if not each["obstacle"]]
    assert (shown["finder"], shown["line"]) == ("rename", 4)
    assert shown["evidence"]
    assert "count" in told["summary"]


def test_nothing_follows_from_nothing(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    show_next_edit(f"{file}:1:6", json=True)
    assert json.loads(capsys.readouterr().out)["decision"]["considered"] == []


def test_the_change_nearest_to_the_cursor_is_the_newest(file: Path) -> None:
    file.write_text(BEFORE.replace("count", "total", 1).replace("return 1", "return 2") + "\n\nlast = 3\n")
    snapshot = open_file(file).snapshot()
    edits = list_uncommitted_edits(snapshot, 0)
    assert [snapshot.data[each.start : each.end] for each in edits][-1].startswith(b"total")
    assert all(snapshot.data[each.start : each.end] == each.new for each in edits)


def test_a_file_in_no_commit(file: Path) -> None:
    other = file.with_name("new.py")
    other.write_text("x = 1\n")
    with pytest.raises(UsageError, match="in no commit"):
        show_next_edit(f"{other}:1:1", json=True)
