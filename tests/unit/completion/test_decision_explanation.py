"""A decision in words: what speaks most against a suggestion is named, and each feature has words."""

import msgspec
import pytest

from interfix.completion.confidence import USUAL_DRAFT, ConfidenceFeatures, ConfidenceWeights, find_doubts
from interfix.completion.decision_explanation import explain_decision
from interfix.completion.decision_record import DisplayDecision, SilenceReason


def explain(*doubts: str) -> str:
    decision = DisplayDecision("not sure", SilenceReason.UNSURE, confidence=0.31, threshold=0.4, doubts=doubts)
    return explain_decision(decision).summary


def test_what_speaks_most_against_a_suggestion_comes_first() -> None:
    weights = ConfidenceWeights(bias=-5.0, mean=2.0, least=1.0, begin=0.1, length=0.5, unknown=-1.0)
    unsure = msgspec.structs.replace(USUAL_DRAFT, mean=-1.0, least=-4.0, begin=-3.0, unknown=1.0)
    assert find_doubts(unsure, weights) == ("least", "mean")
    assert find_doubts(USUAL_DRAFT, weights) == ()


def test_doubts_are_told_in_words() -> None:
    assert explain() == "Not shown: the model is 31% sure, 40% is needed."
    assert explain("begin") == "Not shown: the model is 31% sure, 40% is needed: it wavers at the very first word."
    assert explain("begin", "length").endswith(": it wavers at the very first word, and the line is long.")


@pytest.mark.parametrize("name", ConfidenceFeatures.__struct_fields__)
def test_each_feature_has_words(name: str) -> None:
    assert len(explain(name)) > len(explain())
