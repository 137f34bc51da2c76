"""What `interfix doctor` looks at: each check says what it found and, where something is wrong, what to do. Changes nothing."""

import asyncio
import platform
import shutil
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
import psutil

from interfix import __version__
from interfix.config import paths
from interfix.config.settings import Settings
from interfix.engine.llamacpp import selection
from interfix.engine.native import SLOW_NOTE, Native
from interfix.engine.remote.routing import Routed
from interfix.errors import InterfixError
from interfix.models import choose
from interfix.syntax.languages import languages

if TYPE_CHECKING:
    from interfix.engine.library import Device


class Finding(msgspec.Struct, frozen=True):
    """The outcome of one check."""

    name: str
    """What was looked at."""
    ok: bool
    """Whether it is as it should be."""
    says: str
    """What was found, and what to do where it is not ok."""


def checks(settings: Settings) -> list[Finding]:
    """Run every check; one that fails itself is a finding, too."""
    return [_guarded(name, check, settings) for name, check in _CHECKS.items()]


def _guarded(name: str, check: Callable[[Settings], Finding], settings: Settings) -> Finding:
    try:
        return check(settings)
    except (InterfixError, OSError) as error:
        return Finding(name, ok=False, says=str(error))


def _machine(_: Settings) -> Finding:
    memory = psutil.virtual_memory()
    says = (
        f"{platform.system()} {platform.machine()}, {psutil.cpu_count(logical=False)} cores, "
        f"{memory.total / 2**30:.0f} GB of memory, {memory.available / 2**30:.0f} GB free"
    )
    return Finding("machine", ok=True, says=says)


def _version(_: Settings) -> Finding:
    return Finding("interfix", ok=True, says=f"{__version__}, Python {platform.python_version()} at {sys.prefix}")


def _native(settings: Settings) -> Finding:
    """What computes, and why; fetches nothing."""
    if not settings.computes_here():
        return Finding("llama.cpp", ok=True, says="not needed: servers compute for both roles")
    library = selection.selected(settings.engine)
    if library is None:
        return Finding("llama.cpp", ok=True, says="not here yet; it comes with the first request, or with: interfix models pull")
    from interfix.engine import library as loaded  # here: it loads the library

    says = [f"{loaded.version()} computes ({library.variant}: {library.why}); {loaded.features()}", f"in {library.folder}"]
    slow = any(not verdict.extra_buffers for verdict in Native(loaded.build()).verdicts())
    says += [*library.passed_over, *([SLOW_NOTE] if slow else []), _CHOICES]
    return Finding("llama.cpp", ok=not slow and not library.passed_over, says="\n".join(says))


_CHOICES = (
    "Another is chosen by engine.library (INTERFIX_ENGINE_LIBRARY): cpu, vulkan, cuda, metal, or the folder of a llama.cpp of "
    "your own."
)


def _devices(settings: Settings) -> Finding:
    if not settings.computes_here() or selection.selected(settings.engine) is None:
        return Finding("devices", ok=True, says="not known before llama.cpp is here")
    from interfix.engine import library as loaded

    found = loaded.devices()
    listed = ", ".join(_told(device) for device in found)
    if any(device.gpu for device in found):
        return Finding("devices", ok=True, says=f"{listed}; layers go to the GPU as far as its memory allows")
    return Finding("devices", ok=True, says=f"{listed}; models run on the processor")


def _told(device: "Device") -> str:
    memory = f", {device.free_bytes / 2**30:.1f} of {device.total_bytes / 2**30:.1f} GB free" if device.gpu else ""
    return f"{device.description} ({device.name}{memory})"


def _models(settings: Settings) -> Finding:
    choice = choose.chosen(settings.models, settings.serving())
    if choice.refused:
        return Finding("models", ok=False, says=choice.why)
    missing = choice.base is None or choice.instruct is None
    return Finding("models", ok=not missing, says=f"{choice.why} Get them with: interfix models pull" if missing else choice.why)


def _servers(settings: Settings) -> Finding:
    """Connects, and runs the probe where it has not been run."""
    return asyncio.run(_connected(settings))


async def _connected(settings: Settings) -> Finding:
    async with Routed(settings) as routed:
        told = await routed.servers()
        outcomes = {} if any(server.problem for server in told) else await routed.prove()
    if not told:
        return Finding("servers", ok=True, says="none: everything is computed on this machine, and no code leaves it")
    says = []
    for server in told:
        outcome = outcomes.get(server.role)
        where = f"{server.host}: code leaves this machine" if server.leaves else server.host
        what = server.problem or f"{server.model}, of which a probe showed that {outcome.says if outcome else ''}"
        says.append(f"{server.role} by {server.engine} at {where}; {what}")
    well = not any(server.problem for server in told) and all(outcome.passed for outcome in outcomes.values())
    return Finding("servers", ok=well, says="\n".join(says))


def _languages(_: Settings) -> Finding:
    known = [language for language in languages() if language.load() is not None]
    return Finding("languages", ok=bool(known), says=", ".join(sorted(language.id for language in known)))


def _folders(settings: Settings) -> Finding:
    models = paths.models_dir(settings.models.directory)
    free = shutil.disk_usage(models).free
    says = f"models in {models} ({free / 1e9:.0f} GB free), logs in {paths.log_dir()}, sockets in {paths.runtime_dir()}"
    return Finding("folders", ok=True, says=says)


_CHECKS = {
    "interfix": _version,
    "machine": _machine,
    "llama.cpp": _native,
    "devices": _devices,
    "models": _models,
    "servers": _servers,
    "languages": _languages,
    "folders": _folders,
}
