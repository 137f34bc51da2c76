"""What the text of a TypeScript type says: the members it declares, and the types whose members it has, too.

A type is kept as it is written. What may have members that are not written, such as a mapped or a conditional type, is dynamic.
Both a union and an intersection have the members of all their parts: of a union that is more than may be named, so nothing too much
is refused.
"""

import re
from collections.abc import Iterator

from interfix.context.names.definition_facts import TypeFacts
from interfix.context.names.language_builtins import list_function_members

MAX_TYPE = 1_500
"""A longer type is not read, characters."""
MAX_DEPTH = 6

SCRIPTS = frozenset({"typescript", "tsx", "javascript"})
_COMMENT = re.compile(r"(\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|/\*.*?\*/|//[^\n]*", re.DOTALL)
_STRING = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`")
_NAME = re.compile(r"[A-Za-z_$][\w$]*\Z")
_APPLIED = re.compile(r"([A-Za-z_$][\w$]*)\s*<(.*)>\Z", re.DOTALL)
_MEMBER = re.compile(
    r"(?:(?:public|private|protected|readonly|static|declare|abstract|override|async|get|set)\s+(?=[\w$#'\"]))*"
    r"(?:(#?[A-Za-z_$][\w$]*)|'([^'\n]+)'|\"([^\"\n]+)\")\s*[?!]?\s*(?=[:(<]|\Z)"
)
_DYNAMIC_MEMBER = re.compile(r"(?:[-+]?readonly\s+)?\[\s*[\w$]+\s*(?::|\bin\b)|\.\.\.")
_SAME_MEMBERS = frozenset(
    {"Partial", "Required", "Readonly", "NonNullable", "Omit", "Exclude", "Extract", "NoInfer", "Simplify", "Prettify"}
)
"""Utility types whose values have no other members than the first argument's."""
_NO_MEMBERS = frozenset({"null", "undefined", "void", "never"})
OWN_TYPES = {"string": "String", "number": "Number"}
"""Types of plain values, by those of the objects that have their members."""
_CONTINUES_BEFORE = frozenset("|&=<,(:?.")
_OPEN_ENDS = ("|", "&", "=", "=>", ":", "?", "<", ",", "(")
_CONTINUES_BEHIND = frozenset("|&=>?:.")


def parse_script_type(text: str, depth: int = 0) -> TypeFacts:
    """The members that a type's text declares, and in `bases` the types, as they are written, whose members it has as well."""
    if len(text) > MAX_TYPE or depth > MAX_DEPTH:
        return TypeFacts(is_dynamic=True)
    text = strip_comments(text).strip().removeprefix("|").removeprefix("&").strip()
    if has_at_depth(text, ("=>", " extends ", "\nextends ")) or re.match(r"(?:keyof|infer|unique|new|asserts|abstract)\b", text):
        return TypeFacts(is_dynamic=True)
    members: dict[str, str] = {}
    bases: list[str] = []
    parts = [part for each in split_at(text, "|") for part in split_at(each, "&") if part.strip() not in _NO_MEMBERS]
    for part in map(str.strip, parts):
        facts = _parse_part(part, depth)
        if facts.is_dynamic:
            return facts
        members = {**facts.members, **members}
        bases += facts.bases
    return TypeFacts(members, tuple(dict.fromkeys(bases)), is_dynamic=not (members or bases))


def parse_members(body: str) -> dict[str, str] | None:
    """The members between the braces of an object type or an interface, each with its type as it is written; None where there may
    be others.
    """
    members: dict[str, str] = {}
    for item in split_members(body):
        if _DYNAMIC_MEMBER.match(item):
            return None
        if (match := _MEMBER.match(item)) is None:
            if item.startswith(("(", "<", "new ", "new(")):  # what can be called is a function
                members |= {each: "" for each in sorted(list_function_members("javascript")) if each not in members}
            continue  # or a symbol
        name, behind = match[1] or match[2] or match[3], item[match.end() :]
        if behind.startswith(":"):
            members[name] = shorten_type(behind[1:])
        else:
            members[f"{name}()"] = read_return_type(behind)
    return members


def read_annotation(behind: str) -> str:
    """The type that is annotated to what a text stands behind, `?: Type = …`; empty where none is."""
    colon = re.match(r"\s*[?!]?\s*:", behind)
    return shorten_type(behind[colon.end() : find_type_end(behind, colon.end())]) if colon else ""


def read_return_type(signature: str) -> str:
    """The type behind the parameters of a signature, `<T>(…): Type`; empty where none is written."""
    start = signature.find("(")
    end = find_closing(signature, start) if start >= 0 else -1
    told = re.match(r"\s*:", signature[end + 1 :]) if end >= 0 else None
    if told is None:
        return ""
    begin = end + 1 + told.end()
    text = signature[begin : find_type_end(signature, begin)].strip()
    return "" if re.match(r"asserts\b|[\w$]+\s+is\b", text) else shorten_type(text)


def shorten_type(text: str) -> str:
    """A type as it is kept: on one line, and none that is long."""
    text = strip_comments(text).strip().rstrip(";,")
    return re.sub(r"\s*\n\s*", "\n", text) if len(text) <= MAX_TYPE // 3 else ""


def strip_comments(text: str) -> str:
    """Without comments; strings stay."""
    return _COMMENT.sub(lambda each: each[1] or "", text) if "/" in text else text


def split_members(body: str) -> Iterator[str]:
    """The members of an object type: between semicolons, commas and the ends of lines at which no type goes on."""
    body = strip_comments(body)
    begin = 0
    for at, character, depth in walk(body):
        if depth or character not in ";,\n":
            continue
        before, behind = body[begin:at].rstrip(), body[at + 1 :].lstrip()
        if character == "\n" and (before[-1:] in _CONTINUES_BEFORE or behind[:1] in _CONTINUES_BEHIND):
            continue
        if before.strip():
            yield before.strip()
        begin = at + 1
    if body[begin:].strip():
        yield body[begin:].strip()


def split_at(text: str, separator: str) -> Iterator[str]:
    """The parts between one character where it stands in no brackets and no string."""
    begin = 0
    for at, character, depth in walk(text):
        if character == separator and not depth:
            yield text[begin:at]
            begin = at + 1
    yield text[begin:]


def find_type_end(text: str, start: int) -> int:
    """Where the type ends that begins at `start`: before what cannot belong to it."""
    seen = False
    for at, character, depth in walk(text, start):
        if depth < 0 or (not depth and character in ",;"):
            return at
        if depth:
            seen = True
            continue
        if character == "=" and text[at + 1 : at + 2] != ">":
            return at
        if character == "{" and seen and not text[start:at].rstrip().endswith(_OPEN_ENDS):
            return at  # the body of a function
        if character == "\n" and seen:
            before, behind = text[start:at].rstrip(), text[at:].lstrip()
            if before[-1:] not in _CONTINUES_BEFORE and behind[:1] not in {"|", "&"}:
                return at
        seen = seen or not character.isspace()
    return len(text)


def find_closing(text: str, start: int) -> int:
    """Where the bracket is closed that stands at `start`; -1 where it is not."""
    return next((at for at, _, depth in walk(text, start) if at > start and depth == 0 and text[at] in ")]}>"), -1)


def has_at_depth(text: str, words: tuple[str, ...]) -> bool:
    """Whether one of these stands in no brackets and no string."""
    return any(not depth and text.startswith(words, at) for at, _, depth in walk(text))


def walk(text: str, start: int = 0) -> Iterator[tuple[int, str, int]]:
    """The characters of a text that are in no string, each with its offset and how many brackets are open: an opening bracket and
    the one that closes it count as outside of each other. Below zero it has left what it began in.
    """
    depth, at = 0, start
    while at < len(text):
        character = text[at]
        if character in "\"'`" and (quoted := _STRING.match(text, at)):
            yield at, character, max(depth, 1)
            at = quoted.end()
            continue
        is_arrow = character == ">" and text[at - 1 : at] == "="
        if character in ")]}>" and not is_arrow:
            depth -= 1
        yield at, character, depth
        if character in "([{<":
            depth += 1
        at += 1


