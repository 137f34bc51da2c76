"""`interfix why`: the exact prompt at a place and a table of what is in it. Knows how to print, not how a prompt is made."""

import asyncio
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from interfix.cli import places
from interfix.cli.code import Model, base_model
from interfix.cli.context import gatherer_for
from interfix.cli.options import Json
from interfix.cli.setup import settings_for, workspace
from interfix.completion.why import Why
from interfix.completion.why import why as explained
from interfix.config.settings import Settings
from interfix.engine.remote.routing import Routed
from interfix.models.roles import BaseModel
from interfix.values import Part


def why(
    place: Annotated[str, typer.Argument(metavar="FILE:LINE:COL", help="1-based; columns in characters.")],
    model: Model = "",
    json: Json = False,
) -> None:
    """Show the exact prompt of a completion, and why each part is in it or not."""
    point = places.point(place)
    settings = settings_for(point.snapshot.path, base=model)
    answer = asyncio.run(_why(point, settings, base_model(settings)))
    if json:
        print(msgspec.json.encode(answer).decode())
        return
    print(answer.prompt)
    console = Console(stderr=True)
    console.print(_table(answer))
    for left in answer.left:
        console.print(f"left out: {left.path} ({left.source}): {left.why}", markup=False)


async def _why(point: places.Point, settings: Settings, model: BaseModel) -> Why:
    root = workspace(point.snapshot.path)
    async with Routed(settings) as engine:
        with gatherer_for(root, settings) as gatherer:
            return await explained(engine, gatherer, model, point.snapshot, point.offset, root, settings.completion)


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
