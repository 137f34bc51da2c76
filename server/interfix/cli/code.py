"""The commands on code: complete, explain, refactor. Knows places, flags and printing."""

import asyncio
import contextlib
import difflib
import io
import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.live import Live
from rich.markdown import Markdown

from interfix.cli import places
from interfix.cli.context import gatherer_for
from interfix.cli.options import Json
from interfix.cli.setup import settings_for, workspace
from interfix.commands.explain import explain as explain_code
from interfix.commands.refactor import Refactoring
from interfix.commands.refactor import refactor as refactor_code
from interfix.completion.pipeline import Completer, Shape, Suggestion
from interfix.config.settings import Settings
from interfix.engine.client import local_engine
from interfix.errors import BadUsage, RoleRefused, Unavailable
from interfix.models.choose import chosen
from interfix.models.roles import BaseModel, InstructModel
from interfix.values import Role

Model = Annotated[str, typer.Option("--model", metavar="NAME", help="A catalog name or a GGUF file, for this once.")]


def complete(
    place: Annotated[str, typer.Argument(metavar="FILE:LINE:COL", help="1-based; columns in characters.")],
    block: Annotated[bool, typer.Option("--block", help="Ask for several lines.")] = False,
    model: Model = "",
    json: Json = False,
) -> None:
    """Complete code at a place in a file."""
    point = places.point(place)
    settings = settings_for(point.snapshot.path, base=model)
    suggestion = asyncio.run(_suggest(point, settings, base_model(settings), Shape.BLOCK if block else Shape.AUTO))
    if json:
        _print_json(
            {
                "completion": suggestion.text if suggestion else "",
                "ms": round(suggestion.ms, 1) if suggestion else None,
                "prompt_tokens": suggestion.prompt_tokens if suggestion else None,
                "tokens": suggestion.tokens if suggestion else None,
                "model": suggestion.model if suggestion else None,
            }
        )
    elif suggestion:
        print(suggestion.text)
    if suggestion is None:
        print("interfix: nothing to offer here.", file=sys.stderr)
        raise typer.Exit(1)


def explain(
    place: Annotated[str, typer.Argument(metavar="FILE[:A-B]", help="A file, or lines of it.")],
    model: Model = "",
    json: Json = False,
) -> None:
    """Explain a file or lines of it, as markdown."""
    lines = places.lines(place, required=False)
    settings = settings_for(lines.snapshot.path, instruct=model)
    instruct = instruct_model(settings)
    text = asyncio.run(_explain(lines, settings, instruct, show=not json))
    if json:
        _print_json({"explanation": text, "model": instruct.name})
    if not text.strip():
        print("interfix: the model had nothing to say.", file=sys.stderr)
        raise typer.Exit(1)


def refactor(
    place: Annotated[str, typer.Argument(metavar="FILE:A-B", help="The lines to change.")],
    instruction: Annotated[str, typer.Argument(help="What to do, in words.")],
    diff: Annotated[bool, typer.Option("--diff", help="Print a unified diff (the default).")] = False,
    write: Annotated[bool, typer.Option("--write", help="Change the file.")] = False,
    model: Model = "",
    json: Json = False,
) -> None:
    """Change lines of a file as an instruction says; the result parses, or is refused."""
    if diff and write:
        raise BadUsage("Choose one of --diff and --write.")
    lines = places.lines(place, required=True)
    settings = settings_for(lines.snapshot.path, instruct=model)
    instruct = instruct_model(settings)
    result = asyncio.run(_refactor(lines, settings, instruct, instruction))
    path = Path(lines.snapshot.path)
    before = lines.snapshot.data
    after = before[: result.start] + result.text.encode() + before[result.end :]
    patch = _diff(path, before.decode(), after.decode())
    if write and patch:
        replace_file(path, after)
    if json:
        _print_json({"diff": patch, "verdict": result.verdict, "written": write and bool(patch), "model": instruct.name})
    elif not write:
        sys.stdout.write(patch)
    print(f"interfix: {result.verdict}", file=sys.stderr)
    if not patch:
        raise typer.Exit(1)


def base_model(settings: Settings) -> BaseModel:
    """The model that completes. Raises `RoleRefused` or `Unavailable`, with what to do, where there is none."""
    choice = chosen(settings.models)
    if Role.BASE in choice.refused:
        raise RoleRefused(choice.refused[Role.BASE])
    if choice.base is None:
        raise Unavailable("No model for completion is installed. Get one with: interfix models pull")
    return choice.base


def instruct_model(settings: Settings) -> InstructModel:
    """The model that explains and edits. Raises `RoleRefused` or `Unavailable`, with what to do, where there is none."""
    choice = chosen(settings.models)
    if Role.INSTRUCT in choice.refused:
        raise RoleRefused(choice.refused[Role.INSTRUCT])
    if choice.instruct is None:
        raise Unavailable("No model for explanations and edits is installed. Get one with: interfix models pull")
    return choice.instruct


def replace_file(path: Path, data: bytes) -> None:
    """Write a file anew in one step, its permissions kept. Raises `BadUsage` where it cannot be written."""
    partial = path.with_name(f".{path.name}.interfix")
    try:
        partial.write_bytes(data)
        partial.chmod(path.stat().st_mode)
        partial.replace(path.resolve())
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise BadUsage(f"{path} cannot be written ({error.strerror}); nothing was changed.") from error


async def _suggest(point: places.Point, settings: Settings, model: BaseModel, shape: Shape) -> Suggestion | None:
    root = workspace(point.snapshot.path)
    async with local_engine() as engine:
        with gatherer_for(root, settings) as gatherer:
            completer = Completer(engine, settings.completion, gatherer=gatherer)
            return await completer.suggest(model, point.snapshot, point.offset, automatic=False, shape=shape, root=root)


async def _explain(lines: places.Lines, settings: Settings, model: InstructModel, *, show: bool) -> str:
    console = Console()
    text = ""
    async with local_engine() as engine:
        pieces = explain_code(engine, model, lines.snapshot, lines.start, lines.end, settings.commands)
        if show and console.is_terminal:
            with Live(console=console, vertical_overflow="visible") as live:
                async for piece in pieces:
                    text += piece
                    live.update(Markdown(text))
        else:
            async for piece in pieces:
                text += piece
                if show:
                    print(piece, end="", flush=True)
            if show:
                print()
    return text


async def _refactor(lines: places.Lines, settings: Settings, model: InstructModel, instruction: str) -> Refactoring:
    async with local_engine() as engine:
        return await refactor_code(engine, model, lines.snapshot, lines.start, lines.end, instruction, settings.commands)


def _diff(path: Path, before: str, after: str) -> str:
    """A unified diff that `patch -p1` takes, or nothing where nothing differs."""
    with contextlib.suppress(ValueError):
        path = path.relative_to(Path.cwd())
    name = path.as_posix().lstrip("/")
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in difflib.unified_diff(_lines(before), _lines(after), f"a/{name}", f"b/{name}")
    )


def _lines(text: str) -> list[str]:
    return io.StringIO(text, newline="\n").readlines()


def _print_json(value: dict[str, Any]) -> None:
    print(msgspec.json.encode(value).decode())
