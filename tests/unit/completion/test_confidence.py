"""Confidence: which features a draft has, and that surer drafts are thought better of."""

import math

import pytest

from interfix.completion.confidence import DEFAULTS, UNFITTED, Parameters, features, probability, shipped
from interfix.completion.hole import Hole
from interfix.completion.shape import Shape
from interfix.syntax.document import Document


def hole(text: str) -> Hole:
    prefix, suffix = text.split("‸")
    snapshot = Document("file:///project/a.py", prefix + suffix).snapshot()
    return Hole.at(snapshot, len(prefix.encode()), Shape.AUTO, requested=True)


def test_only_the_first_line_counts() -> None:
    found = features(hole("x = ‸)\n"), ["a", "(b", "\n", "c"], [-0.1, -0.5, -9.0, -9.0])
    assert (found.mean, found.least, found.begin) == (pytest.approx(-0.3), -0.5, -0.1)
    assert found.length == pytest.approx(math.log(2))
    assert (found.fresh, found.closed) == (0.0, 1.0)


def test_a_line_break_first_is_no_first_line() -> None:
    found = features(hole("x = 1\n‸\n"), ["\n", "y", " = 2\n", "z"], [-1.0, -2.0, -3.0, -9.0])
    assert (found.begin, found.least, found.fresh) == (-1.0, -3.0, 1.0)


def test_a_draft_without_tokens_has_features() -> None:
    assert features(hole("‸"), [], []).mean == 0.0


def test_surer_is_better() -> None:
    sure, unsure = (features(hole("x = ‸"), ["a", "b"], [logprob] * 2) for logprob in (-0.05, -1.5))
    assert 0 < probability(unsure) < 0.3 < 0.6 < probability(sure) < 1


def test_parameters_are_data() -> None:
    found = features(hole("x = ‸"), ["a"], [-2.0])
    assert probability(found, Parameters()) == 0.5
    assert probability(found, Parameters(mean=1000.0)) < 1e-20
    assert probability(found, Parameters(bias=-1000.0)) >= 0
    assert probability(found, DEFAULTS) == pytest.approx(
        1 / (1 + math.exp(-(DEFAULTS.bias - 2 * (DEFAULTS.mean + DEFAULTS.least + DEFAULTS.begin))))
    )


def test_what_interfix_brings_along_shows_what_is_sure_and_hides_what_is_not() -> None:
    sure, unsure = (features(hole("x = ‸"), ["a", "b", "c"], [logprob] * 3) for logprob in (-0.05, -2.5))
    for fit in (*shipped().values(), UNFITTED):
        assert probability(unsure, fit.parameters) < fit.threshold < probability(sure, fit.parameters)
