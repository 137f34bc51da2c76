"""Which models fit this machine, how fast they are on it, and the recommended one for each role."""

from pathlib import Path

import msgspec
import psutil

from interfix.models import catalog, memory_estimate, model_selection, store
from interfix.models.catalog import CatalogEntry
from interfix.models.speed_estimate import SpeedEstimate, estimate_speed
from interfix.values import NEEDED_ROLES, Role

MEMORY_SHARE = 0.7
"""A model may take this share of the machine's memory; the rest is the editor's and the system's."""
MIN_TOKENS_PER_SECOND = {Role.BASE: 8.0, Role.INSTRUCT: 5.0}
"""Tokens a second: a completed line in a good second, an answer as fast as it is read."""


class Recommendation(msgspec.Struct, frozen=True):
    """How a catalog model suits this machine."""

    memory: int
    """Bytes it needs for one role, with the engine's default context."""
    fits: bool
    """Whether this machine has the memory."""
    speed: SpeedEstimate
    """How fast it writes here."""
    recommended: tuple[Role, ...]
    """The roles it is the one to take for."""


def recommend_models(directory: Path) -> dict[str, Recommendation]:
    """For each model of the catalog, by name; `directory` is where files that are here lie."""
    room = psutil.virtual_memory().total * MEMORY_SHARE
    needs = {entry.name: memory_estimate.estimate_from_entry(entry).total for entry in catalog.list_entries()}
    speeds = {entry.name: estimate_speed(entry, store.find_installed(directory, entry)) for entry in catalog.list_entries()}
    best = {}
    for role in NEEDED_ROLES:
        sizes = _list_candidates(role, directory)
        good = [e for e in sizes if needs[e.name] <= room and speeds[e.name].tokens_per_second >= MIN_TOKENS_PER_SECOND[role]]
        best[role] = (good or sizes[:1])[-1].name
    return {
        entry.name: Recommendation(
            memory=needs[entry.name],
            fits=needs[entry.name] <= room,
            speed=speeds[entry.name],
            recommended=tuple(role for role in NEEDED_ROLES if best[role] == entry.name),
        )
        for entry in catalog.list_entries()
    }


def _list_candidates(role: Role, directory: Path) -> list[CatalogEntry]:
    """The default line's models for a role, from the size that suits this machine up; of a size, the one made for the role last."""
    least = _parse_billions(model_selection.choose_size(directory, role).parameters)
    line = [e for e in catalog.list_entries() if e.family == model_selection.DEFAULT_FAMILY and role in e.roles and e.commercial]
    larger = [e for e in line if _parse_billions(e.parameters) >= least]
    return sorted(larger, key=lambda e: (_parse_billions(e.parameters), -len(e.roles)))


def _parse_billions(parameters: str) -> float:
    return float(parameters.removesuffix("B"))