def _parse_part(part: str, depth: int) -> TypeFacts:
    """One part of a union or an intersection."""
    if not part:
        return TypeFacts(is_dynamic=True)
    if part.startswith("{") and part.endswith("}"):
        members = parse_members(part[1:-1])
        return TypeFacts(is_dynamic=True) if members is None else TypeFacts(members)
    if part.startswith("(") and part.endswith(")"):
        return parse_script_type(part[1:-1], depth + 1)
    if part.startswith(("'", '"', "`")):
        return TypeFacts(bases=(part,)) if part.endswith("]") else TypeFacts(bases=("String",))
    if re.match(r"(?:readonly\s+)?\[", part) or re.match(r"[\w$.<>\s,'\"|()]*\[\s*\]\Z", part.removeprefix("readonly ")):
        return TypeFacts(bases=("Array",))
    if re.match(r"-?\d", part):
        return TypeFacts(bases=("Number",))
    if _NAME.match(part):
        return TypeFacts(bases=(OWN_TYPES.get(part, part),))
    applied = _APPLIED.match(part)
    if applied is None:
        return TypeFacts(bases=(part,))  # `A["b"]`, `typeof x`: whoever resolves it knows
    arguments = [each.strip() for each in split_at(applied[2], ",")]
    if applied[1] in _SAME_MEMBERS:
        return parse_script_type(arguments[0], depth + 1)
    if applied[1] == "Pick" and len(arguments) == 2:
        names = re.findall(r"['\"]([\w$]+)['\"]", arguments[1])
        whole = re.fullmatch(r"[\s|'\"\w$]*", arguments[1]) and names
        return (
            TypeFacts({name: f"{arguments[0]}['{name}']" for name in names})
            if whole
            else parse_script_type(arguments[0], depth + 1)
        )
    if applied[1] in ("ReturnType", "InstanceType", "Awaited"):
        return TypeFacts(bases=(part,))
    return TypeFacts(bases=(applied[1],)) if applied[1] != "Record" else TypeFacts(is_dynamic=True)
