"""The processes that tuning measures with: each may die of what it tries, and any can be ended at once."""

import logging
import shutil
import sys
import threading
from pathlib import Path

import msgspec

from interfix.engine.runtime_config import RuntimeConfig
from interfix.engine.tuning.trial_main import TrialFigures, TrialSpec
from interfix.models.store import locate_requantised
from interfix.system.child_process import ChildProcess

log = logging.getLogger(__name__)

TRIAL_SECONDS = 180.0
"""A setup that takes longer for one trial is none for this machine: where the 1.5B reads 38 tokens a second one takes 45 s."""
REQUANTISE_SECONDS = 300.0
"""Storing weights anew may take so long."""
MAX_SIZE_RATIO = 2.0
"""A file of weights stored anew may be so much larger than the model's own, and there must be room for it."""


class TuningInterrupted(Exception):
    """The machine is wanted for something else; what was measured before is kept."""


class TrialProcess:
    """Runs one process after the other for a model, until it is interrupted."""

    def __init__(self, model: str) -> None:
        self.model = model
        """Path of the model's own file."""
        self._lock = threading.Lock()
        self._child: ChildProcess | None = None
        self._is_interrupted = False

    def interrupt(self) -> None:
        """End the process under way now, and begin no other. From any thread."""
        with self._lock:
            self._is_interrupted = True
            if self._child is not None:
                self._child.kill()

    def run_trial(self, config: RuntimeConfig, cached_tokens: int, predict: bool) -> TrialFigures | None:
        """The figures of a setup; None where it does not work here. Raises `TuningInterrupted`."""
        spec = TrialSpec(self.model, config, cached_tokens, predict)
        output = self._run("interfix.engine.tuning.trial_main", msgspec.json.encode(spec).decode(), seconds=TRIAL_SECONDS)
        try:
            return msgspec.json.decode(output.splitlines()[-1], type=TrialFigures) if output else None
        except msgspec.MsgspecError:
            return None

    def requantise(self, quantisation: str) -> str | None:
        """The file of a quantisation, made if it is not there; None where there is no room or it cannot be made.

        Raises `TuningInterrupted`.
        """
        source = Path(self.model)
        target = locate_requantised(source, quantisation)
        if target.is_file():
            return str(target)
        target.parent.mkdir(exist_ok=True)
        if shutil.disk_usage(target.parent).free < source.stat().st_size * MAX_SIZE_RATIO:
            log.warning("there is no room for %s stored as %s", source.name, quantisation)
            return None
        partial = target.with_suffix(".partial")
        try:
            done = self._run(
                "interfix.engine.tuning.requantise_main", self.model, str(partial), quantisation, seconds=REQUANTISE_SECONDS
            )
            if done is not None:
                partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
        return None if done is None else str(target)

    def _run(self, module: str, *arguments: str, seconds: float) -> bytes | None:
        """What a process of ours prints; None where it dies or takes too long."""
        with self._lock:
            if self._is_interrupted:
                raise TuningInterrupted
            child = self._child = ChildProcess([sys.executable, "-P", "-m", module, *arguments])
        ended = child.wait(seconds)
        with self._lock:
            self._child = None
            if self._is_interrupted:
                raise TuningInterrupted
        if ended.code != 0:
            how = "took too long" if ended.code is None else f"ended with {ended.code}"
            log.info("%s %s %s: %s", module, arguments, how, ended.errors.decode(errors="replace")[-400:])
        return None if ended.code != 0 else ended.output
