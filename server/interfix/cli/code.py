"""`interfix complete`, and the models that serve the commands on code. Knows places, flags and printing."""

import asyncio
from typing import Annotated, Any

import typer

from interfix.cli import places
from interfix.cli.context import gatherer_for
from interfix.cli.library import ensure_library
from interfix.cli.options import Json
from interfix.cli.setup import settings_for, workspace
from interfix.completion.pipeline import Completer, Shape, Suggestion
from interfix.config.settings import Settings
from interfix.engine.remote.routing import Routed
from interfix.errors import RoleRefused, Unavailable
from interfix.models.choose import chosen
from interfix.models.roles import BaseModel, InstructModel
from interfix.output.terminal import say, write_code, write_json
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
        print_json(
            {
                "completion": suggestion.text if suggestion else "",
                "ms": round(suggestion.ms, 1) if suggestion else None,
                "prompt_tokens": suggestion.prompt_tokens if suggestion else None,
                "tokens": suggestion.tokens if suggestion else None,
                "model": suggestion.model if suggestion else None,
            }
        )
    elif suggestion:
        write_code(f"{suggestion.text}\n")
    if suggestion is None:
        say("interfix: nothing to offer here.", error=True)
        raise typer.Exit(1)


def base_model(settings: Settings) -> BaseModel:
    """The model that completes. Raises `RoleRefused` or `Unavailable`, with what to do, where there is none."""
    choice = chosen(settings.models, settings.serving())
    if Role.BASE in choice.refused:
        raise RoleRefused(choice.refused[Role.BASE])
    if choice.base is None:
        raise Unavailable("No model for completion is installed. Get one with: interfix models pull")
    ensure_library(settings, Role.BASE)
    return choice.base


def instruct_model(settings: Settings) -> InstructModel:
    """The model that explains and edits. Raises `RoleRefused` or `Unavailable`, with what to do, where there is none."""
    choice = chosen(settings.models, settings.serving())
    if Role.INSTRUCT in choice.refused:
        raise RoleRefused(choice.refused[Role.INSTRUCT])
    if choice.instruct is None:
        raise Unavailable("No model for explanations and edits is installed. Get one with: interfix models pull")
    ensure_library(settings, Role.INSTRUCT)
    return choice.instruct


async def _suggest(point: places.Point, settings: Settings, model: BaseModel, shape: Shape) -> Suggestion | None:
    root = workspace(point.snapshot.path)
    async with Routed(settings) as engine:
        with gatherer_for(root, settings) as gatherer:
            completer = Completer(engine, settings.completion, gatherer=gatherer)
            return await completer.suggest(model, point.snapshot, point.offset, automatic=False, shape=shape, root=root)


def print_json(value: dict[str, Any]) -> None:
    """One JSON object on a line of its own."""
    write_json(value)
