"""Measures when a base model's text for a stale span is right: records fills of cases, and writes `next_edit/fills.toml`.

Cases are those of `interfix bench nextedit`. Recording takes a model's time, so it is done piece by piece: each run goes on behind
the last row. Spans that the author changed, of which there are few, are recorded as often as others, and count less for it.
"""

import asyncio
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from interfix.bench.next_edit_cases import EditCase, read_edit_cases
from interfix.bench.next_edit_scores import score_edit
from interfix.bench.time_budget import TimeBudget
from interfix.completion.logistic_regression import fit_logistic
from interfix.config.settings import CompletionSettings
from interfix.engine.client import create_local_engine
from interfix.models.role_check import BaseModel
from interfix.next_edit.certainty import CertaintyTable, load_certainty
from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.fill_certainty import FillCalibration, FillTables, weigh_fill
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.finders import collect_candidates
from interfix.next_edit.gate import RefusedEdits
from interfix.next_edit.model_fill import WeighedSpan, find_likeliest_span
from interfix.next_edit.predictor import find_next_edit
from interfix.next_edit.ranking import rank_edits
from interfix.next_edit.span_fill import SpanFiller
from interfix.next_edit.stale_spans import StaleSpan, list_stale_spans
from tests.bench.next_edit_weights import replay_case

PLACE_THRESHOLD = 0.2
"""Spans less likely are not asked about: of the cases of releases in which rules show nothing 9% have a likelier one."""
PRECISION = 0.85
"""The share of what is shown that is to be right."""
EXPLICIT_THRESHOLD = 0.3
OTHERS_MARGIN = 0.15
"""A model that was not measured has to be surer by so much."""
PRIOR = {"margin": 1.0, "least": 0.5, "agrees": 1.5, "place": 1.0, "same_came": 1.5, "same_went": 0.5}
"""What the weights are taken to be before anything is measured."""
_BIAS, _DEVIATION = -2.0, 0.7


class FillRow(msgspec.Struct, frozen=True):
    """What a model made of a case's likeliest span."""

    id: str
    """The case's."""
    kind: str
    is_place: bool
    """Whether its author changed just these lines."""
    is_right: bool = False
    """Whether the text is the author's, too."""
    is_closer: bool = False
    """Whether it leads nearer to the author's."""
    evidence: dict[str, float] | None = None
    """None: the model had nothing to say, or the old text."""
    old: str = ""
    text: str = ""


class PlaceCase(msgspec.Struct, frozen=True):
    """A case in which rules show nothing, and its spans."""

    case: EditCase
    context: EditContext
    spans: list[StaleSpan]
    right: list[bool]


def record(cases: Path, model: BaseModel, out: Path, *, minutes: float, limit: int, every: bool) -> None:
    """Ask about the likeliest span of each case and append a row to `out`, until the minutes are over."""
    budget = TimeBudget(minutes)
    known = {row.id for row in read_rows(out)} if out.exists() else set()
    places = list_place_cases(cases, limit)
    spans = [(each, span) for each in places if (span := find_likeliest_span(each.context, each.case.path)) is not None]
    groups = [[pair for pair in spans if is_changed(pair[0].case, pair[1].span) is place] for place in (True, False)]
    ordered = spans if every else [pair for pairs in zip(*groups, strict=False) for pair in pairs]
    print(f"{len(spans)} spans to ask about, {len(groups[0])} at the right place")
    asyncio.run(_fill_all([pair for pair in ordered if pair[0].case.id not in known], model, out, budget))


async def _fill_all(pairs: Sequence[tuple[PlaceCase, WeighedSpan]], model: BaseModel, out: Path, budget: TimeBudget) -> None:
    async with create_local_engine() as engine:
        filler = SpanFiller(engine, model, CompletionSettings(time_ms=0))
        for place, span in pairs:
            if budget.is_over:
                break
            row = await _fill(filler, place, span)
            with out.open("ab") as file:
                file.write(msgspec.json.encode(row) + b"\n")


async def _fill(filler: SpanFiller, place: PlaceCase, each: WeighedSpan) -> FillRow:
    case, snapshot = place.case, place.context.snapshot
    row = FillRow(case.id, case.kind, is_changed(case, each.span), old=each.prompt.old)
    fill = await filler.fill(snapshot, each.prompt)
    if fill is None:
        return row
    made = snapshot.data[: each.prompt.start] + fill.text.encode() + snapshot.data[each.prompt.end :]
    score = score_edit(case, made.decode())
    evidence = weigh_fill(snapshot, each.span, each.place, each.prompt, fill)
    return msgspec.structs.replace(row, is_right=score.is_exact, is_closer=score.is_closer, evidence=evidence, text=fill.text)


def measure(places: Path, near: Path, rows: dict[str, Path], out: Path, limit: int) -> None:
    """Fit the weights of places to cases, those of fills to the rows of each model, and write them.

    Cases that are like single commits, `near`, tell only how often the likeliest span is the right one.
    """
    place = _fit_places(list_place_cases(places, limit))
    share = _count_places(list_place_cases(near, limit), place)
    tables: dict[str, FillCalibration] = {}
    everything: list[FillRow] = []
    for name, path in rows.items():
        mine = read_rows(path)
        everything += mine
        tables[name] = fit_fills(mine, share)
    others = fit_fills(everything, share)
    others = msgspec.structs.replace(others, threshold=min(0.95, round(others.threshold + OTHERS_MARGIN, 3)))
    model = FillTables(PLACE_THRESHOLD, place, others, tables)
    out.write_text("# Measured by tests/bench/next_edit_fills.py; do not edit by hand.\n" + "\n".join(_write_tables(model)) + "\n")


