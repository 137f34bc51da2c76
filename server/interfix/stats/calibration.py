"""What is known of each model's confidence: what `interfix bench calibrate` has fitted on this machine, in a file of the state
folder, else what Interfix brings along. Knows no case.
"""

import logging
from collections.abc import Mapping
from pathlib import Path

import msgspec

from interfix.completion.confidence import Fit, shipped
from interfix.config.paths import state_dir
from interfix.config.private_files import write_private

log = logging.getLogger(__name__)


def fits() -> Mapping[str, Fit]:
    """What to use, by model."""
    return {**shipped(), **kept()}


def kept() -> Mapping[str, Fit]:
    """All that were kept here; none where the file is missing or cannot be read, which is logged."""
    try:
        return msgspec.json.decode(_file().read_bytes(), type=dict[str, Fit])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.MsgspecError) as error:
        log.warning("the calibration in %s is left out: %s", _file(), error)
        return {}


def keep(model: str, fit: Fit) -> Path:
    """Use a fit for a model from now on; the file it is kept in."""
    file = _file()
    write_private(file, msgspec.json.format(msgspec.json.encode({**kept(), model: fit})))
    return file


def _file() -> Path:
    return state_dir() / "confidence.json"
