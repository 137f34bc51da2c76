"""`interfix bench replay`: real files typed as people type, through the whole server, taking what it suggests where it is right."""

import asyncio
import contextlib
import os
import random
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

from interfix.bench.headless import editor
from interfix.bench.places import Place, places, sources
from interfix.bench.sitting import Figures, Sitting, together
from interfix.bench.spread import Spread, spread
from interfix.config.load import load
from interfix.errors import BadUsage, Unavailable
from interfix.models.choose import chosen
from interfix.output.terminal import Console, write_json
from interfix.stats.charts import NARROW, Series, bars, columns
from interfix.stats.page import Chart, by_doubling, render, share, write
from interfix.stats.store import opened
from interfix.stats.summary import Summary, summary

WITHOUT: dict[str, dict[str, Any]] = {
    "type-through": {"completion.type_through": False},
    "ahead": {"completion.ahead": False},
    "context": {"context.trusted": False},
}
"""What can be left out to see what it is worth, and the settings that do so."""


class Report(msgspec.Struct, frozen=True):
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
    typed: Figures
    """What the typist saw."""
    ms: Spread
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
            ("from suggestions", f"{share(self.share)} of {typed.characters:,} characters, with {typed.keys:,} keys"),
            ("shown", f"{typed.shown} suggestions, the first line right in {share(self.precision)}"),
            ("taken", taken),
            ("requests", f"{typed.asked:,}, of which {self.answered:,} were answered; {typed.errors} errors"),
            ("at hand", f"{share(self.at_hand)} of the answers with a suggestion"),
            ("latency", f"p50 {self.ms.p50:.0f} ms, p95 {self.ms.p95:.0f} ms"),
            ("engine", f"{self.streams:,} completions, {self.decoded:,} prompt tokens decoded, {self.generated:,} written"),
        )


def run(
    path: Path,
    *,
    files: int = 6,
    seed: int = 1,
    without: Sequence[str] = (),
    html: Path | None = None,
    settings: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Report:
    """Type at a place in each of some files below `path`, with a server and counts of its own; show figures.

    The server sees a copy of the folder in which those places are empty until they have been typed. Raises `BadUsage` where there
    is nothing to type, and `Unavailable` where no model completes or the server stops.
    """
    found = sources(path)
    root = path if path.is_dir() else path.parent
    chance = random.Random(seed)
    wanted = places(root, found, files, chance)
    if not wanted:
        raise BadUsage(f"{path} has no file with enough lines of code to type.")
    given = {**(settings or {}), **{name: value for each in without for name, value in _settings_without(each).items()}}
    resolved = load(editor=given, environ=environ).settings
    base = chosen(resolved.models, resolved.serving()).base
    if base is None:
        raise Unavailable("No model for completion is installed. Get one with: interfix models pull")
    with tempfile.TemporaryDirectory(prefix="interfix-replay-") as folder:
        copy, counts = Path(folder).resolve() / root.resolve().name, Path(folder) / "counts"
        _copy(root, found, wanted, copy)
        own = {**given, "statistics.enabled": True, "statistics.file": str(counts)}
        began = time.perf_counter()
        sittings, told = asyncio.run(_type(copy, wanted, chance, own, environ))
        seconds = time.perf_counter() - began
        with opened(counts) as store:
            counted = summary(store, date.today())
    report = _report(base.name, tuple(without), seed, seconds, sittings, counted, tuple(told))
    if html is not None:
        write(html, _page(report, path, sittings, counted))
    report.show()
    return report


def _settings_without(name: str) -> dict[str, Any]:
    if name not in WITHOUT:
        raise BadUsage(f"'{name}' cannot be left out; {', '.join(WITHOUT)} can.")
    return WITHOUT[name]


def _copy(root: Path, found: list[Path], wanted: list[Place], copy: Path) -> None:
    for file in found:
        target = copy / file.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    for place in wanted:
        _save(copy, place, place.prefix + place.suffix)


def _save(copy: Path, place: Place, text: str) -> None:
    (copy / place.path).write_text(text, encoding="utf-8", newline="")


async def _type(
    copy: Path, wanted: list[Place], chance: random.Random, settings: Mapping[str, Any], environ: Mapping[str, str]
) -> tuple[list[Sitting], list[str]]:
    sittings = []
    async with editor(copy, environ, {**settings, "statistics.enabled": False}) as client:
        # Nobody who types has just started the engine: the model is in memory before the first key. Errors are counted later.
        prefix, suffix = "def first(values):\n    return ", "\n"
        with contextlib.suppress(JsonRpcException):
            async with client.opened((copy / "warm.py").as_uri(), "python", prefix + suffix) as document:
                await client.complete(document, prefix, suffix)
    async with editor(copy, environ, settings) as client:
        with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
            for place in progress.track(wanted, description="replay"):
                sitting = Sitting(client, copy, place, random.Random(chance.random()))
                with client.talking():
                    await sitting.run()
                _save(copy, place, place.prefix + place.text + place.suffix)
                sittings.append(sitting)
    return sittings, client.told


def _report(
    model: str,
    without: tuple[str, ...],
    seed: int,
    seconds: float,
    sittings: list[Sitting],
    counted: Summary,
    told: tuple[str, ...],
) -> Report:
    typed = together([sitting.figures() for sitting in sittings])
    return Report(
        model=model,
        without=without,
        seed=seed,
        files=len(sittings),
        seconds=round(seconds, 1),
        share=round(typed.suggested / typed.characters, 4),
        precision=round(typed.right / typed.shown, 4) if typed.shown else None,
        at_hand=None if counted.total.at_hand_share is None else round(counted.total.at_hand_share, 4),
        typed=typed,
        ms=spread([ms for sitting in sittings for ms in sitting.latencies_ms]),
        answered=counted.total.requests,
        streams=sum(work.streams for work in counted.work),
        decoded=sum(work.decoded for work in counted.work),
        generated=sum(work.generated for work in counted.work),
        told=told,
    )


def _page(report: Report, path: Path, sittings: list[Sitting], counted: Summary) -> str:
    figures = [sitting.figures() for sitting in sittings]
    origins = [
        Series("from suggestions", [each.suggested for each in figures], 1),
        Series("typed", [each.characters - each.suggested for each in figures], 3),
    ]
    doublings, answers = by_doubling(counted.latencies)
    latencies = [Series("suggestions", answers, 4)]
    names = [sitting.place.path.name for sitting in sittings]
    return render(
        "bench/replay.html",
        report=report,
        path=path,
        today=date.today(),
        sittings=list(zip(sittings, figures, strict=True)),
        files=Chart.of(bars("Characters by file and origin", names, origins, NARROW), origins),
        latencies=Chart.of(columns("Suggestions by latency", doublings, latencies, NARROW), latencies),
    )
