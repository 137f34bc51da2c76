"""What decides which llama.cpp this machine can run: its system and processor, and the GPUs that its drivers show."""

import hashlib
import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from interfix.system.child_process import run_child


class Gpus(msgspec.Struct, frozen=True):
    """The GPUs that drivers show, by the way to compute with them."""

    vulkan: tuple[str, ...] = ()
    """Names of the Vulkan devices that are no processors."""
    nvidia: tuple[str, ...] = ()
    """Names of the devices of NVIDIA's driver."""


class Machine(msgspec.Struct, frozen=True):
    """What decides which package can be loaded."""

    system: str
    """As `sys.platform` has it."""
    architecture: str
    """x86_64, arm64 or another name that Python's `platform.machine` gives."""
    glibc: str = ""
    """Version of the C library on Linux; empty where it is another one, such as musl."""
    gpus: Gpus = Gpus()


DETECTION_SECONDS = 20
"""A driver that takes longer hangs."""


def detect_machine() -> Machine:
    """The machine that this process runs on; its drivers are asked in a process of its own."""
    return Machine(
        system=sys.platform,
        architecture=_ARCHITECTURES.get(platform.machine().lower(), platform.machine().lower()),
        glibc=_read_glibc_version(),
        gpus=_detect_gpus(),
    )


def identify_drivers(environ: Mapping[str, str] = os.environ) -> str:
    """What changes where a GPU or its driver comes or goes, found without loading a driver: some start slowly, some crash."""
    if sys.platform == "darwin":
        return ""
    manifest_paths = [name for variable in _VULKAN_VARIABLES for name in environ.get(variable, "").split(os.pathsep) if name]
    if sys.platform == "win32":
        system = Path(environ.get("SYSTEMROOT", r"C:\Windows")) / "System32"
        files = [system / "vulkan-1.dll", system / "nvcuda.dll", *map(Path, manifest_paths)]
    else:
        loaders = [Path(folder) / name for folder in _LIBRARY_FOLDERS for name in ("libvulkan.so.1", "libcuda.so.1")]
        manifests = [file for folder in _VULKAN_FOLDERS for file in (Path(folder) / "vulkan/icd.d").glob("*.json")]
        files = [*loaders, *manifests, *Path("/dev").glob("nvidia?"), *Path("/dev/dri").glob("render*"), *map(Path, manifest_paths)]
    stamps = [f"{file}:{file.stat().st_mtime_ns if file.suffix else 0}" for file in sorted(files) if file.exists()]
    return hashlib.blake2s("\n".join(stamps).encode(), digest_size=8).hexdigest() if stamps else ""


_VULKAN_VARIABLES = ("VK_DRIVER_FILES", "VK_ICD_FILENAMES", "VK_ADD_DRIVER_FILES")
_VULKAN_FOLDERS = ("/usr/share", "/usr/local/share", "/etc", "/usr/local/etc")
_LIBRARY_FOLDERS = ("/usr/lib", "/usr/lib64", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/local/lib")


_ARCHITECTURES = {"amd64": "x86_64", "x64": "x86_64", "aarch64": "arm64"}


def _read_glibc_version() -> str:
    if not sys.platform.startswith("linux"):
        return ""
    try:
        version = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (ValueError, OSError):
        return ""
    return version.partition(" ")[2]


def _detect_gpus() -> Gpus:
    command = [sys.executable, "-P", "-m", "interfix.engine.llamacpp.gpu_driver_query_main"]
    try:
        return msgspec.json.decode(run_child(command, DETECTION_SECONDS).output, type=Gpus)
    except (OSError, msgspec.DecodeError):
        return Gpus()
