"""`interfix bench calibrate`: what a model's own certainty is worth, measured on holes whose text is known, and kept for its use.

Every hole is completed as for an editor that nobody asked, but whatever comes is looked at. The threshold is chosen by fits that
had not seen the case in question (cross-validation), so that it holds for the next one, too; what is kept is the fit to all.
"""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress
from rich.table import Table

from interfix.bench.cases import Case, read
from interfix.bench.holes import holes
from interfix.completion.confidence import DEFAULTS, Features, Fit, Parameters, probability
from interfix.completion.pipeline import Completer
from interfix.config.load import load
from interfix.config.settings import Settings
from interfix.engine.client import local_engine
from interfix.errors import BadUsage, Unavailable
from interfix.models.choose import chosen
from interfix.models.roles import BaseModel
from interfix.output.terminal import Console, write_json
from interfix.stats.calibration import keep
from interfix.stats.charts import Line, alone, curves
from interfix.stats.logistic import fit
from interfix.stats.page import style, write
from interfix.syntax.document import Document

FEWEST = 40
"""Suggestions that a fit needs at least."""
HOLES = 200
"""So many are cut into a folder's files if nothing else is said."""
LEAST = 0.35
"""No threshold is lower: of a model that is often right nearly everything could be shown before the share of what is right falls to
the target, but what is twice as likely wrong as right is not worth anybody's look.
"""
FOLDS = 5
"""Parts of the cases, each judged by a fit to the others."""

_STEPS = tuple(step / 20 for step in range(1, 20))
_FEWEST_SHOWN = 10
# How far, in units of a feature, a weight may be from its default before the cases have to be many.
_DEVIATION = 1.5


class Judged(msgspec.Struct, frozen=True):
    """A suggestion and whether it was right."""

    features: Features
    """What is known of it before anybody has seen it."""
    right: bool
    """Whether its first line with anything on it is the expected one, white space at its ends aside."""


class Step(msgspec.Struct, frozen=True):
    """What a threshold would do."""

    threshold: float
    """The least confidence shown."""
    shown: float
    """The share of all suggestions that are shown."""
    precision: float | None
    """The share of those shown that are right; None where none is."""
    recall: float
    """The share of the right ones that are shown."""


class Report(msgspec.Struct, frozen=True):
    """The outcome of a calibration."""

    model: str
    """Whose."""
    cases: int
    """Cases with a known text."""
    suggestions: int
    """How many of them got a suggestion."""
    right: int
    """How many of these were right."""
    target: float
    """The share of what is shown that should be right."""
    reached: bool
    """Whether any threshold does that."""
    chosen: Step
    """The threshold that was chosen, and what it does."""
    steps: tuple[Step, ...]
    """What others would do."""
    log_loss: float
    """Mean negative log-likelihood of the outcomes, cross-validated."""
    log_loss_default: float
    """The same with the weights that everybody begins with."""
    parameters: Parameters
    """The weights fitted to all."""
    kept: str
    """The file they are kept in; empty where they are not."""

    def show(self) -> None:
        """A table for people on stderr, one JSON line for machines on stdout."""
        title = f"{self.model}: {self.suggestions} suggestions for {self.cases} cases, {self.right} with a right first line"
        table = Table(title=title, title_justify="left")
        for heading in ("shown from", "shown", "right", "right ones shown"):
            table.add_column(heading, justify="right")
        for step in sorted((*self.steps[1::2], self.chosen), key=lambda step: step.threshold):
            precision = "–" if step.precision is None else f"{step.precision:.0%}"
            style = "bold" if step is self.chosen else None
            table.add_row(f"{step.threshold:.0%}", f"{step.shown:.0%}", precision, f"{step.recall:.0%}", style=style)
        console = Console(stderr=True)
        console.print(table)
        if not self.reached:
            console.print(f"No threshold makes {self.target:.0%} of what is shown right; the nearest is chosen.")
        console.print(
            f"Log loss {self.log_loss:.3f}, with the defaults {self.log_loss_default:.3f}. {self.kept and f'Kept in {self.kept}.'}"
        )
        write_json(self)


