"""The parameters of a function before and after the edits of its header."""

import re
from collections.abc import Iterator, Sequence

import msgspec

from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.edit_log import Edit, EditKind
from interfix.syntax.bracket_list import BracketList, find_bracket_list
from interfix.syntax.document import Snapshot
from interfix.syntax.enclosing_scopes import Scope, find_enclosing_scopes, find_scopes
from interfix.syntax.languages import CallStyle

MAX_DEFINITIONS = 8
"""Definitions with a changed header that are looked at, those of the newest edits."""
_FREE_KINDS = frozenset(["function", "module", "namespace", "macro"])
_ATTRIBUTES = re.compile(r"^(?:@\w[\w.]*(?:\([^()]*\))?\s+|#?\[[^\]]*\]\s*)+")
_DEFAULT = re.compile(r"(?<![=!<>:])=(?![=>])")
_NAME_BEFORE_COLON = re.compile(r"[\w\s]*?(\w+)\s*\??\s*(?:[:=]|$)")
_LABELLED_NAME = re.compile(r"(\w+)(?:\s+\w+)?\s*:")
_LAST_NAME = re.compile(r"(\$?\w+)\s*(?:\[[^\]]*\]\s*)*$")
_FIRST_NAMES = re.compile(r"((?:\w+\s*,\s*)*\w+)\s+\S")
_RECEIVER = re.compile(r"&?(?:'\w+\s+)?(?:mut\s+)?(?:self|cls|this)\b")
_VARIADIC = re.compile(r"\*|&\w+$|\.\.\.|(?:vararg|params)\s|.*\.\.\.")
_NAMED = re.compile(r"\w+:")


class Parameter(msgspec.Struct, frozen=True):
    """One parameter of a function."""

    name: str
    """Its name, or how it is labelled in a call; its whole text where it has none."""
    is_optional: bool = False
    """Whether a call may leave it out."""
    is_variadic: bool = False
    """Whether it takes any number of arguments."""
    is_named_only: bool = False
    """Whether it is given by name only."""


class SignatureChange(msgspec.Struct, frozen=True):
    """A definition whose header was edited."""

    uri: str
    """The document's."""
    name: str
    """What calls of it name."""
    scope: Scope
    """The definition as it is now."""
    class_name: str
    """Whose method it is; empty for a free function or a constructor."""
    old_header: str
    """Its header before the edits."""
    header: str
    """Its header now."""
    old: tuple[Parameter, ...] | None
    """Its parameters before the edits; None where they could not be read."""
    new: tuple[Parameter, ...] | None
    """Its parameters now, likewise."""
    number: int
    """The number of the newest of the edits."""


def list_signature_changes(context: EditContext) -> Iterator[SignatureChange]:
    """The definitions of the document whose headers were edited, those of the newest edits first."""
    snapshot = context.snapshot
    style = snapshot.language.calls if snapshot.language else None
    edits = [each for each in context.edits if each.uri == snapshot.uri and each.start >= 0 and each.kind is not EditKind.FORMATTED]
    seen: set[int] = set()
    for edit in reversed(edits):
        for scope in find_scopes(snapshot, edit.start, edit.end + 1) if style is not None else ():
            if scope.header_start in seen or not _touches(edit, scope):
                continue
            seen.add(scope.header_start)
            change = _compare(snapshot, scope, [each for each in edits if _touches(each, scope)])
            if change is not None:
                yield change
            if len(seen) >= MAX_DEFINITIONS:
                return


def _touches(edit: Edit, scope: Scope) -> bool:
    return edit.start <= scope.signature_end and scope.header_start <= edit.end


