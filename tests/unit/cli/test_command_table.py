"""The table of commands: each is there, and is imported when it is asked for.

About `cli/__init__.py` and `cli/instruct_commands.py`.
"""

import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from interfix import cli
from interfix.cli import COMMANDS, app
from interfix.commands.command import Command
from interfix.commands.registry import INSTRUCT_COMMANDS
from interfix.errors import UsageError


def test_help_knows_every_command() -> None:
    shown = CliRunner().invoke(app, ["--help"])
    assert shown.exit_code == 0
    for name in (*COMMANDS, *INSTRUCT_COMMANDS):
        assert f" {name} " in shown.output
        assert CliRunner().invoke(app, [name, "--help"]).exit_code == 0


@pytest.mark.parametrize("command", INSTRUCT_COMMANDS.values(), ids=INSTRUCT_COMMANDS)
def test_a_command_takes_the_words_of_its_row(command: Command) -> None:
    shown = CliRunner().invoke(app, [command.name, "--help"]).output
    assert " ".join(command.summary.split()) in " ".join(shown.split())
    needed = CliRunner().invoke(app, [command.name, "no_such_file.py"])
    extra = CliRunner().invoke(app, [command.name, "no_such_file.py", "words", "more"])
    assert extra.exit_code == 2
    if command.words is None:
        assert CliRunner().invoke(app, [command.name, "no_such_file.py", "words"]).exit_code == 2
    elif command.words.required:
        assert needed.exit_code == 2
        assert command.words.name.upper() in shown
    else:
        assert isinstance(needed.exception, UsageError)
        assert command.words.help in shown


def test_a_command_that_there_is_not_is_wrong_usage() -> None:
    assert CliRunner().invoke(app, ["explian"]).exit_code == 2


@pytest.mark.slow
def test_looking_at_a_model_file_waits_for_no_engine() -> None:
    asked = "from interfix.cli import app; import sys; app(['models', '--help'], standalone_mode=False); print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    for module in ("numpy", "llama_cpp", "interfix.engine.client", "lsprotocol", "tree_sitter"):
        assert f"'{module}'" not in done.stdout


@pytest.mark.parametrize("columns", ["0", "-1", "", "wide"])
def test_a_width_that_is_none_is_left_to_the_terminal(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr(cli, "app", lambda: None)
    monkeypatch.setattr(cli, "_end_children_on_signals", lambda: None)
    cli.main()
    assert "COLUMNS" not in os.environ
    monkeypatch.setenv("COLUMNS", "44")
    cli.main()
    assert os.environ["COLUMNS"] == "44"
