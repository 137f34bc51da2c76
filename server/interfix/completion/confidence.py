"""How likely it is that a completion's first line is right, from the log-probabilities it was written with."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from interfix.completion.hole import InfillHole
from interfix.completion.multiline_choice import HoleKind, SuggestionShape


class ConfidenceFeatures(msgspec.Struct, frozen=True):
    """What is known of a completion before anybody has seen it. Each is a number of the order of one."""

    mean: float
    """Mean natural log-probability of the first line's tokens."""
    least: float
    """The lowest of them."""
    begin: float
    """That of the first token."""
    length: float
    """Natural logarithm of the number of tokens of the first line."""
    closed: float
    """1 where something stands right of the cursor, else 0."""
    guided: float = 0.0
    """The most probability that a guide took from names which do not exist, at any token of the first line; 0 to 1."""
    unknown: float = 0.0
    """How many names of the completion exist nowhere, as far as is known."""


class ConfidenceWeights(msgspec.Struct, frozen=True):
    """Weights of a logistic model, one a feature, of the same name. `interfix bench calibrate` fits them."""

    bias: float = 0.0
    """What is added for every completion."""
    mean: float = 0.0
    least: float = 0.0
    begin: float = 0.0
    length: float = 0.0
    closed: float = 0.0
    guided: float = 0.0
    unknown: float = -1.0
    """The weight of the feature of that name. A fit of few completions says nothing of unknown names, hence the default."""


class ModelCalibration(msgspec.Struct, frozen=True):
    """What is known of one model's confidence."""

    threshold: float
    """The least probability worth showing unasked."""
    tail: ConfidenceWeights
    """The weights for the rest of a line."""
    line: ConfidenceWeights
    """Those for a line among others."""
    body: ConfidenceWeights
    """Those for what an empty block begins with."""

    def get_weights(self, kind: HoleKind) -> ConfidenceWeights:
        """The weights for suggestions in such a hole."""
        match kind:
            case HoleKind.TAIL:
                return self.tail
            case HoleKind.LINE:
                return self.line
            case HoleKind.BODY:
                return self.body

    def choose_threshold(self, user_threshold: float | None) -> float:
        """The same where a user may have chosen one."""
        return self.threshold if user_threshold is None else user_threshold


USUAL_DRAFT = ConfidenceFeatures(mean=-0.33, least=-1.05, begin=-0.75, length=1.95, closed=0.0)
"""The medians of the features of 60 suggestions of Qwen2.5-Coder-0.5B for lines and the rests of lines in nine languages."""
MIN_DOUBT = 0.5
"""What a feature has to take from the logarithm of the odds to be named as a reason."""
MAX_DOUBTS = 2
"""More reasons than these nobody reads."""
DEFAULT_WEIGHTS = ConfidenceWeights(bias=1.6, mean=2.0, least=0.35, begin=0.3, length=-0.35, closed=0.4)
"""For a small model and no measurement of its own."""
_LINE_WEIGHTS = msgspec.structs.replace(DEFAULT_WEIGHTS, bias=1.0)
UNCALIBRATED = ModelCalibration(0.3, tail=DEFAULT_WEIGHTS, line=_LINE_WEIGHTS, body=_LINE_WEIGHTS)
"""What holds for a model that was never calibrated."""


def load_shipped_calibrations() -> Mapping[str, ModelCalibration]:
    """The fits that Interfix brings along, by the model's name: see `calibrations.toml`."""
    return msgspec.toml.decode((Path(__file__).parent / "calibrations.toml").read_bytes(), type=dict[str, ModelCalibration])


def classify_hole(hole: InfillHole) -> HoleKind:
    """Where in the code a hole is."""
    if not hole.is_line_start:
        return HoleKind.TAIL
    return HoleKind.BODY if hole.shape is SuggestionShape.BLOCK else HoleKind.LINE


def extract_features(
    hole: InfillHole,
    token_texts: Sequence[str],
    logprobs: Sequence[float],
    removed: Sequence[float] = (),
    unknown_names: int = 0,
) -> ConfidenceFeatures:
    """The features of a completion: the texts of its tokens, their natural log-probabilities, what a guide took
    from others, and how many of its names exist nowhere.
    """
    count = _count_first_line_tokens(token_texts)
    line = logprobs[:count] or [0.0]
    return ConfidenceFeatures(
        mean=sum(line) / len(line),
        least=min(line),
        begin=line[0],
        length=math.log(len(line)),
        closed=float(bool(hole.line_suffix.strip())),
        guided=max(removed[:count], default=0.0),
        unknown=float(unknown_names),
    )


def estimate_probability(features: ConfidenceFeatures, parameters: ConfidenceWeights = DEFAULT_WEIGHTS) -> float:
    """The probability that the first line is right, 0 to 1 (logistic model)."""
    weights = msgspec.structs.asdict(parameters)
    score = weights.pop("bias") + sum(weights[name] * value for name, value in msgspec.structs.asdict(features).items())
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, score))))


def find_doubts(features: ConfidenceFeatures, parameters: ConfidenceWeights) -> tuple[str, ...]:
    """The names of the features that speak more against a completion than against a usual one, the strongest first."""
    weights, usual = msgspec.structs.asdict(parameters), msgspec.structs.asdict(USUAL_DRAFT)
    shares = {name: weights[name] * (value - usual[name]) for name, value in msgspec.structs.asdict(features).items()}
    against = [name for name, share in shares.items() if share <= -MIN_DOUBT]
    return tuple(sorted(against, key=lambda name: shares[name])[:MAX_DOUBTS])


def _count_first_line_tokens(token_texts: Sequence[str]) -> int:
    """How many tokens reach to the end of the first line that has something on it."""
    text = ""
    for count, piece in enumerate(token_texts, start=1):
        text += piece
        if "\n" in text.lstrip():
            return max(1, count - 1) if piece.startswith("\n") else count
    return len(token_texts)
