"""The languages Interfix knows. Knows how to list them and how to say what is wrong with one, not what makes it so."""

from typing import Annotated

import typer
from rich.table import Table

from interfix.errors import BadUsage
from interfix.output.terminal import Console, say
from interfix.syntax import check as checks
from interfix.syntax.languages import Language, languages

app = typer.Typer(name="grammars", help="List and check the languages.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """List and check the languages."""


@app.command("list")
def list_() -> None:
    """Show each language, the files it is known by, and whether its grammar is there."""
    table = Table("language", "id", "files", "grammar")
    for language in languages():
        state = "ready" if language.load() else f"{language.grammar.module} is missing: by indentation and brackets"
        table.add_row(language.name, ", ".join(language.ids), " ".join(language.globs), state)
    Console().print(table)


@app.command()
def check(
    names: Annotated[list[str] | None, typer.Argument(metavar="[LANGUAGE]...", help="Folders under grammars/; none: all.")] = None,
    write: Annotated[bool, typer.Option("--write", help="Write down anew what each example shows.")] = False,
) -> None:
    """Compile every query against its grammar, and see that each capture is used and shown by the language's example."""
    found = 0
    for language in _named(names or []):
        if write:
            checks.record(language)
        for problem in checks.problems(language):
            found += 1
            say(f"{language.id}: {problem}")
    if found:
        raise typer.Exit(1)


def _named(names: list[str]) -> list[Language]:
    known = {language.id: language for language in languages()}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise BadUsage(f"there is no language {', '.join(unknown)}. There are: {', '.join(known)}.")
    return [known[name] for name in names or known]
