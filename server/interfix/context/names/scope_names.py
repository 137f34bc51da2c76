"""The objects in scope at a cursor whose type is beyond doubt: the one that methods belong to, parameters, variables, classes."""

import re
from collections.abc import Iterator, Sequence

from interfix.context.names.type_facts import CONTAINERS, parse_declared_type
from interfix.context.names.type_resolution import ResolvedType, TypeResolver
from interfix.syntax.scopes import find_enclosing_scopes
from interfix.syntax.snapshot import Snapshot

MAX_VARIABLES = 16
"""Variables that are looked at, the nearest to the cursor."""
MAX_TYPES = 16
"""Names of types that are looked at."""
NEAR_BYTES = 6_000
"""So much text before the cursor is searched for names."""

_DECLARATION = re.compile(r"\s*(?::(?![:=])|=(?!=))")
_VARIABLE = re.compile(r"(?<![\w.\"'])([a-z_]\w*)(?=\s*(?::(?![:=])|=(?!=)|\.|\?\.))")
_TYPE = re.compile(r"(?<![\w.\"'])([A-Z]\w*)\b")
_STATEMENT_START = re.compile(r"(?:^|[;{])\s*(?:(?:const|let|var)\s+)?$")
_REBOUND = "|".join(
    (
        r"\b(?:for\s+(?:\([^)]*)?|as\s+|global\s+|nonlocal\s+|catch\s*\(\s*){0}\b",
        r"\b(?:isinstance|issubclass|hasattr|typeof|match|switch)\b\s*\(?\s*{0}\b",
        r"\b{0}\s+instanceof\b|\bcase\b[^\n]*\b{0}\b|\b{0}\s*:=",
        r"(?:,\s*{0}|{0}\s*,[^\n=()]*)=(?!=)",
        r"[\[{{,]\s*{0}\s*[,\]}}][^\n()]*=[^=>]",
    )
)
"""What may give a name another type than it was declared with."""


def find_receiver_type(snapshot: Snapshot, offset: int, resolver: TypeResolver, path: str) -> tuple[str, ResolvedType]:
    """The class that the cursor is in, and what is known of it; empty where it is in none."""
    scopes = find_enclosing_scopes(snapshot, offset)
    inner = next((scope for scope in reversed(scopes) if scope.kind in CONTAINERS), None)
    if inner is None:
        return "", ()
    name = inner.name.rsplit(".", 1)[-1]
    return name, resolver.find_type(name, path)


def find_variable_types(snapshot: Snapshot, offset: int, resolver: TypeResolver, path: str) -> Iterator[tuple[str, ResolvedType]]:
    """Parameters and variables of the function at the cursor that are of one type, each with it."""
    functions = [scope for scope in find_enclosing_scopes(snapshot, offset) if scope.kind not in CONTAINERS]
    if not functions:
        return
    text = _decode(snapshot, functions[0].header_start, offset)
    header_end = len(_decode(snapshot, functions[0].header_start, functions[0].signature_end))
    names = list(dict.fromkeys(reversed(_VARIABLE.findall(text[-NEAR_BYTES:]) + _VARIABLE.findall(text[:header_end]))))
    for name in names[:MAX_VARIABLES]:
        said = find_declared_name(name, text, header_end)
        if said and (resolved := resolver.find_type(said, path)):
            yield name, resolved


def find_declared_name(name: str, text: str, header_end: int) -> str:
    """The one type that a function's text gives a name; empty where it gives none or several, or narrows it."""
    if re.search(_REBOUND.format(re.escape(name)), text):
        return ""
    types: set[str] = set()
    for match in re.finditer(rf"(?<![\w.]){re.escape(name)}(?!\w)", text):
        behind = text[match.end() : match.end() + 240]
        if not _DECLARATION.match(behind):
            continue
        line = text[: match.start()].rsplit("\n", 1)[-1]
        if match.end() <= header_end or _STATEMENT_START.search(line):
            types.add(parse_declared_type(_declared_part(behind, in_header=match.end() <= header_end)))
    return types.pop() if len(types) == 1 else ""


def find_named_types(snapshot: Snapshot, offset: int, resolver: TypeResolver, path: str) -> Iterator[tuple[str, ResolvedType]]:
    """The types that are named near the cursor, by their names."""
    text = _decode(snapshot, max(0, offset - NEAR_BYTES), offset)
    imported = [name for each in resolver.read_imports(path) for name in each.names if name[:1].isupper()]
    for name in list(dict.fromkeys([*reversed(_TYPE.findall(text)), *imported, *resolver.own_types]))[:MAX_TYPES]:
        if resolved := resolver.find_type(name, path):
            yield name, resolved


def list_own_members(snapshot: Snapshot, receivers: Sequence[str]) -> frozenset[str]:
    """What a document shows to be a member of one of its classes, whatever its broken tree says: methods, and what is named of
    `receivers`."""
    text = snapshot.data.decode("utf-8", "replace")
    names = "|".join(map(re.escape, receivers))
    used = re.findall(rf"(?<![\w.])(?:{names})(?:\?\.|\.)#?(\w+)(?=.|\n)", text) if receivers else []
    methods = re.findall(r"^[ \t]+(?:async\s+)?def\s+(\w+)", text, re.MULTILINE)
    return frozenset((*used, *methods))


def _declared_part(behind: str, *, in_header: bool) -> str:
    """What declares a name: in a header up to the next parameter, else to the end of the line."""
    if not in_header:
        return behind.split("\n", 1)[0]
    depth = 0
    for at, character in enumerate(behind):
        depth += (character in "([{<") - (character in ")]}")
        if depth < 0 or (not depth and character == ","):
            return behind[:at].split("=", 1)[0]
    return behind.split("\n", 1)[0].split("=", 1)[0]


def _decode(snapshot: Snapshot, start: int, end: int) -> str:
    return snapshot.data[start:end].decode("utf-8", "replace")
