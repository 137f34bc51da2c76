"""The fastest setup that says the same is found and remembered; nothing is run here, speeds are made up."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from interfix.engine.llama_runtime import LlamaContext
from interfix.engine.runtime_config import RuntimeConfig
from interfix.engine.state_checkpoints import NEAR_DISTANCE_TOKENS
from interfix.engine.tuning import search, trial_main, tuning_store
from interfix.engine.tuning.search import PROMPT_BUDGETS, TrialResult, TuningResult
from interfix.engine.tuning.trial_main import KEYSTROKE_TOKENS, TrialFigures
from interfix.engine.tuning.tuning_store import Tuning, TuningStore
from interfix.models import speed_measurements
from tests.unit.engine.architectures import MODELS

MODEL_OUTPUT = tuple(range(100))
BASE = TrialFigures(prompt_tokens_s=200, keystroke_ms=130, token_ms=24, memory_bytes=0, gpu_layers=0, said=MODEL_OUTPUT)


class FakeTrialMachine:
    """Makes up how fast a setup is."""

    def __init__(self, *rules: Callable[[RuntimeConfig, TrialFigures], TrialFigures | None]) -> None:
        self.rules = rules
        self.asked: list[RuntimeConfig] = []
        self.judged: list[RuntimeConfig] = []

    def __call__(self, setup: RuntimeConfig, filled: int, judge: bool) -> TrialFigures | None:
        self.asked.append(setup)
        self.judged += [setup] if judge else []
        figures: TrialFigures | None = replace(BASE, keystroke_ms=130 * (0.5 + filled / 1600))
        for rule in self.rules:
            figures = rule(setup, figures) if figures else None
        return figures if judge or figures is None else replace(figures, said=())

    def run_search(
        self, *, target_ms: float = 1000, clock: Callable[[], float] = lambda: 0.0, gpu: bool = False
    ) -> TuningResult | None:
        return search.search(self, lambda q: f"/{q}.gguf", search.SearchLimits(4, gpu, target_ms, 100), clock=clock)


def speed_up(times: float, when: Callable[[RuntimeConfig], bool]) -> Callable[[RuntimeConfig, TrialFigures], TrialFigures]:
    def rule(setup: RuntimeConfig, figures: TrialFigures) -> TrialFigures:
        if not when(setup):
            return figures
        return replace(
            figures,
            prompt_tokens_s=figures.prompt_tokens_s * times,
            keystroke_ms=figures.keystroke_ms / times,
            token_ms=figures.token_ms / times,
        )

    return rule


def search_result(result: TuningResult | None) -> TuningResult:
    assert result is not None
    return result


def test_what_is_faster_is_kept_and_what_comes_after_builds_on_it() -> None:
    machine = FakeTrialMachine(
        speed_up(3, lambda setup: setup.quantisation == "Q8_0"),
        speed_up(1.2, lambda setup: setup.threads == 3),
        speed_up(0.5, lambda setup: bool(setup.flash_attention)),
    )
    result = search_result(machine.run_search())
    assert result.best.setup == RuntimeConfig(weights="/Q8_0.gguf", quantisation="Q8_0", threads=3)
    assert result.gain == pytest.approx(3 * 1.2 / 0.5)
    assert result.best in result.tried


def test_weights_that_say_other_things_are_not_taken_however_fast() -> None:
    def parrot(setup: RuntimeConfig, figures: TrialFigures) -> TrialFigures:
        return replace(figures, said=(0,) * len(MODEL_OUTPUT)) if setup.quantisation == "Q4_0" else figures

    result = search_result(FakeTrialMachine(speed_up(9, lambda setup: setup.quantisation == "Q4_0"), parrot).run_search())
    assert result.best.setup.quantisation != "Q4_0"
    (refused,) = [tried for tried in result.tried if tried.setup.quantisation == "Q4_0" and "weights" in tried.name]
    assert refused.agreement < search.MIN_AGREEMENT


def test_a_setup_that_dies_does_not_work_here_and_hurts_nothing() -> None:
    def dies(setup: RuntimeConfig, figures: TrialFigures) -> TrialFigures | None:
        return None if setup.extra_buffers else figures

    assert not search_result(FakeTrialMachine(dies).run_search()).best.setup.extra_buffers

    def dies_of_flash(setup: RuntimeConfig, figures: TrialFigures) -> TrialFigures | None:
        return None if setup.flash_attention else figures

    assert search_result(FakeTrialMachine(dies_of_flash).run_search()).best.figures is not None


def test_a_published_file_that_does_not_run_is_no_tuning() -> None:
    assert FakeTrialMachine(lambda _setup, _figures: None).run_search() is None


def test_when_the_time_is_up_the_best_so_far_counts_and_what_was_left_out_is_said() -> None:
    ticks = iter(range(0, 1000, 45))
    result = search_result(FakeTrialMachine().run_search(clock=lambda: float(next(ticks))))
    assert result.note == f"{search.TIMED_OUT_NOTE} for KV cache as q8_0 and what comes after it"
    assert len(result.tried) == 5


def test_the_prompt_is_as_long_as_the_target_allows() -> None:
    assert search_result(FakeTrialMachine().run_search(target_ms=10_000)).prompt_tokens == 768, (
        "a cold prompt of 1024 tokens takes too long"
    )
    quick = speed_up(10, lambda _: True)
    assert search_result(FakeTrialMachine(quick).run_search(target_ms=10_000)).prompt_tokens == PROMPT_BUDGETS[-1]
    assert search_result(FakeTrialMachine(quick).run_search(target_ms=37)).prompt_tokens in PROMPT_BUDGETS[1:-1]
    assert search_result(FakeTrialMachine().run_search(target_ms=1)).prompt_tokens == PROMPT_BUDGETS[0]


def test_only_what_may_change_the_words_is_judged() -> None:
    machine = FakeTrialMachine()
    result = search_result(machine.run_search())
    assert {setup.threads for setup in machine.judged} == {4}
    assert {setup.micro_batch for setup in machine.judged} == {RuntimeConfig().micro_batch}
    assert {"Q4_0", "Q8_0", ""} == {setup.quantisation for setup in machine.judged}
    assert all(tried.agreement == 1.0 for tried in result.tried)


def test_with_a_gpu_the_cpu_alone_is_tried_too() -> None:
    machine = FakeTrialMachine()
    machine.run_search(gpu=True)
    assert any(setup.gpu_layers == 0 for setup in machine.asked)


def test_every_trial_is_told() -> None:
    told: list[TrialResult] = []
    search.search(
        FakeTrialMachine(),
        lambda _: None,
        search.SearchLimits(cores=2, gpu=False, target_ms=500, deadline=100),
        on_result=told.append,
        clock=lambda: 0.0,
    )
    assert [tried.name for tried in told][:2] == ["as published", "no flash attention"]
    assert not any("weights as" in tried.name for tried in told), "there was no room for other files"


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(tuning_store, "state_dir", lambda: tmp_path)
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF")
    return str(path)


def make_tuning(tunings: TuningStore, model: str, weights: str = "") -> Tuning:
    return Tuning(tunings.make_key(model), RuntimeConfig(weights=weights, threads=3), 768, 300.0, 600.0, 3.0)


def test_a_tuning_is_remembered_for_this_build_and_this_file(model: str) -> None:
    tunings = TuningStore("build-1")
    tunings.remember(model, make_tuning(tunings, model))
    assert TuningStore("build-1").find(model) == make_tuning(tunings, model)
    assert TuningStore("build-2").find(model) is None
    Path(model).write_bytes(b"GGUF, another one")
    assert TuningStore("build-1").find(model) is None


def test_a_tuning_whose_weights_are_gone_counts_as_none(model: str, tmp_path: Path) -> None:
    tunings = TuningStore("build")
    weights = tmp_path / "q8.gguf"
    weights.write_bytes(b"")
    tunings.remember(model, make_tuning(tunings, model, str(weights)))
    assert tunings.find(model) is not None
    weights.unlink()
    assert tunings.find(model) is None


def test_a_tuning_can_be_undone_and_a_damaged_record_is_none(model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed_measurements.paths, "state_dir", lambda: tmp_path)
    speed_measurements.remember_speed(Path(model), speed_measurements.MeasuredSpeed(420.0, 790.0, 26.0))
    tunings = TuningStore("build")
    tunings.remember(model, make_tuning(tunings, model))
    weights = tmp_path / "q8.gguf"
    weights.write_bytes(b"")
    tunings.remember(model, make_tuning(tunings, model, str(weights)))
    tunings.undo(model)
    undone = tunings.find(model)
    assert undone is not None
    assert undone.is_undone
    assert undone.setup == RuntimeConfig()
    assert not weights.exists()
    assert speed_measurements.find_speed(Path(model)) is None, "the published file is slower"
    assert "as you asked" in undone.describe("small")
    (tmp_path / "tunings.json").write_bytes(b"[")
    assert tunings.find(model) is None


@pytest.mark.parametrize(
    ("name", "tokens"), [("qwen2", KEYSTROKE_TOKENS), ("mamba", NEAR_DISTANCE_TOKENS + 2 + 200), ("gemma3", KEYSTROKE_TOKENS)]
)
def test_a_keystroke_is_measured_as_the_model_decodes_it(
    name: str, tokens: int, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model with a state goes back to what was decoded, and decodes the suffix; it would fail to cut."""
    path = MODELS[name](tmp_path / "model.gguf")
    decoded: list[tuple[int, int]] = []
    decode = trial_main.LlamaContext.decode

    def noted(context: LlamaContext, tokens: list[int], position: int, sequence: int, **options: bool) -> None:
        decode(context, tokens, position, sequence, **options)
        decoded.append((position, context.find_end(sequence)))

    monkeypatch.setattr(trial_main.LlamaContext, "decode", noted)
    trial_main.main(msgspec.json.encode(trial_main.TrialSpec(str(path), RuntimeConfig())).decode())
    assert msgspec.json.decode(capfdbinary.readouterr().out, type=TrialFigures).keystroke_ms > 0
    assert decoded.count((800, 800 + tokens)) == trial_main.ROUNDS + 1


