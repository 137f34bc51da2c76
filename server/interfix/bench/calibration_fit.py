"""From suggestions that were right or wrong to a calibration: weights for each kind of hole, and one threshold.

A fit begins with what is known of the model already. A kind of hole has few cases and much in common with the others, so its
weights follow those of all of them. How close both stay to what they begin with is what serves cases best that were not fitted on.
The threshold is the one that costs least there.
"""

from collections.abc import Sequence
from itertools import product

import msgspec
import numpy as np
from numpy.typing import NDArray

from interfix.completion.confidence import (
    UNCALIBRATED,
    ConfidenceFeatures,
    ConfidenceWeights,
    ModelCalibration,
)
from interfix.completion.logistic_regression import fit_logistic, sigmoid
from interfix.completion.multiline_choice import HoleKind

CROSS_VALIDATION_FOLDS = 5
"""Parts of the cases, each judged by a fit to the others."""
SILENCE_COST = 1.5
"""What a right suggestion costs that is kept silent, where a wrong one that is shown costs 1."""

_MIN_SHOWN = 10
# How far, in units of a feature, the weights of all kinds of hole together may go from those that the fit begins with, and those of
# one kind from there, before the cases have to be many: what serves unseen cases best is chosen.
_SHARED_DEVIATIONS = (0.1, 0.5, 1.5)
_KIND_DEVIATIONS = (0.02, 0.1, 0.3, 1.0)
_NAMES = ConfidenceFeatures.__struct_fields__


class LabelledSuggestion(msgspec.Struct, frozen=True):
    """A suggestion and whether it was right."""

    features: ConfidenceFeatures
    """What is known of it before anybody has seen it."""
    kind: HoleKind
    """Where it begins."""
    is_correct: bool
    """Whether its first line with anything on it is the expected one, white space at its ends aside."""
    group: str = ""
    """Where the case comes from, such as a package: a fit is judged on groups that it has not seen, where there are enough."""


class ThresholdStats(msgspec.Struct, frozen=True):
    """What a threshold would do."""

    threshold: float
    """The least confidence shown."""
    shown: float
    """The share of all suggestions that are shown."""
    precision: float | None
    """The share of those shown that are right; None where none is."""
    recall: float | None
    """The share of the right ones that are shown; None where none is right."""


class HoleKindStats(msgspec.Struct, frozen=True):
    """What the chosen threshold does for the suggestions in one kind of hole."""

    suggestions: int
    """How many there were."""
    right: int
    """How many of these were right."""
    chosen: ThresholdStats
    """What the threshold does with them."""


class ConfidenceFit(msgspec.Struct, frozen=True):
    """A calibration, and what it does on cases that it was not fitted to."""

    calibration: ModelCalibration
    """The weights fitted to all, and the threshold."""
    reached: bool
    """Whether any threshold makes as much right as was wanted."""
    chosen: ThresholdStats
    """What the threshold does, all kinds of hole together."""
    kinds: dict[str, HoleKindStats]
    """The same by kind of hole."""
    steps: tuple[ThresholdStats, ...]
    """What other thresholds would do."""
    log_loss: float
    """Mean negative log-likelihood of the outcomes, cross-validated."""
    log_loss_before: float
    """The same with the weights that the fit begins with."""


class _Table:
    """The suggestions as columns."""

    def __init__(self, samples: Sequence[LabelledSuggestion]) -> None:
        self.rows = np.array([[1.0, *(getattr(each.features, name) for name in _NAMES)] for each in samples])
        """The features of each, behind a one for the bias."""
        self.right = np.array([each.is_correct for each in samples], float)
        self.kinds = np.array([list(HoleKind).index(each.kind) for each in samples])
        self.folds = _split_folds(samples)


