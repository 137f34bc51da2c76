"""`interfix commit-message`: a message for what is staged."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from interfix.cli.cli_settings import load_settings
from interfix.cli.options import JsonOption, ModelOption
from interfix.cli.required_models import require_instruct_model
from interfix.commands.commit_message import write_commit_message
from interfix.commands.instruct_client import InstructClient
from interfix.commands.staged_changes import StagedChanges, find_repository, read_staged_changes
from interfix.config.settings import Settings
from interfix.context.exclusion import Exclusion
from interfix.engine.remote.router import EngineRouter
from interfix.errors import UsageError
from interfix.models.role_check import InstructModel
from interfix.output.console_output import Console, write_answer, write_json


def commit_message(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder of the repository.")] = Path(),
    model: ModelOption = "",
    json: JsonOption = False,
) -> None:
    """Write a commit message for the staged changes, in the repository's own style."""
    repository = find_repository(folder)
    settings = load_settings(str(repository / ".git"), instruct=model)
    if not settings.context.trusted:
        raise UsageError("A commit message needs a look at the repository, and it is not trusted (context.trusted).")
    changes = read_staged_changes(repository, Exclusion(repository, settings.context).find_refusal)
    instruct = require_instruct_model(settings)
    message = asyncio.run(_await_message(changes, settings, instruct))
    if json:
        write_json({"message": message, "model": instruct.name})
    else:
        write_answer(message)


async def _await_message(changes: StagedChanges, settings: Settings, model: InstructModel) -> str:
    with Console(stderr=True).status("asking …") as status:
        async with EngineRouter(settings) as engine:
            client = InstructClient(engine, model, settings, on_progress=lambda news: status.update(Text(news)))
            return await write_commit_message(client, changes)
