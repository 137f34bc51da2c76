"""What fits this machine, how fast it is there, and the one to take for each role. Does not know what is configured."""

from pathlib import Path

import msgspec
import psutil

from interfix.models import catalog, choose, memory, store
from interfix.models.catalog import Entry
from interfix.models.speed import Speed, speed
from interfix.values import Role

MEMORY_SHARE = 0.7
"""A model may take this share of the machine's memory; the rest is the editor's and the system's."""
FAST_ENOUGH = {Role.BASE: 8.0, Role.INSTRUCT: 5.0}
"""Tokens a second: a completed line in a good second, an answer as fast as it is read."""


class Advice(msgspec.Struct, frozen=True):
    """How a catalog model suits this machine."""

    memory: int
    """Bytes it needs for one role, with the engine's default context."""
    fits: bool
    """Whether this machine has the memory."""
    speed: Speed
    """How fast it writes here."""
    recommended: tuple[Role, ...]
    """The roles it is the one to take for."""


def advice(directory: Path) -> dict[str, Advice]:
    """For each model of the catalog, by name; `directory` is where files that are here lie."""
    room = psutil.virtual_memory().total * MEMORY_SHARE
    needs = {entry.name: memory.of_entry(entry).total for entry in catalog.entries()}
    speeds = {entry.name: speed(entry, store.installed(directory, entry)) for entry in catalog.entries()}
    best = {}
    for role in Role:
        sizes = _candidates(role, directory)
        good = [e for e in sizes if needs[e.name] <= room and speeds[e.name].tokens_per_second >= FAST_ENOUGH[role]]
        best[role] = (good or sizes[:1])[-1].name
    return {
        entry.name: Advice(
            memory=needs[entry.name],
            fits=needs[entry.name] <= room,
            speed=speeds[entry.name],
            recommended=tuple(role for role in Role if best[role] == entry.name),
        )
        for entry in catalog.entries()
    }


def _candidates(role: Role, directory: Path) -> list[Entry]:
    """The default line's models for a role, from the size that suits this machine up; of a size, the one made for the role last."""
    least = _billions(choose.suitable_size(directory).parameters)
    line = [e for e in catalog.entries() if e.family == choose.FAMILY and role in e.roles and e.commercial]
    larger = [e for e in line if _billions(e.parameters) >= least]
    return sorted(larger, key=lambda e: (_billions(e.parameters), -len(e.roles)))


def _billions(parameters: str) -> float:
    return float(parameters.removesuffix("B"))
