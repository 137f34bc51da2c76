"""The objects in scope at a cursor whose type is beyond doubt: the one that methods belong to, parameters, variables, classes."""

import re
from collections.abc import Iterator, Sequence

from interfix.context.names.c_and_rust_members import OWN_TYPE, parse_rust_type
from interfix.context.names.definition_facts import CONTAINERS, MAX_CALL, TYPES_FIRST, parse_declared_type
from interfix.context.names.script_declared_types import find_script_types
from interfix.context.names.script_type_resolution import LIBRARY, find_own_object
from interfix.context.names.script_types import SCRIPTS
from interfix.context.names.type_resolution import ResolvedType, TypeResolver
from interfix.syntax.definitions import Scope
from interfix.syntax.enclosing_scopes import find_enclosing_scopes
from interfix.syntax.snapshot import Snapshot
from interfix.syntax.snapshot_text import extract_text

MAX_VARIABLES = 12
"""Variables that are looked at, the nearest to the cursor."""
MAX_OBJECTS = 16
"""Objects of a script that are looked at, the nearest to the cursor."""
MAX_TYPES = 16
"""Names of types that are looked at."""
NEAR_BYTES = 6_000
"""So much text before the cursor is searched for names."""

_VARIABLE = re.compile(r"(?<![\w.\"'])([a-z_]\w*)(?=\s*(?::(?![:=])|=(?!=)|\.|\?\.|->))")
_TYPE = re.compile(r"(?<![\w.\"'])([A-Z]\w*)\b")
_SCRIPT_OBJECT = re.compile(r"(?:(?<![\w$.\"'#])|(?<=\.\.\.))([A-Za-z_$][\w$]*)(?=\s*(?:\?\.|\.(?!\.)|!\.|\[))")
_CALLED = re.compile(r"(?<![\w.])([A-Za-z_]\w*)\(")
_STATEMENT_START = re.compile(r"(?:^|[;{])\s*(?:(?:const|let|var)\s+)?$")
_REBOUND = re.compile(
    r"\bfor\s+(?:await\s*)?\(?([^\n]*?)\s(?:in|of)\b|\bcase\b([^\n]*)|^([^=\n()]*,[^=\n()]*)=(?!=)|[\[{]([\w\s,:.]*)[\]}]\s*=(?!=)"
    r"|\b(?:as|global|nonlocal)\s+(\w+)|\bcatch\s*\(\s*(\w+)|\b(?:isinstance|issubclass|hasattr|typeof|match|switch)\b\s*\(?\s*(\w+)"
    r"|(\w+)\s+instanceof\b|(\w+)\s*:=",
    re.MULTILINE,
)
"""What may give names another type than they were declared with."""
_DECLARED = re.compile(r"(?<![\w.*])([A-Za-z_]\w*)(?=\s*(?::(?![:=])|=(?!=)))")
_DECLARED_BEHIND_TYPE = re.compile(
    r"(?<![\w.@|&])(?<![|&] )((?:[A-Z]\w*\.)*[A-Z]\w*|var)\s*(<[^;=(){}]*>)?(\s*\[\s*\]|\s*\.\.\.|\?)?"
    r"\s+([a-z_]\w*)\s*(?=[=;,):]|\bin\b)"
)
_MADE = re.compile(r"\s*=\s*new\s+([A-Z]\w*)\s*(?:<[^()]*>)?\(")
_LAMBDA = re.compile(r"\(?([\w\s,]+)\)?\s*(?:->|=>)")
_WORD = re.compile(r"\w+")
_CLASS = re.compile(r"^([ \t]*)(?:(?:export|default|abstract|declare)\s+)*class\s+([\w$]+)", re.MULTILINE)
_DECLARED_IN_C = re.compile(
    r"(?:^|[(,;{}])\s*(?:(?:const|static|struct|union|volatile|register|constexpr)\s+)*"
    r"(?!(?:return|goto|else|case|delete|new|throw|typedef|using|struct|const|static)\b)"
    r"((?:[A-Za-z_]\w*::)*)([A-Za-z_]\w*)(?:\s*<[^;=(){}]*>)?(?:\s*\bconst\b)?(?:\s*[*&]+(?:\s*const\b)?\s*|\s+)([A-Za-z_]\w*)"
    r"\s*(?=[=;,)\[({:])",
    re.MULTILINE,
)
_MADE_IN_CPP = re.compile(r"\s*=\s*new\s+(?:\w+::)*(\w+)")
_DECLARED_IN_RUST = re.compile(
    r"(?:\blet\s+(?:mut\s+)?|[(,|]\s*(?:mut\s+)?)([a-z_]\w*)\s*(?::(?!:)\s*([^=;,)|{]+(?:<[^=;)|{]*>)?)|=(?!=)([^\n;]*)|(?=[,|)]))"
)
_MADE_IN_RUST = re.compile(r"\s*(?:\w+::)*([A-Z]\w*)(?:::<[^>]*>)?(?:::(?:new|default)\([^\n]*\)\s*$|\s*\{)")
_REBOUND_IN_RUST = re.compile(
    r"\b(?:Some|Ok|Err)\(\s*(?:ref\s+)?(?:mut\s+)?(\w+)\s*\)\s*(?:=|=>)|\bfor\s+([^\n{]*?)\s+in\b|\blet\s+(?:mut\s+)?\(([^)]*)\)"
)


