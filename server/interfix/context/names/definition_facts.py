"""What the text of a definition says of its members: their names, their types, and what they are inherited from."""

import re
from collections.abc import Iterator, Sequence

import msgspec

from interfix.syntax.definitions import Scope
from interfix.syntax.query_matches import find_matches
from interfix.syntax.snapshot import Snapshot
from interfix.syntax.snapshot_text import extract_text

CONTAINERS = frozenset({"class", "interface", "enum", "struct"})
"""Kinds of definitions that have members."""
MAX_MEMBERS = 2_000
"""More members of one type are written by a program; nothing is known of such a type."""

_HEADER_TYPE = re.compile(r"\)\s*(?:->|:)\s*([^{\n]+?)\s*:?\s*$")
_VALUE_TYPE = re.compile(r"\??\s*:(?![:=])\s*([^=\n;,){]+)")
MAX_CALL = 1_200
"""A longer call is not read to its end, characters."""
_CALL = re.compile(r"[ \t]*=[ \t]*(?:new[ \t]+)?([A-Za-z_]\w*)(?:<[^(){};=]*>)?\(")
_CALL_END = re.compile(r"[ \t]*;?[ \t]*(?:(?:#|//)[^\n]*)?(?:\n(?!\s*\??\.)|\Z)")
_QUOTED = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'")
_WRAPPER = re.compile(r"(?:Optional|ClassVar|Final|Annotated|Readonly|Required|NotRequired)\s*[\[<](.*)[\]>]$")
_TYPE_NAME = re.compile(r"([A-Za-z_]\w*)(?:[\[<].*[\]>])?$")
_TYPE_BEFORE = re.compile(r"(?<![\w.])((?:[A-Z]\w*\.)*[A-Z]\w*)\s*(<[^;=(){}]*>)?(\s*\[\s*\]|\s*\.\.\.|\?)?\s+\Z")
TYPES_FIRST = frozenset({"java", "csharp"})
"""Languages in which a type stands before the name that it is of."""
DECLARED = frozenset({"c", "cpp", "rust"})
"""Languages whose types say by a query, `members.scm`, what they have (`c_and_rust_members.py`)."""
OPEN = TYPES_FIRST | DECLARED
"""Languages in which a macro, a tool, a trait or another file may add members: nothing that a type does not declare is refused."""
_BASES_BEHIND = {
    "java": re.compile(r"\b(?:extends|implements)\s+([^{]*?)(?=\bimplements\b|\bpermits\b|\{|\Z)"),
    "csharp": re.compile(r"(?<!:):\s*([^{]*?)(?=\bwhere\b|\{|\Z)"),
}
_RECORD = re.compile(r"\brecord\s+(?:class\s+|struct\s+)?\w+\s*(?:<[^(]*>)?\s*\((.*)\)", re.DOTALL)
_WRITTEN_BY_TOOLS = re.compile(
    r"@(?:lombok\.)?(?:Data|Getter|Setter|Value|Builder|SuperBuilder|Delegate|With|Accessors|UtilityClass|CommonsLog|Log4j2?|Slf4j|Log)\b"
    r"|@AutoValue|@(?:Mapper|Entity)\b|\[(?:\w+\.)?(?:ObservableProperty|RelayCommand|Reactive|GeneratedRegex|AutoInterface)\b|:\s*DynamicObject\b"
)
"""What has a program write members, in Java and C#."""
_NO_TYPES = frozenset({"None", "null", "undefined"})
_DYNAMIC = re.compile(r"__getattr|\bsetattr\(|__dict__|\bmetaclass\s*=|Object\.(?:assign|defineProperty)\(this")
"""What gives objects members that no declaration names."""


class TypeFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of a type or a function from where it is defined."""

    members: dict[str, str] = {}
    """Of a type: by name the type of each member's value, by name and `()` that of what a method returns; empty where it is not
    known."""
    bases: tuple[str, ...] = ()
    """What it inherits from, as far as it is written as a name; `?` stands for what is not."""
    is_dynamic: bool = False
    """It may have members that are not declared."""
    returns: str = ""
    """Of a function: the type of what it returns, where that is one name."""


def extract_facts(snapshot: Snapshot, scope: Scope, scopes: Sequence[Scope], receivers: Sequence[str]) -> TypeFacts:
    """The facts of one definition; `scopes` are those of its file, `receivers` what methods call their object."""
    if scope.kind not in CONTAINERS:
        return TypeFacts(returns=_read_return_type(snapshot, scope))
    text = extract_text(snapshot, scope.start, scope.end)
    members: dict[str, str] = {}
    inner = [each for each in scopes if scope.start < each.start and each.end <= scope.end and each.name != scope.name]
    for each in _list_direct(inner):
        called = each.kind not in CONTAINERS and not _is_property(snapshot, each)
        members[each.name.rsplit(".", 1)[-1] + ("()" if called else "")] = _read_return_type(snapshot, each)
    for start, end in _find_fields(snapshot, scope, inner):
        members.setdefault(extract_text(snapshot, start, end), _read_value_type(snapshot, start, end))
    for name, end in _find_uses(text, receivers):
        assigned_type = parse_declared_type(text[end : end + MAX_CALL])
        if (name not in members and f"{name}()" not in members) or (assigned_type and not members.get(name, assigned_type)):
            members[name] = assigned_type
    language = snapshot.language.id if snapshot.language else ""
    if scope.kind == "enum" and language in TYPES_FIRST:
        members |= dict.fromkeys(re.findall(r"\b[A-Z]\w*", text), "") | dict.fromkeys(
            ("values()", "valueOf()", "ordinal()", "name()"), ""
        )
    elif scope.kind == "enum":
        members |= dict.fromkeys(re.findall(r"^\s*(\w+)\s*(?:=[^\n]*)?,?\s*(?://.*)?$", text, re.MULTILINE), "")
    header = extract_text(snapshot, scope.header_start, scope.signature_end)
    if (record := _RECORD.search(header)) and language in TYPES_FIRST:
        members |= {
            f"{part[1]}{'()' * (language == 'java')}": ""
            for each in split_arguments(record[1])
            if (part := re.search(r"(\w+)\s*\Z", each))
        }
    is_dynamic = bool(_DYNAMIC.search(text)) or len(members) > MAX_MEMBERS
    is_dynamic = is_dynamic or (language in TYPES_FIRST and bool(_WRITTEN_BY_TOOLS.search(text)))
    return TypeFacts({} if is_dynamic else members, parse_bases(header, language), is_dynamic)


def parse_bases(header: str, language: str = "") -> tuple[str, ...]:
    """The bases in the header of a class or an interface; of a script's what is only implemented adds no members."""
    if language in _BASES_BEHIND:
        header = re.sub(r"\((?:[^()]|\([^()]*\))*\)", "", header)
        lists = _BASES_BEHIND[language].findall(re.sub(r"<[^<>]*(?:<[^<>]*>[^<>]*)*>", "", header))
        return tuple(parse_type(each) or "?" for listed in lists for each in split_arguments(listed) if each.strip())
    python = re.match(r"\s*class\s+\w+\s*(?:\[[^\]]*\])?\s*\((.*)\)\s*:?\s*$", header, re.DOTALL)
    script = re.search(r"\bextends\s+(.*?)(?:\bimplements\b.*)?\{?\s*$", header, re.DOTALL)
    listed = python[1] if python else script[1] if script else ""
    bases = [each.strip() for each in split_arguments(listed)]
    return tuple(parse_type(each) or "?" for each in bases if each and not re.match(r"(?:total|frozen|kw_only|tag)\s*=", each))


def split_arguments(text: str) -> Iterator[str]:
    """The parts between commas that are in no brackets."""
    depth, begin = 0, 0
    for at, character in enumerate(text):
        depth += (character in "([{<") - (character in ")]}>")
        if character == "," and not depth:
            yield text[begin:at]
            begin = at + 1
    yield text[begin:]


