"""Which llama.cpp library computes on this machine, and why: the fastest that the machine can load and that passes `abi_check`.

What was found is remembered until Interfix, the setting, the processor or the drivers of the GPUs change.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from interfix.config import paths
from interfix.config.settings import EngineSettings
from interfix.engine.llamacpp.abi_check import Computed
from interfix.engine.llamacpp.install import install, only_one
from interfix.engine.llamacpp.machine import Machine, drivers, loadable, reason, suitable, this_machine
from interfix.engine.llamacpp.packages import Package, binding, pins
from interfix.engine.tuning.tuning_store import identify_processor
from interfix.errors import UnavailableError
from interfix.models.pull.source import PullProgress

CHECK_SECONDS = 120
"""A library that takes longer to be tried hangs; some GPU drivers compile for half a minute at first."""


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


def ensure(settings: EngineSettings, progress: PullProgress = lambda _source, _done, _total: None) -> Library:
    """The library for this machine, fetched and tried if that was not done yet. Blocks; call it from a thread.

    Raises `Unavailable` where none can be had or none is right.
    """
    if (known := selected(settings)) is not None:
        return known
    directory = paths.libraries_dir(settings.directory)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with only_one(directory / "selection.lock", lambda: progress(TRYING, 0, 0)):
            return selected(settings) or _select(settings, directory, progress)
    except OSError as error:
        raise UnavailableError(
            f"llama.cpp's library cannot be kept in {directory}: {error.strerror or error}. "
            "Set engine.directory (INTERFIX_ENGINE_DIRECTORY) to a folder of your own."
        ) from error


TRYING = "trying"


def selected(settings: EngineSettings) -> Library | None:
    """What was found before and is still there; None where nothing was, or where the machine has changed since."""
    directory = paths.libraries_dir(settings.directory)
    found = _read(directory).get(_key(settings))
    whole = found is not None and Path(found.folder).is_dir() and Path(found.binding).is_dir()
    return found if whole else None


class _Candidate(msgspec.Struct, frozen=True):
    name: str
    variant: str
    why: str
    place: Callable[[], Path]
    """Brings it here and returns its folder; raises `Unavailable`."""


def _select(settings: EngineSettings, directory: Path, progress: PullProgress) -> Library:
    machine = this_machine()
    declarations = install(binding(), directory, progress, settings.mirror)
    passed_over: list[str] = []
    lasting = True
    for candidate in _candidates(settings, machine, directory, progress):
        try:
            folder = candidate.place()
        except UnavailableError as error:
            passed_over.append(str(error))
            lasting = False
            continue
        progress(TRYING, 0, 0)
        outcome = _try(folder, declarations)
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
            )
            if lasting:
                _remember(directory, _key(settings), library)
            return library
    raise UnavailableError(" ".join(passed_over) or _NOTHING.format(system=machine.system, machine=machine.architecture))


_ON_GPU = ("vulkan", "cuda", "metal")
_NOTHING = (
    "There is no prebuilt llama.cpp for {system} on {machine}. Set engine.library to the folder of a llama.cpp of your own, or let "
    "a server compute (see [base] and [instruct] in the settings)."
)


def _candidates(settings: EngineSettings, machine: Machine, directory: Path, progress: PullProgress) -> Iterator[_Candidate]:
    """What may be loaded, the wanted before the others."""
    wanted = settings.library

    def prebuilt(package: Package, why: str) -> _Candidate:
        name = f"{package.name} {package.version} (llama.cpp {package.llama_cpp})"
        return _Candidate(name, package.variant, why, lambda: install(package, directory, progress, settings.mirror))

    fitting = suitable(machine)
    chosen = [package for package in loadable(machine) if package.variant == wanted]
    if "/" in wanted or "\\" in wanted or wanted.startswith("~"):
        folder = Path(wanted).expanduser()
        yield _Candidate(str(folder), "own", "engine.library says so", lambda: folder)
    for package in chosen:
        yield prebuilt(package, "engine.library says so")
    for package in fitting:
        if package not in chosen:
            yield prebuilt(package, reason(package.variant, machine))


def _try(folder: Path, declarations: Path) -> Computed | str:
    """What the library computed when it was tried, or what is wrong with it: a clause."""
    command = [sys.executable, "-P", "-m", "interfix.engine.llamacpp.abi_check_main", str(folder), str(declarations)]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=CHECK_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"it was not done after {CHECK_SECONDS} s"
    if done.returncode < 0 or done.returncode > 255:  # by a signal, or by a Windows exception code
        return f"it crashes here (code {done.returncode})"
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        return said[-1].rstrip(".") if said else f"its process ended with code {done.returncode}"
    return msgspec.json.decode(done.stdout, type=Computed)


def _key(settings: EngineSettings) -> str:
    return "|".join((pins(), settings.library, identify_processor(), drivers()))


def _file(directory: Path) -> Path:
    return directory / "selection.json"


def _read(directory: Path) -> dict[str, Library]:
    try:
        return msgspec.json.decode(_file(directory).read_bytes(), type=dict[str, Library])
    except (OSError, msgspec.MsgspecError):
        return {}


def _remember(directory: Path, key: str, library: Library) -> None:
    kept = {known: found for known, found in _read(directory).items() if Path(found.folder).is_dir()}
    partial = _file(directory).with_suffix(".partial")
    partial.write_bytes(msgspec.json.encode({**kept, key: library}))
    partial.replace(_file(directory))
