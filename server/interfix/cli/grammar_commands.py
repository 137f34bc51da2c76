"""`interfix grammars`: lists the languages, and says what is wrong with the folder of one."""

from typing import Annotated

import typer
from rich.table import Table

from interfix.errors import UsageError
from interfix.output.console_output import Console, write_message
from interfix.syntax import grammar_check as checks
from interfix.syntax.languages import Language, load_languages

app = typer.Typer(name="grammars", help="List and check the languages.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """List and check the languages."""


@app.command("list")
def list_languages() -> None:
    """Show each language, the files it is known by, and whether its grammar is there."""
    table = Table("language", "id", "files", "grammar")
    for language in load_languages():
        state = "ready" if language.load_grammar() else f"{language.grammar.module} is missing: by indentation and brackets"
        table.add_row(language.name, ", ".join(language.ids), " ".join(language.globs), state)
    Console().print(table)


@app.command()
def check(
    names: Annotated[list[str] | None, typer.Argument(metavar="LANGUAGE", help="Folders under grammars/; none: all.")] = None,
    write: Annotated[bool, typer.Option("--write", help="Write down anew what each example shows.")] = False,
) -> None:
    """Compile every query against its grammar, and see that each capture is used and shown by the language's example."""
    problem_count = 0
    for language in _find_languages(names or []):
        if write:
            checks.write_captures(language)
        for problem in checks.find_problems(language):
            problem_count += 1
            write_message(f"{language.id}: {problem}")
    if problem_count:
        raise typer.Exit(1)


def _find_languages(names: list[str]) -> list[Language]:
    languages = {language.id: language for language in load_languages()}
    unknown = [name for name in names if name not in languages]
    if unknown:
        raise UsageError(f"there is no language {', '.join(unknown)}. There are: {', '.join(languages)}.")
    return [languages[name] for name in names or languages]
