"""What this user's decisions say about the model's confidence.

The confidence of a suggestion is the probability that its first line is right, as fitted on many people's code. Here a line through
its logit is fitted to what this user took: P(taken) = sigmoid(b + a * logit(confidence)), with a prior that believes the
confidence as it is (a = 1, b = 0). For one language it is fitted to the others first, and that is the prior for its own decisions.
A suggestion is worth showing where P(taken) reaches the threshold that was set, so the threshold on the confidence itself is that
line read backwards.
"""

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
    samples: int = msgspec.field(name="verdicts")
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
        threshold = float(sigmoid((logit(default) - self.offset) / max(self.slope, 0.1)))
        return min(max(threshold, default / 4), (1 + default) / 2)


class ThresholdLearner:
    """Takes decisions one by one; fits anew when it is asked after some, from where the last fit ended."""

    def __init__(self, samples: Iterable[LearningSample] = (), today: Callable[[], date] = date.today) -> None:
        self._table = _SampleTable()
        self._models: dict[str, AcceptanceModel] = {}
        self._lines: dict[tuple[str, bool], NDArray[np.float64]] = {}
        self._today = today
        for sample in samples:
            self._table.add(sample)

    def add(self, sample: LearningSample) -> None:
        """Learn from one more."""
        self._table.add(sample)
        self._models.clear()

    def get_threshold(self, language: str, default: float) -> float:
        """The least confidence that is worth showing to this user in a language."""
        return self.get_model(language).compute_threshold(default)

    def get_model(self, language: str = "") -> AcceptanceModel:
        """What is known of a language, or, for none, of all together."""
        if (model := self._models.get(language)) is None:
            model = self._models[language] = self._fit_language(language)
        return model

    def list_languages(self) -> list[str]:
        """Those that anything was decided in, by name."""
        return self._table.list_languages()

    def _fit_language(self, language: str) -> AcceptanceModel:
        own = self._table.select(language)
        line = self._fit_line((language, True), own, self._fit_line((language, False), ~own, _PRIOR_COEFFICIENTS))
        return AcceptanceModel(language, int(own.sum()), float(line[0]), float(line[1]))

    def _fit_line(self, key: tuple[str, bool], rows: NDArray[np.bool_], prior: NDArray[np.float64]) -> NDArray[np.float64]:
        logits, shares, ages = self._table.read(rows, self._today())
        features = np.column_stack((np.ones_like(logits), logits))
        weights = 0.5 ** (ages / HALF_LIFE_DAYS)
        line = fit_logistic(features, shares, prior, _PRIOR_DEVIATIONS, weights, start=self._lines.get(key))
        self._lines[key] = line
        return line


class _SampleTable:
    """The newest decisions as columns, so that one more costs no list of all."""

    def __init__(self) -> None:
        self._columns = np.empty((4, 2 * MAX_LEARNING_SAMPLES))  # logit, share, day, language
        self._end = 0
        self._languages: dict[str, int] = {}

    def add(self, sample: LearningSample) -> None:
        if self._end == self._columns.shape[1]:
            self._columns[:, :MAX_LEARNING_SAMPLES] = self._newest
            self._end = MAX_LEARNING_SAMPLES
        code = self._languages.setdefault(sample.language, len(self._languages))
        likely = float(np.clip(logit(sample.confidence), -_MAX_LOGIT, _MAX_LOGIT))
        self._columns[:, self._end] = likely, sample.accepted_share, sample.day.toordinal(), code
        self._end += 1

    def select(self, language: str) -> NDArray[np.bool_]:
        """The rows of a language; of all for none."""
        codes = self._newest[3]
        return codes == self._languages.get(language, -1) if language else np.ones(len(codes), bool)

    def read(self, rows: NDArray[np.bool_], today: date) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """The logits, the shares taken and the ages in days of these rows."""
        logits, shares, days, _ = self._newest[:, rows]
        return logits, shares, today.toordinal() - days

    def list_languages(self) -> list[str]:
        codes = set(self._newest[3].astype(int).tolist())
        return sorted(language for language, code in self._languages.items() if language and code in codes)

    @property
    def _newest(self) -> NDArray[np.float64]:
        return self._columns[:, max(0, self._end - MAX_LEARNING_SAMPLES) : self._end]
