"""What is known of each model's confidence: what `interfix bench calibrate` has fitted on this machine, in a file of the state
folder, else what Interfix brings along.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from interfix.completion.confidence import UNCALIBRATED, ModelCalibration, load_shipped_calibrations
from interfix.config.paths import state_dir
from interfix.config.state_file import StateFile
from interfix.models.catalog import list_entries

_WEIGHT_FORMAT = re.compile(
    r"(?:[-.:_](?:gguf|latest|imat|ud|i\d|(?:i?q\d\w*)(?:[-_](?:k|\d|s|m|l|xl|xs|xxs|nl))*|b?f16|fp16|f32))+$", re.IGNORECASE
)
"""How the names of files and of servers tell in which format the weights are."""


def load_calibrations() -> Mapping[str, ModelCalibration]:
    """What to use, by model."""
    return {**load_shipped_calibrations(), **load_fitted_calibrations()}


def find_calibration(calibrations: Mapping[str, ModelCalibration], model: str) -> ModelCalibration:
    """What is known of a model by its name, else of the same one under the name of another file or of a server."""
    if model in calibrations:
        return calibrations[model]
    name = _normalize_name(model)
    files = {entry.name: _normalize_name(entry.file) for entry in list_entries()}
    # An instruct model's file may be called as the catalog calls its base model (Granite 4): a file tells more than a name.
    by_file = [each for each in calibrations if model not in files and files.get(each) == name]
    same = [*by_file, *(each for each in calibrations if _normalize_name(each) == name)]
    return calibrations[same[0]] if same else UNCALIBRATED


def load_fitted_calibrations() -> Mapping[str, ModelCalibration]:
    """All that were kept here; none where the file is missing or cannot be read, which is logged."""
    return _open_file().read()


def save_calibration(model: str, calibration: ModelCalibration) -> Path:
    """Use a fit for a model from now on; the file it is kept in. Raises `OSError` where it cannot be kept."""
    file = _open_file()
    file.update(lambda stored: {**stored, model: calibration}, is_wanted_later=True)
    return file.file


@cache
def _normalize_name(model: str) -> str:
    """The name without its publisher and the format of its weights, whatever stands between its parts."""
    name = re.split(r"[/\\]", model.strip())[-1]
    return re.sub(r"[-_:\s]+", "-", _WEIGHT_FORMAT.sub("", name)).lower()


def _open_file() -> StateFile[dict[str, ModelCalibration]]:
    return StateFile(state_dir() / "calibration.json", dict[str, ModelCalibration], dict)
