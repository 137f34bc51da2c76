"""The objects in scope that Python's own types and standard modules give their members: modules, types, variables of them."""

import re

from interfix.context.names.python_standard_library import (
    BUILTIN_TYPES,
    MODULES,
    find_imported_modules,
    find_imported_types,
    list_builtin_members,
    list_module_members,
    list_type_members,
)
from interfix.context.names.scope_types import find_declared_types, read_function
from interfix.context.names.type_resolution import UNSURE_COST, TypeResolver
from interfix.guided_decoding_names import KnownType, NameGuide
from interfix.syntax.snapshot import Snapshot

MAX_VARIABLES = 12
_LITERAL = {
    "[": "list",
    "{}": "dict",
    '"': "str",
    "'": "str",
    'f"': "str",
    "f'": "str",
    'b"': "bytes",
    "b'": "bytes",
    "set()": "set",
}
_LITERALS = re.compile(r"\s*(?::[^=\n]*)?=\s*(\[|\{\}|[fb]?[\"']|set\(\))[^\n]*$", re.MULTILINE)


def add_library_names(guide: NameGuide, snapshot: Snapshot, offset: int, resolver: TypeResolver, path: str) -> NameGuide:
    """The guide with what the standard library has; what the workspace itself defines comes first."""
    if resolver.language != "python":
        return guide
    text = snapshot.data.decode("utf-8", "replace")
    function, header_end = read_function(snapshot, offset)
    declared = find_declared_types(function, header_end)
    roots: dict[str, str] = {}
    types: dict[str, KnownType] = {}
    for name, module in find_imported_modules(text).items():
        if name not in declared and not _is_bound(name, text) and not resolver.resolve_module(module, path):
            roots[name] = _add_module(module, types)
    imported = {
        name: imported_type
        for name, imported_type in find_imported_types(text).items()
        if not resolver.resolve_module(imported_type[0], path)
    }
    for name, (module, inner) in imported.items():
        if name not in declared and (key := _add_type(module, inner, types)):
            roots |= {name: key, f"{name}()": key}
    typed = {name: type_name or _find_literal(name, function) for name, type_name in declared.items()}
    for name, type_name in list(typed.items())[-MAX_VARIABLES:]:
        if type_name in BUILTIN_TYPES:
            roots[name] = _add_type("builtins", type_name, types)
        elif type_name in imported and (key := _add_type(*imported[type_name], types)):
            roots[name] = key
    return NameGuide(roots={**roots, **guide.roots}, types={**types, **guide.types}, new_name_cost=guide.new_name_cost)


def _add_module(module: str, types: dict[str, KnownType]) -> str:
    """The key of a module, with those that it holds."""
    key = f"python#{module}"
    inner = {each.rpartition(".")[2]: _add_module(each, types) for each in sorted(MODULES) if each.rpartition(".")[0] == module}
    types[key] = KnownType(tuple(sorted(list_module_members(module))), inner, UNSURE_COST)
    return key


def _add_type(module: str, name: str, types: dict[str, KnownType]) -> str:
    """The key of a type; empty where its members are not known."""
    members = list_builtin_members(name) if module == "builtins" else list_type_members(module, name)
    key = f"python#{module}.{name}" if members else ""
    if members:
        types.setdefault(key, KnownType(tuple(sorted(members)), {}, UNSURE_COST))
    return key


def _find_literal(name: str, function: str) -> str:
    """The type of the literal that is all that a function gives a name; empty where it is given anything else."""
    given = list(re.finditer(rf"(?<![\w.]){name}(?=\s*(?::[^=\n]*)?[-+*/|&]?=(?!=))", function))
    if len(given) != 1 or re.search(rf"\b(?:for|as|global|nonlocal)\b[^\n:]*\b{name}\b", function):
        return ""
    match = _LITERALS.match(function, given[0].end())
    return _LITERAL.get(match[1], "") if match else ""


def _is_bound(name: str, text: str) -> bool:
    """Whether a file gives a name another value somewhere, too, or a parameter is called so."""
    return bool(re.search(rf"^[ \t]*{name}\s*(?::[^=\n]+)?=(?!=)|\bdef \w+\([^)]*\b{name}\b\s*[,:=)]", text, re.MULTILINE))
