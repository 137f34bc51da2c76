"""What suits a machine: by its memory, and by its speed as measured or estimated."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from interfix.inference_types import Role
from interfix.models import catalog, model_selection, recommend, role_probe_store
from interfix.models import speed_estimate as speeds
from interfix.models.role_probe_store import ProbeResult
from tests.unit.models.model_files import INSTRUCT_METADATA, build_gguf


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """24 GB of memory, and no model measured yet."""
    memory = SimpleNamespace(total=int(24e9))
    monkeypatch.setattr(recommend.psutil, "virtual_memory", lambda: memory)
    monkeypatch.setattr(model_selection.psutil, "virtual_memory", lambda: memory)


def set_copy_speed(monkeypatch: pytest.MonkeyPatch, bytes_in_a_second: float) -> None:
    monkeypatch.setattr(speeds, "_measure_copy_speed", lambda: bytes_in_a_second)


def recommend_models(directory: Path) -> dict[Role, str]:
    return {role: name for name, found in recommend.recommend_models(directory).items() for role in found.recommended}


def test_a_fast_machine_gets_a_large_model_that_fits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_copy_speed(monkeypatch, 400e9)
    assert recommend_models(tmp_path) == {Role.BASE: "qwen2.5-coder-14b", Role.INSTRUCT: "qwen2.5-coder-14b-instruct"}
    advice = recommend.recommend_models(tmp_path)
    assert advice["qwen2.5-coder-14b"].fits
    assert not advice["qwen3-coder-30b-a3b-instruct"].fits


def test_a_slow_machine_gets_the_default_for_its_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_copy_speed(monkeypatch, 20e9)
    assert recommend_models(tmp_path) == {Role.BASE: "qwen2.5-coder-1.5b-instruct", Role.INSTRUCT: "qwen2.5-coder-1.5b-instruct"}


def test_nothing_that_forbids_commercial_use_is_recommended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_copy_speed(monkeypatch, 65e9)
    assert recommend_models(tmp_path)[Role.BASE] != "qwen2.5-coder-3b"
    assert all(catalog.find_entry(name).commercial for name in recommend_models(tmp_path).values())


def test_a_measurement_counts_for_its_file_and_as_an_estimate_for_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_copy_speed(monkeypatch, 1.0)
    entry, other = catalog.find_entry("codellama-7b"), catalog.find_entry("starcoder2-7b")
    path = tmp_path / entry.file
    path.write_bytes(build_gguf(INSTRUCT_METADATA, weights=200_000))
    role_probe_store.remember_result(path, ProbeResult(None, None, 50.0))
    advice = recommend.recommend_models(tmp_path)
    assert (advice[entry.name].speed.tokens_per_second, advice[entry.name].speed.measured) == (50.0, True)
    assert not advice[other.name].speed.measured
    assert advice[other.name].speed.tokens_per_second == pytest.approx(50.0 * path.stat().st_size / other.bytes)


def test_a_mixture_of_experts_is_as_fast_as_what_it_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    set_copy_speed(monkeypatch, 20e9)
    mixture = catalog.find_entry("qwen3-coder-30b-a3b-instruct")
    assert (
        speeds.estimate_speed(mixture, None).tokens_per_second
        > speeds.estimate_speed(catalog.find_entry("qwen2.5-coder-7b"), None).tokens_per_second
    )


@pytest.mark.parametrize("speed", [400e9, 65e9, 20e9, 1e9])
def test_the_best_is_named_for_each_role_with_what_the_next_larger_one_lacks(
    speed: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_copy_speed(monkeypatch, speed)
    best = recommend.explain_best(tmp_path)
    advice = recommend.recommend_models(tmp_path)
    assert [each.role for each in best] == [Role.BASE, Role.INSTRUCT]
    for each in best:
        assert each.role in advice[each.name].recommended
        assert each.why.startswith(f"{each.name} is the one to take to ")
        measured_line, _, others = each.why.partition("These fit as well")
        larger = re.search(r"(qwen2.5-coder-\S+) (needs|would write)", measured_line.removeprefix(each.name))
        assert larger is not None or "14b" in each.name or "though it" in measured_line
        for name in re.findall(r"[a-z][\w.-]+-[\w.-]*\d[\w.-]*[a-z]", others):
            entry = catalog.find_entry(name.rstrip("."))
            assert each.role in entry.roles
            assert entry.commercial
            assert advice[entry.name].fits
            assert entry.family != "qwen2.5-coder"


@pytest.mark.parametrize(("said", "billions"), [("0.5B", 0.5), ("350M", 0.35), ("30B-A3B", 30.0), ("12B-A2.5B", 12.0)])
def test_sizes_are_read_as_makers_write_them(said: str, billions: float) -> None:
    assert recommend.parse_billions(said) == pytest.approx(billions)
