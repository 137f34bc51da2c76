"""`interfix complete`, and the models that serve the commands on code."""

import asyncio
from typing import Annotated, Any

import msgspec
import typer

from interfix.cli import locations
from interfix.cli.cli_settings import find_workspace_root, load_settings
from interfix.cli.gatherer_setup import open_gatherer, open_name_search
from interfix.cli.library_download import ensure_library
from interfix.cli.options import JsonOption
from interfix.cli.wait_notice import StageEngine, WaitNotice
from interfix.completion.completer import Completer
from interfix.completion.suggestion import Suggestion, SuggestionRequest
from interfix.completion.suggestion_shape import SuggestionShape
from interfix.config.settings import Settings
from interfix.engine.remote.router import EngineRouter
from interfix.errors import RoleMismatchError, UnavailableError
from interfix.lsp.language_server_client import open_language_server
from interfix.models.model_selection import select_models
from interfix.models.role_check import BaseModel, InstructModel
from interfix.output.terminal import write_code, write_json, write_message
from interfix.values import Role

READING_MS = 6000
"""How long the prompt may be read, at least: there is no second answer here that could be better, ms."""
ModelOption = Annotated[str, typer.Option("--model", metavar="NAME", help="A catalog name or a GGUF file, for this once.")]


def complete(
    place: Annotated[str, typer.Argument(metavar="FILE:LINE:COL", help="1-based; columns in characters.")],
    block: Annotated[bool, typer.Option("--block", help="Ask for several lines.")] = False,
    model: ModelOption = "",
    language_server: Annotated[
        str,
        typer.Option("--language-server", metavar="COMMAND", help="Ask it which names exist, as in 'pyright-langserver --stdio'."),
    ] = "",
    json: JsonOption = False,
) -> None:
    """Complete code at a place in a file."""
    point = locations.parse_position(place)
    settings = load_settings(point.snapshot.path, base=model)
    suggestion = asyncio.run(
        _suggest(
            point,
            settings,
            require_base_model(settings),
            SuggestionShape.BLOCK if block else SuggestionShape.AUTO,
            language_server,
        )
    )
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
        write_message("interfix: nothing to offer here.", error=True)
        raise typer.Exit(1)


def require_base_model(settings: Settings) -> BaseModel:
    """The model that completes. Raises `RoleMismatchError` or `UnavailableError`, with what to do, where there is none."""
    choice = select_models(settings.models, settings.get_backends())
    if Role.BASE in choice.refused:
        raise RoleMismatchError(choice.refused[Role.BASE])
    if choice.base is None:
        raise UnavailableError("No model for completion is installed. Get one with: interfix models pull")
    ensure_library(settings, Role.BASE)
    return choice.base


def require_instruct_model(settings: Settings) -> InstructModel:
    """The model that explains and edits. Raises `RoleMismatchError` or `UnavailableError`, with what to do, where there is none."""
    choice = select_models(settings.models, settings.get_backends())
    if Role.INSTRUCT in choice.refused:
        raise RoleMismatchError(choice.refused[Role.INSTRUCT])
    if choice.instruct is None:
        raise UnavailableError("No model for explanations and edits is installed. Get one with: interfix models pull")
    ensure_library(settings, Role.INSTRUCT)
    return choice.instruct


async def _suggest(
    position: locations.FilePosition, settings: Settings, model: BaseModel, shape: SuggestionShape, language_server: str
) -> Suggestion | None:
    root = find_workspace_root(position.snapshot.path)
    completion = settings.completion
    if completion.asked_ms:  # nobody asks a second time
        completion = msgspec.structs.replace(completion, asked_ms=max(completion.asked_ms, READING_MS))
    async with WaitNotice() as notice, EngineRouter(settings) as router, open_language_server(language_server, root) as ask:
        engine = StageEngine(router, notice)
        with open_gatherer(root, settings) as gatherer, open_name_search(root, settings, ask) as names:
            completer = Completer(engine, completion, gatherer=gatherer, names=names)
            suggestion = await completer.suggest(SuggestionRequest(model, position.snapshot, position.offset, root, shape=shape))
            return suggestion if suggestion.text else None


def print_json(value: dict[str, Any]) -> None:
    """One JSON object on a line of its own."""
    write_json(value)
