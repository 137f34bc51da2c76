"""The commands that the instruct model answers, from explain to fix, and those from files."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Annotated

import typer
from rich.live import Live
from rich.markdown import Markdown
from rich.text import Text

from interfix.cli import locations
from interfix.cli.cli_settings import find_workspace_root, load_settings
from interfix.cli.complete import ModelOption, print_json, require_instruct_model
from interfix.cli.edit_output import format_diff as patch_of
from interfix.cli.edit_output import write_edit as write_edit
from interfix.cli.options import JsonOption
from interfix.commands import custom_command_runner
from interfix.commands.command_request import CommandRequest
from interfix.commands.custom_commands import CustomCommand, load_builtin_commands, load_custom_commands
from interfix.commands.edit_hunks import CheckedEdit
from interfix.commands.instruct_client import InstructClient, UnusableAnswer
from interfix.commands.registry import ANSWER_COMMANDS, EDIT_COMMANDS
from interfix.config.settings import Settings
from interfix.context.exclusion import Exclusion
from interfix.context.index import WorkspaceIndex
from interfix.engine.remote.router import EngineRouter
from interfix.errors import UsageError
from interfix.models.role_check import InstructModel
from interfix.output.control_characters import escape_control_characters
from interfix.output.terminal import Console, write_code, write_message
from interfix.system.file_writer import ReadOnlyFile

PlaceArgument = Annotated[str, typer.Argument(metavar="FILE[:A-B]", help="A file, or lines of it.")]
LinesArgument = Annotated[str, typer.Argument(metavar="FILE:A-B", help="The lines it is about.")]
DiffOption = Annotated[bool, typer.Option("--diff", help="Print a unified diff (the default).")]
WriteOption = Annotated[bool, typer.Option("--write", help="Change the file.")]

AnswerFunction = Callable[[InstructClient, CommandRequest], AsyncGenerator[str, None]]
EditFunction = Callable[[InstructClient, CommandRequest], Awaitable[CheckedEdit]]


def explain(place: PlaceArgument, model: ModelOption = "", json: JsonOption = False) -> None:
    """Explain a file or lines of it, as markdown."""
    _run_answer("explanation", ANSWER_COMMANDS["explain"], place, "", model, json=json)


def ask(
    place: PlaceArgument,
    question: Annotated[str, typer.Argument(help="What you want to know.")],
    model: ModelOption = "",
    json: JsonOption = False,
) -> None:
    """Answer a question about a file or lines of it, as markdown."""
    _run_answer("answer", ANSWER_COMMANDS["ask"], place, question, model, json=json)


def refactor(
    place: LinesArgument,
    instruction: Annotated[str, typer.Argument(help="What to do, in words.")],
    diff: DiffOption = False,
    write: WriteOption = False,
    model: ModelOption = "",
    json: JsonOption = False,
) -> None:
    """Change lines of a file as an instruction says; the result is checked, or refused."""
    _run_edit(EDIT_COMMANDS["refactor"], place, instruction, model, diff=diff, write=write, json=json)


def document(
    place: PlaceArgument,
    words: Annotated[str, typer.Argument(metavar="[WORDS]", help="What to mind.")] = "",
    diff: DiffOption = False,
    write: WriteOption = False,
    model: ModelOption = "",
    json: JsonOption = False,
) -> None:
    """Document the definitions in lines of a file or in all of it; the code stays as it is."""
    _run_edit(EDIT_COMMANDS["document"], place, words, model, diff=diff, write=write, json=json)


def write_tests(
    place: PlaceArgument,
    diff: DiffOption = False,
    write: WriteOption = False,
    model: ModelOption = "",
    json: JsonOption = False,
) -> None:
    """Write tests for lines of a file, in the project's own framework and folder."""
    _run_edit(EDIT_COMMANDS["test"], place, "", model, diff=diff, write=write, json=json)


def fix(
    place: LinesArgument,
    problem: Annotated[str, typer.Argument(help="What is wrong, as the compiler or linter says it.")],
    diff: DiffOption = False,
    write: WriteOption = False,
    model: ModelOption = "",
    json: JsonOption = False,
) -> None:
    """Mend lines of a file; the result is checked, or refused."""
    _run_edit(EDIT_COMMANDS["fix"], place, problem, model, diff=diff, write=write, json=json)


