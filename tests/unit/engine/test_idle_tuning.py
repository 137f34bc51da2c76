"""`engine/tuning/idle_tuning.py`: a trial at a time while nobody asks, taken up where it was ended, never in anybody's way."""

import errno
import threading
import time
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import psutil
import pytest
from msgspec.structs import replace

from interfix.engine.runtime_config import RuntimeConfig
from interfix.engine.tuning import idle_tuning, load_meter, tune, tuning_store, unfinished_search
from interfix.engine.tuning.idle_tuning import IdleTuner
from interfix.engine.tuning.trial_main import TrialFigures
from interfix.engine.tuning.trial_run import TrialProcess, TuningInterrupted
from interfix.engine.tuning.tuning_store import Tuning, TuningStore
from tests.unit.engine.architectures import MODELS

FIGURES = TrialFigures(prompt_tokens_s=900, keystroke_ms=60, token_ms=20, memory_bytes=0, gpu_layers=0, said=tuple(range(50)))


class FakeTrialProcess:
    """Makes weights of nothing and figures of the setup: weights as Q8_0 are `gain` times as fast."""

    gain = 3.0
    ran: ClassVar[list[RuntimeConfig]] = []
    interrupts_at = -1

    def __init__(self, model: str) -> None:
        self.model = model

    def interrupt(self) -> None:
        raise AssertionError("nobody asks in between")

    def run_trial(self, config: RuntimeConfig, cached_tokens: int, predict: bool) -> TrialFigures:
        if len(self.ran) == FakeTrialProcess.interrupts_at:
            FakeTrialProcess.interrupts_at = -1
            raise TuningInterrupted
        assert cached_tokens > 0
        self.ran.append(config)
        times = (self.gain if config.quantisation == "Q8_0" else 1.0) * (0.9 if config.flash_attention else 1.0)
        faster = replace(FIGURES, prompt_tokens_s=900 * times, keystroke_ms=60 / times, token_ms=20 / times)
        return faster if predict else replace(faster, said=())

    def requantise(self, quantisation: str) -> str:
        path = Path(self.model).with_name(f"{quantisation}.gguf")
        path.write_bytes(b"weights")
        return str(path)


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    for module in (tuning_store, unfinished_search):
        monkeypatch.setattr(module, "state_dir", lambda: tmp_path)
    monkeypatch.setattr(tune, "remember_speed", lambda *_: None)
    monkeypatch.setattr(idle_tuning, "TrialProcess", FakeTrialProcess)
    monkeypatch.setattr(idle_tuning, "IDLE_SECONDS", 0.0)
    monkeypatch.setattr(idle_tuning, "find_tuning_obstacle", lambda _: "")
    monkeypatch.setattr(idle_tuning.LoadMeter, "read_others_percent", lambda _: 0.0)
    for module in (idle_tuning, tune):
        monkeypatch.setattr(module, "has_gpu", lambda: False)
    monkeypatch.setattr(FakeTrialProcess, "ran", [])
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF")
    return str(path)


def write_other_model(path: str) -> None:
    Path(path).write_bytes(b"another GGUF")


def make_tuner(model: str, told: list[Tuning]) -> IdleTuner:
    tuner = IdleTuner(TuningStore("build"), 700, lambda _, tuning: told.append(tuning))
    tuner.begin_request(model)
    tuner.end_request()
    return tuner


async def run_pieces(tuner: IdleTuner, told: list[Tuning]) -> None:
    for _ in range(60):
        await tuner.run_piece()
        if told:
            return
    raise AssertionError("it never ends")


