"""The command line: one file a group of commands."""

import os
import signal
import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

from interfix import __version__
from interfix.errors import InterfixError
from interfix.output.console_output import write_message
from interfix.system.digit_parsing import parse_whole_number

COMMANDS = {
    "demo": "demo:demo",
    "serve": "serve:serve",
    "complete": "complete:complete",
    "why": "completion_and_command_prompts:show_prompt",
    "run": "instruct_commands:run",
    "commit-message": "commit_message:commit_message",
    "models": "models:app",
    "tune": "tune:tune",
    "stats": "stats:stats",
    "doctor": "doctor:doctor",
    "status": "status_and_stop:status",
    "stop": "status_and_stop:stop",
    "grammars": "grammar_commands:app",
    "index": "index:index",
    "bench": "bench:app",
    "uninstall": "uninstall:uninstall",
}
"""Each command or group that does not stand in `commands/registry.py`: its module here and the name in it. Imported when it is
asked for: most need what others do without."""
_NAME_BEFORE_REGISTRY = "why"
"""The name in `COMMANDS` behind which the commands of the registry come."""


class LazyGroup(TyperGroup):
    """The group of `COMMANDS` and of the registry's commands."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 (its type is click's or typer's own, by version)
        names = list(COMMANDS)
        position = names.index(_NAME_BEFORE_REGISTRY) + 1
        return [*names[:position], *_instruct_commands().list_names(), *names[position:]]

    def get_params(self, ctx: Any) -> Any:
        return _hide_metavars(super().get_params(ctx))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        if cmd_name in COMMANDS:
            module, _, attribute = COMMANDS[cmd_name].partition(":")
            target = getattr(import_module(f"{__name__}.{module}"), attribute)
        elif (target := _instruct_commands().make_function(cmd_name)) is None:
            return None
        shell = typer.Typer(add_completion=False)
        if not isinstance(target, typer.Typer):
            shell.command(cmd_name)(target)
            return _hide_flag_types(get_command(shell))
        shell.add_typer(target, name=cmd_name)
        return _hide_flag_types(get_group(shell).commands[cmd_name])


def _hide_flag_types(command: Any) -> Any:
    """Help says of no flag that it takes a `<bool>`."""
    get_params = command.get_params
    command.get_params = lambda context: _hide_metavars(get_params(context))
    for each in getattr(command, "commands", {}).values():
        _hide_flag_types(each)
    return command


def _hide_metavars(params: Any) -> Any:
    for option in params:
        if getattr(option, "is_flag", False):
            option.metavar = ""
    return params


def _instruct_commands() -> Any:
    return import_module(f"{__name__}.instruct_commands")


app = typer.Typer(
    name="interfix",
    cls=LazyGroup,
    help="Local code completion with a base model; explanations and edits with an instruct model.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def _top(version: bool = typer.Option(False, "--version", help="Print the version.")) -> None:
    if version:
        write_message(__version__)
        raise typer.Exit


def _end_children_on_signals() -> None:
    """SIGTERM, and SIGHUP of a closed terminal, end us as Ctrl-C does: so what we have started, each in a session, ends too.

    What is ignored stays so, as under nohup.
    """
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _exit_on_signal)


def _exit_on_signal(number: int, _frame: Any) -> None:
    sys.exit(128 + number)


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 nothing to offer, 2 bad usage, 3 no model or engine."""
    _end_children_on_signals()
    if parse_whole_number(os.environ.get("COLUMNS", "1"), 1) != 1:
        del os.environ["COLUMNS"]  # no width: tables of no columns would be printed as nothing
    try:
        app()
    except InterfixError as error:
        write_message(f"interfix: {error}", error=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has gone; so do we, without a word
        sys.exit(0)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        write_message(f"interfix: {where}{error.strerror or error}.", error=True)
        sys.exit(3)
    except Exception as error:
        if os.environ.get("INTERFIX_LOGS_LEVEL") == "debug":
            raise
        says = f"a defect of Interfix: {type(error).__name__}: {error}. INTERFIX_LOGS_LEVEL=debug shows where."
        write_message(f"interfix: {says}", error=True)
        sys.exit(3)
