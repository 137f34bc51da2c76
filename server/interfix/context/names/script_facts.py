"""The facts of a script's classes, interfaces, enums and functions: what every language's are read for, and the types as they are
written.
"""

import re
from collections.abc import Sequence

import msgspec

from interfix.context.names.definition_facts import MAX_MEMBERS, TypeFacts, extract_facts
from interfix.context.names.script_declared_types import (
    drop_inner_blocks,
    list_constructor_properties,
)
from interfix.context.names.script_types import (
    find_closing,
    parse_members,
    parse_script_type,
    read_return_type,
    split_at,
    split_members,
    strip_comments,
)
from interfix.context.names.script_values import infer_literal_type, infer_value_type
from interfix.syntax.definitions import Scope
from interfix.syntax.snapshot import Snapshot
from interfix.syntax.snapshot_text import extract_text

_GENERATED = re.compile(r"async\b|\*")
_DOC_RETURN = re.compile(r"@returns?\s+\{([^{}\n]+)\}")
_DECORATOR = re.compile(r"(?:@[\w.]+(?:\([^()]*\))?\s*)+")
_INDEX = re.compile(r"(?:static\s+|readonly\s+)*\[\s*[\w$]+\s*(?::|\bin\b)")
_DOC_BYTES = 2_000
_BODY_CHARACTERS = 20_000


def extract_script_facts(snapshot: Snapshot, scope: Scope, scopes: Sequence[Scope]) -> TypeFacts:
    """The facts of one definition; `scopes` are those of its file."""
    header = extract_text(snapshot, scope.header_start, scope.signature_end)
    if scope.kind == "function":
        return TypeFacts(returns=_read_returned(snapshot, scope, header))
    if scope.kind == "enum":
        return extract_facts(snapshot, scope, scopes, ())
    body = extract_text(snapshot, scope.body_start, scope.end).rstrip().removesuffix("}")
    inherited = parse_script_bases(header)
    if scope.kind == "interface":
        members = parse_members(body)
        facts = TypeFacts(members or {}, is_dynamic=members is None)
    elif scope.kind == "class":
        facts = _read_class(snapshot, scope, scopes, body)
    else:
        return TypeFacts()
    members = {**inherited.members, **facts.members}
    is_dynamic = facts.is_dynamic or inherited.is_dynamic or len(members) > MAX_MEMBERS
    return TypeFacts({} if is_dynamic else members, inherited.bases, is_dynamic)


def parse_script_bases(header: str) -> TypeFacts:
    """What a class or an interface inherits from by its header: types, and what `Pick` takes of one."""
    name = re.search(r"\b(?:class|interface)\b\s*(?!extends\b)[\w$]*\s*", header)
    behind = header[name.end() :] if name else ""
    if behind.startswith("<"):
        behind = behind[find_closing(behind, 0) + 1 :]
    listed = re.match(r"\s*extends\s+(.*?)(?:\bimplements\b.*)?\{?\s*\Z", behind, re.DOTALL)
    members: dict[str, str] = {}
    bases: list[str] = []
    for each in split_at(strip_comments(listed[1]), ",") if listed else ():
        facts = parse_script_type(each)
        members |= facts.members
        bases += ("?",) if facts.is_dynamic else facts.bases
    return TypeFacts(members, tuple(dict.fromkeys(bases)))


def _read_class(snapshot: Snapshot, scope: Scope, scopes: Sequence[Scope], body: str) -> TypeFacts:
    receivers = snapshot.language.receivers if snapshot.language else ()
    facts = extract_facts(snapshot, scope, scopes, receivers)
    items = [_DECORATOR.sub("", item, count=1) if item.startswith("@") else item for item in split_members(body)]
    if facts.is_dynamic or any(_INDEX.match(item) for item in items):
        return TypeFacts(is_dynamic=True)
    members = dict(facts.members)
    for item in items:
        declared = _cut_value(item)
        for name, kind in (parse_members(declared) or {}).items():
            bare = name.removesuffix("()")
            own = bare if bare in members else f"{bare}()" if f"{bare}()" in members else name
            members[own] = kind or infer_value_type(item[len(declared) + 1 :]) or members.get(own, "")
    for each in scopes:
        if each.name == "constructor" and scope.start < each.start and each.end <= scope.end:
            members |= list_constructor_properties(extract_text(snapshot, each.header_start, each.signature_end))
    return msgspec.structs.replace(facts, members=members, bases=())


def _cut_value(item: str) -> str:
    """A member's declaration without its value and its body."""
    depth = 0
    for at, character in enumerate(item):
        depth += (character in "([{") - (character in ")]}")
        if not depth and character == "=" and item[at + 1 : at + 2] not in (">", "="):
            return item[:at]
    return item


def _read_returned(snapshot: Snapshot, scope: Scope, header: str) -> str:
    start = header.find("(")
    if returned := read_return_type(header[start:].removesuffix("=>").rstrip()) if start >= 0 else "":
        return returned
    if _GENERATED.search(header[: max(start, 0)]):
        return ""
    if literal := _read_returned_literal(extract_text(snapshot, scope.body_start, scope.end)):
        return literal
    before = extract_text(snapshot, max(0, scope.start - _DOC_BYTES), scope.start).rstrip()
    comment = before[before.rfind("/**") :] if before.endswith("*/") and "/**" in before else ""
    documented = _DOC_RETURN.search(comment)
    return documented[1].strip() if documented else ""


def _read_returned_literal(body: str) -> str:
    """The type of the object that is written out behind the one `return` of a function's body, functions in it left out."""
    body = drop_inner_blocks(strip_comments(body)) if len(body) <= _BODY_CHARACTERS else ""
    returns = list(re.finditer(r"\breturn\b\s*", body))
    return infer_literal_type(body[returns[0].end() :]) if len(returns) == 1 else ""
