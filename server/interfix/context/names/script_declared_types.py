"""What the text of a script declares: parameters, variables, what is taken out of objects, other names of types.

Each name gets a type as it is written, or one that says where it comes from: `A['b']` is the type of a member of `A`, behind a call
`A['b()']`. Names that are given several types, or narrowed, get none.
"""

import re
from collections.abc import Iterator

from interfix.context.names.definition_facts import TypeFacts
from interfix.context.names.script_types import (
    find_closing,
    find_type_end,
    parse_script_type,
    read_annotation,
    shorten_type,
    split_at,
    strip_comments,
    walk,
)
from interfix.context.names.script_values import find_module_value, index_type, infer_type, parse_literal, read_value
from interfix.syntax.query_matches import find_matches
from interfix.syntax.snapshot import Snapshot

VARIABLE = "variable"
"""The kind of a definition that is a variable of a module."""

_MAX_LISTS = 60
_MAX_VALUE = 2_000
_OPENING = re.compile(r"([\w$]*)\s*\(")
_NO_PARAMETERS = frozenset({"if", "while", "for", "switch", "catch", "with", "return"})
_PARAMETER = re.compile(
    r"\s*(?:@\w+(?:\([^)]*\))?\s*)*(?:(?:public|private|protected|readonly|override)\s+)*(?:\.\.\.)?([A-Za-z_$][\w$]*)"
)
_PROPERTY = re.compile(r"\s*(?:@\w+(?:\([^)]*\))?\s*)*(?:(?:public|private|protected|readonly|override)\s+)+([A-Za-z_$][\w$]*)")
_BARE_PARAMETER = re.compile(r"(?<![\w$.:])([A-Za-z_$][\w$]*)\s*=>")
_VARIABLE = re.compile(r"(?<![\w$.])(?:const|let|var)\s+(?=[\w${\[])")
_ASSIGNED = re.compile(r"(?:^|[;{}])[ \t]*([A-Za-z_$][\w$]*)\s*(?:\?\?|\|\||&&)?=(?![=>])", re.MULTILINE)
_NARROWED = re.compile(
    r"\btypeof\s+([\w$]+)|([\w$]+)\s+instanceof\b|\bin\s+([\w$]+)|\bswitch\s*\(\s*([\w$]+)|\b(?:is|has|assert)[A-Z][\w$]*\(\s*([\w$]+)"
)
"""What may tell of a name that it is of another type there."""
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_DOC_PARAMETER = re.compile(r"@param\s+\{([^{}\n]+)\}\s+\[?([\w$]+)")
_BEFORE_BLOCK = re.compile(r"(?:\)|=>|\b(?:else|try|finally|do))\s*\Z|\)\s*:\s*[^{}()=;]+\Z")


def find_script_types(text: str, header_end: int, own_type: str = "", documentation: str = "") -> dict[str, str]:
    """The one type that a function's text gives each name; empty where it gives none or several.

    `own_type` is the class that the function belongs to, `documentation` the comment above it.
    """
    declared = _Declared(own_type, _read_type_parameters(text[:header_end]))
    whole = strip_comments(text)
    text = drop_inner_blocks(whole)
    events: list[tuple[int, str, int]] = [(match.end(), "parameters", match.end()) for match in _find_lists(text)]
    events += [(match.start(), "variable", match.end()) for match in _VARIABLE.finditer(text)]
    for _, kind, at in sorted(events):
        if kind == "parameters":
            for item in split_at(text[at : find_closing(text, at - 1)], ","):
                declared.add_parameter(item)
        else:
            declared.add_variable(
                text[at : at + _MAX_VALUE], in_loop=bool(re.search(r"\bfor\s*(?:await\s*)?\(\s*\w+\s+\Z", text[:at]))
            )
    for match in _BARE_PARAMETER.finditer(text):
        declared.add(match[1], "")
    for match in re.finditer(r"\bcatch\s*\(\s*(\w+)", text):
        declared.add(match[1], "")
    for match in _ASSIGNED.finditer(whole):
        declared.assign(match[1])
    for match in _NARROWED.finditer(text):
        declared.narrow(next(filter(None, match.groups())))
    for match in _DOC_PARAMETER.finditer(documentation):
        declared.document(match[2], match[1].rstrip("=").lstrip("?!"))
    return declared.list_types()


def list_constructor_properties(header: str) -> dict[str, str]:
    """The members that the parameters of a constructor declare, each with its type."""
    start = header.find("(")
    end = find_closing(header, start)
    items = split_at(strip_comments(header[start + 1 : end]), ",") if 0 <= start < end else ()
    return {match[1]: read_annotation(item[match.end() :]) for item in items if (match := _PROPERTY.match(item))}


def drop_inner_blocks(text: str) -> str:
    """A text without what stands in the blocks of functions and statements that are closed in it; blocks that are open stay."""
    opened: list[int] = []
    pieces: list[tuple[int, int]] = []
    for at, character, _ in walk(text):
        if character == "{":
            opened.append(at)
        elif character == "}" and opened:
            start = opened.pop()
            if _BEFORE_BLOCK.search(text[max(0, start - 200) : start]):
                pieces = [piece for piece in pieces if piece[0] < start]
                pieces.append((start + 1, at))
    kept, begin = [], 0
    for start, end in pieces:
        kept.append(text[begin:start])
        begin = end
    return "".join(kept) + text[begin:]


