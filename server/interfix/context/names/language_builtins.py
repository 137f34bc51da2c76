"""What objects have that no workspace declares: the members of the languages' own types."""

import abc
import builtins
import enum
import keyword
import typing
from functools import cache
from pathlib import Path

import msgspec

_PYTHON_MODULES = (builtins, enum, abc)
_NO_MEMBERS = frozenset({"Generic", "Protocol"})
"""Python's bases that only say something about a type."""
_SCRIPTS = {"typescript": "javascript", "tsx": "javascript"}


class _CommonMembers(msgspec.Struct, frozen=True):
    every: tuple[str, ...]
    functions: tuple[str, ...] = ()
    promises: tuple[str, ...] = ()
    globals: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    bases: dict[str, tuple[str, ...]] = {}


def list_object_members(language: str) -> frozenset[str]:
    """What every object of a language has."""
    if language == "python":
        return frozenset((*dir(object), *dir(type), "__dict__", "__annotations__", "__wrapped__", "__slots__", "__post_init__"))
    builtin = _load().get(_SCRIPTS.get(language, language))
    return frozenset(builtin.every) if builtin else frozenset()


def list_function_members(language: str) -> frozenset[str]:
    """What functions and classes have besides, where a language has them as objects of their own kind."""
    builtin = _load().get(_SCRIPTS.get(language, language))
    return frozenset(builtin.functions) if builtin else frozenset()


def list_language_members(language: str) -> frozenset[str]:
    """What some object of the language's own has, or every one."""
    builtin = _load().get(_SCRIPTS.get(language, language))
    return list_object_members(language) | (frozenset((*builtin.functions, *builtin.promises)) if builtin else frozenset())


def list_common_names(language: str) -> frozenset[str]:
    """What may be written like a call without being defined anywhere: keywords, and functions of the language itself."""
    if language == "python":
        return frozenset((*dir(builtins), *keyword.kwlist, *keyword.softkwlist))
    builtin = _load().get(_SCRIPTS.get(language, language))
    return frozenset((*builtin.globals, *builtin.keywords)) if builtin else frozenset()


def find_base_members(language: str, base: str) -> frozenset[str] | None:
    """What a type of the language itself hands down; None where it has no such type."""
    if language != "python":
        builtin = _load().get(_SCRIPTS.get(language, language))
        return frozenset(builtin.bases[base]) if builtin and base in builtin.bases else None
    if base in _NO_MEMBERS:
        return frozenset()
    if base == "NamedTuple":
        return frozenset((*dir(tuple), "_asdict", "_fields", "_replace", "_make", "_field_defaults"))
    base_type = next((value for module in _PYTHON_MODULES if isinstance(value := getattr(module, base, None), type)), None)
    if base_type is None:
        return frozenset(dir(dict)) if base == "TypedDict" and hasattr(typing, base) else None
    return frozenset(name for each in base_type.__mro__ for name in each.__dict__)


@cache
def _load() -> dict[str, _CommonMembers]:
    data = (Path(__file__).parent / "language_builtins.toml").read_bytes()
    return msgspec.toml.decode(data, type=dict[str, _CommonMembers])
