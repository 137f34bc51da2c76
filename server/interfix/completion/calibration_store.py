"""What is known of each model's confidence: what `interfix bench calibrate` has fitted on this machine, in a file of the state
folder, else what Interfix brings along.
"""

from collections.abc import Mapping
from pathlib import Path

from interfix.completion.confidence import ModelCalibration, load_shipped_calibrations
from interfix.config.paths import state_dir
from interfix.config.state_file import StateFile


def load_calibrations() -> Mapping[str, ModelCalibration]:
    """What to use, by model."""
    return {**load_shipped_calibrations(), **load_fitted_calibrations()}


def load_fitted_calibrations() -> Mapping[str, ModelCalibration]:
    """All that were kept here; none where the file is missing or cannot be read, which is logged."""
    return _open_file().read()


def save_calibration(model: str, calibration: ModelCalibration) -> Path:
    """Use a fit for a model from now on; the file it is kept in. Raises `OSError` where it cannot be kept."""
    file = _open_file()
    file.update(lambda known: {**known, model: calibration}, is_wanted_later=True)
    return file.file


def _open_file() -> StateFile[dict[str, ModelCalibration]]:
    return StateFile(state_dir() / "calibration.json", dict[str, ModelCalibration], dict)
