"""What idle tuning has measured so far, so that it goes on where it was ended."""

import msgspec

from interfix.config.paths import state_dir
from interfix.config.state_file import StateFile
from interfix.engine.runtime_config import RuntimeConfig
from interfix.engine.tuning.trial_main import TrialFigures


class _Records(msgspec.Struct):
    key: str = ""
    figures: dict[str, TrialFigures | None] = {}
    weights: dict[str, str | None] = {}


class TrialRecords:
    """The trials of one model, build and processor; those of any other are forgotten."""

    def __init__(self, key: str) -> None:
        """`key` tells what the trials hold for."""
        self._file: StateFile[_Records] = StateFile(state_dir() / "tuning-trials.json", _Records, _Records)
        records = self._file.read()
        is_known = records.key == key
        self.abandoned_weights = frozenset() if is_known else frozenset(path for path in records.weights.values() if path)
        """Files of weights that were made for another search, which nobody goes on with."""
        self._records = records if is_known else _Records(key, {}, {})

    @property
    def count(self) -> int:
        """Trials so far."""
        return len(self._records.figures)

    @property
    def weights(self) -> dict[str, str | None]:
        """By quantisation: the file that was made, or None where none could be."""
        return self._records.weights

    def find(self, config: RuntimeConfig, cached_tokens: int, predict: bool) -> tuple[bool, TrialFigures | None]:
        """Whether a trial was run, and what came of it."""
        name = _name(config, cached_tokens, predict)
        return name in self._records.figures, self._records.figures.get(name)

    def add(self, config: RuntimeConfig, cached_tokens: int, predict: bool, figures: TrialFigures | None) -> None:
        """Keep what came of a trial."""
        self._records.figures[_name(config, cached_tokens, predict)] = figures
        self._write()

    def add_weights(self, quantisation: str, path: str | None) -> None:
        """Keep which file was made for a quantisation."""
        self._records.weights[quantisation] = path
        self._write()

    def delete(self) -> None:
        """Forget everything: the search is over."""
        self._file.write(_Records())

    def _write(self) -> None:
        self._file.write(self._records)


def _name(config: RuntimeConfig, cached_tokens: int, predict: bool) -> str:
    return msgspec.json.encode([config, cached_tokens, predict]).decode()
