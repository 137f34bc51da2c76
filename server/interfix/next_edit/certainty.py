"""How likely a candidate is right, from its evidence: a logistic model for each kind of candidate, with measured weights."""

import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec


class CertaintyTable(msgspec.Struct, frozen=True):
    """The weights of one kind of candidate."""

    bias: float
    """What is added for every candidate."""
    weights: dict[str, float]
    """By the name of the evidence; what is not named does not count."""

    def estimate(self, evidence: Mapping[str, float]) -> float:
        """The probability that a candidate is right, 0 to 1."""
        score = self.bias + sum(weight * evidence.get(name, 0.0) for name, weight in self.weights.items())
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


class CertaintyModel(msgspec.Struct, frozen=True):
    """All that is known of certainty."""

    threshold: float
    """The least certainty worth showing unasked."""
    explicit_threshold: float
    """The least certainty that is shown for an explicit request."""
    joint_threshold: float
    """The least certainty of what is changed along with something more certain in the same lines."""
    kinds: dict[str, CertaintyTable]
    """By the candidate's kind."""

    def estimate(self, kind: str, evidence: Mapping[str, float]) -> float:
        """The probability that a candidate of a kind is right; 0 for a kind that was never measured."""
        table = self.kinds.get(kind)
        return table.estimate(evidence) if table is not None else 0.0


@cache
def load_certainty() -> CertaintyModel:
    """What was measured: `certainty.toml`, made by `tests/bench/next_edit_weights.py`."""
    return msgspec.toml.decode((Path(__file__).parent / "certainty.toml").read_bytes(), type=CertaintyModel)