_RUST_OWNERS = frozenset({"impl", "trait"})


def find_receiver_type(snapshot: Snapshot, offset: int, resolver: TypeResolver, path: str) -> tuple[str, ResolvedType]:
    """The class that the cursor is in, and what is known of it; empty where it is in none."""
    scopes = find_enclosing_scopes(snapshot, offset)
    inner = next((scope for scope in reversed(scopes) if scope.kind in CONTAINERS or scope.kind in _RUST_OWNERS), None)
    if inner is None and resolver.language == "cpp" and (owner := _find_cpp_owner(scopes)):
        return owner, resolver.find_type(owner, path)
    if inner is None:
        return "", ()
    name = parse_rust_type(inner.name) if inner.kind in _RUST_OWNERS else inner.name.rsplit(".", 1)[-1]
    return name, resolver.find_type(name, path)


def find_variable_types(snapshot: Snapshot, offset: int, resolver: TypeResolver, path: str) -> Iterator[tuple[str, ResolvedType]]:
    """Parameters and variables of the function at the cursor that are of one type, each with it."""
    text, header_end = read_function(snapshot, offset)
    if resolver.language in SCRIPTS:
        yield from _find_script_variables(snapshot, offset, resolver, path)
        return
    names = list(dict.fromkeys(reversed(_VARIABLE.findall(text[-NEAR_BYTES:]) + _VARIABLE.findall(text[:header_end]))))
    declared = list_declared_types(text, header_end, resolver.language)
    for name in [name for name in names if declared.get(name)][:MAX_VARIABLES]:
        if resolved := resolver.find_type(declared[name], path) or resolver.find_returned_type(declared[name], path):
            yield name, resolved


def _find_script_variables(
    snapshot: Snapshot, offset: int, resolver: TypeResolver, path: str
) -> Iterator[tuple[str, ResolvedType]]:
    """The same of a script, and the module's variables and the language's own objects that are named near the cursor."""
    text, header_end = read_function(snapshot, offset)
    scope = next((each for each in find_enclosing_scopes(snapshot, offset) if each.kind not in CONTAINERS), None)
    start = scope.start if scope is not None else offset
    before = extract_text(snapshot, max(0, start - NEAR_BYTES), start)
    documentation = before[before.rfind("/**") :] if scope is not None and before.rstrip().endswith("*/") else ""
    own, _ = find_receiver_type(snapshot, offset, resolver, path)
    declared = find_script_types(text or before, header_end, own, documentation)
    near = extract_text(snapshot, max(0, offset - NEAR_BYTES), offset)
    bases = ((base, each.path) for each in (resolver.find_type(own, path) if own else ()) for base in each.facts.bases)
    if (first := next(bases, None)) and (inherited := resolver.find_type(*first)):
        yield "super", inherited
    for name in list(dict.fromkeys(reversed(_SCRIPT_OBJECT.findall(near))))[:MAX_OBJECTS]:
        if name in declared:
            resolved = resolver.find_type(declared[name], path) if declared[name] else ()
        else:
            resolved = resolver.find_type(f"typeof {name}", path) or find_own_object(resolver, name, path)
        if resolved:
            yield name, resolved


