"""Whether llama.cpp may repack weights on this processor: tried once a build, in a process that may crash.

A llama.cpp built by gcc before 12.4 or 13.3 dies on its first decode where the processor has AMX. Without the extra buffers, which
hold repacked weights, it runs, slower. The outcome is kept for this build, this processor and this model file.
"""

import logging
from pathlib import Path

from interfix.engine.probes.probe_process import run_probe
from interfix.errors import UnavailableError
from interfix.models.probe_store import ProbeStore
from interfix.system.processor_identity import identify_processor

log = logging.getLogger(__name__)

SLOW_REPACK_NOTE = (
    "The native library crashes on this processor with its fast weight layout, so it runs with the slow one. "
    "Another library may be fast here: INTERFIX_ENGINE_LIBRARY=compiled compiles one, in some minutes."
)


class RepackCheck:
    """Remembers the outcomes of earlier probes; probes what is new."""

    def __init__(self, build: str) -> None:
        """`build` tells one native library from another."""
        self._store: ProbeStore[bool] = ProbeStore("native", bool, build)

    def check_extra_buffers(self, model: str) -> bool:
        """Whether `model` may be loaded with the fast weight layout; takes as long as loading it, once.

        Raises `UnavailableError` where the library crashes with either layout.
        """
        key = f"{identify_processor()}|{Path(model).name}|{_read_file_size(model)}"
        with self._store.find_or_lock(key) as (fast_layout_works, remember):
            if fast_layout_works is None:
                fast_layout_works = self._probe_model(model)
                remember(fast_layout_works)
        return fast_layout_works

    def list_outcomes(self) -> list[bool]:
        """For everything probed so far on this machine, whether the fast layout works."""
        return list(self._store.list_outcomes().values())

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
    ended = run_probe("repack_crash_probe_main", model, "fast" if extra_buffers else "slow")
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
