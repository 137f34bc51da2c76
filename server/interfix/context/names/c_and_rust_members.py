"""What the structs, classes and enums of C, C++ and Rust have, as their trees tell, and other names of types."""

import re
from collections.abc import Iterator, Sequence

from interfix.context.names.definition_facts import CONTAINERS, DECLARED, MAX_MEMBERS, TypeFacts, extract_facts, split_arguments
from interfix.context.names.script_declared_types import list_module_definitions
from interfix.context.names.script_facts import extract_script_facts
from interfix.context.names.script_types import SCRIPTS
from interfix.syntax.definitions import Scope
from interfix.syntax.query_matches import find_matches
from interfix.syntax.snapshot import Snapshot
from interfix.syntax.snapshot_text import extract_text

ALIAS = "type"
"""The kind of a definition that only gives a type another name."""
TYPE_KINDS = CONTAINERS | {ALIAS, "trait"}
"""Kinds of definitions that may stand for a type."""
OWN_TYPE = "Self"

_COMMENTS = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_MACRO_MEMBERS = re.compile(r"^\s*(?:[A-Z_][A-Z0-9_]+(?:\([^;{}]*\))?\s*;?|#\s*include\b[^\n]*|\w+!\s*[({\[].*)$", re.MULTILINE)
"""Members that a macro or another file writes."""
_TYPE_BEFORE = re.compile(
    r"(?:^|[\s(;{])((?:[A-Za-z_]\w*::)*)([A-Za-z_]\w*)(\s*<[^;=(){}]*>)?(?:\s|\*|&|\bconst\b|\brestrict\b)*\Z"
)
_CPP_BASES = re.compile(r"(?<!:):(?!:)\s*([^{]*)\Z")
_CPP_BASE = re.compile(r"(?:\b(?:public|protected|private|virtual)\s+)*((?:\w+::)*)(\w+)\s*(?:<.*>)?\s*\Z", re.DOTALL)
_RUST_IMPL = re.compile(r"impl\b(?:\s*<.*?>)?\s+(?:(?P<trait>[\w:]+)(?:<[^{]*?>)?\s+for\s+)?(?:[\w]+::)*(?P<type>\w+)", re.DOTALL)
_RUST_TYPE = re.compile(r"(?:&|'\w+\s|\b(?:mut|dyn|impl)\s|\s)*(?:\w+::)*(\w+)\s*(<.*>)?\s*\Z", re.DOTALL)
_RUST_POINTERS = frozenset({"Box", "Rc", "Arc"})
_RUST_HEADER = re.compile(r"\)\s*->\s*([^{;]+?)\s*(?:\bwhere\b.*)?\Z", re.DOTALL)
_TARGET = re.compile(r"typedef\s+(?:(?:const|struct|union|volatile)\s+)*([A-Za-z_]\w*)\b(?!\s*\{)")


def read_facts(snapshot: Snapshot, scope: Scope, scopes: Sequence[Scope]) -> TypeFacts:
    """The facts of one definition, as its language has them read; `scopes` are those of its file."""
    if snapshot.language is None:
        return TypeFacts()
    if snapshot.language.id in DECLARED:
        return _read_declared(snapshot, scope, scopes) if scope.kind in TYPE_KINDS else TypeFacts()
    if snapshot.language.id in SCRIPTS:
        return extract_script_facts(snapshot, scope, scopes)
    return extract_facts(snapshot, scope, scopes, snapshot.language.receivers) if snapshot.language.receivers else TypeFacts()


