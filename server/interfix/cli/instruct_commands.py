"""The commands that the instruct model answers, made of the table in `commands/registry.py`; and `run` for those from files."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from interfix.cli import position_arguments
from interfix.cli.cli_settings import load_settings
from interfix.cli.instruct_command_runner import EditOutput, load_file_commands, run_answer, run_edit
from interfix.cli.options import JsonOption, ModelOption
from interfix.commands.command import AnswerCommand, Command, EditCommand
from interfix.commands.custom_command_runner import bind_command
from interfix.commands.registry import INSTRUCT_COMMANDS
from interfix.errors import UsageError

FILE_ARGUMENT = ("FILE[:A-B]", "A file, or lines of it.")
LINES_ARGUMENT = ("FILE:A-B", "The lines it is about.")
DiffOption = Annotated[bool, typer.Option("--diff", help="Print a unified diff (the default).")]
WriteOption = Annotated[bool, typer.Option("--write", help="Change the file.")]


def list_names() -> list[str]:
    """The names of the table, in its order."""
    return list(INSTRUCT_COMMANDS)


def make_function(name: str) -> Callable[..., None] | None:
    """The function of the table's command, from whose signature Typer makes the arguments; None where there is no such command."""
    match INSTRUCT_COMMANDS.get(name):
        case AnswerCommand() as command:
            return _make_answer_function(command)
        case EditCommand() as command:
            return _make_edit_function(command)
        case _:
            return None


def _make_answer_function(command: AnswerCommand) -> Callable[..., None]:
    def answer(
        place: str = _place_argument(command),
        words: str = _words_argument(command),
        model: ModelOption = "",
        json: JsonOption = False,
    ) -> None:
        run_answer(command, place, words, model, json=json)

    return _describe(answer, command)


def _make_edit_function(command: EditCommand) -> Callable[..., None]:
    def edit(
        place: str = _place_argument(command),
        words: str = _words_argument(command),
        diff: DiffOption = False,
        write: WriteOption = False,
        model: ModelOption = "",
        json: JsonOption = False,
    ) -> None:
        run_edit(command, place, words, model, EditOutput(diff=diff, write=write, json=json))

    return _describe(edit, command)


def _place_argument(command: Command) -> Any:
    metavar, help_text = LINES_ARGUMENT if command.needs_lines else FILE_ARGUMENT
    return typer.Argument(..., metavar=metavar, help=help_text, show_default=False)


def _words_argument(command: Command) -> Any:
    if command.words is None:
        return ""
    metavar = command.words.name.upper()
    return typer.Argument(... if command.words.required else "", metavar=metavar, help=command.words.help)


def _describe(function: Callable[..., None], command: Command) -> Callable[..., None]:
    """The function with the command's help, and without the argument `words` where the command takes none."""
    function.__doc__ = command.summary
    signature = inspect.signature(function)
    visible = [each for each in signature.parameters.values() if each.name != "words" or command.words is not None]
    vars(function)["__signature__"] = signature.replace(parameters=visible)
    return function


def run(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name of the command's file; unknown: what there is.")],
    place: Annotated[str, typer.Argument(metavar=FILE_ARGUMENT[0], help=FILE_ARGUMENT[1])],
    diff: DiffOption = False,
    write: WriteOption = False,
    model: ModelOption = "",
    json: JsonOption = False,
) -> None:
    """Run a command from a file: the menu of refactorings, your own, or those of a trusted workspace."""
    path = position_arguments.parse_lines(place, required=False).snapshot.path
    files = load_file_commands(path, load_settings(path))
    if name not in files:
        raise UsageError(f"there is no command {name}. There are: {', '.join(files)}.")
    command = bind_command(files[name])
    if isinstance(command, AnswerCommand):
        run_answer(command, place, "", model, json=json)
    else:
        run_edit(command, place, "", model, EditOutput(diff=diff, write=write, json=json))
