"""`interfix why`: the exact prompt at a place or of a command, and what is in it. Knows how to print, not how one is made."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table

from interfix.cli import instruct, places
from interfix.cli.code import Model, base_model, instruct_model, print_json
from interfix.cli.context import gatherer_for
from interfix.cli.options import Json
from interfix.cli.setup import settings_for, workspace
from interfix.commands import why as commands
from interfix.commands import written
from interfix.commands.asking import Asking
from interfix.commands.registry import ANSWERS, EDITS
from interfix.commands.situation import Situation
from interfix.completion.why import Why
from interfix.completion.why import why as explained
from interfix.config.settings import Settings
from interfix.engine.client import local_engine
from interfix.engine.remote.routing import Routed
from interfix.errors import BadUsage
from interfix.models.roles import BaseModel
from interfix.output.terminal import Console, write_code, write_json
from interfix.values import Part, Shown


def why(
    place: Annotated[str, typer.Argument(metavar="FILE:LINE:COL", help="1-based; for a command FILE or FILE:A-B.")],
    words: Annotated[str, typer.Argument(metavar="[WORDS]", help="For a command, the instruction or question.")] = "",
    command: Annotated[
        str, typer.Option("--command", metavar="NAME", help="Of explain, refactor, …, or a command from a file.")
    ] = "",
    model: Model = "",
    json: Json = False,
) -> None:
    """Show the exact prompt of a completion or of a command, and why each part is in it or not."""
    if command:
        _command(command, place, words, model, json=json)
    else:
        _completion(place, model, json=json)


def _completion(place: str, model: str, *, json: bool) -> None:
    point = places.point(place)
    settings = settings_for(point.snapshot.path, base=model)
    answer = asyncio.run(_laid_out(point, settings, base_model(settings)))
    if json:
        write_json(answer)
        return
    write_code(f"{answer.prompt}\n")
    console = Console(stderr=True)
    console.print(_table(answer))
    for left in answer.left:
        console.print(f"left out: {left.path} ({left.source}): {left.why}")


def _command(name: str, place: str, words: str, model: str, *, json: bool) -> None:
    lines = places.lines(place, required=False)
    settings = settings_for(lines.snapshot.path, instruct=model)
    files = instruct.from_files(lines.snapshot.path, settings)
    known: dict[str, commands.Command] = {**EDITS, **ANSWERS}
    known |= {each.name: written.command_of(each) for each in files.values()}
    if name not in known:
        raise BadUsage(f"there is no command {name}. There are: {', '.join(known)}.")
    about = instruct.situation(lines, words, settings)
    requests = asyncio.run(_asked(known[name], Asking(local_engine(), instruct_model(settings), settings), about))
    if json:
        print_json({"requests": requests})
        return
    for request in requests:
        write_code(f"{request.prompt}\n")
        Console(stderr=True).print(_request(request))


async def _laid_out(point: places.Point, settings: Settings, model: BaseModel) -> Why:
    root = workspace(point.snapshot.path)
    async with Routed(settings) as engine:
        with gatherer_for(root, settings) as gatherer:
            return await explained(engine, gatherer, model, point.snapshot, point.offset, root, settings.completion)


async def _asked(command: commands.Command, asking: Asking, about: Situation) -> Sequence[Shown]:
    try:
        return await commands.why(command, asking, about)
    finally:
        await asking.engine.close()


def _request(answer: Shown) -> Table:
    table = Table(title=f"{answer.model}: {answer.prompt_tokens} of {answer.budget} tokens", title_justify="left")
    for heading in ("part", "source", "tokens", "kept"):
        table.add_column(heading, justify="right" if heading == "tokens" else "left", overflow="fold")
    for part in answer.parts:
        table.add_row(" ".join(filter(None, (part.kind, part.path))), part.source, str(part.tokens), _kept(part))
    frame = answer.prompt_tokens - sum(part.tokens for part in answer.parts)
    table.add_row("the model's template", "", str(frame), "yes")
    table.add_row("all", "", str(answer.prompt_tokens), "", style="bold")
    return table


def _table(answer: Why) -> Table:
    title = f"{answer.model}: {answer.prompt_tokens} of {answer.budget} tokens, context in {answer.context_ms:.0f} ms"
    table = Table(title=title, title_justify="left")
    for heading in ("part", "source", "rank", "tokens", "ms", "kept"):
        table.add_column(heading, justify="right" if heading in ("rank", "tokens", "ms") else "left", overflow="fold")
    times = {cost.source: cost for cost in answer.costs}
    told: set[str] = set()
    for part in answer.parts:
        cost = times.get(part.source) or times.get("window")
        first = cost is not None and cost.source not in told
        told.add(cost.source if cost else "")
        ms = f"{cost.ms:.0f}" if cost is not None and first else ""
        table.add_row(_name(part), part.source, str(part.rank), str(part.tokens), ms, _kept(part))
    for cost in answer.costs:
        if cost.source not in told:
            note = cost.note or ("nothing chosen" if cost.found else "nothing found")
            table.add_row("", cost.source, "", "0", f"{cost.ms:.0f}", note)
    markers = answer.prompt_tokens - sum(part.tokens for part in answer.parts)
    table.add_row("markers and paths", "", "", str(markers), "", "yes")
    table.add_row("all", "", "", str(answer.prompt_tokens), f"{answer.context_ms:.0f}", "", style="bold")
    return table


def _name(part: Part) -> str:
    return f"{part.kind} {part.path}:{part.line + 1}" if part.path else part.kind


def _kept(part: Part) -> str:
    return ("yes" if part.kept else "no") + (f", {part.why}" if part.why else "")
