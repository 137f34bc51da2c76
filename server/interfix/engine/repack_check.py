"""Whether the native library works on this processor, found out where a crash hurts nobody: in a process of its own, once a build.

A llama.cpp built by gcc before 12.4 or 13.3 dies on its first decode where the processor has AMX. Without the extra buffers, which
hold repacked weights, it runs, slower. The verdict is kept for this build, this processor and this model file.
"""

import logging
import sys
from pathlib import Path

import msgspec

from interfix.config.paths import state_dir
from interfix.config.private_files import create_lock, write_private_file
from interfix.errors import UnavailableError
from interfix.system.child_process import run_child
from interfix.system.processor import identify_processor

log = logging.getLogger(__name__)

SLOW_REPACK_NOTE = (
    "The native library crashes on this processor with its fast weight layout, so it runs with the slow one. "
    "Another library may be fast here: INTERFIX_ENGINE_LIBRARY=compiled compiles one, in some minutes."
)
PROBE_TIMEOUT_SECONDS = 300
"""A probe that takes longer hangs; a large model on a slow disk loads well within it."""


class RepackVerdict(msgspec.Struct, frozen=True):
    """What the probe found for one kind of weights."""

    key: str
    """Build, processor and model file."""
    extra_buffers: bool
    """Whether the fast weight layout works."""


class RepackCheck:
    """Remembers the verdicts of earlier probes; probes what is new."""

    def __init__(self, build: str) -> None:
        """`build` tells one native library from another."""
        self._build = build
        self._file = state_dir() / "native.json"

    def check_extra_buffers(self, model: str) -> bool:
        """Whether `model` may be loaded with the fast weight layout; takes as long as loading it, once.

        Raises `UnavailableError` where the library crashes with either layout.
        """
        key = f"{self._build}|{identify_processor()}|{Path(model).name}|{_read_file_size(model)}"
        with create_lock(Path(f"{self._file}.lock")):
            verdicts = self.read_verdicts()
            known = next((verdict for verdict in verdicts if verdict.key == key), None)
            if known is None:
                known = RepackVerdict(key=key, extra_buffers=self._probe_model(model))
                kept = [verdict for verdict in verdicts if verdict.key.startswith(self._build + "|")]
                write_private_file(self._file, msgspec.json.encode([*kept, known]))
        return known.extra_buffers

    def read_verdicts(self) -> list[RepackVerdict]:
        """Everything found so far on this machine."""
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=list[RepackVerdict])
        except (OSError, msgspec.DecodeError):
            return []

    def _probe_model(self, model: str) -> bool:
        if _survives_decode(model, extra_buffers=True):
            return True
        log.warning(SLOW_REPACK_NOTE)
        if _survives_decode(model, extra_buffers=False):
            return False
        raise UnavailableError(
            f"llama.cpp crashes on this processor with {Path(model).name}. Try another library, such as one compiled here "
            "(INTERFIX_ENGINE_LIBRARY=compiled), or pull the model again."
        )


def _survives_decode(model: str, *, extra_buffers: bool) -> bool:
    """Whether a process that decodes with this layout lives. Raises `UnavailableError` where it cannot even load the model."""
    command = [sys.executable, "-P", "-m", "interfix.engine.repack_probe", model, "fast" if extra_buffers else "slow"]
    ended = run_child(command, PROBE_TIMEOUT_SECONDS)
    if ended.code is None:
        return False
    crashed = ended.code < 0 or ended.code > 255  # by a signal, or by a Windows exception code
    if ended.code and not crashed:
        log.info("the probe ended with: %s", ended.errors.decode(errors="replace")[-400:])
        raise UnavailableError(f"llama.cpp cannot load {model}. Pull the model again (interfix models pull) or choose another one.")
    return not crashed


def _read_file_size(model: str) -> int:
    try:
        return Path(model).stat().st_size
    except OSError as error:
        raise UnavailableError(f"{model} cannot be read ({error.strerror}). Pull the model again: interfix models pull.") from error
