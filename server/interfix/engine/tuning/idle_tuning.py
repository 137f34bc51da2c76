"""Tuning that nobody asked for: in the idle minutes of the host, one trial at a time, ended at once by any request."""

import asyncio
import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from interfix.engine.free_cores import count_physical_cores
from interfix.engine.runtime_config import RuntimeConfig
from interfix.engine.tuning.load_meter import LoadMeter, sample_load_percent
from interfix.engine.tuning.search import SearchLimits, TuningResult, search
from interfix.engine.tuning.trial_main import TrialFigures
from interfix.engine.tuning.trial_run import TrialProcess, TuningInterrupted
from interfix.engine.tuning.tune import delete_weights, has_gpu, remember_tuning
from interfix.engine.tuning.tuning_store import DEFAULT_PROMPT_TOKENS, Tuning, TuningStore, name_model
from interfix.engine.tuning.unfinished_search import TrialRecords
from interfix.system.battery import runs_on_battery

log = logging.getLogger(__name__)

IDLE_SECONDS = 30.0
"""So long nobody has asked for anything before a trial is begun."""
MIN_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 60.0, 3600.0
"""After a trial of which nothing could be kept the next one waits so long, and twice as long after each further one."""
POLL_SECONDS = 5.0
"""Time between two looks whether the machine is idle, seconds."""
MAX_OTHERS_PERCENT = 20.0
"""Where other programs take more of the processors than this, a trial would say nothing of the machine, and be in the way."""
MIN_FREE_SHARE = 0.1
"""Share of the disk that must be free."""
MIN_FREE_BYTES = 4_000_000_000
"""Room that must be free beside a second file of the model, bytes."""
MEMORY_RATIO = 2.5
"""The memory that is free must hold the model so many times: the host may hold it, and a trial loads weights that are larger."""


class IdleTuner:
    """Tunes the models that were asked for, while nobody asks. For use from the host's event loop."""

    def __init__(self, store: TuningStore, target_ms: float, on_tuned: Callable[[str, Tuning], None]) -> None:
        """`target_ms` is what a keystroke may take; `on_tuned` hears of a model's path and its new setup."""
        self._store = store
        self._target_ms = target_ms
        self._on_tuned = on_tuned
        self._models: list[str] = []
        self._request_count = 0
        self._last_use = time.monotonic()
        self._process: TrialProcess | None = None
        self._obstacle = ""
        self._pause = 0.0
        self._resumes_at = 0.0

    def begin_request(self, model: str) -> None:
        """Somebody wants an answer: what is measured ends now. `model` is the path of one to tune for; empty: it is for none."""
        self._request_count += 1
        if model and model not in self._models:
            self._models.append(model)
        if self._process is not None:
            self._process.interrupt()

    def end_request(self) -> None:
        """They have it."""
        self._request_count -= 1
        self._last_use = time.monotonic()

    @property
    def progress(self) -> str:
        """What it has come to, in a sentence; empty where nothing is to be tuned."""
        if (model := self._find_untuned_model()) is None:
            return ""
        count = TrialRecords(self._store.make_key(model)).count
        setups = "1 setup" if count == 1 else f"{count} setups"
        waits = f" It waits: {self._obstacle}." if self._obstacle else ""
        return f"{name_model(model)} is measured while nobody asks for anything: {setups} so far.{waits}"

    async def run(self) -> None:
        """Tune for ever; ends when it is cancelled."""
        try:
            while True:
                await asyncio.sleep(POLL_SECONDS)
                await self.run_piece()
        finally:
            if self._process is not None:
                self._process.interrupt()

    async def run_piece(self) -> None:
        """Run the next trial of a model that is not tuned yet, if nothing speaks against it now."""
        if self._is_in_use() or time.monotonic() < self._resumes_at or (model := self._find_untuned_model()) is None:
            return
        self._obstacle = await asyncio.to_thread(find_tuning_obstacle, model)
        if self._obstacle or self._is_in_use():
            return
        self._process = TrialProcess(model)
        try:
            records = self._open_records(model)
            result = await asyncio.to_thread(search_on, self._process, records, self._target_ms)
            self._finish(model, records, result)
        except TuningInterrupted:
            return
        except _PieceDone as piece:
            self._wait_longer(piece.obstacle)
        except psutil.Error as error:
            self._wait_longer(_describe_unknown_load(error))
        except OSError as error:
            log.warning("what tuning measures of %s cannot be kept: %s", Path(model).name, error)
            self._wait_longer(f"what is measured cannot be kept ({error.strerror or error})")
        finally:
            self._process = None

    def _wait_longer(self, obstacle: str) -> None:
        """The next piece waits, longer each time, where something stood against this one; else it follows at once."""
        self._obstacle = obstacle
        self._pause = min(max(MIN_PAUSE_SECONDS, 2 * self._pause), MAX_PAUSE_SECONDS) if obstacle else 0.0
        self._resumes_at = time.monotonic() + self._pause

    def _open_records(self, model: str) -> TrialRecords:
        """What was measured of a model; weights that were made for a search that is no more are deleted."""
        records = TrialRecords(self._store.make_key(model))
        for path in records.abandoned_weights - self._store.list_weights():
            Path(path).unlink(missing_ok=True)
        return records

    def _is_in_use(self) -> bool:
        return self._request_count > 0 or time.monotonic() - self._last_use < IDLE_SECONDS

    def _find_untuned_model(self) -> str | None:
        return next((model for model in self._models if self._store.find(model) is None), None)

    def _finish(self, model: str, records: TrialRecords, result: TuningResult | None) -> None:
        """Keep the result, and only then forget what led to it. Raises `OSError` where it cannot be kept."""
        tuning: Tuning | None = None
        if result is None:  # it does not run in a process of its own: the host may know better, and nobody tries again
            self._store.remember(model, Tuning(self._store.make_key(model), RuntimeConfig(), DEFAULT_PROMPT_TOKENS, 0.0, 0.0, 1.0))
        else:
            tuning = remember_tuning(self._store, model, result, is_told=False)
        delete_weights([path for path in records.weights.values() if path], result)
        records.delete()
        if tuning is not None:
            self._on_tuned(model, tuning)


