"""A process that asks the Vulkan loader and NVIDIA's driver for their devices and prints them as JSON. It may die of a driver.

Structures and numbers are those of the Vulkan 1.0 specification and of the CUDA driver API.
"""

import ctypes
import sys

import msgspec

from interfix.engine.llamacpp.machine_detection import Gpus

_VULKAN = {"linux": "libvulkan.so.1", "win32": "vulkan-1.dll"}
_CUDA = {"linux": "libcuda.so.1", "win32": "nvcuda.dll"}

_INSTANCE_CREATE_INFO = 1
_PROPERTIES_BYTES = 1024
"""VkPhysicalDeviceProperties takes 824."""
_TYPE_OFFSET, _NAME_OFFSET, _NAME_BYTES = 16, 20, 256
_PROCESSOR = 4
"""VK_PHYSICAL_DEVICE_TYPE_CPU: a software device, slower than llama.cpp's own code for the processor."""


class _InstanceCreateInfo(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int32),
        ("next", ctypes.c_void_p),
        ("flags", ctypes.c_uint32),
        ("application", ctypes.c_void_p),
        ("layer_count", ctypes.c_uint32),
        ("layers", ctypes.c_void_p),
        ("extension_count", ctypes.c_uint32),
        ("extensions", ctypes.c_void_p),
    )


def list_vulkan_devices() -> tuple[str, ...]:
    """Names of the Vulkan devices that are no processors; none where there is no loader."""
    vulkan = _load_driver(_VULKAN)
    instance = ctypes.c_void_p()
    info = _InstanceCreateInfo(type=_INSTANCE_CREATE_INFO)
    if vulkan is None or vulkan.vkCreateInstance(ctypes.byref(info), None, ctypes.byref(instance)):
        return ()
    count = ctypes.c_uint32()
    vulkan.vkEnumeratePhysicalDevices(instance, ctypes.byref(count), None)
    devices = (ctypes.c_void_p * count.value)()
    vulkan.vkEnumeratePhysicalDevices(instance, ctypes.byref(count), devices)
    names = []
    for device in devices:
        properties = ctypes.create_string_buffer(_PROPERTIES_BYTES)
        vulkan.vkGetPhysicalDeviceProperties(ctypes.c_void_p(device), properties)
        kind = ctypes.c_int32.from_buffer(properties, _TYPE_OFFSET).value
        name = properties.raw[_NAME_OFFSET : _NAME_OFFSET + _NAME_BYTES].split(b"\0")[0]
        if kind != _PROCESSOR:
            names.append(name.decode("utf-8", "replace"))
    return tuple(names)


def list_nvidia_devices() -> tuple[str, ...]:
    """Names of the devices of NVIDIA's driver; none where it is not there."""
    cuda = _load_driver(_CUDA)
    count = ctypes.c_int()
    if cuda is None or cuda.cuInit(0) or cuda.cuDeviceGetCount(ctypes.byref(count)):
        return ()
    names = []
    for number in range(count.value):
        name = ctypes.create_string_buffer(_NAME_BYTES)
        if not cuda.cuDeviceGetName(name, _NAME_BYTES, number):
            names.append(name.value.decode("utf-8", "replace"))
    return tuple(names)


def _load_driver(names: dict[str, str]) -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL(names[sys.platform])
    except (KeyError, OSError):
        return None


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(Gpus(vulkan=list_vulkan_devices(), nvidia=list_nvidia_devices())))
