"""Which llama.cpp library computes on this machine, and why: the fastest that the machine can load and that passes `abi_check`.

What was found is remembered until Interfix, the setting, the processor or the drivers of the GPUs change.
"""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
from msgspec.structs import replace

from interfix.config import paths
from interfix.config.private_files import hold_lock, make_parents
from interfix.config.settings import EngineSettings
from interfix.config.state_file import StateFile
from interfix.engine.llamacpp.abi_check import AbiCheckResult
from interfix.engine.llamacpp.compilation import compile_library
from interfix.engine.llamacpp.machine_detection import Machine, detect_machine, identify_drivers
from interfix.engine.llamacpp.package_install import install_package
from interfix.engine.llamacpp.package_suitability import explain_variant, list_loadable_packages, list_suitable_packages
from interfix.engine.llamacpp.packages import Package, get_binding, identify_pins
from interfix.errors import UnavailableError
from interfix.models.pull.source_progress_and_errors import PullProgress
from interfix.system.child_process import run_child
from interfix.system.processor_identity import identify_processor

CHECK_SECONDS = 300
"""A library that takes longer to be tried hangs; some GPU drivers compile for a minute at first."""
RETRY_SECONDS = 3600
"""So long after it could not be fetched a library is not asked for again."""


class Library(msgspec.Struct, frozen=True):
    """A library that was tried and found right."""

    name: str
    """Its package and llama.cpp's version, or its folder."""
    variant: str
    """cpu, vulkan, cuda, metal, compiled or own."""
    folder: str
    """Where its files are."""
    binding: str
    """Where llama-cpp-python's files are."""
    gpus: tuple[str, ...]
    """The GPUs that it computes with, by llama.cpp's names."""
    why: str
    """Why it was taken: a clause."""
    passed_over: tuple[str, ...] = ()
    """What was passed over, and why: sentences."""
    until: float = 0.0
    """When to look again, seconds since 1970, since a better one could not be fetched; 0 where there is no need to."""


def prepare_library(settings: EngineSettings, progress: PullProgress = lambda _source, _done, _total: None) -> Library:
    """The library for this machine, fetched and tried if that was not done yet. Blocks; call it from a thread.

    Raises `UnavailableError` where none can be had or none is right.
    """
    if (library := find_selected_library(settings)) is not None:
        return library
    directory = paths.libraries_dir(settings.directory)
    try:
        make_parents(directory / "selection.lock")
        with hold_lock(directory / "selection.lock", lambda: progress(TRYING, 0, 0)):
            return find_selected_library(settings) or _select(settings, directory, progress)
    except OSError as error:
        raise UnavailableError(
            f"llama.cpp's library cannot be kept in {directory}: {error.strerror or error}. "
            "Set engine.directory (INTERFIX_ENGINE_DIRECTORY) to a folder of your own."
        ) from error


TRYING = "trying"


def find_selected_library(settings: EngineSettings) -> Library | None:
    """What was found before and is still there; None where nothing was, or where the machine has changed since."""
    directory = paths.libraries_dir(settings.directory)
    library = _open_file(directory).read().get(_make_key(settings))
    # A clock that was set back would have it last until the old time comes again.
    if library is None or (library.until and not 0 <= library.until - time.time() <= RETRY_SECONDS):
        return None
    return library if Path(library.folder).is_dir() and Path(library.binding).is_dir() else None


class _Candidate(msgspec.Struct, frozen=True):
    name: str
    variant: str
    why: str
    place: Callable[[], Path]
    """Brings it here and returns its folder; raises `UnavailableError`."""


