"""Which of llama.cpp's packages a machine can load, and which variants suit it, with the reason."""

from interfix.engine.llamacpp.machine_detection import Machine
from interfix.engine.llamacpp.packages import Package, Variant, list_packages


def list_suitable_packages(machine: Machine) -> tuple[Package, ...]:
    """The packages that this machine can load, the fastest first; those for a GPU only where there is one."""
    fitting = [package for package in list_packages() if _can_load(package, machine)]
    return tuple(
        sorted((p for p in fitting if explain_variant(p.variant, machine)), key=lambda package: _ORDER.index(package.variant))
    )


_ORDER: tuple[Variant, ...] = ("metal", "vulkan", "cuda", "cpu")
"""Vulkan before CUDA: NVIDIA's driver brings Vulkan, and CUDA needs 450 MB of libraries besides."""


def explain_variant(variant: str, machine: Machine) -> str:
    """Why a variant suits the machine, as a clause; empty where it does not."""
    gpus = machine.gpus
    match variant:
        case "metal":
            return "this is a Mac with Apple's GPU"
        case "vulkan":
            return f"Vulkan shows {', '.join(gpus.vulkan)}" if gpus.vulkan else ""
        case "cuda":
            return f"NVIDIA's driver shows {', '.join(gpus.nvidia)}" if gpus.nvidia else ""
        case _:
            return "no driver here shows a GPU" if not gpus.vulkan and not gpus.nvidia else "it runs everywhere"


def list_loadable_packages(machine: Machine) -> tuple[Package, ...]:
    """Every package that the machine could load, whatever GPUs it has."""
    return tuple(package for package in list_packages() if _can_load(package, machine))


def _can_load(package: Package, machine: Machine) -> bool:
    same = (package.system, package.machine) == (machine.system, machine.architecture)
    return same and (not package.glibc or (bool(machine.glibc) and _parse_version(machine.glibc) >= _parse_version(package.glibc)))


def _parse_version(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
