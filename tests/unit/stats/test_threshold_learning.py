"""Learning from one user: what is taken lowers the threshold, what is passed over raises it, and neither runs away."""

import random
from datetime import date, timedelta

import numpy as np
import pytest

from interfix.completion.logistic_regression import fit_logistic, logit, sigmoid
from interfix.stats.store import LearningSample
from interfix.stats.threshold_learning import HALF_LIFE_DAYS, MAX_LEARNING_SAMPLES, ThresholdLearner

TODAY = date(2026, 11, 1)
THRESHOLD = 0.4


def make_learner(*samples: LearningSample) -> ThresholdLearner:
    return ThresholdLearner(samples, lambda: TODAY)


def make_decisions(confidence: float, taken: float, count: int, language: str = "python", age: int = 0) -> list[LearningSample]:
    return [LearningSample(language, confidence, taken, TODAY - timedelta(days=age))] * count


def simulate_user(offset: float, slope: float, count: int) -> list[LearningSample]:
    """Decisions of somebody who takes a suggestion with P = sigmoid(offset + slope * logit(confidence))."""
    chance = random.Random(7)
    found = []
    for _ in range(count):
        confidence = chance.uniform(0.1, 0.95)
        taken = chance.random() < float(sigmoid(offset + slope * logit(confidence)))
        found.append(LearningSample("python", confidence, float(taken), TODAY))
    return found


def test_nothing_known_changes_nothing() -> None:
    assert make_learner().get_threshold("python", THRESHOLD) == pytest.approx(THRESHOLD)


def test_a_user_as_the_model_expects_changes_little() -> None:
    assert make_learner(*simulate_user(0, 1, 400)).get_threshold("python", THRESHOLD) == pytest.approx(THRESHOLD, abs=0.06)


def test_who_takes_more_is_shown_more_and_who_takes_less_less() -> None:
    keen, choosy = make_learner(*simulate_user(1, 1, 400)), make_learner(*simulate_user(-1, 1, 400))
    assert keen.get_threshold("python", THRESHOLD) == pytest.approx(float(sigmoid(logit(THRESHOLD) - 1)), abs=0.06)
    assert choosy.get_threshold("python", THRESHOLD) == pytest.approx(float(sigmoid(logit(THRESHOLD) + 1)), abs=0.06)


def test_a_few_decisions_move_it_only_a_little() -> None:
    assert make_learner(*make_decisions(0.5, 0, 3)).get_threshold("python", THRESHOLD) == pytest.approx(THRESHOLD, abs=0.1)


@pytest.mark.parametrize(("taken", "bound"), [(0, (1 + THRESHOLD) / 2), (1, THRESHOLD / 4)])
def test_it_never_runs_away(taken: float, bound: float) -> None:
    everything = [sample for confidence in (0.1, 0.5, 0.9, 0.999999, 0) for sample in make_decisions(confidence, taken, 400)]
    assert make_learner(*everything).get_threshold("python", THRESHOLD) == pytest.approx(bound)


def test_a_language_learns_from_itself_first_and_a_new_one_from_all() -> None:
    found = make_learner(
        *make_decisions(0.5, 0, 100, "go"), *make_decisions(0.5, 1, 100, "python"), *make_decisions(0.5, 1, 100, "rust")
    )
    assert found.get_threshold("go", THRESHOLD) > THRESHOLD > found.get_threshold("python", THRESHOLD)
    assert found.get_threshold("zig", THRESHOLD) == pytest.approx(found.get_model().compute_threshold(THRESHOLD))
    assert found.list_languages() == ["go", "python", "rust"]


def test_old_decisions_fade() -> None:
    fresh, old = make_learner(*make_decisions(0.5, 0, 60)), make_learner(*make_decisions(0.5, 0, 60, age=6 * HALF_LIFE_DAYS))
    assert fresh.get_threshold("python", THRESHOLD) > old.get_threshold("python", THRESHOLD) > THRESHOLD


def test_one_decision_more_is_learnt_at_once() -> None:
    found = make_learner(*make_decisions(0.5, 1, 30))
    before = found.get_threshold("python", THRESHOLD)
    for sample in make_decisions(0.5, 0, 30):
        found.add(sample)
    assert found.get_threshold("python", THRESHOLD) > before


def test_what_is_learnt_one_by_one_is_what_the_newest_say() -> None:
    chance = random.Random(5)
    samples = [
        LearningSample(chance.choice(("go", "python")), chance.uniform(0.1, 0.9), chance.random(), TODAY - timedelta(days=i % 90))
        for i in range(2 * MAX_LEARNING_SAMPLES + 500)
    ]
    found = make_learner()
    for i, sample in enumerate(samples):
        found.add(sample)
        if i % 700 == 0:
            found.get_threshold("python", THRESHOLD)
    whole = make_learner(*samples[-MAX_LEARNING_SAMPLES:])
    for language in ("python", "go", ""):
        assert found.get_model(language).samples == whole.get_model(language).samples
        assert found.get_threshold(language, THRESHOLD) == pytest.approx(whole.get_threshold(language, THRESHOLD), abs=1e-6)


def test_regression_finds_what_made_the_labels() -> None:
    chance = np.random.default_rng(3)
    x = np.column_stack((np.ones(4000), chance.normal(size=(4000, 2))))
    y = chance.random(4000) < sigmoid(x @ [0.5, 2.0, -1.0])
    assert fit_logistic(x, y, [0, 0, 0], [10, 10, 10]) == pytest.approx([0.5, 2.0, -1.0], abs=0.2)


def test_regression_without_rows_is_its_prior_and_separable_rows_do_not_break_it() -> None:
    assert list(fit_logistic(np.empty((0, 2)), [], [0.5, 2], [1, 1])) == [0.5, 2]
    found = fit_logistic([[1, -5.0], [1, 5.0]] * 50, [0, 1] * 50, [0, 0], [3, 3])
    assert np.isfinite(found).all()
    assert found[1] > 0