async def test_one_trial_at_a_time_until_the_setup_is_found(model: str) -> None:
    told: list[Tuning] = []
    tuner = make_tuner(model, told)
    await tuner.run_piece()
    assert len(FakeTrialProcess.ran) == 1
    assert "1 setup so far" in tuner.progress
    await run_pieces(tuner, told)
    (tuning,) = told
    assert tuning.setup == RuntimeConfig(weights=str(Path(model).with_name("Q8_0.gguf")), quantisation="Q8_0")
    assert tuning.gain == pytest.approx(3.0 / 0.9, abs=0.01)
    assert TuningStore("build").find(model) == tuning
    assert not Path(model).with_name("Q4_0.gguf").exists(), "what was not chosen takes no room"
    assert TuningStore("build").list_untold() == [tuning]
    assert tuner.progress == ""
    count = len(FakeTrialProcess.ran)
    await tuner.run_piece()
    assert len(FakeTrialProcess.ran) == count, "what is known is not measured again"


async def test_an_interrupted_search_goes_on_where_it_was(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Tuning] = []
    await run_pieces(make_tuner(model, told), told)
    whole = len(FakeTrialProcess.ran)
    FakeTrialProcess.ran.clear()
    write_other_model(model)
    monkeypatch.setattr(FakeTrialProcess, "interrupts_at", 3)
    told.clear()
    tuner = make_tuner(model, told)
    for _ in range(5):
        await tuner.run_piece()
    await run_pieces(make_tuner(model, told), told)  # another host, later
    assert len(FakeTrialProcess.ran) == whole


async def test_a_processor_that_gains_nothing_keeps_the_published_file(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeTrialProcess, "gain", 1.1)
    told: list[Tuning] = []
    await run_pieces(make_tuner(model, told), told)
    assert told[0].setup == RuntimeConfig()
    assert told[0].is_told, "nothing has changed, so nothing is told"
    assert not list(Path(model).parent.glob("Q*.gguf"))


