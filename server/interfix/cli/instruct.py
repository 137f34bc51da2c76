"""The commands that the instruct model answers, from explain to fix, and those from files. Knows places, flags and printing."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Annotated

import typer
from rich.live import Live
from rich.markdown import Markdown
from rich.text import Text

from interfix.cli import places
from interfix.cli.code import Model, instruct_model, print_json
from interfix.cli.options import Json
from interfix.cli.patch import diff as patch_of
from interfix.cli.patch import write as write_edit
from interfix.cli.setup import settings_for, workspace
from interfix.commands import written
from interfix.commands.asking import Asking, Unusable
from interfix.commands.edit import Edit
from interfix.commands.own import OwnCommand, menu, own
from interfix.commands.registry import ANSWERS, EDITS
from interfix.commands.situation import Situation
from interfix.config.settings import Settings
from interfix.context.exclusion import Exclusion
from interfix.context.index import Index
from interfix.engine.remote.routing import Routed
from interfix.errors import BadUsage
from interfix.models.roles import InstructModel
from interfix.output.terminal import Console, say, write_code
from interfix.output.visible_text import visible
from interfix.system.file_writer import ReadOnlyFile

Place = Annotated[str, typer.Argument(metavar="FILE[:A-B]", help="A file, or lines of it.")]
Lines = Annotated[str, typer.Argument(metavar="FILE:A-B", help="The lines it is about.")]
Diff = Annotated[bool, typer.Option("--diff", help="Print a unified diff (the default).")]
Write = Annotated[bool, typer.Option("--write", help="Change the file.")]

Ask = Callable[[Asking, Situation], AsyncGenerator[str, None]]
Change = Callable[[Asking, Situation], Awaitable[Edit]]


def explain(place: Place, model: Model = "", json: Json = False) -> None:
    """Explain a file or lines of it, as markdown."""
    _answer("explanation", ANSWERS["explain"], place, "", model, json=json)


def ask(
    place: Place,
    question: Annotated[str, typer.Argument(help="What you want to know.")],
    model: Model = "",
    json: Json = False,
) -> None:
    """Answer a question about a file or lines of it, as markdown."""
    _answer("answer", ANSWERS["ask"], place, question, model, json=json)


def refactor(
    place: Lines,
    instruction: Annotated[str, typer.Argument(help="What to do, in words.")],
    diff: Diff = False,
    write: Write = False,
    model: Model = "",
    json: Json = False,
) -> None:
    """Change lines of a file as an instruction says; the result is checked, or refused."""
    _edit(EDITS["refactor"], place, instruction, model, diff=diff, write=write, json=json)


def document(
    place: Place,
    words: Annotated[str, typer.Argument(metavar="[WORDS]", help="What to mind.")] = "",
    diff: Diff = False,
    write: Write = False,
    model: Model = "",
    json: Json = False,
) -> None:
    """Document the definitions in lines of a file or in all of it; the code stays as it is."""
    _edit(EDITS["document"], place, words, model, diff=diff, write=write, json=json)


def write_tests(
    place: Place,
    diff: Diff = False,
    write: Write = False,
    model: Model = "",
    json: Json = False,
) -> None:
    """Write tests for lines of a file, in the project's own framework and folder."""
    _edit(EDITS["test"], place, "", model, diff=diff, write=write, json=json)


def fix(
    place: Lines,
    problem: Annotated[str, typer.Argument(help="What is wrong, as the compiler or linter says it.")],
    diff: Diff = False,
    write: Write = False,
    model: Model = "",
    json: Json = False,
) -> None:
    """Mend lines of a file; the result is checked, or refused."""
    _edit(EDITS["fix"], place, problem, model, diff=diff, write=write, json=json)


