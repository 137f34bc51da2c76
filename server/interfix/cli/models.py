"""The commands on model files: list, pull, remove, and inspect, which has a file of its own."""

from typing import Annotated

import msgspec
import typer
from rich.table import Table

from interfix.cli import inspect_model
from interfix.cli.cli_settings import load_settings
from interfix.cli.library_download import ensure_library
from interfix.cli.options import JsonOption
from interfix.cli.pull_progress import show_pull_bar
from interfix.config import paths
from interfix.inference_types import NEEDED_ROLES, Role
from interfix.models import catalog, model_selection, recommend, store
from interfix.models.catalog_listing import ListedModel, list_known_models
from interfix.models.pull import pull as pull_entry
from interfix.output.console_output import Console, write_json, write_message

app = typer.Typer(name="models", help="The model files on this machine.", no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="A name from `interfix models list`.")]


@app.command("list")
def list_models(json: JsonOption = False) -> None:
    """List the models that can be pulled and those that are here: what fits this machine, how fast, and which of them serve."""
    settings = load_settings()
    directory = paths.models_dir(settings.models.directory)
    rows = list_known_models(directory)
    choice = model_selection.select_models(settings.models, settings.get_backends())
    best = recommend.explain_best(directory)
    if json:
        write_json({"directory": str(directory), "models": rows, "chosen": choice, "best": best})
        return
    # Few have a model for next edits.
    roles = [role for role in Role if role in NEEDED_ROLES or any(role in row.roles for row in rows)]
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    for heading in ("model", *roles, "memory", "speed", "licence", "here"):
        table.add_column(heading, justify="right" if heading in ("memory", "speed") else "left", no_wrap=True)
    for row in rows:
        fits = row.advice is None or row.advice.fits
        licence = row.licence + ("" if row.commercial else _NONCOMMERCIAL_MARK)
        marks = [_mark(row, role) for role in roles]
        table.add_row(row.name, *marks, *_format_needs(row), licence, "yes" if row.installed else "", style="" if fits else "dim")
    console = Console()
    console.print(table)
    for row in rows:
        if row.problem:
            console.print(row.problem, style="yellow")
    console.print(_LEGEND, style="dim")
    for each in best:
        console.print(f"\n★ {each.why}", style="dim", soft_wrap=True)
    console.print(f"\n{choice.why}\nFolder: {directory}", style="dim", soft_wrap=True)


_NONCOMMERCIAL_MARK = " †"
_LEGEND = """
● can serve the role, ★ is the one to take on this machine; dim: too big for its memory
memory: weights and 4,096 tokens of context; speed in tokens/s, ~ estimated, else as `models inspect FILE --probe` measured
† not for commercial use"""


@app.command()
def pull(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="From `interfix models list`; none: what suits this machine.")
    ] = None,
) -> None:
    """Fetch a model, checked by its SHA-256; goes on where an earlier pull was interrupted."""
    settings = load_settings()
    directory = paths.models_dir(settings.models.directory)
    if name is None:
        with show_pull_bar("model") as report:
            choice = model_selection.pull_and_select_models(msgspec.structs.replace(settings.models, pull=True), report)
        ensure_library(settings)
        write_message(choice.why)
        return
    entry = catalog.find_entry(name)
    with show_pull_bar(entry.name) as report:
        write_message(str(pull_entry(entry, directory, report, settings.models)))


@app.command()
def remove(name: NameArgument) -> None:
    """Delete a model file, or what an interrupted pull left of it."""
    settings = load_settings()
    write_message(f"Removed {store.remove(name, paths.models_dir(settings.models.directory))}.")


app.command("inspect")(inspect_model.inspect)


def _mark(row: ListedModel, role: Role) -> str:
    if row.advice is not None and role in row.advice.recommended:
        return "★"
    return "●" if role in row.roles else ""


def _format_needs(row: ListedModel) -> tuple[str, str]:
    """The memory a model needs and its speed here, for a file of the user's own its size."""
    if row.advice is None:
        return f"{row.bytes / 1e9:.1f} GB", ""
    speed = row.advice.speed
    return f"{row.advice.memory / 1e9:.1f} GB", f"{'' if speed.measured else '~'}{speed.tokens_per_second:.0f}"
