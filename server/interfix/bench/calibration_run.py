"""`interfix bench calibrate`: what a model's own certainty is worth, measured on holes whose text is known, and kept for its use.

Every hole is completed as for an editor that nobody asked, with the whole prompt that one has once it is decoded, other files of
the workspace included; but whatever comes is looked at. The threshold is chosen by fits that had not seen the case in question
(cross-validation), so that it holds for the next one, too; what is kept is the fit to all.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from rich.progress import Progress
from rich.table import Table

from interfix.bench.calibration_fit import SILENCE_COST, ConfidenceFit, LabelledSuggestion, ThresholdStats, fit_confidence
from interfix.bench.calibration_records import CalibrationRecords
from interfix.bench.completion_time_estimate import estimate_completion_seconds
from interfix.bench.fim_case_files import InfillCase, read_cases
from interfix.bench.fim_sampling import sample_cases
from interfix.bench.time_budget import TimeBudget
from interfix.completion.calibration_store import find_calibration, save_calibration
from interfix.completion.completer import Completer
from interfix.completion.confidence import load_shipped_calibrations
from interfix.completion.suggestion import Suggestion
from interfix.completion.suggestion_request import SuggestionRequest
from interfix.config.settings import Settings
from interfix.config.settings_loader import resolve_settings
from interfix.context.exclusion import Exclusion
from interfix.context.gatherer import Gatherer
from interfix.context.index import WorkspaceIndex
from interfix.context.names.name_search import NameSearch
from interfix.context.workspace_reader import Workspace
from interfix.engine.client import create_local_engine
from interfix.engine.protocol import Engine
from interfix.errors import UnavailableError, UsageError
from interfix.models.model_selection import select_models
from interfix.models.role_check import BaseModel
from interfix.output.console_output import Console, write_json
from interfix.stats.html_pages import read_stylesheet, write_page
from interfix.stats.svg_charts import ChartLine, build_svg_file, draw_curves
from interfix.syntax.document import Document

MIN_SUGGESTIONS = 40
"""Suggestions that a fit needs at least."""
DEFAULT_HOLE_COUNT = 200
"""So many are cut into a folder's files if nothing else is said."""
CONTEXT_WAIT_MS = 2000
"""How long a case waits for what stands in other files, ms: in an editor it was read while its user typed."""
_NO_LIMIT_MS = 600_000
INDEX_WAIT_SECONDS = 600
"""How long the index of a workspace may take before its cases are completed without."""


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
    fit: ConfidenceFit
    """What was fitted, and what it does."""
    kept: str
    """The file it is kept in; empty where it is not."""

    def show(self) -> None:
        """A table for people on stderr, one JSON line for machines on stdout."""
        fit = self.fit
        title = f"{self.model}: {self.suggestions} suggestions for {self.cases} cases, {self.right} with a right first line"
        table = Table(title=title, title_justify="left")
        for heading in ("shown from", "shown", "right", "right ones shown"):
            table.add_column(heading, justify="right")
        for step in sorted((*fit.steps[1::2], fit.chosen), key=lambda step: step.threshold):
            table.add_row(f"{step.threshold:.0%}", *_format_stats(step), style="bold" if step is fit.chosen else None)
        for kind, stats in fit.kinds.items():
            table.add_row(f"{kind}, {stats.suggestions}", *_format_stats(stats.chosen))
        console = Console(stderr=True)
        console.print(table)
        if not fit.reached:
            console.print(f"No threshold makes {self.target:.0%} of what is shown right; the nearest is chosen.")
        saved = self.kept and f"Kept in {self.kept}."
        console.print(f"Log loss {fit.log_loss:.3f}, {fit.log_loss_before:.3f} before. {saved}")
        write_json(self)


def run(
    cases: Sequence[Path],
    *,
    root: Path | None = None,
    target: float = 0.65,
    silence_cost: float = SILENCE_COST,
    limit: int | None = None,
    minutes: float | None = None,
    records: Path | None = None,
    svg_path: Path | None = None,
    save: bool = True,
    settings: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] = os.environ,
) -> CalibrationReport:
    """Complete the cases of a file, or holes in the files of folders, or as many as fit into so many `minutes`, and fit.

    Each folder is a workspace of its own, and the fit is judged on those that it has not seen, where there are enough of them.

    The curves are drawn into `svg_path`, and the fit is kept. Where the user ends the bench, it fits to the cases until then. What
    came of each case is added to `records`; a case that is there already is not completed again.

    Raises `UsageError` for cases that cannot be read or are too few, and `UnavailableError` where no model completes.
    """
    folders = [path.absolute() for path in cases if path.is_dir()]
    root = root or (folders[0] if folders else None)
    usable = [case for case in _find_cases(cases, limit) if case.expected and case.expected.strip()][:limit]
    resolved = resolve_settings(workspace=root, editor=settings, environ=environ).settings
    base = select_models(resolved.models).base
    if base is None:
        raise UnavailableError("No model for completion is installed. Get one with: interfix models pull")
    budget = TimeBudget(minutes)
    recorded = CalibrationRecords(base.name, records)
    missing = [case for case in usable if case not in recorded]
    if missing:
        seconds_each = asyncio.run(estimate_completion_seconds(resolved, base))
        sample = budget.choose_sample(missing, seconds_each)
        budget.announce(f"{len(sample)} of {len(missing)} cases", len(sample) * seconds_each)
        with budget.watch_interrupts():
            asyncio.run(_judge_cases(sample, base, resolved, root, budget, recorded))
    judged = recorded.list_suggestions()
    if len(judged) < MIN_SUGGESTIONS or len({each.is_correct for each in judged}) < 2:
        brought = f"{', '.join(map(str, cases))} brought {len(judged)} suggestions with a known outcome"
        raise UsageError(f"{brought}; {MIN_SUGGESTIONS} are needed, some right, some wrong.")
    fit = fit_confidence(judged, target, silence_cost, find_calibration(load_shipped_calibrations(), base.name))
    saved_path = str(save_calibration(base.name, fit.calibration)) if save else ""
    right = sum(each.is_correct for each in judged)
    report = CalibrationReport(base.name, recorded.count_cases(), len(judged), right, target, fit, saved_path)
    if svg_path is not None:
        write_page(svg_path, draw_calibration(report))
    report.show()
    return report


