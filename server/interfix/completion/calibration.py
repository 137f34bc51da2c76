"""What is known of each model's confidence: what `interfix bench calibrate` has fitted on this machine, in a file of the state
folder, else what Interfix brings along.
"""

import logging
from collections.abc import Mapping
from pathlib import Path

import msgspec

from interfix.completion.confidence import ModelCalibration, load_shipped_calibrations
from interfix.config.paths import state_dir
from interfix.config.private_files import write_private_file

log = logging.getLogger(__name__)


def load_calibrations() -> Mapping[str, ModelCalibration]:
    """What to use, by model."""
    return {**load_shipped_calibrations(), **load_fitted_calibrations()}


def load_fitted_calibrations() -> Mapping[str, ModelCalibration]:
    """All that were kept here; none where the file is missing or cannot be read, which is logged."""
    try:
        return msgspec.json.decode(_get_calibration_file().read_bytes(), type=dict[str, ModelCalibration])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.MsgspecError) as error:
        log.warning("the calibration in %s is left out: %s", _get_calibration_file(), error)
        return {}


def save_calibration(model: str, calibration: ModelCalibration) -> Path:
    """Use a fit for a model from now on; the file it is kept in."""
    file = _get_calibration_file()
    write_private_file(file, msgspec.json.format(msgspec.json.encode({**load_fitted_calibrations(), model: calibration})))
    return file


def _get_calibration_file() -> Path:
    return state_dir() / "confidence.json"