def _write_tables(tables: FillTables) -> Iterator[str]:
    yield f"place_threshold = {tables.place_threshold}"
    yield from _write_table("place", tables.place)
    for name, each in ((f'models."{name}"', each) for name, each in tables.models.items()):
        yield from _write_calibration(name, each)
    yield from _write_calibration("others", tables.others)


def _write_calibration(name: str, calibration: FillCalibration) -> Iterator[str]:
    yield from ("", f"[{name}]", f"threshold = {calibration.threshold}", f"explicit_threshold = {calibration.explicit_threshold}")
    yield from _write_table(f"{name}.table", calibration.table)


def _write_table(name: str, table: CertaintyTable) -> Iterator[str]:
    yield from ("", f"[{name}]", f"bias = {table.bias}", "", f"[{name}.weights]")
    yield from (f"{key} = {value}" for key, value in sorted(table.weights.items()))


def fit_fills(rows: Sequence[FillRow], share: float) -> FillCalibration:
    """The weights for one model's rows. `share` of the spans it will be asked about are at the right place."""
    evidence_rows = [row for row in rows if row.evidence is not None]
    names = sorted({name for row in evidence_rows for name in row.evidence or {}})
    recorded = sum(row.is_place for row in rows) / max(1, len(rows))
    counts = [share / recorded if row.is_place else (1 - share) / (1 - recorded) for row in evidence_rows]
    prior = np.array([_BIAS, *(PRIOR.get(name, 0.0) for name in names)])
    deviations = np.array([3.0, *[_DEVIATION] * len(names)])
    features = np.array([[1.0, *((row.evidence or {}).get(name, 0.0) for name in names)] for row in evidence_rows])
    right = np.array([float(row.is_right) for row in evidence_rows])
    weights = np.array(counts)
    unseen = np.empty(len(evidence_rows))
    for number in range(len(evidence_rows)):  # each judged by a fit to the others
        rest = np.arange(len(evidence_rows)) != number
        unseen[number] = features[number] @ fit_logistic(features[rest], right[rest], prior, deviations, weights[rest])
    chance = 1 / (1 + np.exp(-unseen))
    threshold = _choose_threshold(chance, right, weights)
    coefficients = fit_logistic(features, right, prior, deviations, weights)
    table = CertaintyTable(
        round(float(coefficients[0]), 3),
        {name: round(float(value), 3) for name, value in zip(names, coefficients[1:], strict=True)},
    )
    is_shown = chance >= threshold
    print(
        f"{len(rows)} rows, {len(evidence_rows)} texts, {int(right.sum())} right; "
        f"from {threshold:.2f} on {int(is_shown.sum())} shown, {int(right[is_shown].sum())} right"
    )
    return FillCalibration(round(threshold, 3), EXPLICIT_THRESHOLD, table)


def _choose_threshold(chance: NDArray[np.float64], right: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """The lowest from which on so much of what is shown is right as is wanted; unseen rows decide."""
    for threshold in sorted({0.35, *(float(each) for each in chance if each >= 0.35)}):
        is_shown = chance >= threshold
        if (right * weights)[is_shown].sum() >= PRECISION * weights[is_shown].sum():
            return threshold
    return 0.95


def _fit_places(cases: Sequence[PlaceCase]) -> CertaintyTable:
    names = sorted({name for each in cases for span in each.spans for name in span.evidence})
    features = [[1.0, *(span.evidence.get(name, 0.0) for name in names)] for each in cases for span in each.spans]
    right = [float(each) for case in cases for each in case.right]
    counts = [len(case.spans) ** -0.5 for case in cases for _ in case.spans]
    coefficients = fit_logistic(features, right, np.zeros(len(names) + 1), [5.0] + [1.0] * len(names), counts)
    return CertaintyTable(
        round(float(coefficients[0]), 3),
        {name: round(float(value), 3) for name, value in zip(names, coefficients[1:], strict=True)},
    )


def _count_places(cases: Sequence[PlaceCase], table: CertaintyTable) -> float:
    """The share of the cases with a span worth asking about whose likeliest is at the right place."""
    best = [
        max(
            ((table.estimate(span.evidence), right) for span, right in zip(each.spans, each.right, strict=True)),
            default=(0.0, False),
        )
        for each in cases
    ]
    outcomes = [right for chance, right in best if chance >= PLACE_THRESHOLD]
    return sum(outcomes) / max(1, len(outcomes))


def list_place_cases(cases: Path, limit: int) -> list[PlaceCase]:
    """The cases, at most `limit` of them drawn at random, in which rules show nothing."""
    everything = read_edit_cases(cases)
    some = random.Random(3).sample(everything, min(limit, len(everything)))
    return [place_case for case in some if (place_case := _find_places(case)) is not None]


def _find_places(case: EditCase) -> PlaceCase | None:
    context, model = replay_case(case), load_certainty()
    if find_next_edit(context, model.threshold, RefusedEdits()) is not None:
        return None
    search = EditSearch(context)
    spans = list_stale_spans(search, rank_edits(context.snapshot, collect_candidates(search), model, context.offset))
    return PlaceCase(case, context, spans, [is_changed(case, span) for span in spans])


def is_changed(case: EditCase, span: StaleSpan) -> bool:
    """Whether the author changed just these lines."""
    hunks = (each for each in case.remaining if each.old and each.new)
    return any(each.line == span.first and each.line + len(each.old.splitlines()) == span.end for each in hunks)


def read_rows(path: Path) -> list[FillRow]:
    """What was recorded; a last row that is cut short is left out."""
    return list(_decode_rows(path.read_bytes().split(b"\n")))


def _decode_rows(lines: Sequence[bytes]) -> Iterator[FillRow]:
    for line in lines:
        try:
            yield msgspec.json.decode(line, type=FillRow)
        except msgspec.DecodeError:
            continue
