"""From suggestions that were right or wrong to weights and a threshold that keeps its promise."""

import random

import msgspec
import pytest

from interfix.bench.calibration_fit import SILENCE_COST, LabelledSuggestion, fit_confidence
from interfix.completion.confidence import (
    DEFAULT_WEIGHTS,
    ConfidenceFeatures,
    ConfidenceWeights,
    ModelCalibration,
    estimate_probability,
)
from interfix.completion.multiline_choice import HoleKind

TRUTH = ConfidenceWeights(bias=2.5, mean=3.0, least=0.5, begin=0.0, length=-0.5, closed=0.5)
TRUTHS = {HoleKind.TAIL: TRUTH, HoleKind.LINE: TRUTH, HoleKind.BODY: msgspec.structs.replace(TRUTH, bias=0.5)}
"""Bodies are right less often than they seem."""


def make_samples(count: int, seed: int = 5) -> list[LabelledSuggestion]:
    """Suggestions of a model whose confidence means what `TRUTH` says."""
    chance = random.Random(seed)
    samples = []
    for _ in range(count):
        mean = -chance.expovariate(1.5)
        features = ConfidenceFeatures(
            mean=mean,
            least=mean * chance.uniform(1, 4),
            begin=mean * chance.uniform(0.2, 2),
            length=chance.uniform(0, 3),
            closed=float(chance.random() < 0.2),
        )
        kind = chance.choice([*HoleKind])
        samples.append(LabelledSuggestion(features, kind, chance.random() < estimate_probability(features, TRUTHS[kind])))
    return samples


def test_the_threshold_keeps_its_promise_on_cases_it_has_not_seen() -> None:
    fit = fit_confidence(make_samples(800), 0.65)
    new = make_samples(1500, seed=6)
    shown = [
        each
        for each in new
        if estimate_probability(each.features, fit.calibration.get_weights(each.kind)) >= fit.calibration.threshold
    ]
    assert fit.reached
    assert sum(each.is_correct for each in shown) / len(shown) == pytest.approx(0.65, abs=0.05)


def test_each_kind_of_hole_has_weights_of_its_own() -> None:
    fit = fit_confidence(make_samples(2000), 0.6)
    assert fit.log_loss < fit.log_loss_before
    for kind in HoleKind:
        misses = [
            estimate_probability(each.features, fit.calibration.get_weights(kind))
            - estimate_probability(each.features, TRUTHS[kind])
            for each in make_samples(200, seed=7)
        ]
        assert sum(map(abs, misses)) / len(misses) < 0.06
        assert abs(sum(misses) / len(misses)) < 0.04
    assert set(fit.kinds) == {"tail", "line", "body"}
    assert sum(stats.suggestions for stats in fit.kinds.values()) == 2000


def test_a_kind_of_hole_with_few_cases_is_judged_as_the_others_are() -> None:
    samples = [each for each in make_samples(600) if each.kind is not HoleKind.BODY]
    one = msgspec.structs.replace(samples[0], kind=HoleKind.BODY)
    calibration = fit_confidence([*samples, one], 0.6).calibration
    assert calibration.body.mean == pytest.approx(calibration.tail.mean, abs=1.0)


def test_a_very_sure_model_does_not_make_hopeless_suggestions_worth_showing() -> None:
    features = make_samples(1)[0].features
    sure, hopeless = (msgspec.structs.replace(features, mean=mean, least=mean, begin=mean) for mean in (-0.01, -3.0))
    fit = fit_confidence(
        [LabelledSuggestion(sure, HoleKind.TAIL, is_correct=True)] * 300
        + [LabelledSuggestion(hopeless, HoleKind.TAIL, number < 10) for number in range(100)],
        0.6,
    )
    assert fit.steps[0].precision is not None
    assert fit.steps[0].precision >= 0.6
    assert fit.chosen.threshold >= round(1 / (1 + SILENCE_COST), 2)


def test_a_higher_target_shows_less() -> None:
    low, high = (fit_confidence(make_samples(800), target) for target in (0.5, 0.9))
    assert high.chosen.threshold > low.chosen.threshold
    assert (high.chosen.recall or 0) < (low.chosen.recall or 0)
    recalls = [step.recall for step in low.steps]
    assert recalls == sorted(recalls, reverse=True)


def test_where_silence_costs_more_more_is_shown() -> None:
    thresholds = [fit_confidence(make_samples(800), 0.3, cost).chosen.threshold for cost in (0.3, 1.0, 1.8)]
    assert thresholds == sorted(thresholds, reverse=True)
    assert thresholds[1] == 0.5


def test_a_target_out_of_reach_is_told() -> None:
    features = make_samples(1)[0].features
    fit = fit_confidence([LabelledSuggestion(features, HoleKind.LINE, number % 10 == 0) for number in range(200)], 0.9)
    assert not fit.reached
    assert fit.calibration.threshold >= round(1 / (1 + SILENCE_COST), 2)


def test_few_cases_stay_near_what_is_known_of_the_model() -> None:
    """And what is known serves new cases better than a fit to few of them."""
    known = ModelCalibration(0.4, **{kind.value: weights for kind, weights in TRUTHS.items()})
    samples = make_samples(60, seed=11)
    fit = fit_confidence(samples, 0.6, before=known)
    assert fit.log_loss <= fit_confidence(samples, 0.6).log_loss
    for kind in HoleKind:
        assert abs(fit.calibration.get_weights(kind).mean - TRUTHS[kind].mean) < 0.5
        assert abs(fit.calibration.get_weights(kind).bias - TRUTHS[kind].bias) < 0.7


def test_what_is_known_and_wrong_gives_way_to_many_cases() -> None:
    wrong = ModelCalibration(0.4, **{kind.value: ConfidenceWeights(bias=-2.0, mean=0.5) for kind in HoleKind})
    fit = fit_confidence(make_samples(2000), 0.6, before=wrong)
    for kind in HoleKind:
        misses = [
            estimate_probability(each.features, fit.calibration.get_weights(kind))
            - estimate_probability(each.features, TRUTHS[kind])
            for each in make_samples(200, seed=7)
        ]
        assert sum(map(abs, misses)) / len(misses) < 0.07


def test_few_cases_stay_near_the_defaults() -> None:
    calibration = fit_confidence(make_samples(40), 0.6).calibration
    for kind in HoleKind:
        assert abs(calibration.get_weights(kind).mean - DEFAULT_WEIGHTS.mean) < 2


def test_a_fit_is_judged_on_groups_that_it_has_not_seen() -> None:
    """Here the features tell only which group a case is of, and what is right in a group says nothing of the next one."""
    chance = random.Random(3)
    features = make_samples(1)[0].features
    samples = []
    for group in range(10):
        told = msgspec.structs.replace(features, closed=float(group % 5), unknown=float(group // 5))
        right = group % 2 == 0
        samples += [LabelledSuggestion(told, HoleKind.LINE, right, f"package {group}") for _ in range(20)]
    chance.shuffle(samples)
    known = fit_confidence([msgspec.structs.replace(each, group="") for each in samples], 0.6)
    assert fit_confidence(samples, 0.6).log_loss > known.log_loss
