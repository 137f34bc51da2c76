"""`interfix bench replay`: real files typed as people type, through the whole server, taking what it suggests where it is right."""

import asyncio
import contextlib
import os
import random
import re
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from pygls.exceptions import JsonRpcException
from rich.progress import Progress
from rich.table import Table

from interfix.bench.edited_headless_document import EditedDocument
from interfix.bench.headless_client import HeadlessEditor, open_editor
from interfix.bench.headless_document import HeadlessDocument
from interfix.bench.percentiles import Percentiles, compute_percentiles
from interfix.bench.rename_session import NextEditStats, RenameSession, plan_rename, sum_next_edits
from interfix.bench.time_budget import TimeBudget
from interfix.bench.typing_session import TypingSession, TypingStats, sum_stats
from interfix.bench.typing_sites import TypingSite, choose_sites, find_sources
from interfix.bench.typist import estimate_typing_seconds
from interfix.config.settings_loader import resolve_settings
from interfix.errors import UnavailableError, UsageError
from interfix.models.model_selection import select_models
from interfix.output.console_output import Console, write_json
from interfix.stats.html_pages import Chart, bin_latencies, render_page, write_page
from interfix.stats.store import open_store
from interfix.stats.summary import StatisticsSummary, build_summary
from interfix.stats.summary_text import format_share
from interfix.stats.svg_charts import HALF_WIDTH, ChartSeries, draw_bars, draw_columns

OMISSIONS: dict[str, dict[str, Any]] = {
    "type-through": {"completion.type_through": False},
    "ahead": {"completion.ahead": False},
    "context": {"context.trusted": False},
}
"""What can be left out to see what it is worth, and the settings that do so."""


class ReplayReport(msgspec.Struct, frozen=True):
    """Figures of a whole run."""

    model: str
    """Who completed."""
    without: tuple[str, ...]
    """What was left out."""
    seed: int
    """By which places and slips were drawn."""
    files: int
    """Files typed into, at one place each."""
    seconds: float
    """Wall time, s."""
    share: float
    """The share of the characters that came from suggestions."""
    precision: float | None
    """The share of the suggestions shown whose first line was right; None where none was shown."""
    at_hand: float | None
    """The share of the answers with a suggestion that needed no computing; None where there were none."""
    typed: TypingStats
    """What the typist saw."""
    ms: Percentiles
    """Time from a request to its suggestion, ms."""
    answered: int
    """Requests that the server answered, with a suggestion or with none."""
    streams: int
    """Completions that the engine began."""
    decoded: int
    """Prompt tokens that it decoded."""
    generated: int
    """Tokens that it wrote."""
    told: tuple[str, ...]
    """What the server told its user meanwhile."""
    next_edits: NextEditStats = NextEditStats()
    """What came of names that the typist changed behind what was typed."""

    def show(self) -> None:
        """A table for people on stderr, one JSON line for machines on stdout."""
        table = Table(title=self.title, title_justify="left", show_header=False)
        for name, value in self._rows():
            table.add_row(name, value)
        console = Console(stderr=True)
        console.print(table)
        for sentence in dict.fromkeys(self.told):
            console.print(f"The server said: {sentence}")
        write_json(self)

    @property
    def title(self) -> str:
        """What was run."""
        left_out = f" without {' and '.join(self.without)}" if self.without else ""
        return f"{self.model}{left_out}, {self.files} files, {self.seconds:.0f} s"

    def _rows(self) -> Sequence[tuple[str, str]]:
        typed = self.typed
        taken = ", ".join(f"{count} by {how}" for how, count in typed.taken.items()) or "none"
        return (
            ("from suggestions", f"{format_share(self.share)} of {typed.characters:,} characters, with {typed.keys:,} keys"),
            ("shown", f"{typed.shown} suggestions, the first line right in {format_share(self.precision)}"),
            ("taken", taken),
            ("requests", f"{typed.asked:,}, of which {self.answered:,} were answered; {typed.errors} errors"),
            ("shown at once", f"{format_share(self.at_hand)} of the answers with a suggestion"),
            ("next edits", self._describe_next_edits()),
            ("latency", f"p50 {self.ms.p50:.0f} ms, p95 {self.ms.p95:.0f} ms"),
            ("engine", f"{self.streams:,} completions, {self.decoded:,} prompt tokens decoded, {self.generated:,} written"),
        )

    def _describe_next_edits(self) -> str:
        edits = self.next_edits
        if not edits.asked:
            return "none were asked for"
        places = f"{edits.by_acceptance} of {edits.places} places of changed names"
        return f"{edits.shown} shown, {edits.right} right and taken, which changed {places}"


