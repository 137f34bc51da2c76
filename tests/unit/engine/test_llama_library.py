"""What the native library says of this machine, and how many layers a GPU is given."""

import pytest

from interfix.engine import llama_library
from interfix.engine.llama_library import GPU_RESERVE_BYTES, count_fitting_layers

GB = 2**30


def test_the_processor_is_a_device() -> None:
    (cpu,) = [device for device in llama_library.list_devices() if not device.gpu]
    assert cpu.name == "CPU"
    assert cpu.total_bytes > 0


def test_the_build_tells_the_processor_features_it_uses() -> None:
    assert llama_library.list_cpu_features()
    assert llama_library.library.name in llama_library.identify_build()
    assert llama_library.library.name in llama_library.read_binding_version()


@pytest.mark.parametrize(
    ("free", "layers"),
    [
        (24 * GB, 29),  # all, the output layer among them
        (GPU_RESERVE_BYTES, 0),
        (GPU_RESERVE_BYTES // 2, 0),
        (0, 29),  # not known: llama.cpp finds out
    ],
)
def test_layers_fit_the_free_memory(free: int, layers: int) -> None:
    assert count_fitting_layers(free, 4 * GB, 28) == layers


def test_part_of_a_model_goes_to_a_small_gpu_and_more_to_a_larger_one() -> None:
    some, more = count_fitting_layers(2 * GB, 4 * GB, 28), count_fitting_layers(3 * GB, 4 * GB, 28)
    assert 0 < some < more < 29
    assert some * 4 * GB / 29 < 2 * GB - GPU_RESERVE_BYTES
