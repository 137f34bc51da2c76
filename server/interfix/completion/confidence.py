"""How likely it is that a draft's first line is right, from the log-probabilities it was written with. Knows no model, no user."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from interfix.completion.hole import Hole


class Features(msgspec.Struct, frozen=True):
    """What is known of a draft before anybody has seen it. Each is a number of the order of one."""

    mean: float
    """Mean natural log-probability of the first line's tokens."""
    least: float
    """The lowest of them."""
    begin: float
    """That of the first token."""
    length: float
    """Natural logarithm of the number of tokens of the first line."""
    fresh: float
    """1 where the cursor stood on a line of its own, else 0."""
    closed: float
    """1 where something stands right of the cursor, else 0."""


class Parameters(msgspec.Struct, frozen=True):
    """Weights of a logistic model, one a feature, of the same name. `interfix bench calibrate` fits them."""

    bias: float = 0.0
    """What is added for every draft."""
    mean: float = 0.0
    """See `Features`."""
    least: float = 0.0
    """See `Features`."""
    begin: float = 0.0
    """See `Features`."""
    length: float = 0.0
    """See `Features`."""
    fresh: float = 0.0
    """See `Features`."""
    closed: float = 0.0
    """See `Features`."""


class Fit(msgspec.Struct, frozen=True):
    """What is known of one model's confidence."""

    parameters: Parameters
    """The weights."""
    threshold: float
    """The least probability worth showing unasked."""

    def worth(self, chosen: float | None) -> float:
        """The same where a user may have chosen one."""
        return self.threshold if chosen is None else chosen


DEFAULTS = Parameters(bias=1.6, mean=2.0, least=0.35, begin=0.3, length=-0.35, fresh=-0.6, closed=0.4)
"""For a small model and no measurement of its own."""
UNFITTED = Fit(DEFAULTS, 0.3)
"""What holds for a model that was never calibrated."""


def shipped() -> Mapping[str, Fit]:
    """The fits that Interfix brings along, by the model's name: see `fits.toml`."""
    return msgspec.toml.decode((Path(__file__).parent / "fits.toml").read_bytes(), type=dict[str, Fit])


def features(hole: Hole, pieces: Sequence[str], logprobs: Sequence[float]) -> Features:
    """The features of a draft: the text of each of its tokens, and the natural logarithm of each one's probability."""
    count = _first_line(pieces)
    line = logprobs[:count] or [0.0]
    return Features(
        mean=sum(line) / len(line),
        least=min(line),
        begin=line[0],
        length=math.log(len(line)),
        fresh=float(hole.fresh),
        closed=float(bool(hole.right.strip())),
    )


def probability(found: Features, parameters: Parameters = DEFAULTS) -> float:
    """The probability that the first line is right, 0 to 1 (logistic model)."""
    weights = msgspec.structs.asdict(parameters)
    score = weights.pop("bias") + sum(weights[name] * value for name, value in msgspec.structs.asdict(found).items())
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, score))))


def _first_line(pieces: Sequence[str]) -> int:
    """How many tokens reach to the end of the first line that has something on it."""
    text = ""
    for count, piece in enumerate(pieces, start=1):
        text += piece
        if "\n" in text.lstrip():
            return max(1, count - 1) if piece.startswith("\n") else count
    return len(pieces)