def run(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name of the command's file; unknown: what there is.")],
    place: PlaceArgument,
    diff: DiffOption = False,
    write: WriteOption = False,
    model: ModelOption = "",
    json: JsonOption = False,
) -> None:
    """Run a command from a file: the menu of refactorings, your own, or those of a trusted workspace."""
    path = locations.parse_lines(place, required=False).snapshot.path
    files = load_file_commands(path, load_settings(path))
    if name not in files:
        raise UsageError(f"there is no command {name}. There are: {', '.join(files)}.")
    command = files[name]
    if command.header.result == "answer":
        _run_answer(
            "answer",
            lambda asking, where: custom_command_runner.run_answer_command(asking, where, command),
            place,
            "",
            model,
            json=json,
        )
    else:
        _run_edit(
            lambda asking, where: custom_command_runner.run_edit_command(asking, where, command),
            place,
            "",
            model,
            diff=diff,
            write=write,
            json=json,
        )


def load_file_commands(path: str, settings: Settings) -> dict[str, CustomCommand]:
    """The commands from files that there are for a file, by name."""
    root = find_workspace_root(path) if settings.context.trusted else None
    return {each.name: each for each in (*load_builtin_commands(), *load_custom_commands(root))}


def build_request(lines: locations.FileLines, instruction: str, settings: Settings) -> CommandRequest:
    """The index is asked as the server has left it: here nobody waits for one to be made."""
    root = find_workspace_root(lines.snapshot.path) if settings.context.trusted else None
    exclusion = Exclusion(root, settings.context)
    index = WorkspaceIndex(root, exclusion) if root is not None and settings.context.index else None
    return CommandRequest(
        lines.snapshot, lines.start, lines.end, instruction=instruction, root=root, index=index, exclusion=exclusion
    )


def _run_answer(key: str, command: AnswerFunction, place: str, words: str, model: str, *, json: bool) -> None:
    lines = locations.parse_lines(place, required=False)
    settings = load_settings(lines.snapshot.path, instruct=model)
    instruct = require_instruct_model(settings)
    text = asyncio.run(_stream_to_console(command, lines, words, settings, instruct, show=not json))
    if json:
        print_json({key: text, "model": instruct.name})
    if not text.strip():
        write_message("interfix: the model had nothing to say.", error=True)
        raise typer.Exit(1)


def _run_edit(command: EditFunction, place: str, words: str, model: str, *, diff: bool, write: bool, json: bool) -> None:
    if diff and write:
        raise UsageError("Choose one of --diff and --write.")
    lines = locations.parse_lines(place, required=":" in place)
    settings = load_settings(lines.snapshot.path, instruct=model)
    instruct = require_instruct_model(settings)
    try:
        edit = asyncio.run(_await_edit(command, lines, words, settings, instruct))
    except UnusableAnswer as error:
        if json:
            print_json({"diff": "", "verdict": str(error), "written": False, "model": instruct.name, "answer": error.answer})
        else:
            write_message(f"{error.answer.strip()}\n", error=True)
        raise
    patch = patch_of(edit)
    if write and patch:
        _write(edit)
    if json:
        told = {"diff": patch, "verdict": edit.summary, "written": write and bool(patch), "model": instruct.name}
        print_json({**told, "answer": edit.answer})
    elif not write:
        write_code(patch)
    write_message(f"interfix: {edit.summary}", error=True)
    if not patch:
        raise typer.Exit(1)


def _write(edit: CheckedEdit) -> None:
    """Make the edit; whoever sits at the terminal is asked about a read-only file."""
    try:
        notes = write_edit(edit)
    except ReadOnlyFile:
        if not sys.stdin.isatty() or not typer.confirm(
            f"{escape_control_characters(edit.snapshot.path)} is read-only. Write it all the same?", err=True
        ):
            raise
        notes = write_edit(edit, read_only=True)
    for note in notes:
        write_message(f"interfix: {note}", error=True)


async def _stream_to_console(
    command: AnswerFunction, lines: locations.FileLines, words: str, settings: Settings, model: InstructModel, *, show: bool
) -> str:
    console = Console()
    text = ""
    async with EngineRouter(settings) as engine:
        pieces = command(InstructClient(engine, model, settings), build_request(lines, words, settings))
        async with aclosing(pieces):
            if show and console.is_terminal:
                with Live(console=console, vertical_overflow="visible") as live:
                    async for piece in pieces:
                        text += piece
                        live.update(Markdown(text, hyperlinks=False))
            else:
                async for piece in pieces:
                    text += piece
                    if show:
                        write_message(piece, end="")
                if show:
                    write_message("")
    return text


async def _await_edit(
    command: EditFunction, lines: locations.FileLines, words: str, settings: Settings, model: InstructModel
) -> CheckedEdit:
    with Console(stderr=True).status("asking …") as status:
        async with EngineRouter(settings) as engine:
            return await command(
                InstructClient(engine, model, settings, on_progress=lambda news: status.update(Text(news))),
                build_request(lines, words, settings),
            )
