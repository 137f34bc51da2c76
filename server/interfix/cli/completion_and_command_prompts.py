"""`interfix why`: the exact prompt at a place or of a command, and what is in it."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table

from interfix.cli import position_arguments
from interfix.cli.cli_settings import find_workspace_root, load_settings
from interfix.cli.gatherer_setup import open_gatherer
from interfix.cli.instruct_command_runner import build_lines_request, load_file_commands
from interfix.cli.next_edit_report import show_next_edit
from interfix.cli.options import JsonOption, ModelOption
from interfix.cli.required_models import require_base_model, require_instruct_model
from interfix.commands import prompt_preview
from interfix.commands.command import Command
from interfix.commands.command_request import CommandRequest
from interfix.commands.custom_command_runner import bind_command
from interfix.commands.instruct_client import InstructClient
from interfix.commands.registry import INSTRUCT_COMMANDS
from interfix.completion.prompt_report import CompletionPromptReport, build_prompt_report
from interfix.completion.suggestion_request import SuggestionRequest
from interfix.config.settings import Settings
from interfix.engine.client import create_local_engine
from interfix.engine.remote.router import EngineRouter
from interfix.errors import UsageError
from interfix.inference_types import PromptPart, PromptReport
from interfix.models.role_check import BaseModel
from interfix.output.console_output import Console, write_code, write_json


def show_prompt(
    place: Annotated[str, typer.Argument(metavar="FILE:LINE:COL", help="1-based; for a command FILE or FILE:A-B.")],
    words: Annotated[str, typer.Argument(metavar="WORDS", help="For a command, the instruction or question.")] = "",
    command: Annotated[
        str, typer.Option("--command", metavar="NAME", help="Of explain, refactor, …, or a command from a file.")
    ] = "",
    next_edit: Annotated[
        bool, typer.Option("--next-edit", help="Instead: what follows from the file's changes since its last commit.")
    ] = False,
    model: ModelOption = "",
    json: JsonOption = False,
) -> None:
    """Show the exact prompt of a completion or of a command, and why each part is in it or not."""
    if next_edit:
        show_next_edit(place, json=json)
    elif command:
        _show_command_prompts(command, place, words, model, json=json)
    else:
        _show_completion_prompt(place, model, json=json)


def _show_completion_prompt(place: str, model: str, *, json: bool) -> None:
    point = position_arguments.parse_position(place)
    settings = load_settings(point.snapshot.path, base=model)
    answer = asyncio.run(_report_completion(point, settings, require_base_model(settings)))
    if json:
        write_json(answer)
        return
    write_code(f"{answer.prompt}\n")
    console = Console(stderr=True)
    console.print(_table(answer))
    for left in answer.left:
        console.print(f"left out: {left.path} ({left.source}): {left.why}")


def _show_command_prompts(name: str, place: str, words: str, model: str, *, json: bool) -> None:
    lines = position_arguments.parse_lines(place, required=False)
    settings = load_settings(lines.snapshot.path, instruct=model)
    files = load_file_commands(lines.snapshot.path, settings)
    commands = INSTRUCT_COMMANDS | {each.name: bind_command(each) for each in files.values()}
    if name not in commands:
        raise UsageError(f"there is no command {name}. There are: {', '.join(commands)}.")
    about = build_lines_request(lines, words, settings)
    requests = asyncio.run(
        _preview_prompts(commands[name], InstructClient(create_local_engine(), require_instruct_model(settings), settings), about)
    )
    if json:
        write_json({"requests": requests})
        return
    for request in requests:
        write_code(f"{request.prompt}\n")
        Console(stderr=True).print(_request_table(request))


async def _report_completion(
    position: position_arguments.FilePosition, settings: Settings, model: BaseModel
) -> CompletionPromptReport:
    root = find_workspace_root(position.snapshot.path)
    async with EngineRouter(settings) as engine:
        with open_gatherer(root, settings) as gatherer:
            request = SuggestionRequest(model, position.snapshot, position.offset, root)
            return await build_prompt_report(engine, gatherer, request, settings.completion)


async def _preview_prompts(command: Command, client: InstructClient, request: CommandRequest) -> Sequence[PromptReport]:
    try:
        return await prompt_preview.preview_prompts(command, client, request)
    finally:
        await client.engine.close()


def _request_table(answer: PromptReport) -> Table:
    table = Table(title=f"{answer.model}: {answer.prompt_tokens} of {answer.budget} tokens", title_justify="left")
    for heading in ("part", "source", "tokens", "kept"):
        table.add_column(heading, justify="right" if heading == "tokens" else "left", overflow="fold")
    for part in answer.parts:
        table.add_row(" ".join(filter(None, (part.kind, part.path))), part.source, str(part.tokens), _format_kept(part))
    frame = answer.prompt_tokens - sum(part.tokens for part in answer.parts)
    table.add_row("the model's template", "", str(frame), "yes")
    table.add_row("all", "", str(answer.prompt_tokens), "", style="bold")
    return table


def _table(answer: CompletionPromptReport) -> Table:
    title = f"{answer.model}: {answer.prompt_tokens} of {answer.budget} tokens, context in {answer.context_ms:.0f} ms"
    table = Table(title=title, title_justify="left")
    for heading in ("part", "source", "rank", "tokens", "ms", "kept"):
        table.add_column(heading, justify="right" if heading in ("rank", "tokens", "ms") else "left", overflow="fold")
    times = {cost.source: cost for cost in answer.costs}
    timed: set[str] = set()
    for part in answer.parts:
        cost = times.get(part.source) or times.get("window")
        first = cost is not None and cost.source not in timed
        timed.add(cost.source if cost else "")
        ms = f"{cost.ms:.0f}" if cost is not None and first else ""
        table.add_row(_format_part(part), part.source, str(part.rank), str(part.tokens), ms, _format_kept(part))
    for cost in answer.costs:
        if cost.source not in timed:
            note = cost.note or ("nothing chosen" if cost.found else "nothing found")
            table.add_row("", cost.source, "", "0", f"{cost.ms:.0f}", note)
    markers = answer.prompt_tokens - sum(part.tokens for part in answer.parts)
    table.add_row("markers and paths", "", "", str(markers), "", "yes")
    table.add_row("all", "", "", str(answer.prompt_tokens), f"{answer.context_ms:.0f}", "", style="bold")
    return table


def _format_part(part: PromptPart) -> str:
    return f"{part.kind} {part.path}:{part.line + 1}" if part.path else part.kind


def _format_kept(part: PromptPart) -> str:
    return ("yes" if part.kept else "no") + (f", {part.why}" if part.why else "")