def parse_type(text: str) -> str:
    """The one type that an annotation names, whatever its arguments and whether it may be missing; else empty."""
    text = text.strip().strip("\"'").strip()
    if wrapped := _WRAPPER.match(text):
        return parse_type(next(split_arguments(wrapped[1])))
    parts = [part for each in re.split(r"\|(?![^\[<]*[\]>])", text) if (part := each.strip()) not in _NO_TYPES]
    name = _TYPE_NAME.match(parts[0]) if len(parts) == 1 else None
    return name[1] if name else ""


def parse_declared_type(behind: str) -> str:
    """The type that what stands behind a name gives it: an annotation, or what is called, a type or a function, where the statement
    is nothing but the call; empty where none does.
    """
    if annotated := _VALUE_TYPE.match(behind.split("\n", 1)[0]):
        return parse_type(annotated[1])
    made = _CALL.match(behind)
    if made is None:
        return ""
    text = _QUOTED.sub(lambda each: "_" * len(each[0]), behind)
    depth = 1
    for at in range(made.end(), len(text)):
        depth += (text[at] in "([{") - (text[at] in ")]}")
        if not depth:
            return made[1] if _CALL_END.match(text, at + 1) else ""
    return ""


def read_type_before(text: str) -> str:
    """The type that a text ends with, as in `final List<String> `; empty where it ends with none, or with an array."""
    match = _TYPE_BEFORE.search(text)
    return match[1].rsplit(".", 1)[-1] if match and not match[3] else ""


def _find_uses(text: str, receivers: Sequence[str]) -> Iterator[tuple[str, int]]:
    """The members that methods name of their own object, each with where it ends."""
    if receivers:
        names = "|".join(map(re.escape, receivers))
        for match in re.finditer(rf"(?<![\w.])(?:{names})(?:\?\.|\.|->)(\w+)", text):
            yield match[1], match.end()


def _find_fields(snapshot: Snapshot, scope: Scope, inner: Sequence[Scope]) -> Iterator[tuple[int, int]]:
    """The names of what is declared in a type and is no scope of its own."""
    for captures in find_matches(snapshot, "definitions", scope.start, scope.end):
        for node in captures.get("name", ()):
            if scope.start < node.start_byte < scope.end and not any(
                each.kind in CONTAINERS and each.start <= node.start_byte < each.end for each in inner
            ):
                yield node.start_byte, node.end_byte


def _list_direct(inner: Sequence[Scope]) -> Iterator[Scope]:
    """Those of these scopes that lie in none of the others."""
    end = -1
    for scope in inner:
        if scope.start >= end:
            end = scope.end
            yield scope


def _read_return_type(snapshot: Snapshot, scope: Scope) -> str:
    header = extract_text(snapshot, scope.header_start, scope.signature_end)
    if snapshot.language is not None and snapshot.language.id in TYPES_FIRST:
        name_match = re.search(rf"\b{re.escape(scope.name)}\b\s*(?:<[^(]*>)?\s*(?:\(|\Z)", header)
        return read_type_before(header[: name_match.start()]) if name_match and not re.search(r"\basync\b", header) else ""
    if re.match(r"\s*(?:\w+\s+)*async\b", header):
        return ""
    type_match = _HEADER_TYPE.search(header)
    return parse_type(type_match[1]) if type_match else ""


def _read_value_type(snapshot: Snapshot, start: int, end: int) -> str:
    if snapshot.language is not None and snapshot.language.id in TYPES_FIRST:
        return read_type_before(extract_text(snapshot, max(0, start - 200), start))
    return parse_declared_type(extract_text(snapshot, end, end + MAX_CALL))


def _is_property(snapshot: Snapshot, scope: Scope) -> bool:
    """Whether a method is read like a field."""
    before = extract_text(snapshot, scope.start, scope.signature_end)
    if snapshot.language is not None and snapshot.language.id == "csharp":
        return "(" not in before
    return bool(re.search(r"@\w*\.?(?:\w*property|\w+\.(?:setter|getter))\b|^\s*(?:\w+\s+)*get\s+\w+\s*\(", before))