def _select(settings: EngineSettings, directory: Path, progress: PullProgress) -> Library:
    machine = detect_machine()
    progress(TRYING, 0, 0)
    declarations = install_package(get_binding(), directory, progress, settings.mirror)
    passed_over = _list_refusals(settings.library, machine)
    lasting = True
    for candidate in _list_candidates(settings, machine, directory, progress):
        try:
            folder = candidate.place()
        except UnavailableError as error:
            passed_over.append(str(error))
            lasting = False
            continue
        progress(TRYING, 0, 0)
        outcome = _try_library(folder, declarations)
        if isinstance(outcome, str):
            passed_over.append(f"{candidate.name} was passed over: {outcome}.")
        elif candidate.variant in _ON_GPU and not outcome.gpus:
            passed_over.append(f"{candidate.name} was passed over: it finds no GPU that it can use.")
        else:
            library = Library(
                name=candidate.name,
                variant=candidate.variant,
                folder=str(folder),
                binding=str(declarations),
                gpus=outcome.gpus,
                why=candidate.why,
                passed_over=tuple(passed_over),
                until=0.0 if lasting else time.time() + RETRY_SECONDS,
            )
            _remember(directory, _make_key(settings), library)
            return library
    nothing = [] if list_suitable_packages(machine) else [_NOTHING.format(system=machine.system, machine=machine.architecture)]
    raise UnavailableError(" ".join([*nothing, *passed_over]))


def _list_refusals(setting: str, machine: Machine) -> list[str]:
    """A sentence where what the setting names is nothing that this machine could load."""
    if (
        setting in ("", "compiled")
        or _is_folder(setting)
        or any(package.variant == setting for package in list_loadable_packages(machine))
    ):
        return []
    variants = ", ".join(sorted({package.variant for package in list_loadable_packages(machine)}))
    return [f"engine.library is {setting!r}, of which there is none for this machine; there is: {variants or 'none prebuilt'}."]


def _is_folder(setting: str) -> bool:
    return "/" in setting or "\\" in setting or setting.startswith("~")


_ON_GPU = ("vulkan", "cuda", "metal")
_NOTHING = (
    "There is no prebuilt llama.cpp for {system} on {machine}. Set engine.library to the folder of a llama.cpp of your own, or let "
    "a server compute (see [base] and [instruct] in the settings)."
)


def _list_candidates(settings: EngineSettings, machine: Machine, directory: Path, progress: PullProgress) -> Iterator[_Candidate]:
    """What may be loaded, the wanted before the others."""
    setting = settings.library

    def prebuilt(package: Package, why: str) -> _Candidate:
        name = f"{package.name} {package.version} (llama.cpp {package.llama_cpp})"
        return _Candidate(name, package.variant, why, lambda: install_package(package, directory, progress, settings.mirror))

    fitting = list_suitable_packages(machine)
    named_packages = [package for package in list_loadable_packages(machine) if package.variant == setting]
    if _is_folder(setting):
        folder = Path(setting).expanduser()
        yield _Candidate(str(folder), "own", "engine.library says so", lambda: folder)
    for package in named_packages:
        yield prebuilt(package, "engine.library says so")
    compiled = _Candidate("llama.cpp compiled here", "compiled", "", lambda: compile_library(directory, progress))
    if setting == compiled.variant:
        yield replace(compiled, why="engine.library says so")
    for package in fitting:
        if package not in named_packages:
            yield prebuilt(package, explain_variant(package.variant, machine))
    if setting != compiled.variant:
        yield replace(compiled, why="no prebuilt library can be used here")


def _try_library(folder: Path, declarations: Path) -> AbiCheckResult | str:
    """What the library computed when it was tried, or what is wrong with it: a clause."""
    command = [sys.executable, "-P", "-m", "interfix.engine.llamacpp.abi_check_main", str(folder), str(declarations)]
    ended = run_child(command, CHECK_SECONDS)
    if ended.code is None:
        return f"it was not done after {CHECK_SECONDS} s"
    if ended.code < 0 or ended.code > 255:  # by a signal, or by a Windows exception code
        return f"it crashes here (code {ended.code})"
    if ended.code:
        lines = ended.errors.decode(errors="replace").strip().splitlines()
        return lines[-1].rstrip(".") if lines else f"its process ended with code {ended.code}"
    return msgspec.json.decode(ended.output, type=AbiCheckResult)


def _make_key(settings: EngineSettings) -> str:
    return "|".join((identify_pins(), settings.library, identify_processor(), identify_drivers()))


def _open_file(directory: Path) -> StateFile[dict[str, Library]]:
    return StateFile(directory / "selection.json", dict[str, Library], dict)


def _remember(directory: Path, key: str, library: Library) -> None:
    def change(libraries: dict[str, Library]) -> dict[str, Library]:
        return {**{each: remembered for each, remembered in libraries.items() if Path(remembered.folder).is_dir()}, key: library}

    _open_file(directory).update(change)
