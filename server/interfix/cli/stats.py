"""`interfix stats`: what became of suggestions on this machine. Knows flags, tables and bars, not how anything is counted."""

import re
import sqlite3
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from interfix.cli.options import Json
from interfix.cli.setup import settings_for
from interfix.completion.confidence import UNFITTED
from interfix.config.settings import Settings, Statistics
from interfix.errors import BadUsage, Unavailable
from interfix.models.choose import chosen
from interfix.output.terminal import Console, say, write_json
from interfix.stats.calibration import fits
from interfix.stats.learning import MOST_VERDICTS, Learner
from interfix.stats.page import share, statistics_page, write
from interfix.stats.store import Store, file_of, opened
from interfix.stats.summary import Day, Group, Summary, summary

_DAYS = re.compile(r"(\d{1,4})d")
_BAR = 50
_SHOWN_DAYS = 14
_LOOKED_AT = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def stats(
    since: Annotated[
        str, typer.Option("--since", metavar="DAY", help="The first day: 2026-11-01, or 7d for the last seven.")
    ] = "30d",
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a page with charts.")] = None,
    confidence: Annotated[bool, typer.Option("--confidence", help="Show what was learnt from what you take.")] = False,
    reset: Annotated[bool, typer.Option("--reset", help="Forget all counts, and what was learnt from them.")] = False,
    reset_confidence: Annotated[bool, typer.Option("--reset-confidence", help="Forget only what was learnt.")] = False,
    json: Json = False,
) -> None:
    """Show what became of the suggestions on this machine. No source text is kept, and nothing leaves it."""
    first = _day(since)
    settings = settings_for()
    file = file_of(settings.statistics)
    if not file.exists():
        say(f"interfix: {_nothing(settings.statistics)}", error=True)
        raise typer.Exit(1)
    try:
        with opened(file) as store:
            if reset:
                store.reset()
                say("All counts are forgotten, and what was learnt from them. Open editors still know until they are closed.")
            elif reset_confidence:
                store.forget_verdicts()
                say("What was learnt is forgotten; the counts stay. Open editors still know until they are closed.")
            elif confidence:
                _show_confidence(store, _threshold(settings), json)
            else:
                _show(summary(store, first), file, html, json)
    except BrokenPipeError:
        raise
    except (sqlite3.Error, OSError) as error:
        raise Unavailable(f"The statistics in {file} cannot be read: {error}. Delete the file to begin anew.") from None


def _show(found: Summary, file: Path, html: Path | None, json: bool) -> None:
    if html is not None:
        write(html, statistics_page(found, file))
    if json:
        write_json({**msgspec.to_builtins(found), "saved_share": found.saved_share})
    elif html is not None:
        say(f"Wrote {html}.")
    else:
        console = Console()
        console.print(_headline(found))
        console.print(_groups(found))
        console.print()
        console.print(_outcomes(found.languages))
        console.print()
        console.print(_days(found.days[-_SHOWN_DAYS:]))


def _headline(found: Summary) -> Text:
    total = found.total
    return Text.assemble(
        (f"{share(found.saved_share)} of what was written", "bold"),
        f" came from suggestions since {found.since}: {total.saved:,} characters.\n",
        f"{share(total.acceptance)} of those you decided about were taken; "
        f"after 30 s {share(total.survived_30s)} of their text was left, after 5 min {share(total.survived_5min)}.\n",
        f"Half of the suggestions came within {total.p50_ms:,.0f} ms, 95% within {total.p95_ms:,.0f} ms; "
        f"{share(total.at_hand_share)} were at hand.\n",
    )


def _groups(found: Summary) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("language", no_wrap=True)
    table.add_column("model", overflow="fold")
    for heading in ("shown", "taken", "partly", "passed", "saved", "30 s", "5 min", "p50 ms", "p95 ms"):
        table.add_column(heading, justify="right", no_wrap=True)
    for group in found.groups:
        table.add_row(group.language or "other", group.model, *_figures(group))
    table.add_row("all", "", *_figures(found.total), style="bold")
    return table


def _figures(group: Group) -> tuple[str, ...]:
    counts = (group.shown, group.accepted, group.partly, group.dismissed, group.saved)
    lasting = (share(group.survived_30s), share(group.survived_5min))
    return (*(f"{count:,}" for count in counts), *lasting, f"{group.p50_ms:,.0f}", f"{group.p95_ms:,.0f}")


def _outcomes(languages: tuple[Group, ...]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("language")
    table.add_column(
        Text.assemble("taken ", ("█", "green"), "  in part ", ("▓", "yellow"), "  passed over ", ("░", "bright_black"))
    )
    most = max((group.accepted + group.partly + group.dismissed for group in languages), default=0) or 1
    for group in languages:
        looks = ((group.accepted, "█", "green"), (group.partly, "▓", "yellow"), (group.dismissed, "░", "bright_black"))
        bar = Text.assemble(*((block * round(count / most * _BAR), style) for count, block, style in looks))
        table.add_row(group.language or "other", bar)
    return table


def _days(days: tuple[Day, ...]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("day", "saved", "typed"):
        table.add_column(heading, justify="left" if heading == "day" else "right")
    table.add_column(Text.assemble("characters saved ", ("█", "green"), "  typed ", ("░", "bright_black")))
    most = max((day.saved + day.typed for day in days), default=0) or 1
    for day in days:
        saved, typed = (round(count / most * _BAR) for count in (day.saved, day.typed))
        bar = Text.assemble(("█" * saved, "green"), ("░" * typed, "bright_black"))
        table.add_row(f"{day.day:%a %d %b}", f"{day.saved:,}", f"{day.typed:,}", bar)
    return table


def _show_confidence(store: Store, default: float, json: bool) -> None:
    learner = Learner(store.verdicts(MOST_VERDICTS))
    found = [learner.learnt(language) for language in (*learner.languages(), "")]
    if json:
        rows = [{**msgspec.to_builtins(learnt), "threshold": round(learnt.threshold(default), 4)} for learnt in found]
        write_json({"default": default, "languages": rows})
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("language")
    for heading in ("decisions", "shown from", *(f"{confidence:.0%}" for confidence in _LOOKED_AT)):
        table.add_column(heading, justify="right")
    for learnt in found:
        taken = (f"{learnt.taken(confidence):.0%}" for confidence in _LOOKED_AT)
        name = learnt.language or "any other"
        table.add_row(name, str(learnt.verdicts), f"{learnt.threshold(default):.0%}", *taken)
    console = Console()
    console.print(table)
    console.print(
        f"\nUnder each confidence: how many suggestions of it you take. {default:.0%} is set (completion.threshold) or calibrated; "
        "a suggestion is shown from the confidence on at which you take that many.",
        style="dim",
    )


def _threshold(settings: Settings) -> float:
    """What a suggestion needs before anything is learnt: as set, else as calibrated for the model that completes."""
    if settings.completion.threshold is not None:
        return settings.completion.threshold
    base = chosen(settings.models, settings.serving()).base
    return fits().get(base.name if base else "", UNFITTED).threshold


def _day(text: str) -> date:
    if match := _DAYS.fullmatch(text):
        return date.today() - timedelta(days=max(0, int(match[1]) - 1))
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadUsage(f"'{text}' is no day; write 2026-11-01, or 7d for the last seven days.") from None


def _nothing(settings: Statistics) -> str:
    if not settings.enabled:
        return "Statistics are switched off (statistics.enabled); nothing is counted."
    return "Nothing has been counted yet; it begins with the first suggestion in an editor."
