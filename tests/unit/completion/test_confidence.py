"""Confidence: which features a completion has, and that surer completions are thought better of."""

import math

import pytest

from interfix.completion.confidence import (
    DEFAULT_WEIGHTS,
    UNCALIBRATED,
    ConfidenceWeights,
    classify_hole,
    estimate_probability,
    extract_features,
    load_shipped_calibrations,
)
from interfix.completion.hole import InfillHole
from interfix.completion.multiline_choice import HoleKind, SuggestionShape
from interfix.syntax.document import Document


def hole(text: str) -> InfillHole:
    prefix, suffix = text.split("‸")
    snapshot = Document("file:///project/a.py", prefix + suffix).snapshot()
    return InfillHole.from_cursor(snapshot, len(prefix.encode()), SuggestionShape.AUTO, explicit=True)


def test_only_the_first_line_counts() -> None:
    found = extract_features(hole("x = ‸)\n"), ["a", "(b", "\n", "c"], [-0.1, -0.5, -9.0, -9.0])
    assert (found.mean, found.least, found.begin) == (pytest.approx(-0.3), -0.5, -0.1)
    assert found.length == pytest.approx(math.log(2))
    assert found.closed == 1.0


def test_a_line_break_first_is_no_first_line() -> None:
    found = extract_features(hole("x = 1\n‸\n"), ["\n", "y", " = 2\n", "z"], [-1.0, -2.0, -3.0, -9.0])
    assert (found.begin, found.least, found.closed) == (-1.0, -3.0, 0.0)


def test_a_draft_without_tokens_has_features() -> None:
    assert extract_features(hole("‸"), [], []).mean == 0.0


def test_surer_is_better() -> None:
    sure, unsure = (extract_features(hole("x = ‸"), ["a", "b"], [logprob] * 2) for logprob in (-0.05, -1.5))
    assert 0 < estimate_probability(unsure) < 0.3 < 0.6 < estimate_probability(sure) < 1


def test_parameters_are_data() -> None:
    found = extract_features(hole("x = ‸"), ["a"], [-2.0])
    assert estimate_probability(found, ConfidenceWeights()) == 0.5
    assert estimate_probability(found, ConfidenceWeights(mean=1000.0)) < 1e-20
    assert estimate_probability(found, ConfidenceWeights(bias=-1000.0)) >= 0
    assert estimate_probability(found, DEFAULT_WEIGHTS) == pytest.approx(
        1 / (1 + math.exp(-(DEFAULT_WEIGHTS.bias - 2 * (DEFAULT_WEIGHTS.mean + DEFAULT_WEIGHTS.least + DEFAULT_WEIGHTS.begin))))
    )


def test_what_interfix_brings_along_shows_what_is_sure_and_hides_what_is_not() -> None:
    sure, unsure = (extract_features(hole("x = ‸"), ["a", "b", "c"], [logprob] * 3) for logprob in (-0.05, -2.5))
    for fit in (*load_shipped_calibrations().values(), UNCALIBRATED):
        for kind in HoleKind:
            weights = fit.get_weights(kind)
            assert estimate_probability(unsure, weights) < fit.threshold < estimate_probability(sure, weights)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("total = ‸\n", HoleKind.TAIL),
        ("total = 1\n‸\nprint(total)\n", HoleKind.LINE),
        ("def total():\n    ‸\n\n\nprint(total())\n", HoleKind.BODY),
        ('def total():\n    """The sum."""\n    ‸\n\n\nprint(total())\n', HoleKind.BODY),
        ("def total(): ‸\n", HoleKind.TAIL),
    ],
)
def test_where_a_suggestion_begins(text: str, kind: HoleKind) -> None:
    assert classify_hole(hole(text)) is kind