def fit_confidence(
    samples: Sequence[LabelledSuggestion],
    target: float,
    silence_cost: float = SILENCE_COST,
    before: ModelCalibration = UNCALIBRATED,
) -> ConfidenceFit:
    """Fit to what was judged, beginning with what is known of the model `before`.

    Chosen is the threshold from which on showing costs less than silence, or the next one from which on `target` of what is shown
    is right; where there is none, the one that comes nearest.
    """
    table = _Table(samples)
    right = table.right
    start = np.array([_list_weights(before.get_weights(kind)) for kind in HoleKind])
    tried = [(_predict_unseen(table, start, widths), widths) for widths in product(_SHARED_DEVIATIONS, _KIND_DEVIATIONS)]
    unseen, widths = min(tried, key=lambda each: _compute_log_loss(each[0], right))
    threshold, reached = _choose_threshold(unseen, target, silence_cost)
    kinds = {}
    for number, kind in enumerate(HoleKind):
        own = table.kinds == number
        if own.any():
            stats = _measure_threshold(threshold, unseen[own], right[own])
            kinds[kind.value] = HoleKindStats(int(own.sum()), int(right[own].sum()), stats)
    everything = np.ones(len(samples), bool)
    weights = {
        kind.value: ConfidenceWeights(**dict(zip(("bias", *_NAMES), (round(float(weight), 4) for weight in row), strict=True)))
        for kind, row in zip(HoleKind, _fit_weights(table, everything, start, widths), strict=True)
    }
    return ConfidenceFit(
        calibration=ModelCalibration(threshold, **weights),
        reached=reached,
        chosen=_measure_threshold(threshold, unseen, right),
        kinds=kinds,
        steps=tuple(_measure_threshold(step / 20, unseen, right) for step in range(1, 20)),
        log_loss=_compute_log_loss(unseen, right),
        log_loss_before=_compute_log_loss(_predict(table, everything, start), right),
    )


def _choose_threshold(confidence: NDArray[np.float64], target: float, silence_cost: float) -> tuple[float, bool]:
    """The threshold, and whether from it on as much is right as is wanted.

    Showing costs less than silence from 1 / (1 + silence_cost) on. How much is right above a threshold is taken from the confidence
    of what is shown, which varies less from sample to sample than how much of it was.
    """
    threshold = lowest = round(1 / (1 + silence_cost), 2)
    while (confidence >= threshold).sum() >= _MIN_SHOWN:
        if confidence[confidence >= threshold].mean() >= target:
            return threshold, True
        lowest, threshold = threshold, round(threshold + 0.01, 2)
    return lowest, False


def _split_folds(samples: Sequence[LabelledSuggestion]) -> NDArray[np.int64]:
    """The fold of each sample: those of one group stay together where there are groups enough."""
    groups = {group: number for number, group in enumerate(sorted({each.group for each in samples}))}
    if len(groups) < CROSS_VALIDATION_FOLDS:
        return np.arange(len(samples)) % CROSS_VALIDATION_FOLDS
    return np.array([groups[each.group] % CROSS_VALIDATION_FOLDS for each in samples])


def _predict_unseen(table: _Table, start: NDArray[np.float64], widths: tuple[float, float]) -> NDArray[np.float64]:
    """The confidence of each suggestion by a fit to the other folds."""
    unseen = np.empty(len(table.right))
    for fold in range(CROSS_VALIDATION_FOLDS):
        own = table.folds == fold
        unseen[own] = _predict(table, own, _fit_weights(table, ~own, start, widths))
    return unseen


def _fit_weights(
    table: _Table, used: NDArray[np.bool_], start: NDArray[np.float64], widths: tuple[float, float]
) -> NDArray[np.float64]:
    """The weights of each kind of hole, beginning with a row of `start` for each: first all go the same way, then each its own."""

    def fit(part: NDArray[np.bool_], prior: NDArray[np.float64], width: float) -> NDArray[np.float64]:
        return fit_logistic(table.rows[part], table.right[part], prior, np.full(len(prior), width))

    middle = start.mean(axis=0)
    step = fit(used, middle, widths[0]) - middle
    return np.array([fit(used & (table.kinds == number), own + step, widths[1]) for number, own in enumerate(start)])


def _predict(table: _Table, part: NDArray[np.bool_], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    return sigmoid(np.sum(table.rows[part] * weights[table.kinds[part]], axis=1))


def _measure_threshold(threshold: float, confidence: NDArray[np.float64], is_correct: NDArray[np.float64]) -> ThresholdStats:
    is_shown = confidence >= threshold
    hits, count, right = float(is_correct[is_shown].sum()), int(is_shown.sum()), float(is_correct.sum())
    return ThresholdStats(
        threshold=round(float(threshold), 4),
        shown=round(count / len(is_correct), 4),
        precision=round(hits / count, 4) if count else None,
        recall=round(hits / right, 4) if right else None,
    )


def _compute_log_loss(confidence: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    p = np.clip(confidence, 1e-6, 1 - 1e-6)
    return round(float(-np.mean(right * np.log(p) + (1 - right) * np.log(1 - p))), 4)


def _list_weights(weights: ConfidenceWeights) -> list[float]:
    return [float(getattr(weights, name)) for name in ("bias", *_NAMES)]
