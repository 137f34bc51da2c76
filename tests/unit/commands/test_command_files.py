"""Commands from files: ours are sound, people's own are read anew each time, and what is none is left out."""

from pathlib import Path

import pytest

from interfix.commands.command_files import load_builtin_commands, load_custom_commands, parse_command
from interfix.config import paths
from interfix.syntax.languages import load_languages

TEXT = "---\ntitle: Shout\nresult: comments\nlanguages: python, go\n---\nWrite in capitals.\n\nAll of it.\n"


@pytest.fixture(autouse=True)
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(paths, "config_file", lambda: tmp_path / "user" / "config.toml")
    return tmp_path / "user" / "commands"


def put(folder: Path, name: str, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)


def test_a_file_is_a_command() -> None:
    command = parse_command("shout", TEXT.replace("\n", "\r\n"))
    assert (command.header.title, command.header.result) == ("Shout", "comments")
    assert command.instruction == "Write in capitals.\n\nAll of it."
    assert [command.supports_language(language) for language in ("python", "go", "c", "")] == [True, True, False, False]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Write.",
        "---\n---\nWrite.",
        "---\ntitle: x\n---\n",
        "---\ntitle: x\nresult: shell\n---\nx",
        "---\ntitle: x\nrun: rm\n---\nx",
    ],
)
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_command("x", text)


def test_the_users_and_the_workspaces_are_found_at_once(tmp_path: Path, user: Path) -> None:
    root = tmp_path / "project"
    assert load_custom_commands(root) == ()
    put(root / ".interfix" / "commands", "shout.md", TEXT)
    put(root / ".interfix" / "commands", "both.md", TEXT.replace("Shout", "Theirs"))
    put(root / ".interfix" / "commands", "broken.md", "no header")
    put(user, "both.md", TEXT.replace("Shout", "Mine"))
    assert {command.name: command.header.title for command in load_custom_commands(root)} == {"both": "Mine", "shout": "Shout"}
    assert [command.header.title for command in load_custom_commands(None)] == ["Mine"]


def test_a_link_out_of_a_workspace_is_no_command(tmp_path: Path) -> None:
    root = tmp_path / "project"
    put(tmp_path / "elsewhere", "shout.md", TEXT)
    (root / ".interfix").mkdir(parents=True)
    (root / ".interfix" / "commands").symlink_to(tmp_path / "elsewhere")
    assert load_custom_commands(root) == ()


def test_the_menu_is_sound() -> None:
    titles = [command.header.title for command in load_builtin_commands()]
    assert titles == ["Extract a function", "Simplify", "Rename for clarity", "Add types", "Return early", "Split up"]
    known = {language.id for language in load_languages()}
    for command in load_builtin_commands():
        assert {each.strip() for each in command.header.languages.split(",") if each} <= known
