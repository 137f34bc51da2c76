"""The processors that this build of llama.cpp can compute with, and their memory."""

import ctypes
from collections.abc import Sequence
from typing import Any

import msgspec

from interfix.engine.llamacpp.loaded_library import ggml, llama


class Device(msgspec.Struct, frozen=True):
    """A processor that this build of llama.cpp can compute with."""

    name: str
    """llama.cpp's name for it, such as CUDA0."""
    description: str
    """What it is."""
    gpu: bool
    """Whether it is one beside the CPU."""
    integrated: bool
    """Whether it shares the machine's memory."""
    free_bytes: int
    """Memory that is free now; 0 where it is not known."""
    total_bytes: int
    """Memory in all; 0 where it is not known."""


def list_devices() -> tuple[Device, ...]:
    """Every device, the CPU included, as ggml's registry lists them (ggml-backend.h)."""
    return tuple(
        _read_device(ctypes.c_void_p(_call_ggml("ggml_backend_dev_get", ctypes.c_size_t(i)))) for i in range(_count_devices())
    )


def supports_gpu_offload() -> bool:
    """Whether this build of llama.cpp can use a GPU."""
    return bool(llama.llama_supports_gpu_offload())


def count_free_gpu_memory(devices: Sequence[Device]) -> int:
    """Bytes free for layers: of the graphics cards, or of the integrated GPU where there is none; 0 where it is not known.

    llama.cpp puts layers on the integrated one only then; its memory is the machine's own and must not be counted with a card's.
    """
    cards = [device.free_bytes for device in devices if device.gpu and not device.integrated]
    return sum(cards) if cards else max((device.free_bytes for device in devices if device.integrated), default=0)


def _call_ggml(name: str, *arguments: object, result: type = ctypes.c_void_p) -> Any:
    function = getattr(ggml, name)
    function.restype = result
    return function(*arguments)


def _count_devices() -> int:
    return int(_call_ggml("ggml_backend_dev_count", result=ctypes.c_size_t))


def _read_device(pointer: ctypes.c_void_p) -> Device:
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    _call_ggml("ggml_backend_dev_memory", pointer, ctypes.byref(free), ctypes.byref(total), result=None)  # type: ignore[arg-type]
    name, description = (
        (_call_ggml(f"ggml_backend_dev_{part}", pointer, result=ctypes.c_char_p) or b"").decode("utf-8", "replace")
        for part in ("name", "description")
    )
    kind = _call_ggml("ggml_backend_dev_type", pointer, result=ctypes.c_int)
    return Device(name, description, kind in (_CARD, _INTEGRATED), kind == _INTEGRATED, free.value, total.value)


_CARD, _INTEGRATED = 1, 2  # ggml-backend.h: GGML_BACKEND_DEVICE_TYPE_GPU and _IGPU
