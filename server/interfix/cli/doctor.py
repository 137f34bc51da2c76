"""`interfix doctor`: prints what the checks found."""

import typer
from rich.table import Table
from rich.text import Text

from interfix.cli.cli_settings import load_settings
from interfix.cli.doctor_checks import run_checks
from interfix.cli.options import JsonOption
from interfix.output.console_output import Console, write_json


def doctor(json: JsonOption = False) -> None:
    """Check the installation and this machine, and say what to do about what is wrong."""
    findings = run_checks(load_settings())
    if json:
        write_json(findings)
    else:
        table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
        for finding in findings:
            mark = Text("ok", "green") if finding.ok else Text("!", "yellow")
            table.add_row(mark, finding.name, finding.says)
        Console().print(table)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(3)