def run(
    path: Path,
    *,
    files: int = 6,
    minutes: float | None = None,
    seed: int = 1,
    without: Sequence[str] = (),
    html: Path | None = None,
    settings: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] = os.environ,
) -> ReplayReport:
    """Type at a place in each of some files below `path`, with a server and counts of its own; show figures.

    Fewer files are typed into where they do not fit into so many `minutes`; where the user ends the bench, the figures are those
    of what was typed until then.

    The server sees a copy of the folder in which those places are empty until they have been typed. Raises `UsageError` where there
    is nothing to type, and `UnavailableError` where no model completes or the server stops.
    """
    sources = find_sources(path)
    root = path if path.is_dir() else path.parent
    chance = random.Random(seed)
    sites = choose_sites(root, sources, files, chance)
    if not sites:
        raise UsageError(f"{path} has no file with enough lines of code to type.")
    given = {**(settings or {}), **{name: value for each in without for name, value in _settings_without(each).items()}}
    resolved = resolve_settings(editor=given, environ=environ).settings
    base = select_models(resolved.models, resolved.get_backends()).base
    if base is None:
        raise UnavailableError("No model for completion is installed. Get one with: interfix models pull")
    budget = TimeBudget(minutes)
    times = [estimate_typing_seconds(site.text) for site in sites]
    sites = budget.choose_sample(sites, sum(times) / len(times))
    budget.announce(f"{len(sites)} files to type into", sum(times) / len(times) * len(sites))
    with tempfile.TemporaryDirectory(prefix="interfix-replay-") as folder, budget.watch_interrupts():
        copy, counts = Path(folder).resolve() / root.resolve().name, Path(folder) / "counts"
        copy_project(root, sources, sites, copy)
        own = {**given, "statistics.enabled": True, "statistics.file": str(counts)}
        began = time.perf_counter()
        sittings, renames, notes = asyncio.run(_type_sites(copy, sites, chance, own, environ, budget))
        seconds = time.perf_counter() - began
        with open_store(counts) as store:
            counted = build_summary(store, date.today())
    report = _report(base.name, seconds, sittings, counted)
    report = msgspec.structs.replace(
        report, without=tuple(without), seed=seed, told=tuple(notes), next_edits=sum_next_edits(renames)
    )
    if html is not None:
        write_page(html, _render_page(report, path, sittings, counted))
    report.show()
    return report


def _settings_without(name: str) -> dict[str, Any]:
    if name not in OMISSIONS:
        raise UsageError(f"'{name}' cannot be left out; {', '.join(OMISSIONS)} can.")
    return OMISSIONS[name]


def copy_project(root: Path, source_files: list[Path], sites: list[TypingSite], copy: Path) -> None:
    """Copy source files below a root, in which the places that are to be typed into are empty."""
    for file in source_files:
        target = copy / file.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    for site in sites:
        write_site(copy, site, site.prefix + site.suffix)


def write_site(copy: Path, site: TypingSite, text: str) -> None:
    """Write the file of a place, below the copy of its root."""
    (copy / site.path).write_text(text, encoding="utf-8", newline="")


