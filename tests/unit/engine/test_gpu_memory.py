"""What a GPU is given: the layers that fit its memory, and less where it has no room after all.

About `engine/llama_runtime.py`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interfix.engine import llama_runtime
from interfix.engine.compute_devices import Device, count_free_gpu_memory
from interfix.engine.free_cores import CpuMonitor
from interfix.engine.llama_runtime import AbortFlag, DecodeAborted, Weights
from interfix.engine.llamacpp.loaded_library import llama
from interfix.errors import UnavailableError
from interfix.models.memory_estimate import GPU_RESERVE, Offload
from tests.gguf_fixtures import write_model

GB = 2**30


def device(name: str, free: int, *, integrated: bool = False) -> Device:
    return Device(name, name, True, integrated, free, free)


CPU = Device("CPU", "CPU", False, False, 64 * GB, 64 * GB)
CARD, SECOND, SHARED = device("Vulkan0", 8 * GB), device("Vulkan1", 4 * GB), device("Vulkan2", 32 * GB, integrated=True)


@pytest.mark.parametrize(
    ("found", "free"),
    [
        ((CPU,), 0),
        ((CARD, CPU), 8 * GB),
        ((CARD, SECOND, CPU), 12 * GB),
        ((SHARED, CARD, CPU), 8 * GB),  # layers go to the card only, and the shared memory is the processor's
        ((SHARED, CPU), 32 * GB),
    ],
)
def test_memory_of_cards_counts_and_shared_memory_only_without_one(found: tuple[Device, ...], free: int) -> None:
    assert count_free_gpu_memory(found) == free


@given(st.integers(1, 2 * GB), st.integers(1, 90), st.integers(0, 2 * GB), st.integers(1, 64 * GB))
def test_what_is_put_on_a_gpu_fits_it_and_one_layer_more_would_not(layer: int, layers: int, buffers: int, free: int) -> None:
    need = Offload(layer_count=layers, layer_bytes=layer, fixed_bytes=GPU_RESERVE + buffers)
    fitting = need.count_fitting_layers(free)
    assert 0 <= fitting <= layers
    assert fitting == 0 or need.fixed_bytes + fitting * layer <= free
    assert fitting == layers or need.fixed_bytes + (fitting + 1) * layer > free


def test_all_layers_are_tried_where_the_free_memory_is_not_known() -> None:
    assert Offload(layer_count=29, layer_bytes=GB, fixed_bytes=GB).count_fitting_layers(0) == 29


class Gpu:
    """A GPU that is none, in front of the real library: it refuses what it has no room for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.layers = 99
        """Layers that it has room for."""
        self.caches = True
        """Whether there is room for a KV cache."""
        self.contexts = 99
        """Layers beside which it has room for a compute buffer."""
        self.loaded = 0
        load, create = llama.llama_model_load_from_file, llama.llama_init_from_model

        def load_from_file(path: bytes, params: Any) -> Any:
            self.loaded = params.n_gpu_layers
            return load(path, params) if params.n_gpu_layers <= self.layers else None

        def init_from_model(model: Any, params: Any) -> Any:
            room = (self.caches or not params.offload_kqv) and self.loaded <= self.contexts
            return create(model, params) if room or not self.loaded else None

        monkeypatch.setattr(llama, "llama_model_load_from_file", load_from_file)
        monkeypatch.setattr(llama, "llama_init_from_model", init_from_model)
        monkeypatch.setattr(llama_runtime.compute_devices, "supports_gpu_offload", lambda: True)
        monkeypatch.setattr(llama_runtime, "_choose_gpu_layers", lambda _path, _setup: 12)


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> Gpu:
    return Gpu(monkeypatch)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_model(tmp_path / "model.gguf", "qwen2")


@pytest.fixture
def closing() -> Iterator[list[Any]]:
    opened: list[Any] = []
    yield opened
    for each in reversed(opened):
        each.close()


def decode(weights: Weights, closing: list[Any]) -> list[int]:
    context = weights.create_context(256, 2, CpuMonitor(1), AbortFlag())
    closing.append(context)
    tokens = weights.vocabulary.encode("def f(x):\n    return x\n")
    context.decode(tokens, 0, 0)
    return [int(context.read_logits().argmax()), context.find_end(0) - len(tokens)]


@pytest.mark.parametrize(("room", "taken"), [(99, 12), (11, 6), (4, 3), (1, 1), (0, 0)])
def test_fewer_layers_are_tried_where_the_gpu_has_no_room_for_all(
    gpu: Gpu, file: Path, closing: list[Any], room: int, taken: int
) -> None:
    gpu.layers = room
    weights = Weights(str(file))
    closing.append(weights)
    assert (weights.gpu_layers, weights.wanted_layers) == (taken, 12)
    assert decode(weights, closing)[1] == 0


def test_a_cache_that_does_not_fit_goes_to_main_memory(gpu: Gpu, file: Path, closing: list[Any]) -> None:
    weights = Weights(str(file))
    closing.append(weights)
    expected = decode(weights, closing)
    gpu.caches = False
    assert decode(weights, closing) == expected
    assert (weights.gpu_layers, weights.cache_on_gpu) == (12, False)


@pytest.mark.parametrize(("room", "taken"), [(5, 3), (0, 0)])
def test_a_model_moves_off_the_gpu_where_there_is_no_room_to_compute(
    gpu: Gpu, file: Path, closing: list[Any], room: int, taken: int
) -> None:
    weights = Weights(str(file))
    closing.append(weights)
    vocabulary = weights.vocabulary
    gpu.contexts = room
    assert decode(weights, closing)[1] == 0
    assert weights.gpu_layers == taken
    assert vocabulary.encode("return") == weights.vocabulary.encode("return")


def test_a_model_is_not_moved_under_a_context_that_is_open(gpu: Gpu, file: Path, closing: list[Any]) -> None:
    weights = Weights(str(file))
    closing.append(weights)
    expected = decode(weights, closing)
    gpu.contexts = 0
    with pytest.raises(UnavailableError, match="not enough memory for a context of 256 tokens"):
        decode(weights, closing)
    assert weights.gpu_layers == 12
    closing.pop().close()
    assert decode(weights, closing) == expected


def test_a_gpu_is_told_to_end_between_two_steps(gpu: Gpu, file: Path, closing: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    assert gpu.layers
    weights, abort = Weights(str(file)), AbortFlag()
    closing.append(weights)
    context = weights.create_context(2048, 1, CpuMonitor(1), abort)
    closing.append(context)
    decode, calls = llama.llama_decode, []

    def decode_deaf(pointer: Any, batch: Any) -> int:
        """As a GPU: it does not ask the flag."""
        calls.append(batch.n_tokens)
        result = int(decode(pointer, batch))
        if len(calls) == 2:
            abort.set()
        return result

    monkeypatch.setattr(llama, "llama_decode", decode_deaf)
    with pytest.raises(DecodeAborted):
        context.decode([1] * 500, 0, 0)
    assert calls == [128, 128]
    assert context.find_end(0) == 256
    abort.clear()
    context.decode([1] * 244, 256, 0)
    assert context.find_end(0) == 500
