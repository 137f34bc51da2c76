"""The table of commands: each is there, and is imported when it is asked for.

The table is in `cli/__init__.py`.
"""

import subprocess
import sys

from typer.testing import CliRunner

from interfix.cli import COMMANDS, app


def test_help_knows_every_command() -> None:
    shown = CliRunner().invoke(app, ["--help"])
    assert shown.exit_code == 0
    for name in COMMANDS:
        assert f" {name} " in shown.output
        assert CliRunner().invoke(app, [name, "--help"]).exit_code == 0


def test_a_command_that_there_is_not_is_wrong_usage() -> None:
    assert CliRunner().invoke(app, ["explian"]).exit_code == 2


def test_looking_at_a_model_file_waits_for_no_engine() -> None:
    asked = "from interfix.cli import app; import sys; app(['models', '--help'], standalone_mode=False); print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    for module in ("numpy", "llama_cpp", "interfix.engine.client", "lsprotocol", "tree_sitter"):
        assert f"'{module}'" not in done.stdout