def find_called_types(snapshot: Snapshot, offset: int, resolver: TypeResolver, path: str) -> Iterator[tuple[str, ResolvedType]]:
    """The functions that are called in the cursor's line, each with the type of what it returns."""
    start = snapshot.lines.find_start(snapshot.lines.find_line(offset))
    for name in set(_CALLED.findall(extract_text(snapshot, start, offset))):
        if resolved := resolver.find_returned_type(name, path):
            yield name, resolved


def list_declared_types(text: str, header_end: int, language: str) -> dict[str, str]:
    """The one type that a function's text gives each name, as its language declares it; empty where it gives none or several."""
    match language:
        case "c" | "cpp":
            return find_c_types(text)
        case "rust":
            return find_rust_types(text)
        case _ if language in TYPES_FIRST:
            return find_types_before_names(text)
        case _:
            return find_declared_types(text, header_end)


def read_function(snapshot: Snapshot, offset: int) -> tuple[str, int]:
    """The text of the outermost function at a byte offset up to there, and how many characters its header has; empty outside."""
    scope = next((scope for scope in find_enclosing_scopes(snapshot, offset) if scope.kind not in CONTAINERS), None)
    if scope is None:
        return "", 0
    return extract_text(snapshot, scope.header_start, offset), len(extract_text(snapshot, scope.header_start, scope.signature_end))


def find_declared_types(text: str, header_end: int) -> dict[str, str]:
    """The one type that a function's text gives each name; empty where it gives several or narrows it."""
    types: dict[str, set[str]] = {}
    for match in _DECLARED.finditer(text):
        in_header = match.end() <= header_end
        line = text[: match.start()].rsplit("\n", 1)[-1]
        if in_header or _STATEMENT_START.search(line):
            behind = text[match.end() : match.end() + MAX_CALL]
            types.setdefault(match[1], set()).add(parse_declared_type(_declared_part(behind, in_header=in_header)))
    rebound = {word for match in _REBOUND.finditer(text) for group in match.groups() if group for word in _WORD.findall(group)}
    return {name: candidates.pop() if len(candidates) == 1 and name not in rebound else "" for name, candidates in types.items()}


def find_types_before_names(text: str) -> dict[str, str]:
    """The same where a type stands before its name."""
    types: dict[str, set[str]] = {}
    for match in _DECLARED_BEHIND_TYPE.finditer(text):
        made = _MADE.match(text, match.end(4)) if match[1] == "var" else None
        declared = "" if match[3] or match[1] == "var" else match[1].rsplit(".", 1)[-1]
        types.setdefault(match[4], set()).add(made[1] if made else declared)
    rebound = {word for match in _LAMBDA.finditer(text) for word in _WORD.findall(match[1])}
    rebound |= {
        word for match in _REBOUND.finditer(text) for group in match.groups()[5:7] if group for word in _WORD.findall(group)
    }
    return {name: candidates.pop() if len(candidates) == 1 and name not in rebound else "" for name, candidates in types.items()}


def find_c_types(text: str) -> dict[str, str]:
    """The same in C and C++."""
    types: dict[str, set[str]] = {}
    for match in _DECLARED_IN_C.finditer(text):
        made = _MADE_IN_CPP.match(text, match.end(3)) if match[2] == "auto" else None
        types.setdefault(match[3], set()).add(made[1] if made else "" if match[1].startswith("std::") else match[2])
    return {name: candidates.pop() if len(candidates) == 1 else "" for name, candidates in types.items()}


