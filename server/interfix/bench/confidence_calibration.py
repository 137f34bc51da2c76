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

from interfix.bench.completion_time_estimate import estimate_completion_seconds
from interfix.bench.fim_case_files import InfillCase, read_cases
from interfix.bench.fim_sampling import sample_cases
from interfix.bench.time_budget import TimeBudget
from interfix.completion.calibration_store import save_calibration
from interfix.completion.completer import Completer
from interfix.completion.confidence import (
    DEFAULT_WEIGHTS,
    ConfidenceFeatures,
    ConfidenceWeights,
    ModelCalibration,
    estimate_probability,
)
from interfix.completion.logistic_regression import fit_logistic
from interfix.completion.suggestion import SuggestionRequest
from interfix.config.settings import Settings
from interfix.config.settings_loader import resolve_settings
from interfix.engine.client import create_local_engine
from interfix.errors import UnavailableError, UsageError
from interfix.models.model_selection import select_models
from interfix.models.role_check import BaseModel
from interfix.output.standard_streams import Console, write_json
from interfix.stats.html_report import read_stylesheet, write_page
from interfix.stats.svg_charts import ChartLine, build_svg_file, draw_curves
from interfix.syntax.document import Document

MIN_SUGGESTIONS = 40
"""Suggestions that a fit needs at least."""
DEFAULT_HOLE_COUNT = 200
"""So many are cut into a folder's files if nothing else is said."""
MIN_THRESHOLD = 0.35
"""No threshold is lower: of a model that is often right nearly everything could be shown before the share of what is right falls to
the target, but what is twice as likely wrong as right is not worth anybody's look.
"""
CROSS_VALIDATION_FOLDS = 5
"""Parts of the cases, each judged by a fit to the others."""

_REPORTED_THRESHOLDS = tuple(step / 20 for step in range(1, 20))
_MIN_SHOWN = 10
# How far, in units of a feature, a weight may be from its default before the cases have to be many.
_PRIOR_DEVIATION = 1.5


class LabelledSuggestion(msgspec.Struct, frozen=True):
    """A suggestion and whether it was right."""

    features: ConfidenceFeatures
    """What is known of it before anybody has seen it."""
    is_correct: bool
    """Whether its first line with anything on it is the expected one, white space at its ends aside."""


class ThresholdStats(msgspec.Struct, frozen=True):
    """What a threshold would do."""

    threshold: float
    """The least confidence shown."""
    shown: float
    """The share of all suggestions that are shown."""
    precision: float | None
    """The share of those shown that are right; None where none is."""
    recall: float
    """The share of the right ones that are shown."""


class CalibrationReport(msgspec.Struct, frozen=True):
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
    chosen: ThresholdStats
    """The threshold that was chosen, and what it does."""
    steps: tuple[ThresholdStats, ...]
    """What others would do."""
    log_loss: float
    """Mean negative log-likelihood of the outcomes, cross-validated."""
    log_loss_default: float
    """The same with the weights that everybody begins with."""
    parameters: ConfidenceWeights
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
    minutes: float | None = None,
    svg_path: Path | None = None,
    save: bool = True,
    settings: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] = os.environ,
) -> CalibrationReport:
    """Complete the cases, or holes in the files of a folder, or as many as fit into so many `minutes`, and fit.

    The curves are drawn into `svg_path`, and the fit is kept. Where the user ends the bench, it fits to the cases until then.

    Raises `UsageError` for cases that cannot be read or are too few, and `UnavailableError` where no model completes.
    """
    folder = cases.is_dir()
    root = root or (cases if folder else None)
    everything = sample_cases(cases, limit or DEFAULT_HOLE_COUNT) if folder else read_cases(cases)
    wanted = [case for case in everything if case.expected and case.expected.strip()][:limit]
    resolved = resolve_settings(workspace=root, editor=settings, environ=environ).settings
    base = select_models(resolved.models).base
    if base is None:
        raise UnavailableError("No model for completion is installed. Get one with: interfix models pull")
    budget = TimeBudget(minutes)
    seconds_each = asyncio.run(estimate_completion_seconds(resolved, base))
    chosen = budget.choose_sample(wanted, seconds_each)
    budget.announce(f"{len(chosen)} of {len(wanted)} cases", len(chosen) * seconds_each)
    with budget.watch_interrupts():
        judged = asyncio.run(_label_suggestions(chosen, base, resolved, root, budget))
    if len(judged) < MIN_SUGGESTIONS or len({each.is_correct for each in judged}) < 2:
        raise UsageError(
            f"{cases} brought {len(judged)} suggestions with a known outcome; {MIN_SUGGESTIONS} are needed, some right, some wrong."
        )
    report = fit_threshold(judged, target, model=base.name, cases=len(chosen))
    if save:
        file = save_calibration(base.name, ModelCalibration(report.parameters, report.chosen.threshold))
        report = msgspec.structs.replace(report, kept=str(file))
    if svg_path is not None:
        write_page(svg_path, draw_calibration(report))
    report.show()
    return report


