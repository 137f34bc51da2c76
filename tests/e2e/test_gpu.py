"""The way to a GPU, on a Vulkan device that Mesa makes of the processor: Debian's mesa-vulkan-drivers, lavapipe."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from interfix.config.paths import libraries_dir
from interfix.engine.llamacpp.machine_detection import detect_machine
from tests.gguf_fixtures import write_model
from tests.isolated_home import INTERFIX_COMMAND

TRIAL = "tests.gpu_trial"
DRIVER = next(Path("/usr/share/vulkan/icd.d").glob("lvp_icd*.json"), None)
LAYERS = 2  # one block, and the output layer

pytestmark = [
    pytest.mark.skipif(DRIVER is None, reason="there is no software Vulkan device: Debian's package mesa-vulkan-drivers has one"),
    pytest.mark.skipif(sys.platform != "linux" or detect_machine().architecture != "x86_64", reason="it is for Linux on x86-64"),
    pytest.mark.timeout(900),  # Mesa compiles the shaders at first
]


@pytest.fixture(scope="module")
def vulkan() -> dict[str, str]:
    """An environment in which the software device counts as a GPU; by itself neither Interfix nor llama.cpp takes it for one."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("INTERFIX_", "VK_", "GGML_"))}
    return {
        **own,
        "VK_DRIVER_FILES": str(DRIVER),
        "GGML_VK_VISIBLE_DEVICES": "0",
        "INTERFIX_ENGINE_LIBRARY": "vulkan",
        "INTERFIX_ENGINE_DIRECTORY": str(libraries_dir(os.environ.get("INTERFIX_ENGINE_DIRECTORY", ""))),
    }


def trial(environment: dict[str, str], model: Path, layers: int = -1, tokens: int = 8) -> dict[str, Any]:
    command = [sys.executable, "-m", TRIAL, str(model), str(layers), str(tokens)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=800, check=False)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model") / "model.gguf", "qwen2")


@pytest.fixture(scope="module")
def on_gpu(vulkan: dict[str, str], model: Path) -> dict[str, Any]:
    return trial(vulkan, model)


def test_the_layers_go_to_the_gpu_as_far_as_its_memory_goes(on_gpu: dict[str, Any]) -> None:
    assert on_gpu["variant"] == "vulkan"
    assert on_gpu["gpus"] == ["Vulkan0"]
    assert on_gpu["free"] > 0
    assert (on_gpu["layers"], on_gpu["cache_on_gpu"]) == (LAYERS, True)


def test_it_writes_what_the_processor_writes(on_gpu: dict[str, Any], vulkan: dict[str, str], model: Path) -> None:
    without = trial(vulkan, model, layers=0)
    assert without["layers"] == 0
    assert on_gpu["written"] == without["written"]


def test_what_is_cancelled_ends_between_two_steps_and_leaves_the_rest_right(on_gpu: dict[str, Any]) -> None:
    assert on_gpu["aborted"]
    assert on_gpu["whole_steps"]
    assert on_gpu["same_after"]


def test_doctor_says_which_library_computes_why_and_on_what(vulkan: dict[str, str], on_gpu: dict[str, Any]) -> None:
    assert on_gpu
    done = subprocess.run(
        [INTERFIX_COMMAND, "doctor", "--json"], env=vulkan, capture_output=True, text=True, timeout=120, check=False
    )
    findings = {finding["name"]: finding for finding in json.loads(done.stdout)}
    assert "linux-x64-vulkan" in findings["llama.cpp"]["says"]
    assert "(vulkan: engine.library says so)" in findings["llama.cpp"]["says"]
    assert "INTERFIX_ENGINE_LIBRARY" in findings["llama.cpp"]["says"]
    assert "(Vulkan0, " in findings["devices"]["says"]


def test_without_a_device_the_processor_computes_and_doctor_says_why(vulkan: dict[str, str], model: Path, tmp_path: Path) -> None:
    (tmp_path / "none.json").write_text("{}")
    without = {**vulkan, "VK_DRIVER_FILES": str(tmp_path / "none.json")}
    found = trial(without, model)
    assert (found["variant"], found["layers"]) == ("cpu", 0)
    (passed_over,) = found["passed_over"]
    assert passed_over.startswith("linux-x64-vulkan ")
    assert passed_over.endswith(" was passed over: it finds no GPU that it can use.")
    said = subprocess.run(
        [INTERFIX_COMMAND, "doctor", "--json"], env=without, capture_output=True, text=True, timeout=120, check=False
    )
    (finding,) = (finding for finding in json.loads(said.stdout) if finding["name"] == "llama.cpp")
    assert passed_over in finding["says"]
    assert not finding["ok"]


def test_a_software_device_is_not_taken_for_a_gpu_by_itself(vulkan: dict[str, str], model: Path) -> None:
    unset = {name: value for name, value in vulkan.items() if name not in ("INTERFIX_ENGINE_LIBRARY", "GGML_VK_VISIBLE_DEVICES")}
    found = trial(unset, model)
    assert (found["variant"], found["passed_over"]) == ("cpu", [])
