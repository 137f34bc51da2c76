"""From the text of a TypeScript type in some file to what has its members: the workspace's definitions, or the language's own."""

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from interfix.context.names.definition_facts import TypeFacts
from interfix.context.names.script_types import OWN_TYPES, parse_script_type, split_at
from interfix.context.skeletons.definition import Definition

if TYPE_CHECKING:
    from interfix.context.names.type_resolution import ResolvedType, TypeResolver

LIBRARY = "<library>"
"""Stands for the file of what the language itself defines."""
_MAX_STEPS = 8

_NAME = re.compile(r"[A-Za-z_$][\w$]*\Z")
_INDEXED = re.compile(r"(.+)\[\s*(['\"])(#?[\w$]+(?:\(\))?)\2\s*\]\Z", re.DOTALL)
_RETURNED = re.compile(r"ReturnType<\s*typeof\s+([\w$]+)\s*>\Z")
_VALUE = re.compile(r"typeof\s+([\w$]+)\Z")
_AWAITED = re.compile(r"Awaited<(.*)>\Z", re.DOTALL)
_INSTANCE = re.compile(r"InstanceType<\s*typeof\s+([\w$]+)\s*>\Z")
_PROMISE = re.compile(r"(?:Promise|PromiseLike)<(.*)>\Z", re.DOTALL)


class _Library(msgspec.Struct, frozen=True):
    instances: dict[str, tuple[str, ...]]
    objects: dict[str, tuple[str, ...]]
    returns: dict[str, dict[str, tuple[str, ...]]]
    """By type, and `typeof` of an object, the types that its methods return, each with them."""


def resolve_script_type(resolver: "TypeResolver", text: str, path: str) -> "ResolvedType":
    """What has the members of a type that is written in the file at a path; empty where that is not known."""
    text, path = _reduce(resolver, text.strip(), path, 0)
    text = OWN_TYPES.get(text, text)
    if _NAME.match(text):
        return resolver.find_named_type(text, path) or _find_own_type(resolver, text, path)
    if value := _VALUE.match(text):
        return _resolve_value(resolver, value[1], path)
    facts = parse_script_type(text) if text else TypeFacts(is_dynamic=True)
    if facts.is_dynamic or facts.bases == (text,):
        return ()
    if not facts.members and len(facts.bases) == 1:
        return resolver.find_type(facts.bases[0], path)
    return (Definition(path, text, "type", 0, "", facts),)


def find_own_object(resolver: "TypeResolver", name: str, path: str) -> "ResolvedType":
    """One of the language's own objects, such as `Math` or a class with what it has itself; empty where a file calls something else
    so.
    """
    names = _load().objects.get(name)
    if names is None or resolver.is_bound(name, path):
        return ()
    return (_define(f"typeof {name}", names),)


def is_own_module(module: str) -> bool:
    """Whether a script's import may be one of the workspace's files: a package's name is none, whatever files are called so."""
    return module.startswith((".", "~/", "@/", "#/")) or ("/" in module and not module.startswith(("@", "node:")))


def _reduce(resolver: "TypeResolver", text: str, path: str, steps: int) -> tuple[str, str]:
    """A type's text with what it takes from others replaced, and the file that says so; empty where that is not known."""
    if steps > _MAX_STEPS:
        return "", path
    if returned := _RETURNED.match(text):
        function = resolver.find_plain_function(returned[1], path)
        return _reduce(resolver, function.facts.returns, function.path, steps + 1) if function else ("", path)
    if instance := _INSTANCE.match(text):
        return instance[1], path
    if awaited := _AWAITED.match(text):
        inner, path = _reduce(resolver, awaited[1].strip(), path, steps + 1)
        promise = _PROMISE.match(inner)
        return (promise[1].strip(), path) if promise and len(list(split_at(promise[1], ","))) == 1 else ("", path)
    if indexed := _INDEXED.match(text):
        owner = indexed[1]
        members = resolver.read_members(found_types) if (found_types := resolver.find_type(owner, path)) else None
        kind, origin = (members or {}).get(indexed[3], ("", path))
        return _reduce(resolver, kind, origin, steps + 1) if kind else ("", path)
    return text, path


def _resolve_value(resolver: "TypeResolver", name: str, path: str) -> "ResolvedType":
    """What has the members of a module's variable."""
    variable = resolver.find_variable(name, path)
    if variable is None:
        return ()
    return (variable,) if variable.facts.members else resolver.find_type(variable.facts.returns, variable.path)


def _find_own_type(resolver: "TypeResolver", name: str, path: str) -> "ResolvedType":
    names = _load().instances.get(name)
    if names is None or resolver.is_bound(name, path):
        return ()
    return (_define(name, names),)


def _define(name: str, names: tuple[str, ...]) -> Definition:
    returned = {f"{each}()": kind for kind, methods in _load().returns.get(name, {}).items() for each in methods}
    return Definition(LIBRARY, name, "class", 0, "", TypeFacts({**dict.fromkeys(names, ""), **returned}))


@cache
def _load() -> _Library:
    return msgspec.toml.decode((Path(__file__).parent / "script_library.toml").read_bytes(), type=_Library)
