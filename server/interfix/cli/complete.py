"""`interfix complete`: what would be suggested at a place in a file."""

import asyncio
from typing import Annotated

import msgspec
import typer

from interfix.cli import position_arguments
from interfix.cli.cli_settings import find_workspace_root, load_settings
from interfix.cli.gatherer_setup import open_gatherer, open_name_search
from interfix.cli.options import JsonOption, ModelOption
from interfix.cli.required_models import require_base_model
from interfix.cli.wait_notice import StageEngine, WaitNotice
from interfix.completion.completer import Completer
from interfix.completion.multiline_choice import SuggestionShape
from interfix.completion.suggestion import Suggestion
from interfix.completion.suggestion_request import SuggestionRequest
from interfix.config.settings import Settings
from interfix.engine.remote.router import EngineRouter
from interfix.lsp.language_server_client import open_language_server
from interfix.models.role_check import BaseModel
from interfix.output.console_output import write_code, write_json, write_message

READING_MS = 6000
"""How long the prompt may be read, at least: there is no second answer here that could be better, ms."""


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
    point = position_arguments.parse_position(place)
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
        write_json(
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


async def _suggest(
    position: position_arguments.FilePosition, settings: Settings, model: BaseModel, shape: SuggestionShape, language_server: str
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
