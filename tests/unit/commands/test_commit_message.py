"""Commit messages: what of the staged changes is shown, and what is made of the answer. The repositories are real."""

import subprocess
from pathlib import Path

import pytest

from interfix.commands.commit_message import build_messages, write_commit_message
from interfix.commands.staged_changes import find_repository, read_staged_changes
from interfix.config.settings import ContextSettings
from interfix.context.exclusion import Exclusion
from interfix.errors import UsageError
from tests.fake_engine import FakeEngine, make_instruct_client

SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


def run_git(repository: Path, *arguments: str) -> None:
    who = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=repository, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with two commits and three staged files."""
    run_git(tmp_path, "init", "--quiet")
    for number, text in enumerate(("a = 1\n", "a = 2\n")):
        (tmp_path / "größe.py").write_text(text)
        run_git(tmp_path, "add", ".")
        run_git(tmp_path, "commit", "--quiet", "--message", f"area: change {number}\n\nFor a reason.")
    (tmp_path / "größe.py").write_text("a = 3\n")
    (tmp_path / "new.py").write_text(f"token = '{SECRET}'\n" + "b = 1\n" * 30)
    (tmp_path / ".env").write_text("PASSWORD=hunter2hunter2\n")
    run_git(tmp_path, "add", "--force", ".")
    (tmp_path / "new.py").write_text("unstaged\n")
    return tmp_path


def read(repository: Path):
    exclusion = Exclusion(repository, ContextSettings())
    return read_staged_changes(repository, exclusion.find_refusal)


def test_what_is_staged_is_read_and_what_is_secret_is_not(repository: Path) -> None:
    assert find_repository(repository) == repository.resolve()
    changes = read(repository)
    assert [(file.path, file.state, bool(file.diff)) for file in changes.files] == [
        (".env", "added", False),
        ("größe.py", "changed", True),
        ("new.py", "added", True),
    ]
    assert changes.messages == ("area: change 1\n\nFor a reason.", "area: change 0\n\nFor a reason.")
    system, asked = build_messages(changes)
    whole = system.content + asked.full_text
    assert "-a = 2\n+a = 3" in whole
    assert "area: change 1" in whole
    assert "unstaged" not in whole
    assert SECRET not in whole
    assert "hunter2" not in whole
    assert [snippet.name for snippet in asked.context] == ["größe.py", "new.py"], "the smaller first: it is the last to be left out"


def test_git_starts_nothing_that_the_repository_names(repository: Path, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    script = tmp_path / "run.sh"
    script.write_text(f'#!/bin/sh\ntouch {trap}\ncat "$1"\n')
    script.chmod(0o755)
    for name in ("diff.external", "core.fsmonitor", "diff.trap.textconv", "diff.trap.command", "core.pager"):
        run_git(repository, "config", name, str(script))
    (repository / ".git/info/attributes").write_text("*.py diff=trap\n")
    assert len(read(repository).files) == 3
    assert not trap.exists()
    subprocess.run(["git", "diff", "--cached"], cwd=repository, capture_output=True, check=False)
    assert trap.exists(), "without our options it would be"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("area: set a to 3", "area: set a to 3"),
        ("```\narea: set a to 3\n\nWhy.\n```", "area: set a to 3\n\nWhy."),
        ("Commit message: `area: set a`", "area: set a"),
        ("**Commit message:** area: set a\nWhy so.", "area: set a\n\nWhy so."),
    ],
)
async def test_the_answer_becomes_a_message(repository: Path, answer: str, message: str) -> None:
    client = make_instruct_client(FakeEngine(answer))
    assert await write_commit_message(client, read(repository)) == message


def test_what_is_missing_is_said(tmp_path: Path, repository: Path) -> None:
    run_git(repository, "commit", "--quiet", "--message", "all")
    with pytest.raises(UsageError, match="Nothing is staged in"):
        read(repository)
    with pytest.raises(UsageError, match="is not in a git repository"):
        find_repository(Path("/"))
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    run_git(fresh, "init", "--quiet")
    (fresh / "a.py").write_text("x = 1\n")
    run_git(fresh, "add", ".")
    assert read(fresh).messages == ()
