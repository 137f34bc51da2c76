"""Runs one command on the command line: an answer goes to the terminal as it is written, an edit is printed as a diff or made."""

import asyncio
import sys
from contextlib import aclosing

import msgspec
import typer
from rich.live import Live
from rich.markdown import Markdown
from rich.text import Text

from interfix.cli.cli_settings import find_workspace_root, load_settings
from interfix.cli.edit_output import format_diff, write_edit
from interfix.cli.position_arguments import FileLines, parse_lines
from interfix.cli.required_models import require_instruct_model
from interfix.cli.wait_notice import StageEngine, WaitNotice
from interfix.commands.command import AnswerCommand, EditCommand
from interfix.commands.command_files import CustomCommand, load_builtin_commands, load_custom_commands
from interfix.commands.command_request import CommandRequest
from interfix.commands.edit_hunks import CheckedEdit
from interfix.commands.instruct_client import InstructClient, UnusableAnswer
from interfix.config.settings import Settings
from interfix.context.exclusion import Exclusion
from interfix.context.index import WorkspaceIndex
from interfix.engine.remote.router import EngineRouter
from interfix.errors import UsageError
from interfix.models.role_check import InstructModel
from interfix.output.console_output import Console, write_answer, write_code, write_json, write_message
from interfix.output.control_characters import escape_control_characters
from interfix.system.file_writer import ReadOnlyFile


class EditOutput(msgspec.Struct, frozen=True, kw_only=True):
    """What to do with an edit."""

    diff: bool = False
    """Print it as a unified diff, the default."""
    write: bool = False
    """Change the file."""
    json: bool = False
    """Print one JSON object."""


def run_answer(command: AnswerCommand, place: str, words: str, model: str, *, json: bool) -> None:
    """Print the answer as it is written, or as one JSON object."""
    lines = parse_lines(place, required=False)
    settings = load_settings(lines.snapshot.path, instruct=model)
    instruct = require_instruct_model(settings)
    text = asyncio.run(_stream_to_console(command, lines, words, settings, instruct, show=not json))
    if json:
        write_json({command.json_key: text, "model": instruct.name})
    if not text.strip():
        write_message("interfix: the model had nothing to say.", error=True)
        raise typer.Exit(1)


def run_edit(command: EditCommand, place: str, words: str, model: str, output: EditOutput) -> None:
    """Print the edit or make it; what the model said goes to standard error where it cannot be used."""
    if output.diff and output.write:
        raise UsageError("Choose one of --diff and --write.")
    lines = parse_lines(place, required=":" in place)
    settings = load_settings(lines.snapshot.path, instruct=model)
    instruct = require_instruct_model(settings)
    try:
        edit = asyncio.run(_await_edit(command, lines, words, settings, instruct))
    except UnusableAnswer as error:
        if output.json:
            write_json({"diff": "", "verdict": str(error), "written": False, "model": instruct.name, "answer": error.answer})
        else:
            write_answer(f"{error.answer.strip()}\n", error=True)
        raise
    patch = format_diff(edit)
    if output.write and patch:
        write_or_ask(edit)
    if output.json:
        result = {"diff": patch, "verdict": edit.summary, "written": output.write and bool(patch), "model": instruct.name}
        write_json({**result, "answer": edit.answer})
    elif not output.write:
        write_code(patch)
    write_message(f"interfix: {edit.summary}", error=True)
    if not patch:
        raise typer.Exit(1)


def write_or_ask(edit: CheckedEdit) -> None:
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
    command: AnswerCommand, lines: FileLines, words: str, settings: Settings, model: InstructModel, *, show: bool
) -> str:
    console = Console()
    text = ""
    async with WaitNotice() as notice, EngineRouter(settings) as router:
        client = InstructClient(StageEngine(router, notice), model, settings)
        pieces = command.run(client, build_lines_request(lines, words, settings))
        async with aclosing(pieces):
            if show and console.is_terminal:
                text = await anext(pieces, "")
                await notice.end()  # two live displays would write over one another
                with Live(Markdown(text, hyperlinks=False), console=console, vertical_overflow="visible") as live:
                    async for piece in pieces:
                        text += piece
                        live.update(Markdown(text, hyperlinks=False))
            else:
                async for piece in pieces:
                    await notice.end()
                    text += piece
                    if show:
                        write_answer(piece, end="")
                if show:
                    write_answer("")
    return text


async def _await_edit(command: EditCommand, lines: FileLines, words: str, settings: Settings, model: InstructModel) -> CheckedEdit:
    with Console(stderr=True).status("asking …") as status:
        async with EngineRouter(settings) as engine:
            return await command.run(
                InstructClient(engine, model, settings, on_progress=lambda news: status.update(Text(news))),
                build_lines_request(lines, words, settings),
            )


def load_file_commands(path: str, settings: Settings) -> dict[str, CustomCommand]:
    """The commands from files that there are for a file, by name."""
    root = find_workspace_root(path) if settings.context.trusted else None
    return {each.name: each for each in (*load_builtin_commands(), *load_custom_commands(root))}


def build_lines_request(lines: FileLines, instruction: str, settings: Settings) -> CommandRequest:
    """The index is asked as the server has left it: here nobody waits for one to be made."""
    root = find_workspace_root(lines.snapshot.path) if settings.context.trusted else None
    exclusion = Exclusion(root, settings.context)
    index = WorkspaceIndex(root, exclusion) if root is not None and settings.context.index else None
    return CommandRequest(
        lines.snapshot, lines.start, lines.end, instruction=instruction, root=root, index=index, exclusion=exclusion
    )
