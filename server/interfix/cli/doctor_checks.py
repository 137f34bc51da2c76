"""What `interfix doctor` looks at: each check says what it found and, where something is wrong, what to do."""

import asyncio
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import psutil

from interfix import __version__
from interfix.config import paths
from interfix.config.settings import Settings
from interfix.engine.llamacpp import library_selection
from interfix.engine.probes.repack_crash_check import SLOW_REPACK_NOTE, RepackCheck
from interfix.engine.remote.router import EngineRouter
from interfix.engine.tuning.tuning_store import TuningStore
from interfix.errors import InterfixError
from interfix.models import model_selection
from interfix.syntax.languages import load_languages

if TYPE_CHECKING:
    from interfix.engine.compute_devices import Device


class CheckResult(msgspec.Struct, frozen=True):
    """The outcome of one check."""

    name: str
    """What was looked at."""
    ok: bool
    """Whether it is as it should be."""
    says: str
    """What was found, and what to do where it is not ok."""


def run_checks(settings: Settings) -> list[CheckResult]:
    """Run every check; one that fails itself is a finding, too."""
    return [_run_check(name, check, settings) for name, check in _CHECKS.items()]


def _run_check(name: str, check: Callable[[Settings], CheckResult], settings: Settings) -> CheckResult:
    try:
        return check(settings)
    except (InterfixError, OSError) as error:
        return CheckResult(name, ok=False, says=str(error))


def _machine(_: Settings) -> CheckResult:
    memory = psutil.virtual_memory()
    says = (
        f"{platform.system()} {platform.machine()}, {psutil.cpu_count(logical=False)} cores, "
        f"{memory.total / 1e9:.0f} GB of memory, {memory.available / 1e9:.0f} GB free"
    )
    return CheckResult("machine", ok=True, says=says)


def _version(_: Settings) -> CheckResult:
    return CheckResult("interfix", ok=True, says=f"{__version__}, Python {platform.python_version()} at {sys.prefix}")


def _native(settings: Settings) -> CheckResult:
    """What computes, and why; fetches nothing."""
    if not settings.computes_here():
        return CheckResult("llama.cpp", ok=True, says="not needed: servers compute for both roles")
    library = library_selection.find_selected_library(settings.engine)
    if library is None:
        return CheckResult(
            "llama.cpp", ok=True, says="not here yet; it comes with the first request, or with: interfix models pull"
        )
    from interfix.engine import llama_build  # here: it loads the library

    says = [
        f"{llama_build.read_binding_version()} computes ({library.variant}: {library.why}); {llama_build.list_cpu_features()}",
        f"in {library.folder}",
    ]
    slow = not all(RepackCheck(llama_build.identify_build()).list_outcomes())
    says += [*library.passed_over, *([SLOW_REPACK_NOTE] if slow else []), _CHOICES]
    return CheckResult("llama.cpp", ok=not slow and not library.passed_over, says="\n".join(says))


_CHOICES = (
    "To use another, set engine.library (INTERFIX_ENGINE_LIBRARY): cpu, vulkan, cuda, metal, compiled, or the folder of a "
    "llama.cpp of your own."
)


def _devices(settings: Settings) -> CheckResult:
    if not settings.computes_here() or library_selection.find_selected_library(settings.engine) is None:
        return CheckResult("devices", ok=True, says="not known before llama.cpp is here")
    from interfix.engine import compute_devices

    devices = compute_devices.list_devices()
    listed = ", ".join(_format_device(device) for device in devices)
    if any(device.gpu for device in devices):
        return CheckResult("devices", ok=True, says=f"{listed}; layers go to the GPU as far as its memory allows")
    return CheckResult("devices", ok=True, says=f"{listed}; models run on the processor")


def _format_device(device: "Device") -> str:
    memory = f", {device.free_bytes / 1e9:.1f} of {device.total_bytes / 1e9:.1f} GB free" if device.gpu else ""
    return f"{device.description} ({device.name}{memory})"


def _models(settings: Settings) -> CheckResult:
    choice = model_selection.select_models(settings.models, settings.get_backends())
    if choice.refused:
        return CheckResult("models", ok=False, says=choice.why)
    missing = choice.base is None or choice.instruct is None
    return CheckResult("models", ok=not missing, says=choice.why)


def _tuning(settings: Settings) -> CheckResult:
    if not settings.computes_here() or library_selection.find_selected_library(settings.engine) is None:
        return CheckResult("tuning", ok=True, says="not known before llama.cpp is here")
    base = model_selection.select_models(settings.models, settings.get_backends()).base
    if base is None or not Path(base.path).is_file():
        return CheckResult("tuning", ok=True, says="no model on this machine completes")
    from interfix.engine import llama_build

    tuning = TuningStore(llama_build.identify_build()).find(base.path)
    if tuning is not None:
        return CheckResult("tuning", ok=True, says=tuning.describe(base.name))
    when = (
        "it is tuned while nobody asks for anything, or now by `interfix tune`"
        if settings.engine.tune
        else "`interfix tune` does it"
    )
    return CheckResult("tuning", ok=True, says=f"{base.name} is not tuned for this machine yet; {when}")


def _servers(settings: Settings) -> CheckResult:
    """Connects, and runs the probe where it has not been run."""
    return asyncio.run(_check_servers(settings))


async def _check_servers(settings: Settings) -> CheckResult:
    async with EngineRouter(settings) as routed:
        statuses = await routed.read_server_statuses()
        outcomes = {} if any(server.problem for server in statuses) else await routed.probe_roles()
    if not statuses:
        return CheckResult("remote servers", ok=True, says="none, so no code leaves this machine")
    says = []
    for server in statuses:
        outcome = outcomes.get(server.role)
        where = f"{server.host}: code leaves this machine" if server.leaves else server.host
        what = server.problem or f"{server.model}, of which a probe showed that {outcome.says if outcome else ''}"
        says.append(f"{server.role} by {server.engine} at {where}; {what}")
    well = not any(server.problem for server in statuses) and all(outcome.passed for outcome in outcomes.values())
    return CheckResult("servers", ok=well, says="\n".join(says))


def _languages(_: Settings) -> CheckResult:
    installed = [language for language in load_languages() if language.load_grammar() is not None]
    return CheckResult("languages", ok=bool(installed), says=", ".join(sorted(language.id for language in installed)))


def _folders(settings: Settings) -> CheckResult:
    models = paths.models_dir(settings.models.directory)
    free = paths.measure_free_bytes(models)
    room = f"{free / 1e9:.0f} GB free" if free else "which cannot be written: set models.directory"
    says = f"models in {models} ({room}), state in {paths.state_dir()}, logs in {paths.log_dir()}, sockets in {paths.runtime_dir()}"
    return CheckResult("folders", ok=free > 0, says=says)


_CHECKS = {
    "interfix": _version,
    "machine": _machine,
    "llama.cpp": _native,
    "devices": _devices,
    "models": _models,
    "tuning": _tuning,
    "servers": _servers,
    "languages": _languages,
    "folders": _folders,
}