class _PieceDone(Exception):
    """A trial was run; the next one is another piece. The obstacle is why it says nothing, empty where it was recorded."""

    def __init__(self, obstacle: str = "") -> None:
        super().__init__(obstacle)
        self.obstacle = obstacle


def search_on(process: TrialProcess, records: TrialRecords, target_ms: float) -> TuningResult | None:
    """The search with what was measured before.

    Raises `_PieceDone` after one more trial, which is kept if the machine was quiet, `TuningInterrupted`, and `OSError` where files
    cannot be written.
    """

    def run_trial(config: RuntimeConfig, cached_tokens: int, predict: bool) -> TrialFigures | None:
        is_recorded, figures = records.find(config, cached_tokens, predict)
        if is_recorded:
            return figures
        meter = LoadMeter()
        figures = process.run_trial(config, cached_tokens, predict)
        if (load := meter.read_others_percent()) > MAX_OTHERS_PERCENT:
            raise _PieceDone(describe_load(load))
        records.add(config, cached_tokens, predict, figures)
        raise _PieceDone

    def requantise(quantisation: str) -> str | None:
        if quantisation in records.weights:
            path = records.weights[quantisation]
            return path if path is None or Path(path).is_file() else None
        records.add_weights(quantisation, process.requantise(quantisation))
        raise _PieceDone

    limits = SearchLimits(cores=count_physical_cores(), gpu=has_gpu(), target_ms=target_ms, deadline=1.0)
    return search(run_trial, requantise, limits, clock=lambda: 0.0)


def find_tuning_obstacle(model: str) -> str:
    """Why a trial of the model would be in the way or say nothing now; empty where it would not."""
    try:
        size, disk = Path(model).stat().st_size, shutil.disk_usage(Path(model).parent)
    except OSError as error:
        return f"the model's file cannot be read: {error.strerror}"
    try:
        return _find_machine_obstacle(size, disk.free, disk.total)
    except (OSError, psutil.Error) as error:
        return _describe_unknown_load(error)


def _find_machine_obstacle(size: int, free: int, total: int) -> str:
    """What speaks against a trial of a model of `size` bytes, with so many bytes of its disk free."""
    if runs_on_battery():
        return "the machine runs on its battery"
    if free < max(MIN_FREE_SHARE * total, MIN_FREE_BYTES) + 2 * size:
        return "the disk is nearly full"
    if psutil.virtual_memory().available < MEMORY_RATIO * size:
        return "too little memory is free"
    if (load := sample_load_percent()) > MAX_OTHERS_PERCENT:
        return describe_load(load)
    return ""


def _describe_unknown_load(error: Exception) -> str:
    return f"the system does not say how busy it is: {error}"


def describe_load(percent: float) -> str:
    """What other programs do, where it is too much for a measurement."""
    return f"other programs use {percent:.0f}% of the processors"