def find_rust_types(text: str) -> dict[str, str]:
    """The same in Rust, where a name may be bound anew."""
    types: dict[str, set[str]] = {}
    for match in _DECLARED_IN_RUST.finditer(text):
        made = _MADE_IN_RUST.match(match[3]) if match[3] else None
        bound_type = parse_rust_type(match[2]) if match[2] else made[1] if made else ""
        types.setdefault(match[1], set()).add("" if bound_type == OWN_TYPE else bound_type)
    rebound = {
        word for match in _REBOUND_IN_RUST.finditer(text) for group in match.groups() if group for word in _WORD.findall(group)
    }
    return {name: candidates.pop() if len(candidates) == 1 and name not in rebound else "" for name, candidates in types.items()}


def find_named_types(snapshot: Snapshot, offset: int, resolver: TypeResolver, path: str) -> Iterator[tuple[str, ResolvedType]]:
    """The types that are named near the cursor, by their names."""
    text = extract_text(snapshot, max(0, offset - NEAR_BYTES), offset)
    imported = [name for each in resolver.read_imports(path) for name in each.names if name[:1].isupper()]
    for name in list(dict.fromkeys([*reversed(_TYPE.findall(text)), *imported, *resolver.own_types]))[:MAX_TYPES]:
        resolved = resolver.find_type(name, path)
        # What is only a type has no members by its name, and the language's own have others.
        is_script = resolver.language in SCRIPTS
        if resolved and not (is_script and any(each.kind in ("interface", "type") or each.path == LIBRARY for each in resolved)):
            yield name, resolved


def list_own_members(snapshot: Snapshot, receivers: Sequence[str], name: str = "", offset: int = 0) -> frozenset[str]:
    """What a document shows to be a member of the class of a name around a byte offset, whatever its broken tree says: methods, and
    what is named of `receivers`; of any of its classes where none of that name begins before the offset.
    """
    text = _cut_class(snapshot, name, offset)
    names = "|".join(map(re.escape, receivers))
    used = re.findall(rf"(?<![\w.])(?:{names})(?:\?\.|\.)#?(\w+)(?=.|\n)", text) if receivers else []
    methods = re.findall(r"^[ \t]+(?:async\s+)?def\s+(\w+)", text, re.MULTILINE)
    return frozenset((*used, *methods))


def _cut_class(snapshot: Snapshot, name: str, offset: int) -> str:
    """The text from where the class of a name begins before a byte offset to the next one that is indented no deeper."""
    text = snapshot.data.decode("utf-8", "replace")
    before = len(snapshot.data[:offset].decode("utf-8", "replace"))
    headers = [each for each in _CLASS.finditer(text) if each.start() < before and each[2] == name]
    if not headers:
        return text
    own = headers[-1]
    end = next((each.start() for each in _CLASS.finditer(text, before) if len(each[1]) <= len(own[1])), len(text))
    return text[own.start() : end]


def _find_cpp_owner(scopes: Sequence[Scope]) -> str:
    """The class of a method that is defined outside of it."""
    name_parts = [re.sub(r"<[^<>]*>", "", scope.name).split("::") for scope in scopes if scope.kind == "function"]
    return next((parts[-2].strip() for parts in name_parts if len(parts) > 1), "")


def _declared_part(behind: str, *, in_header: bool) -> str:
    """What declares a name: in a header up to the next parameter, else all that follows."""
    if not in_header:
        return behind
    depth = 0
    for at, character in enumerate(behind):
        depth += (character in "([{<") - (character in ")]}")
        if depth < 0 or (not depth and character == ","):
            return behind[:at].split("=", 1)[0]
    return behind.split("\n", 1)[0].split("=", 1)[0]