def _compare(snapshot: Snapshot, scope: Scope, edits: Sequence[Edit]) -> SignatureChange | None:
    """The same definition in the text without its edits; None where there was none of its name."""
    before, length = snapshot, 0
    for edit in sorted(edits, key=lambda each: -each.start):
        before = before.replace_range(edit.start, edit.end, edit.old.decode("utf-8", "replace"))
        length += len(edit.old) - len(edit.new)
    low = min(scope.header_start, *(edit.start for edit in edits))
    high = max(scope.signature_end, *(edit.end for edit in edits)) + max(0, length)
    older = [each for each in find_scopes(before, low, high) if each.name == scope.name and each.kind == scope.kind]
    older = [each for each in older if low <= each.header_start <= high]
    if len(older) != 1:
        return None
    outer = [each for each in find_enclosing_scopes(snapshot, scope.header_start) if each.header_start < scope.header_start]
    header = _get_header(snapshot, scope)
    owner = outer[-1].name if outer and outer[-1].kind not in _FREE_KINDS else ""
    style = snapshot.language.calls if snapshot.language else None
    name = scope.name
    if style is not None and style.constructor == name and owner:
        name, owner = owner, ""
    elif not owner and re.match(r"func\s*\(", header):
        owner = header[header.index("(") + 1 : header.index(")")]
    elif owner == name:
        owner = ""  # a constructor that is called like its class
    old, new = list_parameters(before, older[0]), list_parameters(snapshot, scope)
    return SignatureChange(
        snapshot.uri, name, scope, owner, _get_header(before, older[0]), header, old, new, max(e.number for e in edits)
    )


def _get_header(snapshot: Snapshot, scope: Scope) -> str:
    return snapshot.data[scope.header_start : scope.signature_end].decode("utf-8", "replace")


def list_parameters(snapshot: Snapshot, scope: Scope) -> tuple[Parameter, ...] | None:
    """The parameters of a definition, without the object that a method is called on; None where they cannot be read."""
    style = snapshot.language.calls if snapshot.language else None
    if style is None or (scope.kind != "function" and not (style.class_parameters and scope.kind == "class")):
        return None
    bracket_list = _find_list(snapshot, scope)
    return None if bracket_list is None else _parse_items(snapshot, bracket_list, style)


def _find_list(snapshot: Snapshot, scope: Scope) -> BracketList | None:
    name = re.escape(scope.name.encode())
    header = snapshot.data[scope.header_start : scope.signature_end]
    direct = rb"(?<!\w)" + name + rb"\s*(?:<[^()]*>|\[[^()]*\])?\s*\("
    assigned = rb"(?<!\w)" + name + rb"\s*(?::[^=]+)?=\s*(?:async\s*)?(?:function\s*\w*\s*)?\("
    match = re.search(direct, header) or re.search(assigned, header)
    return find_bracket_list(snapshot, scope.header_start + match.end() - 1) if match else None


def _parse_items(snapshot: Snapshot, bracket_list: BracketList, style: CallStyle) -> tuple[Parameter, ...]:
    texts = [snapshot.data[start:end].decode("utf-8", "replace") for start, end in bracket_list.items]
    parameters: list[Parameter] = []
    named_only = False
    for number, text in enumerate(texts):
        if (number == 0 and _RECEIVER.match(text)) or text in ("/", "void"):
            continue
        if text == "*":
            named_only = True
            continue
        parameters += _parse_parameters(_ATTRIBUTES.sub("", text), style, named_only=named_only)
        named_only = named_only or (text.startswith("*") and not text.startswith("**") and style.argument_sign == "=")
    return tuple(parameters)


def _parse_parameters(text: str, style: CallStyle, *, named_only: bool) -> Iterator[Parameter]:
    """What one item declares: one parameter, or, in Go, several of one type."""
    default = _DEFAULT.search(text)
    declared = text[: default.start()].rstrip() if default else text
    optional = default is not None or re.match(r"[\w\s]*\w\?\s*(?::|$)", declared) is not None
    variadic = _VARIADIC.match(declared) is not None
    if style.parameter_name == "first":
        match = _FIRST_NAMES.match(declared)
        yield from (Parameter(name.strip(), is_variadic=variadic) for name in (match[1].split(",") if match else [declared]))
        return
    pattern = {"last": _LAST_NAME, "colon": _NAME_BEFORE_COLON, "label": _LABELLED_NAME}[style.parameter_name]
    match = pattern.search(declared) if style.parameter_name == "last" else pattern.match(declared)
    name = match[1] if match else declared
    if style.argument_sign == ": " and style.parameter_name == "colon" and _NAMED.match(declared):
        optional, named_only = not declared.endswith(":"), True  # Ruby
    yield Parameter(name, optional or variadic, variadic, named_only)