def run(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name of the command's file; unknown: what there is.")],
    place: Place,
    diff: Diff = False,
    write: Write = False,
    model: Model = "",
    json: Json = False,
) -> None:
    """Run a command from a file: the menu of refactorings, your own, or those of a trusted workspace."""
    path = places.lines(place, required=False).snapshot.path
    files = from_files(path, settings_for(path))
    if name not in files:
        raise BadUsage(f"there is no command {name}. There are: {', '.join(files)}.")
    command = files[name]
    if command.header.result == "answer":
        _answer("answer", lambda asking, where: written.answer(asking, where, command), place, "", model, json=json)
    else:
        _edit(lambda asking, where: written.change(asking, where, command), place, "", model, diff=diff, write=write, json=json)


def from_files(path: str, settings: Settings) -> dict[str, OwnCommand]:
    """The commands from files that there are for a file, by name."""
    root = workspace(path) if settings.context.trusted else None
    return {each.name: each for each in (*menu(), *own(root))}


def situation(lines: places.Lines, words: str, settings: Settings) -> Situation:
    """The index is asked as the server has left it: here nobody waits for one to be made."""
    root = workspace(lines.snapshot.path) if settings.context.trusted else None
    exclusion = Exclusion(root, settings.context)
    index = Index(root, exclusion) if root is not None and settings.context.index else None
    return Situation(lines.snapshot, lines.start, lines.end, words=words, root=root, index=index, exclusion=exclusion)


def _answer(key: str, command: Ask, place: str, words: str, model: str, *, json: bool) -> None:
    lines = places.lines(place, required=False)
    settings = settings_for(lines.snapshot.path, instruct=model)
    instruct = instruct_model(settings)
    text = asyncio.run(_told(command, lines, words, settings, instruct, show=not json))
    if json:
        print_json({key: text, "model": instruct.name})
    if not text.strip():
        say("interfix: the model had nothing to say.", error=True)
        raise typer.Exit(1)


def _edit(command: Change, place: str, words: str, model: str, *, diff: bool, write: bool, json: bool) -> None:
    if diff and write:
        raise BadUsage("Choose one of --diff and --write.")
    lines = places.lines(place, required=":" in place)
    settings = settings_for(lines.snapshot.path, instruct=model)
    instruct = instruct_model(settings)
    try:
        edit = asyncio.run(_made(command, lines, words, settings, instruct))
    except Unusable as error:
        if json:
            print_json({"diff": "", "verdict": str(error), "written": False, "model": instruct.name, "answer": error.answer})
        else:
            say(f"{error.answer.strip()}\n", error=True)
        raise
    patch = patch_of(edit)
    if write and patch:
        _write(edit)
    if json:
        told = {"diff": patch, "verdict": edit.verdict, "written": write and bool(patch), "model": instruct.name}
        print_json({**told, "answer": edit.answer})
    elif not write:
        write_code(patch)
    say(f"interfix: {edit.verdict}", error=True)
    if not patch:
        raise typer.Exit(1)


def _write(edit: Edit) -> None:
    """Make the edit; whoever sits at the terminal is asked about a read-only file."""
    try:
        notes = write_edit(edit)
    except ReadOnlyFile:
        if not sys.stdin.isatty() or not typer.confirm(
            f"{visible(edit.snapshot.path)} is read-only. Write it all the same?", err=True
        ):
            raise
        notes = write_edit(edit, read_only=True)
    for note in notes:
        say(f"interfix: {note}", error=True)


async def _told(command: Ask, lines: places.Lines, words: str, settings: Settings, model: InstructModel, *, show: bool) -> str:
    console = Console()
    text = ""
    async with Routed(settings) as engine:
        pieces = command(Asking(engine, model, settings), situation(lines, words, settings))
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
                        say(piece, end="")
                if show:
                    say("")
    return text


async def _made(command: Change, lines: places.Lines, words: str, settings: Settings, model: InstructModel) -> Edit:
    with Console(stderr=True).status("asking …") as status:
        async with Routed(settings) as engine:
            return await command(
                Asking(engine, model, settings, watch=lambda news: status.update(Text(news))), situation(lines, words, settings)
            )
