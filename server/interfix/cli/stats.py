"""`interfix stats`: what became of suggestions on this machine."""

import re
import sqlite3
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from interfix.cli.cli_settings import load_settings
from interfix.cli.options import JsonOption
from interfix.completion.calibration_store import find_calibration, load_calibrations
from interfix.config.settings import Settings, StatisticsSettings
from interfix.errors import UnavailableError, UsageError
from interfix.models.model_selection import select_models
from interfix.output.console_output import Console, write_json, write_message
from interfix.stats.html_pages import render_statistics, write_page
from interfix.stats.store import StatisticsStore, locate_statistics, open_store
from interfix.stats.summary import DailyStatistics, GroupStatistics, StatisticsSummary, build_summary
from interfix.stats.summary_text import describe_summary, format_share
from interfix.stats.threshold_learning import MAX_LEARNING_SAMPLES, ThresholdLearner

_DAYS = re.compile(r"(\d{1,4})d")
_BAR_WIDTH = 50
_SHOWN_DAYS = 14
_CONFIDENCES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def stats(
    since: Annotated[
        str, typer.Option("--since", metavar="DAY", help="The first day: 2026-11-01, or 7d for the last seven.")
    ] = "30d",
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a page with charts.")] = None,
    confidence: Annotated[bool, typer.Option("--confidence", help="Show what was learnt from what you take.")] = False,
    reset: Annotated[bool, typer.Option("--reset", help="Forget all counts, and what was learnt from them.")] = False,
    reset_confidence: Annotated[bool, typer.Option("--reset-confidence", help="Forget only what was learnt.")] = False,
    json: JsonOption = False,
) -> None:
    """Show what became of the suggestions on this machine. No source text is kept, and nothing leaves it."""
    first = _parse_day(since)
    settings = load_settings()
    file = locate_statistics(settings.statistics)
    if not file.exists():
        write_message(f"interfix: {_explain_nothing(settings.statistics)}", error=True)
        raise typer.Exit(1)
    try:
        with open_store(file) as store:
            if reset:
                store.reset()
                _tell_forgotten("All counts are forgotten, and what was learnt from them.", "counts", json)
            elif reset_confidence:
                store.forget_samples()
                _tell_forgotten("What was learnt is forgotten; the counts stay.", "confidence", json)
            elif confidence:
                _show_confidence(store, _threshold(settings), json)
            else:
                _show(build_summary(store, first), file, html, json)
    except BrokenPipeError:
        raise
    except (sqlite3.Error, OSError) as error:
        raise UnavailableError(f"The statistics in {file} cannot be read: {error}. Delete the file to begin anew.") from None


def _tell_forgotten(sentence: str, what: str, json: bool) -> None:
    if json:
        write_json({"forgotten": what})
    else:
        write_message(f"{sentence} Open editors still know until they are closed.")


def _show(report: StatisticsSummary, file: Path, html: Path | None, json: bool) -> None:
    if html is not None:
        write_page(html, render_statistics(report, file))
    if json:
        write_json({**msgspec.to_builtins(report), "saved_share": report.saved_share, "sentences": describe_summary(report)})
    elif html is not None:
        write_message(f"Wrote {html}.")
    else:
        console = Console()
        console.print(_headline(report))
        console.print(_languages_table(report))
        console.print()
        console.print(_models_table(report.groups))
        console.print()
        console.print(_days_table(report.days[-_SHOWN_DAYS:]))
        if report.next_edits:
            console.print()
            console.print(_next_edits_table(report))


def _headline(report: StatisticsSummary) -> Text:
    first, *others = describe_summary(report)
    return Text("\n").join([Text(first, style="bold"), *(Text(other) for other in others), Text()])


def _languages_table(report: StatisticsSummary) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("language", no_wrap=True)
    for heading in ("shown", "taken", "in part", "typed", "dismissed", "ignored", "saved", "5 min"):
        table.add_column(heading, justify="right", no_wrap=True)
    for group in report.languages:
        table.add_row(group.language or "other", *_group_cells(group))
    table.add_row("all", *_group_cells(report.total), style="bold")
    return table


def _group_cells(group: GroupStatistics) -> tuple[str, ...]:
    counts = (group.shown, group.accepted, group.partly, group.typed_along, group.dismissed, group.ignored, group.saved)
    return (*(f"{count:,}" for count in counts), format_share(group.survived_5min))


def _models_table(groups: tuple[GroupStatistics, ...]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("model", overflow="fold")
    table.add_column("language", no_wrap=True)
    for heading in ("shown", "taken", "at once", "p50 ms", "p95 ms"):
        table.add_column(heading, justify="right", no_wrap=True)
    for group in groups:
        shares = (format_share(group.acceptance), format_share(group.at_hand_share))
        times = (f"{ms:,.0f}" if ms else "–" for ms in (group.p50_ms, group.p95_ms))
        table.add_row(group.model, group.language or "other", f"{group.shown:,}", *shares, *times)
    return table


def _days_table(days: tuple[DailyStatistics, ...]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("day", "saved", "typed"):
        table.add_column(heading, justify="left" if heading == "day" else "right")
    table.add_column(Text.assemble("characters saved ", ("█", "green"), "  typed ", ("░", "bright_black")))
    most = max((day.saved + day.typed for day in days), default=0) or 1
    for day in days:
        saved, typed = (round(count / most * _BAR_WIDTH) for count in (day.saved, day.typed))
        bar = Text.assemble(("█" * saved, "green"), ("░" * typed, "bright_black"))
        table.add_row(f"{day.day:%a %d %b}", f"{day.saved:,}", f"{day.typed:,}", bar)
    return table


def _next_edits_table(report: StatisticsSummary) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("next edits")
    table.add_column("model", overflow="fold")
    for heading in ("shown", "taken", "dismissed", "characters", "ms"):
        table.add_column(heading, justify="right", no_wrap=True)
    for each in report.next_edits:
        counts = (each.shown, each.accepted, each.dismissed, each.characters)
        table.add_row(each.finder, each.model, *(f"{count:,}" for count in counts), f"{each.mean_ms:,.0f}")
    return table


def _show_confidence(store: StatisticsStore, default: float, json: bool) -> None:
    learner = ThresholdLearner(store.read_samples(MAX_LEARNING_SAMPLES))
    learned = [learner.get_model(language) for language in (*learner.list_languages(), "")]
    if json:
        rows = [{**msgspec.to_builtins(learnt), "threshold": round(learnt.compute_threshold(default), 4)} for learnt in learned]
        write_json({"default": default, "languages": rows})
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("language")
    for heading in ("decisions", "shown from", *(f"{confidence:.0%}" for confidence in _CONFIDENCES)):
        table.add_column(heading, justify="right")
    for learnt in learned:
        taken = (f"{learnt.predict_acceptance(confidence):.0%}" for confidence in _CONFIDENCES)
        name = learnt.language or "any other"
        table.add_row(name, str(learnt.samples), f"{learnt.compute_threshold(default):.0%}", *taken)
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
    base = select_models(settings.models, settings.get_backends()).base
    return find_calibration(load_calibrations(), base.name if base else "").threshold


def _parse_day(text: str) -> date:
    if match := _DAYS.fullmatch(text):
        return date.today() - timedelta(days=max(0, int(match[1]) - 1))
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"'{text}' is no day; write 2026-11-01, or 7d for the last seven days.") from None


def _explain_nothing(settings: StatisticsSettings) -> str:
    if not settings.enabled:
        return "Statistics are switched off (statistics.enabled); nothing is counted."
    return "Nothing has been counted yet; it begins with the first suggestion in an editor."