def fit_threshold(samples: Sequence[LabelledSuggestion], target: float, *, model: str = "", cases: int = 0) -> CalibrationReport:
    """Fit to what was judged and choose the lowest threshold, from `MIN_THRESHOLD` up, from which on `target` of it is right."""
    right = np.array([each.is_correct for each in samples], float)
    unseen = np.empty(len(samples))
    for fold in range(CROSS_VALIDATION_FOLDS):
        others = [each for index, each in enumerate(samples) if index % CROSS_VALIDATION_FOLDS != fold]
        unseen[fold::CROSS_VALIDATION_FOLDS] = _predict(samples[fold::CROSS_VALIDATION_FOLDS], _fit_parameters(others))
    candidates = [
        step
        for threshold in sorted({0.0, MIN_THRESHOLD, *unseen})
        if (step := _measure_threshold(threshold, unseen, right)).shown * len(right) >= _MIN_SHOWN
    ]
    good = [step for step in candidates if step.threshold >= MIN_THRESHOLD and (step.precision or 0) >= target]
    best = good[0] if good else max(candidates, key=lambda step: step.precision or 0)
    return CalibrationReport(
        model=model,
        cases=cases or len(samples),
        suggestions=len(samples),
        right=int(right.sum()),
        target=target,
        reached=bool(good),
        chosen=best,
        steps=tuple(_measure_threshold(threshold, unseen, right) for threshold in _REPORTED_THRESHOLDS),
        log_loss=_compute_log_loss(unseen, right),
        log_loss_default=_compute_log_loss(_predict(samples, DEFAULT_WEIGHTS), right),
        parameters=_fit_parameters(samples),
        kept="",
    )


def draw_calibration(report: CalibrationReport) -> str:
    """The curves of precision and recall over the threshold, as an SVG file."""
    lines = [
        ChartLine(
            "right, of what is shown", [(step.threshold, step.precision) for step in report.steps if step.precision is not None], 1
        ),
        ChartLine("shown, of what is right", [(step.threshold, step.recall) for step in report.steps], 2),
    ]
    title = f"{report.model}: from {report.chosen.threshold:.0%} on, {report.chosen.precision or 0:.0%} of what is shown is right"
    return build_svg_file(
        draw_curves(title, lines, x_label="least confidence shown", marks=[report.chosen.threshold]), read_stylesheet()
    )


async def _label_suggestions(
    cases: Sequence[InfillCase], model: BaseModel, settings: Settings, root: Path | None, budget: TimeBudget
) -> list[LabelledSuggestion]:
    everything = msgspec.structs.replace(settings.completion, enabled=True, threshold=0.0)
    found = []
    async with create_local_engine() as engine:
        completer = Completer(engine, everything)
        with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
            for case in progress.track(cases, description="calibrate"):
                path = (root or Path.cwd()) / case.file_name
                snapshot = Document(path.absolute().as_uri(), case.prefix + case.suffix, 1, case.language).snapshot()
                request = SuggestionRequest(model, snapshot, len(case.prefix.encode()), root, automatic=True)
                if (suggestion := await budget.complete(completer.suggest(request))) is None:
                    break
                if suggestion.text and (features := suggestion.decision.features) is not None:
                    right = _first_line(suggestion.text) == _first_line(case.expected or "")
                    found.append(LabelledSuggestion(features, right))
    return found


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0].strip()


def _fit_parameters(samples: Sequence[LabelledSuggestion]) -> ConfidenceWeights:
    names = ConfidenceFeatures.__struct_fields__
    rows = [[1.0, *(getattr(each.features, name) for name in names)] for each in samples]
    prior = [DEFAULT_WEIGHTS.bias, *(getattr(DEFAULT_WEIGHTS, name) for name in names)]
    found = fit_logistic(rows, [float(each.is_correct) for each in samples], prior, [_PRIOR_DEVIATION] * len(prior))
    return ConfidenceWeights(**dict(zip(("bias", *names), (round(float(weight), 4) for weight in found), strict=True)))


def _predict(samples: Sequence[LabelledSuggestion], parameters: ConfidenceWeights) -> NDArray[np.float64]:
    return np.array([estimate_probability(each.features, parameters) for each in samples])


def _measure_threshold(threshold: float, confidence: NDArray[np.float64], is_correct: NDArray[np.float64]) -> ThresholdStats:
    shown = confidence >= threshold
    hits, count = float(is_correct[shown].sum()), int(shown.sum())
    return ThresholdStats(
        threshold=round(float(threshold), 4),
        shown=round(count / len(is_correct), 4),
        precision=round(hits / count, 4) if count else None,
        recall=round(hits / float(is_correct.sum()), 4),
    )


def _compute_log_loss(confidence: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    p = np.clip(confidence, 1e-6, 1 - 1e-6)
    return round(float(-np.mean(right * np.log(p) + (1 - right) * np.log(1 - p))), 4)