def list_module_definitions(snapshot: Snapshot) -> Iterator[tuple[str, str, int, int, TypeFacts]]:
    """Other names of types and the variables of a module, each with its kind, its byte range, and what is known of it."""
    for captures in find_matches(snapshot, "definitions", 0, len(snapshot.data), max_depth=2):
        for kind in ("type", VARIABLE):
            for node in captures.get(f"definition.{kind}", ()):
                if node.type not in ("lexical_declaration", "variable_declaration", "export_statement", "type_alias_declaration"):
                    continue
                name = captures["name"][0]
                behind = snapshot.data[name.end_byte : node.end_byte].decode("utf-8", "replace")
                facts = _read_alias(behind) if kind == "type" else _read_variable(behind)
                label = snapshot.data[name.start_byte : name.end_byte].decode("utf-8", "replace")
                if kind == "type" or facts.members or facts.returns:
                    yield label, kind, node.start_byte, node.end_byte, facts


def _read_alias(behind: str) -> TypeFacts:
    """The facts of `<T> = Type;`."""
    behind = behind.lstrip()
    if behind.startswith("<"):
        behind = behind[find_closing(behind, 0) + 1 :].lstrip()
    return parse_script_type(behind.removeprefix("=").strip().rstrip(";")) if behind.startswith("=") else TypeFacts(is_dynamic=True)


def _read_variable(behind: str) -> TypeFacts:
    """What a variable's declaration says behind its name: `returns` is the type of its value."""
    if annotated := read_annotation(behind):
        return TypeFacts(returns=annotated)
    value = read_value(behind)
    if value.startswith("{"):
        members = parse_literal(value)
        return TypeFacts(members) if members else TypeFacts()
    return TypeFacts(returns=infer_type(value, find_module_value))


def _find_lists(text: str) -> Iterator["re.Match[str]"]:
    """The brackets that hold parameters."""
    count = 0
    for match in _OPENING.finditer(text):
        if match[1] in _NO_PARAMETERS:
            continue
        end = find_closing(text, match.end() - 1)
        behind = text[end + 1 : end + 400].lstrip() if end > 0 else ""
        if behind.startswith(":"):
            behind = behind[find_type_end(behind, 1) :].lstrip() if "=>" not in behind.split("\n", 1)[0] else "=>"
        if behind.startswith(("=>", "{")) and count < _MAX_LISTS:
            count += 1
            yield match


def _read_type_parameters(header: str) -> dict[str, str]:
    """What the type parameters of a function are at least; empty where nothing says so."""
    start, end = header.find("<"), header.find("(")
    if not 0 <= start < end or (close := find_closing(header, start)) < 0:
        return {}
    items = (re.match(r"\s*(?:const\s+)?(\w+)(?:\s+extends\s+([^=]+))?", each) for each in split_at(header[start + 1 : close], ","))
    return {item[1]: shorten_type(item[2] or "") for item in items if item}


class _Declared:
    """What has been given to names so far."""

    def __init__(self, own_type: str, type_parameters: dict[str, str]) -> None:
        self._own_type = own_type
        self._type_parameters = type_parameters
        self._types: dict[str, set[str]] = {}
        self._annotated: set[str] = set()

    def add(self, name: str, kind: str) -> None:
        kind = self._type_parameters.get(kind, kind)
        self._types.setdefault(name, set()).add(kind)

    def add_parameter(self, item: str) -> None:
        """One item of a list of parameters."""
        item = item.strip()
        if item.startswith(("{", "[")):
            end = find_closing(item, 0)
            self._add_pattern(item[: end + 1], read_annotation(item[end + 1 :]))
        elif match := _PARAMETER.match(item):
            behind = item[match.end() :]
            kind = read_annotation(behind)
            self.add(match[1], kind or infer_type(read_value(behind), self.find_root))
            self._annotated |= {match[1]} if kind else set()

    def add_variable(self, behind: str, *, in_loop: bool) -> None:
        """What stands behind `const`."""
        if behind.startswith(("{", "[")):
            end = find_closing(behind, 0)
            rest = behind[end + 1 :]
            kind = read_annotation(rest) or infer_type(read_value(rest), self.find_root)
            self._add_pattern(behind[: end + 1], "" if in_loop else kind)
        elif match := _WORD.match(behind):
            rest = behind[match.end() :]
            kind = read_annotation(rest)
            self._annotated |= {match[0]} if kind else set()
            self.add(match[0], "" if in_loop else kind or infer_type(read_value(rest), self.find_root))

    def assign(self, name: str) -> None:
        """It is given another value."""
        if name in self._types and name not in self._annotated:
            self.add(name, "")

    def narrow(self, name: str) -> None:
        """It may be of another type in places."""
        if name in self._types:
            self._types[name] |= {"", "?"}

    def document(self, name: str, kind: str) -> None:
        """What a comment says where the code says nothing."""
        if self._types.get(name) == {""}:
            self._types[name] = {kind}

    def find_root(self, name: str, called: bool) -> str:
        """The type of a name at the beginning of a chain."""
        if name == "this":
            return "" if called else self._own_type
        if name in self._types:
            kinds = self._types[name]
            return next(iter(kinds)) if len(kinds) == 1 and not called else ""
        return find_module_value(name, called)

    def list_types(self) -> dict[str, str]:
        return {name: next(iter(kinds)) if len(kinds) == 1 else "" for name, kinds in self._types.items()}

    def _add_pattern(self, pattern: str, kind: str) -> None:
        """What is taken out of an object, or a list."""
        for item in split_at(pattern[1:-1], ","):
            taken = re.fullmatch(r"\s*([\w$]+)\s*(?::\s*([\w$]+)\s*)?(?:=(.*))?", item, re.DOTALL)
            if taken is None or pattern.startswith("["):
                for word in _WORD.findall(item):
                    self.add(word, "")
            else:
                self.add(taken[2] or taken[1], index_type(kind, taken[1]) if kind else "")
