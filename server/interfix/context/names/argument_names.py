"""The names of the arguments that a function of the workspace takes, where nothing else can be given to it by name."""

import re

from interfix.context.names.definition_facts import CONTAINERS, split_arguments
from interfix.context.names.scope_types import find_declared_types, find_receiver_type, find_variable_types, read_function
from interfix.context.names.type_resolution import ResolvedType, TypeResolver
from interfix.syntax.definitions import Scope, find_scopes
from interfix.syntax.snapshot import Snapshot

MAX_ANCESTORS = 8
_HARMLESS_DECORATORS = frozenset({"staticmethod", "classmethod", "abstractmethod", "override", "final", "property"})
_PARAMETERS = re.compile(r"\((.*)\)", re.DOTALL)
_FIELD = re.compile(r"^    (\w+)\s*:(?!\s*(?:typing\.)?ClassVar)", re.MULTILINE)
_OWN = frozenset({"self", "cls"})


def find_argument_names(callee: str, snapshot: Snapshot, offset: int, resolver: TypeResolver, path: str) -> frozenset[str] | None:
    """What Python's call of `callee` at a byte offset takes by name; None where it may take others."""
    *owner, name = callee.split(".")
    if not owner:
        if name in _list_local_names(snapshot, offset):
            return None
        if (definition := resolver.find_function(name, path)) is not None:
            return _read_function(name, definition, resolver, is_method=False)
        return _read_constructor(resolver.find_type(name, path), resolver)
    if len(owner) > 1:
        return None
    if owner[0] in _OWN:
        resolved = find_receiver_type(snapshot, offset, resolver, path)[1]
    else:
        variable_types = dict(find_variable_types(snapshot, offset, resolver, path))
        resolved = variable_types.get(owner[0]) or (resolver.find_type(owner[0], path) if owner[0][:1].isupper() else ())
    return _read_method(name, resolved, resolver)


def _read_function(name: str, path: str, resolver: TypeResolver, *, is_method: bool, owner: str = "") -> frozenset[str] | None:
    """The parameters of the one function of that name in a file, or in one of its classes."""
    snapshot = resolver.read(path)
    if snapshot is None:
        return None
    scopes = find_scopes(snapshot, 0, len(snapshot.data))
    containers = [each for each in scopes if each.kind in CONTAINERS]
    within = [each for each in containers if each.name == owner]
    definitions = [
        each
        for each in scopes
        if each.name == name
        and each.kind == "function"
        # Without an owner: none that is a method.
        and any(_holds(outer, each) for outer in (within if owner else containers)) is bool(owner)
    ]
    return _read_parameters(snapshot, definitions[0], is_method=is_method) if len(definitions) == 1 else None


def _read_method(name: str, resolved: ResolvedType, resolver: TypeResolver) -> frozenset[str] | None:
    """The parameters of a type's method, its own or the first that it inherits."""
    pending = list(resolved)
    for _ in range(MAX_ANCESTORS):
        if not pending:
            return None
        each = pending.pop(0)
        if each.facts.is_dynamic:
            return None
        if f"{name}()" in each.facts.members:
            return _read_function(name, each.path, resolver, is_method=True, owner=each.name)
        if name in each.facts.members:
            return None
        for base in each.facts.bases:
            further = resolver.find_type(base, each.path)
            if not further:
                return None
            pending += further
    return None


def _read_constructor(resolved: ResolvedType, resolver: TypeResolver) -> frozenset[str] | None:
    """What a class is made from: its own `__init__`, or the fields of a dataclass that inherits from nothing."""
    if len(resolved) != 1 or resolved[0].facts.is_dynamic or "__new__()" in resolved[0].facts.members:
        return None
    each = resolved[0]
    snapshot = resolver.read(each.path)
    if snapshot is None:
        return None
    scopes = [
        scope for scope in find_scopes(snapshot, 0, len(snapshot.data)) if scope.name == each.name and scope.kind in CONTAINERS
    ]
    if len(scopes) != 1:
        return None
    decorators = snapshot.data[scopes[0].start : scopes[0].header_start].decode("utf-8", "replace")
    if "__init__()" in each.facts.members:
        return None if "@" in decorators else _read_function("__init__", each.path, resolver, is_method=True, owner=each.name)
    if each.facts.bases or not re.fullmatch(r"\s*@(?:dataclasses\.)?dataclass(?:\([^()]*\))?\s*", decorators):
        return None
    return (
        frozenset(_FIELD.findall("    " + snapshot.data[scopes[0].body_start : scopes[0].end].decode("utf-8", "replace"))) or None
    )


def _read_parameters(snapshot: Snapshot, scope: Scope, *, is_method: bool) -> frozenset[str] | None:
    """The parameters of one function; None where it takes any, or a decorator may change which."""
    decorators = snapshot.data[scope.start : scope.header_start].decode("utf-8", "replace")
    names = {each.rsplit(".", 1)[-1] for each in re.findall(r"@([\w.]+)", decorators)}
    header = _PARAMETERS.search(snapshot.data[scope.header_start : scope.signature_end].decode("utf-8", "replace"))
    if not names <= _HARMLESS_DECORATORS or header is None:
        return None
    listed = [re.sub(r"#[^\n]*", "", each).strip() for each in split_arguments(header[1])]
    if any(each.startswith("**") for each in listed):
        return None
    parameters = [match[0] for each in listed if (match := re.match(r"[A-Za-z_]\w*", each))]
    return frozenset(parameters[1:] if is_method and "staticmethod" not in names else parameters)


def _list_local_names(snapshot: Snapshot, offset: int) -> frozenset[str]:
    """What the function at a byte offset declares: parameters and variables."""
    text, header_end = read_function(snapshot, offset)
    return frozenset((*find_declared_types(text, header_end), *re.findall(r"\w+", text[:header_end].partition("(")[2])))


def _holds(outer: Scope, inner: Scope) -> bool:
    return outer.start < inner.start and inner.end <= outer.end
