"""The commands on model files: list, pull, inspect, remove. Knows how to print them."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from interfix.cli.code import Json
from interfix.cli.progress import pull_bar
from interfix.cli.setup import settings_for
from interfix.config import paths
from interfix.errors import RoleRefused
from interfix.models import catalog, choose, store
from interfix.models.inspect import read_header
from interfix.models.pull import pull as pull_entry
from interfix.models.roles import as_base, as_instruct
from interfix.values import Role

app = typer.Typer(name="models", help="The model files on this machine.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="A name from `interfix models list`.")]


class Row(msgspec.Struct, frozen=True):
    """One model, of the catalog or of the user's own."""

    name: str
    roles: tuple[str, ...]
    parameters: str
    bytes: int
    licence: str
    installed: bool
    path: str
    problem: str


@app.command("list")
def list_models(json: Json = False) -> None:
    """List the models that can be pulled and those that are here, and which of them serve."""
    settings = settings_for()
    directory = paths.models_dir(settings.models.directory)
    rows = _rows(directory)
    choice = choose.chosen(settings.models)
    if json:
        print(msgspec.json.encode({"directory": str(directory), "models": rows, "chosen": choice}).decode())
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("model", "roles", "size", "file", "licence", "here"):
        table.add_column(heading, justify="right" if heading == "file" else "left")
    for row in rows:
        here = row.problem or ("yes" if row.installed else "")
        table.add_row(row.name, ", ".join(row.roles), row.parameters, f"{row.bytes / 1e6:,.0f} MB", row.licence, here)
    console = Console()
    console.print(table)
    console.print(f"\n{choice.why}\nFolder: {directory}", style="dim", highlight=False)


@app.command()
def pull(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="From `interfix models list`; none: what suits this machine.")] = "",
) -> None:
    """Fetch a model, checked by its SHA-256; goes on where an earlier pull was interrupted."""
    settings = settings_for()
    directory = paths.models_dir(settings.models.directory)
    if not name:
        with pull_bar("model") as report:
            choice = choose.ensure(msgspec.structs.replace(settings.models, pull=True), report)
        print(choice.why)
        return
    entry = catalog.entry(name)
    with pull_bar(entry.name) as report:
        print(pull_entry(entry, directory, report))


@app.command()
def remove(name: Name) -> None:
    """Delete a model file, or what an interrupted pull left of it."""
    settings = settings_for()
    print(f"Removed {store.remove(name, paths.models_dir(settings.models.directory))}.")


@app.command()
def inspect(path: Annotated[Path, typer.Argument(metavar="PATH", help="A GGUF file.")], json: Json = False) -> None:
    """Tell what a model file is and which roles it can serve, from its header alone."""
    header = read_header(path)
    roles, refusals = _roles(path)
    if json:
        print(msgspec.json.encode({**msgspec.structs.asdict(header), "roles": roles, "refusals": refusals}).decode())
        return
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, value in msgspec.structs.asdict(header).items():
        if value != "":
            table.add_row(name.replace("_", " "), f"{value:,}" if type(value) is int else str(value))
    table.add_row("roles", ", ".join(roles) or "none")
    for refusal in refusals:
        table.add_row("", refusal)
    Console(highlight=False).print(table)


def _roles(path: Path) -> tuple[list[str], list[str]]:
    """The roles a file can serve, and a sentence for each it cannot."""
    roles, refusals = [], []
    for role, prove in ((Role.BASE, as_base), (Role.INSTRUCT, as_instruct)):
        try:
            prove(path.stem, path)
            roles.append(role.value)
        except RoleRefused as refusal:
            refusals.append(str(refusal))
    return roles, refusals


def _rows(directory: Path) -> list[Row]:
    here = {model.name: model for model in store.installed_models(directory)}
    rows = []
    for entry in catalog.entries():
        found = here.pop(entry.name, None)
        rows.append(
            Row(
                name=entry.name,
                roles=tuple(entry.roles),
                parameters=entry.parameters,
                bytes=found.bytes if found else entry.bytes,
                licence=entry.licence,
                installed=found is not None,
                path=found.path if found else "",
                problem=found.problem if found else "",
            )
        )
    rows += [
        Row(
            name=own.name,
            roles=tuple(own.roles),
            parameters="",
            bytes=own.bytes,
            licence="",
            installed=True,
            path=own.path,
            problem=own.problem,
        )
        for own in here.values()
    ]
    return rows