async def _type_sites(
    copy: Path,
    sites: list[TypingSite],
    rng: random.Random,
    settings: Mapping[str, Any],
    environ: Mapping[str, str],
    budget: TimeBudget,
) -> tuple[list[TypingSession], list[NextEditStats], list[str]]:
    sittings, renames = [], list[NextEditStats]()
    await load_model(copy, environ, {**settings, "statistics.enabled": False}, budget)
    async with open_editor(copy, environ, settings) as client:
        with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
            for site in progress.track(sites, description="replay"):
                uri = (copy / site.path).as_uri()
                typed = HeadlessDocument(client, uri, site.language, site.prefix, site.suffix)
                sitting = TypingSession(typed, site, random.Random(rng.random()))
                sittings.append(sitting)
                with client.translate_exit():
                    await budget.complete(sitting.run())
                if budget.is_over:
                    break
                text = site.prefix + site.text + site.suffix
                write_site(copy, site, text)
                with client.translate_exit():
                    await budget.complete(_rename(client, copy, site, text, random.Random(rng.random()), renames))
    return sittings, renames, client.server_messages


async def load_model(folder: Path, environ: Mapping[str, str], settings: Mapping[str, Any], budget: TimeBudget) -> None:
    """Have the engine load its model: nobody who types has just started it. Errors are counted later."""
    prefix, suffix = "def first(values):\n    return ", "\n"
    async with open_editor(folder, environ, settings) as client:
        with contextlib.suppress(JsonRpcException):
            async with client.open_document((folder / "warm.py").as_uri(), "python", prefix + suffix) as document:
                await budget.complete(client.complete(document, prefix, suffix))


async def _rename(
    client: HeadlessEditor, copy: Path, site: TypingSite, text: str, rng: random.Random, stats: list[NextEditStats]
) -> None:
    """Change a name all through the file, if it has one for that."""
    if (plan := plan_rename(site.path.as_posix(), text, rng)) is None:
        return
    before = re.sub(rf"(?<!\w){re.escape(plan.new)}(?!\w)", plan.old, text)
    session = RenameSession(EditedDocument(client, (copy / site.path).as_uri(), site.language, before), plan)
    with contextlib.suppress(JsonRpcException):
        await session.run()
    stats.append(session.stats)


def _report(model: str, seconds: float, sessions: list[TypingSession], usage: StatisticsSummary) -> ReplayReport:
    typed = sum_stats([sitting.collect_stats() for sitting in sessions])
    return ReplayReport(
        model=model,
        without=(),
        seed=0,
        files=len(sessions),
        seconds=round(seconds, 1),
        share=round(typed.suggested / max(1, typed.characters), 4),
        precision=round(typed.right / typed.shown, 4) if typed.shown else None,
        at_hand=None if usage.total.at_hand_share is None else round(usage.total.at_hand_share, 4),
        typed=typed,
        ms=compute_percentiles([ms for sitting in sessions for ms in sitting.latencies_ms]),
        answered=usage.total.requests,
        streams=sum(work.streams for work in usage.work),
        decoded=sum(work.decoded for work in usage.work),
        generated=sum(work.generated for work in usage.work),
        told=(),
    )


def _render_page(report: ReplayReport, path: Path, sessions: list[TypingSession], usage: StatisticsSummary) -> str:
    figures = [sitting.collect_stats() for sitting in sessions]
    origins = [
        ChartSeries("from suggestions", [each.suggested for each in figures], 1),
        ChartSeries("typed", [each.characters - each.suggested for each in figures], 3),
    ]
    doublings, answers = bin_latencies(usage.latencies)
    latencies = [ChartSeries("suggestions", answers, 4)]
    names = [sitting.site.path.name for sitting in sessions]
    return render_page(
        "bench/replay.html",
        report=report,
        path=path,
        today=date.today(),
        sittings=list(zip(sessions, figures, strict=True)),
        files=Chart.with_legend(draw_bars("Characters by file and origin", names, origins, HALF_WIDTH), origins),
        latencies=Chart.with_legend(draw_columns("Suggestions by latency", doublings, latencies, HALF_WIDTH), latencies),
    )
