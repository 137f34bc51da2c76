"""Which models fit this machine, how fast they are on it, and the recommended one for each role."""

from pathlib import Path

import msgspec
import psutil

from interfix.inference_types import NEEDED_ROLES, Role
from interfix.models import catalog, memory_estimate, model_selection, store
from interfix.models.catalog import CatalogEntry
from interfix.models.speed_estimate import SpeedEstimate, estimate_speed

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


class BestModel(msgspec.Struct, frozen=True):
    """The model to take for a role on this machine now."""

    role: Role
    """The role."""
    name: str
    """The catalog's name."""
    why: str
    """A sentence or two: what speaks for it, what the next larger one lacks, and what else fits and was not measured."""


def recommend_models(directory: Path) -> dict[str, Recommendation]:
    """For each model of the catalog, by name; `directory` is where files that are here lie."""
    machine = _Machine(directory)
    best = {role: machine.choose_best(role)[0].name for role in NEEDED_ROLES}
    return {
        entry.name: Recommendation(
            memory=machine.needs[entry.name],
            fits=machine.holds(entry),
            speed=machine.speeds[entry.name],
            recommended=tuple(role for role in NEEDED_ROLES if best[role] == entry.name),
        )
        for entry in catalog.list_entries()
    }


def explain_best(directory: Path) -> tuple[BestModel, ...]:
    """The model to take for each role, and why that one."""
    machine = _Machine(directory)
    return tuple(BestModel(role, machine.choose_best(role)[0].name, machine.explain_best(role)) for role in NEEDED_ROLES)


class _Machine:
    """What each model of the catalog needs here, and how fast it is."""

    def __init__(self, directory: Path) -> None:
        entries = catalog.list_entries()
        self._directory = directory
        self._room = psutil.virtual_memory().total * MEMORY_SHARE
        self.needs = {entry.name: memory_estimate.estimate_from_entry(entry).total for entry in entries}
        self.speeds = {entry.name: estimate_speed(entry, store.find_installed(directory, entry)) for entry in entries}

    def holds(self, entry: CatalogEntry) -> bool:
        return self.needs[entry.name] <= self._room

    def choose_best(self, role: Role) -> tuple[CatalogEntry, CatalogEntry | None]:
        """The largest of the default line that fits and is fast enough, else its smallest; and the next larger one."""
        sizes = self._list_candidates(role)
        good = [entry for entry in sizes if self._lacks(entry, role) == ""]
        best = (good or sizes[:1])[-1]
        larger = [entry for entry in sizes if parse_billions(entry.parameters) > parse_billions(best.parameters)]
        return best, larger[0] if larger else None

    def explain_best(self, role: Role) -> str:
        best, larger = self.choose_best(role)
        lack = self._lacks(best, role)
        why = f"{best.name} is the one to take to {_PURPOSES[role]}: "
        why += (
            f"the smallest of the line that Interfix was measured with, though it {lack}."
            if lack
            else f"the largest of the line that Interfix was measured with that suits this machine ({self._describe(best)})."
        )
        if larger is not None:
            why += f" {larger.name} {self._lacks(larger, role)}."
        others = [entry.name for entry in catalog.list_entries() if self._might_do(entry, best, role)]
        return why + (f" These fit as well, and were not measured with Interfix: {', '.join(others)}." if others else "")

    def _list_candidates(self, role: Role) -> list[CatalogEntry]:
        """The default line's models for a role, from the size that suits this machine up; of a size, the one made for the role
        last.
        """
        least = parse_billions(model_selection.choose_size(self._directory, role).parameters)
        able = (
            e for e in catalog.list_entries() if e.family == model_selection.DEFAULT_FAMILY and role in e.roles and e.commercial
        )
        larger = [entry for entry in able if parse_billions(entry.parameters) >= least]
        return sorted(larger, key=lambda entry: (parse_billions(entry.parameters), -len(entry.roles)))

    def _lacks(self, entry: CatalogEntry, role: Role) -> str:
        """Why a model does not suit this machine, a clause about it; empty where it does."""
        if not self.holds(entry):
            return f"needs {self.needs[entry.name] / 1e9:.1f} GB of memory, and {self._room / 1e9:.1f} GB are for models"
        least = MIN_TOKENS_PER_SECOND[role]
        if self.speeds[entry.name].tokens_per_second < least:
            return f"would write {self._describe(entry)}, and {least:.0f} are needed"
        return ""

    def _describe(self, entry: CatalogEntry) -> str:
        speed = self.speeds[entry.name]
        return f"{'' if speed.measured else '~'}{speed.tokens_per_second:.0f} tokens/s{'' if speed.measured else ', estimated'}"

    def _might_do(self, entry: CatalogEntry, best: CatalogEntry, role: Role) -> bool:
        """Whether a model of another line suits this machine, is no smaller than the best of the default line, and may be used."""
        able = role in entry.roles and entry.commercial and entry.family != model_selection.DEFAULT_FAMILY
        return able and parse_billions(entry.parameters) >= parse_billions(best.parameters) and not self._lacks(entry, role)


_PURPOSES = {Role.BASE: "complete", Role.INSTRUCT: "explain and edit"}


def parse_billions(parameters: str) -> float:
    """How many billions of parameters a model has, as the catalog has it: 0.5 for 500M, and 30 for 30B-A3B."""
    number, unit = parameters.partition("-")[0][:-1], parameters.partition("-")[0][-1]
    return float(number) / (1000 if unit == "M" else 1)