def _read_declared(snapshot: Snapshot, scope: Scope, scopes: Sequence[Scope]) -> TypeFacts:
    """The facts of a type in a language with a `members` query; of Rust's types with what the same file implements."""
    is_rust = snapshot.language is not None and snapshot.language.id == "rust"
    text = _COMMENTS.sub("", extract_text(snapshot, scope.body_start, scope.end))
    members = dict(_list_members(snapshot, scope.body_start, scope.end))
    bases = () if is_rust else _parse_cpp_bases(extract_text(snapshot, scope.header_start, scope.signature_end))
    is_dynamic = bool(_MACRO_MEMBERS.search(text)) and scope.kind != "enum"
    if is_rust:
        for each in scopes:
            header = _RUST_IMPL.match(extract_text(snapshot, each.start, each.signature_end)) if each.kind == "impl" else None
            if header is not None and header["type"] == scope.name:
                members |= dict(_list_members(snapshot, each.body_start, each.end))
                bases += (header["trait"].rsplit("::", 1)[-1],) if header["trait"] else ()
                is_dynamic = is_dynamic or (header["trait"] or "").endswith("Deref")
        members = {name: scope.name if kind == OWN_TYPE else kind for name, kind in members.items()}
    # One of no members is there to be specialized, or is declared elsewhere.
    is_dynamic = is_dynamic or not (members or bases) or len(members) > MAX_MEMBERS
    return TypeFacts({} if is_dynamic else members, bases, is_dynamic)


def list_aliases(snapshot: Snapshot) -> Iterator[tuple[str, str, int, int, TypeFacts]]:
    """Other names of types that a file gives, of a script also its variables, each with its kind, its byte range, and what is
    known of it.
    """
    if snapshot.language is not None and snapshot.language.id in SCRIPTS:
        yield from list_module_definitions(snapshot)
        return
    for captures in find_matches(snapshot, "members", 0, len(snapshot.data)):
        for node in captures.get("alias", ()):
            text = extract_text(snapshot, node.start_byte, node.end_byte)
            names = [extract_text(snapshot, each.start_byte, each.end_byte) for each in captures.get("name", ())]
            target = _TARGET.match(text)
            members = {} if target else dict(_list_members(snapshot, node.start_byte, node.end_byte))
            is_dynamic = not target and bool(_MACRO_MEMBERS.search(_COMMENTS.sub("", text)))
            facts = TypeFacts({} if is_dynamic else members, (target[1],) if target else (), is_dynamic)
            yield from ((name, ALIAS, node.start_byte, node.end_byte, facts) for name in names if not target or name != target[1])


def parse_type_before(text: str) -> str:
    """The type that a text ends with where C or C++ declares a name behind it; empty where it is none, or one of a library."""
    match = _TYPE_BEFORE.search(_COMMENTS.sub("", text))
    return match[2] if match and not match[1].startswith("std::") else ""


def parse_rust_type(text: str) -> str:
    """The one type that Rust's annotation names, whatever borrows or holds it; empty where it is another's."""
    match = _RUST_TYPE.match(text.strip())
    if match is None:
        return ""
    if match[1] in _RUST_POINTERS and match[2]:
        return parse_rust_type(next(split_arguments(match[2][1:-1])))
    return match[1]


def _list_members(snapshot: Snapshot, start: int, end: int) -> Iterator[tuple[str, str]]:
    """The names that are declared in a byte range, `()` behind what is called, each with its type."""
    is_rust = snapshot.language is not None and snapshot.language.id == "rust"
    for captures in find_matches(snapshot, "members", start, end):
        for node in captures.get("member", ()):
            for name in captures.get("name", ()):
                if not (start <= node.start_byte and node.end_byte <= end):
                    continue
                text = extract_text(snapshot, name.start_byte, name.end_byte)
                before = extract_text(snapshot, node.start_byte, name.start_byte)
                behind = extract_text(snapshot, name.end_byte, node.end_byte)
                if not is_rust:
                    yield text + ("()" if behind.startswith("(") else ""), parse_type_before(before)
                elif behind.lstrip().startswith(("(", "<")) and "fn" in before:
                    header_match = _RUST_HEADER.search(behind.partition("{")[0].rstrip("; "))
                    yield f"{text}()", parse_rust_type(header_match[1]) if header_match else ""
                else:
                    yield text, parse_rust_type(behind.lstrip().removeprefix(":")) if behind.lstrip().startswith(":") else ""


def _parse_cpp_bases(header: str) -> tuple[str, ...]:
    """The bases in the header of a class; `?` stands for one of another library."""
    listed = _CPP_BASES.search(header)
    bases = []
    for each in split_arguments(listed[1]) if listed else ():
        base = _CPP_BASE.match(each.strip())
        bases.append(base[2] if base and not base[1].startswith("std::") else "?")
    return tuple(bases)
