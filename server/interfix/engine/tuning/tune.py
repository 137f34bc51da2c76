"""`interfix tune`: measures this machine with one model and remembers the fastest setup. Every trial is a process of its own."""

import logging
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from interfix.engine import llama_system_info
from interfix.engine.thread_count import count_physical_cores
from interfix.engine.tuning.search import SearchLimits, TrialResult, TuningResult, search
from interfix.engine.tuning.trial import TrialFigures, TrialSpec
from interfix.engine.tuning.tuning_store import Tuning, TuningStore
from interfix.errors import UnavailableError
from interfix.models.store import locate_requantised
from interfix.system.child_process import run_child

log = logging.getLogger(__name__)

SEARCH_SECONDS = 130.0
"""After so long no further setup is tried; the last one and the choice of a prompt length end within three minutes."""
TRIAL_SECONDS = 60.0
"""A setup that takes longer for one trial is none for this machine."""
REQUANTISE_SECONDS = 120.0
"""Storing weights anew may take so long."""
MAX_SIZE_RATIO = 1.5
"""A file of weights stored anew may be so much larger than the model's own."""


def tune(model: str, target_ms: float, on_result: Callable[[TrialResult], None] = lambda _: None) -> TuningResult:
    """Measure, remember, and delete the files that were made and not chosen. The host takes the setup when it next loads the model.

    Nothing else may compute meanwhile: stop the host before. Raises `UnavailableError` where the model does not run at all.
    """
    made: list[str] = []

    def requantised(quantisation: str) -> str | None:
        path = _requantise(model, quantisation)
        if path is not None:
            made.append(path)
        return path

    found = search(
        lambda setup, filled, judge: _run_trial(TrialSpec(model, setup, filled, judge)),
        requantised,
        SearchLimits(
            cores=count_physical_cores(),
            gpu=any(device.gpu for device in llama_system_info.list_devices()),
            target_ms=target_ms,
            deadline=time.monotonic() + SEARCH_SECONDS,
        ),
        on_result=on_result,
    )
    for path in made:
        if found is None or path != found.best.setup.weights:
            Path(path).unlink(missing_ok=True)
    if found is None or found.best.figures is None:
        raise UnavailableError(f"llama.cpp does not run {Path(model).name} here; `interfix doctor` may say why.")
    tunings = TuningStore(llama_system_info.identify_build())
    speed = found.best.figures.prompt_tokens_s
    tunings.remember(
        model, Tuning(tunings.make_key(model), found.best.setup, found.prompt_tokens, found.line_ms, speed, round(found.gain, 2))
    )
    return found


def _requantise(model: str, quantisation: str) -> str | None:
    """The file of a quantisation, made if it is not there; None where there is no room or it cannot be made."""
    source = Path(model)
    target = locate_requantised(source, quantisation)
    if target.is_file():
        return str(target)
    target.parent.mkdir(exist_ok=True)
    if shutil.disk_usage(target.parent).free < source.stat().st_size * MAX_SIZE_RATIO:
        log.warning("there is no room for %s stored as %s", source.name, quantisation)
        return None
    partial = target.with_suffix(".partial")
    done = _run_process("interfix.engine.tuning.requantise", model, str(partial), quantisation, seconds=REQUANTISE_SECONDS)
    if done is None:
        partial.unlink(missing_ok=True)
        return None
    partial.replace(target)
    return str(target)


def _run_trial(spec: TrialSpec) -> TrialFigures | None:
    told = _run_process("interfix.engine.tuning.trial", msgspec.json.encode(spec).decode(), seconds=TRIAL_SECONDS)
    try:
        return msgspec.json.decode(told.splitlines()[-1], type=TrialFigures) if told else None
    except msgspec.MsgspecError:
        return None


def _run_process(module: str, *arguments: str, seconds: float) -> bytes | None:
    """What a process of ours prints; None where it dies or takes too long."""
    ended = run_child([sys.executable, "-P", "-m", module, *arguments], seconds)
    if ended.code is None:
        return None
    if ended.code:
        log.info("%s %s ended with %d: %s", module, arguments, ended.code, ended.errors.decode(errors="replace")[-400:])
        return None
    return ended.output
