"""What this user's decisions say about the model's confidence. Knows no store and no text.

The confidence of a suggestion is the probability that its first line is right, as fitted on many people's code. Here a line through
its logit is fitted to what this user took: P(taken) = sigmoid(b + a * logit(confidence)), with a prior that believes the
confidence as it is (a = 1, b = 0). For one language it is fitted to the others first, and that is the prior for its own decisions.
A suggestion is worth showing where P(taken) reaches the threshold that was set, so the threshold on the confidence itself is that
line read backwards.
"""

from collections import deque
from collections.abc import Callable, Iterable
from datetime import date

import msgspec
import numpy as np
from numpy.typing import NDArray

from interfix.completion.logistic_regression import fit_logistic, logit, sigmoid
from interfix.stats.store import LearningSample

MAX_LEARNING_SAMPLES = 2000
"""So many of the newest count."""
HALF_LIFE_DAYS = 30
"""After so many days a decision counts half: habits change, and what is no longer shown can no longer be taken."""

_PRIOR_COEFFICIENTS = np.array([0.0, 1.0])
# About as much as 17 decisions near the threshold are worth. The slope is believed more: a few outliers turn it.
_PRIOR_DEVIATIONS = np.array([0.5, 0.25])
# No suggestion says more than this, about 2% or 98%, however sure the model was of it.
_MAX_LOGIT = 4.0


class AcceptanceModel(msgspec.Struct, frozen=True):
    """What is known of one language, or of all."""

    language: str
    """The language's id; empty for all."""
    verdicts: int
    """Decisions it rests on."""
    offset: float
    """b: above 0 this user takes more than the confidence says."""
    slope: float
    """a: below 1 the confidence tells less of this user than it claims."""

    def predict_acceptance(self, confidence: float) -> float:
        """The probability that this user takes a suggestion."""
        return float(sigmoid(self.offset + self.slope * logit(confidence)))

    def compute_threshold(self, default: float) -> float:
        """The confidence from which on P(taken) is at least `default`: the default itself while nothing is known.

        Kept between a quarter of the default and the middle of it and 1: below, noise would come through; above, nothing would be
        shown any more, and nothing learnt.
        """
        found = float(sigmoid((logit(default) - self.offset) / max(self.slope, 0.1)))
        return min(max(found, default / 4), (1 + default) / 2)


class ThresholdLearner:
    """Takes decisions one by one; fits anew when it is asked after some."""

    def __init__(self, samples: Iterable[LearningSample] = (), today: Callable[[], date] = date.today) -> None:
        self._samples = deque(samples, maxlen=MAX_LEARNING_SAMPLES)
        self._models: dict[str, AcceptanceModel] = {}
        self._today = today

    def add(self, sample: LearningSample) -> None:
        """Learn from one more."""
        self._samples.append(sample)
        self._models.clear()

    def get_threshold(self, language: str, default: float) -> float:
        """The least confidence that is worth showing to this user in a language."""
        return self.get_model(language).compute_threshold(default)

    def get_model(self, language: str = "") -> AcceptanceModel:
        """What is known of a language, or, for none, of all together."""
        if (known := self._models.get(language)) is None:
            known = self._models[language] = self._fit_language(language)
        return known

    def list_languages(self) -> list[str]:
        """Those that anything was decided in, by name."""
        return sorted({verdict.language for verdict in self._samples if verdict.language})

    def _fit_language(self, language: str) -> AcceptanceModel:
        own = [verdict for verdict in self._samples if language in ("", verdict.language)]
        others = [verdict for verdict in self._samples if language not in ("", verdict.language)]
        offset, slope = self._fit_line(own, self._fit_line(others, _PRIOR_COEFFICIENTS))
        return AcceptanceModel(language, len(own), float(offset), float(slope))

    def _fit_line(self, samples: list[LearningSample], prior: NDArray[np.float64]) -> NDArray[np.float64]:
        z = np.clip(logit([verdict.confidence for verdict in samples]), -_MAX_LOGIT, _MAX_LOGIT)
        ages = np.array([(self._today() - verdict.day).days for verdict in samples])
        taken = [verdict.accepted_share for verdict in samples]
        return fit_logistic(np.column_stack((np.ones_like(z), z)), taken, prior, _PRIOR_DEVIATIONS, 0.5 ** (ages / HALF_LIFE_DAYS))