async def test_a_busy_machine_is_measured_again_after_longer_and_longer(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now, load = 1000.0, 80.0
    monkeypatch.setattr(idle_tuning.time, "monotonic", lambda: now)
    monkeypatch.setattr(idle_tuning.LoadMeter, "read_others_percent", lambda _: load)
    tuner, began = make_tuner(model, []), list[float]()
    for _ in range(400):
        before = len(FakeTrialProcess.ran)
        await tuner.run_piece()
        began += [now] * (len(FakeTrialProcess.ran) - before)
        now += 60
    pauses = [later - earlier for earlier, later in pairwise(began)]
    assert pauses[:4] == [60, 120, 240, 480]
    assert max(pauses) == idle_tuning.MAX_PAUSE_SECONDS
    assert len(set(FakeTrialProcess.ran)) == 1, "a figure of a busy machine is none"
    assert tuner.progress.endswith("0 setups so far. It waits: other programs use 80% of the processors.")
    load, now = 0.0, now + idle_tuning.MAX_PAUSE_SECONDS
    for _ in range(2):
        await tuner.run_piece()
    assert tuner.progress.endswith("2 setups so far."), "once it is quiet, one follows the other"


async def test_a_disk_that_takes_nothing_ends_no_tuning(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    tuner = make_tuner(model, [])
    with monkeypatch.context() as broken:
        broken.setattr(unfinished_search.TrialRecords, "add", fail)
        await tuner.run_piece()
    assert tuner.progress.endswith("It waits: what is measured cannot be kept (Read-only file system).")
    monkeypatch.setattr(idle_tuning.time, "monotonic", lambda: time.perf_counter() + 1e9)
    await tuner.run_piece()
    assert "1 setup so far" in tuner.progress


async def test_a_result_that_cannot_be_kept_costs_no_second_search(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now, told = 1000.0, list[Tuning]()
    monkeypatch.setattr(idle_tuning.time, "monotonic", lambda: now)
    tuner = make_tuner(model, told)

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(TuningStore, "remember", fail)
        for _ in range(100):
            await tuner.run_piece()
            now += 600
    count = len(FakeTrialProcess.ran)
    assert count < 20, "each trial was run once"
    assert Path(model).with_name("Q8_0.gguf").exists()
    now += idle_tuning.MAX_PAUSE_SECONDS
    await tuner.run_piece()
    assert (len(told), len(FakeTrialProcess.ran)) == (1, count)


async def test_weights_of_a_search_that_is_no_more_are_deleted(model: str) -> None:
    told: list[Tuning] = []
    tuner = make_tuner(model, told)
    weights = Path(model).with_name("Q8_0.gguf")
    for _ in range(20):
        await tuner.run_piece()
        if weights.exists():
            break
    used = Path(model).with_name("used.gguf")
    used.write_bytes(b"weights")
    other = Tuning("another", RuntimeConfig(weights=str(used), quantisation="Q8_0"), 1024, 1.0, 1.0, 1.0)
    TuningStore("build").remember(str(used), other)
    records = unfinished_search.TrialRecords(TuningStore("build").make_key(model))
    records.add_weights("Q4_0", str(used))
    write_other_model(model)
    await make_tuner(model, told).run_piece()
    assert not weights.exists()
    assert used.exists(), "a tuning uses it"


def test_what_the_trial_itself_computes_is_no_load_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processors for ten seconds: the trial takes 15 of the 20, somebody else 3."""
    clock = {"now": 100.0, "busy": 50.0, "child": 5.0}

    class FakeProcess:
        def cpu_times(self) -> SimpleNamespace:
            return SimpleNamespace(user=1.0, system=1.0, children_user=clock["child"], children_system=0.0)

    monkeypatch.setattr(load_meter, "time", SimpleNamespace(monotonic=lambda: clock["now"]))
    monkeypatch.setattr(
        load_meter,
        "psutil",
        SimpleNamespace(
            WINDOWS=False,
            Process=FakeProcess,
            cpu_count=lambda: 2,
            cpu_times=lambda: SimpleNamespace(user=clock["busy"], system=0.0, idle=0.0),
        ),
    )
    meter = load_meter.LoadMeter()
    clock.update(now=110.0, busy=68.0, child=20.0)
    assert meter.read_others_percent() == pytest.approx(15.0)


async def test_nothing_runs_while_somebody_waits_or_something_speaks_against_it(
    model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuner = make_tuner(model, [])
    tuner.begin_request("")
    await tuner.run_piece()
    tuner.end_request()
    monkeypatch.setattr(idle_tuning, "find_tuning_obstacle", lambda _: "the machine runs on its battery")
    await tuner.run_piece()
    assert not FakeTrialProcess.ran
    monkeypatch.setattr(idle_tuning, "find_tuning_obstacle", lambda _: "")
    monkeypatch.setattr(idle_tuning, "IDLE_SECONDS", 100.0)
    await tuner.run_piece()
    assert not FakeTrialProcess.ran


async def test_what_the_user_undid_is_not_done_again(model: str) -> None:
    TuningStore("build").undo(model)
    await make_tuner(model, []).run_piece()
    assert not FakeTrialProcess.ran


async def test_a_trial_whose_surroundings_cannot_be_seen_is_run_again(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Any) -> float:
        raise psutil.NoSuchProcess(1)

    monkeypatch.setattr(idle_tuning.LoadMeter, "read_others_percent", fail)
    tuner = make_tuner(model, [])
    await tuner.run_piece()
    assert "0 setups so far" in tuner.progress
    assert "does not say how busy it is" in tuner.progress


def test_a_request_ends_the_process_under_way(tmp_path: Path) -> None:
    process = TrialProcess(str(MODELS["qwen2"](tmp_path / "model.gguf")))
    outcome: list[BaseException] = []

    def run() -> None:
        try:
            while True:
                process.run_trial(RuntimeConfig(), 800, predict=False)
        except TuningInterrupted as error:
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    while process._child is None:
        time.sleep(0.001)
    process.interrupt()
    thread.join(60)
    assert len(outcome) == 1
    with pytest.raises(TuningInterrupted):
        process.requantise("Q8_0")
