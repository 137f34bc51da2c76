"""Which prebuilt package a machine is given, for every kind of machine there is one for."""

import pytest

from interfix.engine.llamacpp.machine_detection import Gpus, Machine, identify_drivers
from interfix.engine.llamacpp.package_suitability import explain_variant, list_loadable_packages, list_suitable_packages
from interfix.engine.llamacpp.packages import list_packages

RADEON, GEFORCE = Gpus(vulkan=("Radeon",)), Gpus(vulkan=("GeForce",), nvidia=("GeForce",))
HEADLESS = Gpus(nvidia=("A100",))


@pytest.mark.parametrize(
    ("machine", "names"),
    [
        (Machine("linux", "x86_64", "2.36"), ["linux-x64"]),
        (Machine("linux", "x86_64", "2.36", RADEON), ["linux-x64-vulkan", "linux-x64"]),
        (Machine("linux", "x86_64", "2.36", GEFORCE), ["linux-x64-vulkan", "linux-x64-cuda", "linux-x64"]),
        (Machine("linux", "x86_64", "2.36", HEADLESS), ["linux-x64-cuda", "linux-x64"]),
        (Machine("linux", "arm64", "2.34"), ["linux-arm64"]),
        (Machine("linux", "arm64", "2.34", RADEON), ["linux-arm64"]),
        (Machine("darwin", "arm64"), ["mac-arm64-metal"]),
        (Machine("darwin", "x86_64"), ["mac-x64"]),
        (Machine("win32", "x86_64"), ["win-x64"]),
        (Machine("win32", "x86_64", gpus=RADEON), ["win-x64-vulkan", "win-x64"]),
        (Machine("win32", "arm64"), ["win-arm64"]),
        (Machine("linux", "x86_64", "2.31"), []),  # older than the libraries
        (Machine("linux", "x86_64", ""), []),  # musl
        (Machine("linux", "riscv64", "2.36"), []),
        (Machine("freebsd14", "x86_64"), []),
    ],
)
def test_a_machine_is_given_what_it_can_load_with_the_gpu_first(machine: Machine, names: list[str]) -> None:
    assert [package.name for package in list_suitable_packages(machine)] == names
    assert {*names} <= {package.name for package in list_loadable_packages(machine)}
    assert all(explain_variant(package.variant, machine) for package in list_suitable_packages(machine))


def test_every_package_is_for_some_machine_and_is_pinned() -> None:
    everything = Gpus(vulkan=("GPU",), nvidia=("GPU",))
    for package in list_packages():
        machine = Machine(package.system, package.machine, package.glibc or "", everything)
        assert package in list_suitable_packages(machine)
        assert len(package.sha512) == 88
        assert package.bytes > 1_000_000


def test_a_driver_that_is_named_in_the_environment_counts() -> None:
    assert identify_drivers({}) == identify_drivers({})
    assert identify_drivers({"VK_DRIVER_FILES": __file__}) != identify_drivers({})
