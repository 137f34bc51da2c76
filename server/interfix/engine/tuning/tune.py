"""`interfix tune`: measures this machine with one model and remembers the fastest setup. Every trial is a process of its own."""

import time
from collections.abc import Callable, Collection
from pathlib import Path

from msgspec.structs import replace

from interfix.engine import compute_devices, llama_build
from interfix.engine.free_cores import count_physical_cores
from interfix.engine.runtime_config import RuntimeConfig
from interfix.engine.tuning.search import SearchLimits, TrialResult, TuningResult, search
from interfix.engine.tuning.trial_run import TrialProcess
from interfix.engine.tuning.tuning_store import Tuning, TuningStore
from interfix.errors import UnavailableError
from interfix.models.speed_measurements import MeasuredSpeed, remember_speed

SEARCH_SECONDS = 130.0
"""After so long no further setup is tried; the last one and the choice of a prompt length end within three minutes."""


def tune(model: str, target_ms: float, on_result: Callable[[TrialResult], None] = lambda _: None) -> TuningResult:
    """Measure, remember, and delete the files that were made and not chosen. The host takes the setup when it next loads the model.

    Nothing else may compute meanwhile: stop the host before. Raises `UnavailableError` where the model does not run at all.
    """
    made: list[str] = []
    process = TrialProcess(model)

    def requantise(quantisation: str) -> str | None:
        path = process.requantise(quantisation)
        if path is not None:
            made.append(path)
        return path

    result = search(
        process.run_trial,
        requantise,
        SearchLimits(cores=count_physical_cores(), gpu=has_gpu(), target_ms=target_ms, deadline=time.monotonic() + SEARCH_SECONDS),
        on_result=on_result,
    )
    delete_weights(made, result)
    if result is None or result.best.figures is None:
        raise UnavailableError(f"llama.cpp does not run {Path(model).name} here; `interfix doctor` may say why.")
    remember_tuning(TuningStore(llama_build.identify_build()), model, result)
    return result


def has_gpu() -> bool:
    """Whether llama.cpp computes on a GPU here."""
    return any(device.gpu for device in compute_devices.list_devices())


def delete_weights(made: Collection[str], result: TuningResult | None) -> None:
    """Delete the files of weights that were made to be tried and not chosen."""
    for path in made:
        if result is None or path != result.best.setup.weights:
            Path(path).unlink(missing_ok=True)


def remember_tuning(store: TuningStore, model: str, result: TuningResult, *, is_told: bool = True) -> Tuning:
    """Keep what was found: the setup for the host, the speed for the choice of models."""
    figures = result.best.figures
    assert figures is not None
    tuning = Tuning(
        key=store.make_key(model),
        setup=_simplify(result.best.setup),
        prompt_tokens=result.prompt_tokens,
        line_ms=result.line_ms,
        prompt_tokens_s=figures.prompt_tokens_s,
        gain=round(result.gain, 2),
        token_ms=figures.token_ms,
        is_told=is_told or _simplify(result.best.setup) == RuntimeConfig(),
    )
    store.remember(model, tuning)
    remember_speed(Path(model), MeasuredSpeed(result.line_ms, figures.prompt_tokens_s, round(1000 / figures.token_ms, 1)))
    return tuning


def _simplify(setup: RuntimeConfig) -> RuntimeConfig:
    """The same setup, with what the host does anyway left to it: a thread a core, no flash attention on a processor."""
    threads = 0 if setup.threads == count_physical_cores() else setup.threads
    return replace(setup, threads=threads, flash_attention=setup.flash_attention or None)
