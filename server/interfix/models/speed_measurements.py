"""How fast models were measured to be on this machine, remembered by processor and file: what the choice of a model follows."""

from pathlib import Path

import msgspec

from interfix.config import paths
from interfix.config.state_file import StateFile
from interfix.system.processor_identity import identify_processor


class MeasuredSpeed(msgspec.Struct, frozen=True):
    """The speed of one model here, with nothing else at work."""

    line_ms: float
    """From a keystroke to the end of a ten-token line, the text before it already in the KV cache, ms."""
    prompt_tokens_s: float
    """Speed of a cold prompt, tokens a second."""
    tokens_s: float
    """Tokens written in a second."""


def remember_speed(model: Path, speed: MeasuredSpeed) -> None:
    """Keep a measurement, in place of an older one of the same file on this processor."""
    _open_file().update(lambda speeds: {**speeds, _make_key(model): speed})


def forget_speed(model: Path) -> None:
    """Drop a measurement: the file is run otherwise now."""
    _open_file().update(lambda speeds: {key: speed for key, speed in speeds.items() if key != _make_key(model)})


def find_speed(model: Path) -> MeasuredSpeed | None:
    """What was measured of a file on this processor; None where nothing was."""
    return _open_file().read().get(_make_key(model))


def _make_key(model: Path) -> str:
    size = model.stat().st_size if model.is_file() else 0
    return f"{identify_processor()}|{model.name}|{size}"


def _open_file() -> StateFile[dict[str, MeasuredSpeed]]:
    return StateFile(paths.state_dir() / "speeds.json", dict[str, MeasuredSpeed], dict)
