"""The command line: one file a group of commands. Knows how to ask and to print, not how anything is done."""

import os
import sys

import typer

from interfix import __version__
from interfix.cli import bench, code, demo, engine, grammars, models, stats, tune
from interfix.errors import InterfixError

app = typer.Typer(
    name="interfix",
    help="Local code completion with a base model; explanations and edits with an instruct model.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo")(demo.demo)
app.command("serve")(engine.serve)
app.command("complete")(code.complete)
app.command("explain")(code.explain)
app.command("refactor")(code.refactor)
app.add_typer(models.app, name="models")
app.command("stats")(stats.stats)
app.command("tune")(tune.tune)
app.command("doctor")(engine.doctor)
app.command("status")(engine.status)
app.command("stop")(engine.stop)
app.add_typer(bench.app, name="bench")
app.add_typer(grammars.app, name="grammars")


@app.callback(invoke_without_command=True)
def _top(version: bool = typer.Option(False, "--version", help="Print the version.")) -> None:
    if version:
        print(__version__)
        raise typer.Exit


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 nothing to offer, 2 bad usage, 3 no model or engine."""
    try:
        app()
    except InterfixError as error:
        print(f"interfix: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has gone; so do we, without a word
        sys.exit(0)
    except Exception as error:
        if os.environ.get("INTERFIX_LOGS_LEVEL") == "debug":
            raise
        says = f"a defect of Interfix: {type(error).__name__}: {error}. INTERFIX_LOGS_LEVEL=debug shows where."
        print(f"interfix: {says}", file=sys.stderr)
        sys.exit(3)