def draw_calibration(report: CalibrationReport) -> str:
    """The curves of precision and recall over the threshold, as an SVG file."""
    steps, fitted = report.fit.steps, report.fit.chosen
    lines = [
        ChartLine("right, of what is shown", [(step.threshold, step.precision) for step in steps if step.precision is not None], 1),
        ChartLine("shown, of what is right", [(step.threshold, step.recall) for step in steps if step.recall is not None], 2),
    ]
    title = f"{report.model}: from {fitted.threshold:.0%} on, {fitted.precision or 0:.0%} of what is shown is right"
    return build_svg_file(draw_curves(title, lines, x_label="least confidence shown", marks=[fitted.threshold]), read_stylesheet())


def _find_cases(paths: Sequence[Path], limit: int | None) -> list[InfillCase]:
    """The cases of files, and holes in the files of folders, as many in each."""
    folders = [path for path in paths if path.is_dir()]
    cases = [case for path in paths if path not in folders for case in read_cases(path)]
    for folder in folders:
        root = str(folder.absolute())
        holes = sample_cases(folder, -(-(limit or DEFAULT_HOLE_COUNT) // len(folders)))
        cases += [msgspec.structs.replace(case, root=root) for case in holes]
    return cases


async def _judge_cases(
    cases: Sequence[InfillCase],
    model: BaseModel,
    settings: Settings,
    root: Path | None,
    budget: TimeBudget,
    records: CalibrationRecords,
) -> None:
    """Complete the cases until the time is over, of which each folder gets as much."""
    project = (root or Path.cwd()).absolute()
    async with create_local_engine() as engine:
        with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
            task = progress.add_task("calibrate", total=len(cases))
            folders = list(dict.fromkeys(case.root for case in cases))
            for done, folder in enumerate(folders):
                if budget.is_over:
                    return
                is_over = budget.open_share(len(folders) - done)
                workspace = project / folder if root else None
                async with _open_completer(engine, workspace, settings) as completer:
                    for case in (case for case in cases if case.root == folder):
                        path = project / folder / case.file_name
                        snapshot = Document(path.as_uri(), case.prefix + case.suffix, 1, case.language).snapshot()
                        request = SuggestionRequest(model, snapshot, len(case.prefix.encode()), workspace, automatic=True)
                        if is_over() or (suggestion := await budget.complete(completer.suggest(request))) is None:
                            break
                        progress.advance(task)
                        records.add(case, _label_suggestion(suggestion, case))


def _label_suggestion(suggestion: Suggestion, case: InfillCase) -> LabelledSuggestion | None:
    decision = suggestion.decision
    if not suggestion.text or decision.features is None:
        return None
    right = _first_line(suggestion.text) == _first_line(case.expected or "")
    return LabelledSuggestion(decision.features, decision.hole_kind, right, case.root)


@contextlib.asynccontextmanager
async def _open_completer(engine: Engine, root: Path | None, settings: Settings) -> AsyncIterator[Completer]:
    """One that shows everything and has the context of a workspace, its index included."""
    # However long its prompt takes to decode: in an editor it is decoded before most suggestions.
    everything = msgspec.structs.replace(settings.completion, enabled=True, threshold=0.0, latency_ms=_NO_LIMIT_MS)
    patient = msgspec.structs.replace(settings.context, limit_ms=max(settings.context.limit_ms, CONTEXT_WAIT_MS))
    workspace = await _open_workspace(root, settings) if root else None
    gatherer = Gatherer(patient, settings.completion.prompt_tokens, lambda _: workspace)
    names = NameSearch(lambda _: workspace, None, settings.completion.guide_without, patient=True)
    try:
        yield Completer(engine, everything, gatherer=gatherer, names=names)
    finally:
        gatherer.close()
        names.close()
        if workspace is not None and workspace.index is not None:
            await workspace.index.close()


async def _open_workspace(root: Path, settings: Settings) -> Workspace:
    exclusion = Exclusion(root, settings.context)
    if not settings.context.index or not exclusion.trusted:
        return Workspace(root, exclusion)
    index = WorkspaceIndex(root, exclusion)
    await index.start()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(INDEX_WAIT_SECONDS):
            while not (index.status.ready and index.status.current and not index.status.pending):
                await index.wait_for_status()
    return Workspace(root, exclusion, index)


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0].strip()


def _format_stats(step: ThresholdStats) -> tuple[str, ...]:
    return tuple("–" if share is None else f"{share:.0%}" for share in (step.shown, step.precision, step.recall))