def run(
    cases: Path,
    *,
    root: Path | None = None,
    target: float = 0.6,
    limit: int | None = None,
    picture: Path | None = None,
    save: bool = True,
    settings: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Report:
    """Complete the cases, or holes in the files of a folder, and fit; draw the curves into `picture` (SVG) and keep the fit.

    Raises `BadUsage` for cases that cannot be read or are too few, and `Unavailable` where no model completes.
    """
    folder = cases.is_dir()
    root = root or (cases if folder else None)
    everything = holes(cases, limit or HOLES) if folder else read(cases)
    wanted = [case for case in everything if case.expected and case.expected.strip()][:limit]
    resolved = load(workspace=root, editor=settings, environ=environ).settings
    base = chosen(resolved.models).base
    if base is None:
        raise Unavailable("No model for completion is installed. Get one with: interfix models pull")
    judged = asyncio.run(_judged(wanted, base, resolved, root))
    if len(judged) < FEWEST or len({each.right for each in judged}) < 2:
        raise BadUsage(
            f"{cases} brought {len(judged)} suggestions with a known outcome; {FEWEST} are needed, some right, some wrong."
        )
    report = calibrated(judged, target, model=base.name, cases=len(wanted))
    if save:
        file = keep(base.name, Fit(report.parameters, report.chosen.threshold))
        report = msgspec.structs.replace(report, kept=str(file))
    if picture is not None:
        write(picture, drawn(report))
    report.show()
    return report


def calibrated(judged: Sequence[Judged], target: float, *, model: str = "", cases: int = 0) -> Report:
    """Fit to what was judged and choose the lowest threshold, from `LEAST` up, from which on `target` of it is right."""
    right = np.array([each.right for each in judged], float)
    unseen = np.empty(len(judged))
    for fold in range(FOLDS):
        others = [each for index, each in enumerate(judged) if index % FOLDS != fold]
        unseen[fold::FOLDS] = _probabilities(judged[fold::FOLDS], _fitted(others))
    candidates = [
        step
        for threshold in sorted({0.0, LEAST, *unseen})
        if (step := _step(threshold, unseen, right)).shown * len(right) >= _FEWEST_SHOWN
    ]
    good = [step for step in candidates if step.threshold >= LEAST and (step.precision or 0) >= target]
    best = good[0] if good else max(candidates, key=lambda step: step.precision or 0)
    return Report(
        model=model,
        cases=cases or len(judged),
        suggestions=len(judged),
        right=int(right.sum()),
        target=target,
        reached=bool(good),
        chosen=best,
        steps=tuple(_step(threshold, unseen, right) for threshold in _STEPS),
        log_loss=_log_loss(unseen, right),
        log_loss_default=_log_loss(_probabilities(judged, DEFAULTS), right),
        parameters=_fitted(judged),
        kept="",
    )


def drawn(report: Report) -> str:
    """The curves of precision and recall over the threshold, as an SVG file."""
    lines = [
        Line(
            "right, of what is shown", [(step.threshold, step.precision) for step in report.steps if step.precision is not None], 1
        ),
        Line("shown, of what is right", [(step.threshold, step.recall) for step in report.steps], 2),
    ]
    title = f"{report.model}: from {report.chosen.threshold:.0%} on, {report.chosen.precision or 0:.0%} of what is shown is right"
    return alone(curves(title, lines, across="least confidence shown", marks=[report.chosen.threshold]), style())


async def _judged(cases: Sequence[Case], model: BaseModel, settings: Settings, root: Path | None) -> list[Judged]:
    everything = msgspec.structs.replace(settings.completion, enabled=True, threshold=0.0)
    found = []
    async with local_engine() as engine:
        completer = Completer(engine, everything)
        with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
            for case in progress.track(cases, description="calibrate"):
                path = (root or Path.cwd()) / case.name
                snapshot = Document(path.absolute().as_uri(), case.prefix + case.suffix, 1, case.language).snapshot()
                suggestion = await completer.suggest(model, snapshot, len(case.prefix.encode()), automatic=True, root=root)
                if suggestion is not None:
                    right = _first_line(suggestion.text) == _first_line(case.expected or "")
                    found.append(Judged(suggestion.features, right))
    return found


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0].strip()


def _fitted(judged: Sequence[Judged]) -> Parameters:
    names = Features.__struct_fields__
    rows = [[1.0, *(getattr(each.features, name) for name in names)] for each in judged]
    prior = [DEFAULTS.bias, *(getattr(DEFAULTS, name) for name in names)]
    found = fit(rows, [float(each.right) for each in judged], prior, [_DEVIATION] * len(prior))
    return Parameters(**dict(zip(("bias", *names), (round(float(weight), 4) for weight in found), strict=True)))


def _probabilities(judged: Sequence[Judged], parameters: Parameters) -> NDArray[np.float64]:
    return np.array([probability(each.features, parameters) for each in judged])


def _step(threshold: float, confidence: NDArray[np.float64], right: NDArray[np.float64]) -> Step:
    shown = confidence >= threshold
    hits, count = float(right[shown].sum()), int(shown.sum())
    return Step(
        threshold=round(float(threshold), 4),
        shown=round(count / len(right), 4),
        precision=round(hits / count, 4) if count else None,
        recall=round(hits / float(right.sum()), 4),
    )


def _log_loss(confidence: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    p = np.clip(confidence, 1e-6, 1 - 1e-6)
    return round(float(-np.mean(right * np.log(p) + (1 - right) * np.log(1 - p))), 4)