def test_a_model_is_called_what_the_catalog_calls_it(tmp_path: Path) -> None:
    names = {}
    for file in ("qwen2.5-coder-0.5b-instruct-q4_k_m.gguf", "own.gguf"):
        key = TuningStore("build").make_key(str(tmp_path / file))
        names[file] = Tuning(key, RuntimeConfig(), 1024, 0.0, 0.0, 1.0).model_name
    assert list(names.values()) == ["qwen2.5-coder-0.5b-instruct", "own"]


def test_on_a_slow_machine_a_prompt_is_read_once(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three prompts of 512 tokens, and one of 800, took the 1.5B 61 s at 38 tokens a second: longer than a trial might."""
    read: list[int] = []
    decode = trial_main.LlamaContext.decode

    def noted(context: LlamaContext, tokens: list[int], position: int, sequence: int, **options: bool) -> None:
        decode(context, tokens, position, sequence, **options)
        read.append(len(tokens))

    monkeypatch.setattr(trial_main.LlamaContext, "decode", noted)
    monkeypatch.setattr(trial_main, "ROUNDS_SECONDS", 0.0)
    spec = trial_main.TrialSpec(str(MODELS["qwen2"](tmp_path / "model.gguf")), RuntimeConfig())
    trial_main.main(msgspec.json.encode(spec).decode())
    assert msgspec.json.decode(capfdbinary.readouterr().out, type=TrialFigures).prompt_tokens_s > 0
    assert sum(read) < trial_main.CACHED_TOKENS + 100
