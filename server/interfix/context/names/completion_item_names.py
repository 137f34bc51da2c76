"""`server`: what a language server offers at the cursor, as an editor or the command line has asked it."""

import math
import re
from collections.abc import Iterable, Mapping

import msgspec

from interfix.context.names.definition_facts import parse_type
from interfix.context.names.language_builtins import list_common_names, list_object_members
from interfix.context.names.name_position import PositionKind
from interfix.guided_decoding_names import KnownType

MAX_OFFERED = 10_000
"""Of a longer list nothing is used: it is no list of members."""
CUT_LENGTH = 100
"""Servers that offer only the best offer so many or more. Shorter lists are whole behind a link, though they count as incomplete:
Pyright says of every list that it is to be asked for again."""
CUT_COST = 3.0
"""What other names cost where a list may be cut, natural logarithm of the ratio of probabilities."""
SCOPE_NAMES = 60
"""Of the functions and types that a language has everywhere no object has so many: a list with them is one of everything in scope,
which Pyright offers behind a link in a line that does not parse yet."""
OFFERED = "offered"
"""The key of what a language server offers at the cursor."""

_NAME = re.compile(r"[#$@]?([^\W\d][\w$]*)[?!]?(?:\s*(?:[(<:=\u2026].*)?)$", re.DOTALL)
_VALUE = re.compile(r"(?::|->|=>)\s*([^:>]+?)\s*$")
_TEXT_KINDS = frozenset({1, 14, 15, 16, 17, 19})
"""Of LSP's `CompletionItemKind`: text, keyword, snippet, colour, file, folder. They are no members."""
_FIELD_KINDS = frozenset({2, 5, 10, 20})
"""Method, field, property, member of an enum: what a list has between braces where nothing but a field may stand."""
_LISTED_WORDS = {
    PositionKind.IMPORT: frozenset({"type", "default"}),
    PositionKind.FIELD: frozenset({"async", "get", "set"}),
}
"""What the language itself may have in a name's place."""


class OfferedName(msgspec.Struct, frozen=True):
    """One entry of a completion list."""

    label: str
    """As the list shows it."""
    insert: str = ""
    """What it writes, where that is another text."""
    kind: int = 0
    """LSP's `CompletionItemKind`; 0: unknown."""
    detail: str = ""
    """What the editor's server says of it, such as its type."""


class OfferedNames(msgspec.Struct, frozen=True):
    """What a language server offers right behind a link."""

    items: tuple[OfferedName, ...] = ()
    """The entries."""
    is_incomplete: bool = False
    """There are more than these: nothing follows from a name that is not among them."""


def read_offered_names(
    offered: OfferedNames, language: str, type_keys: Mapping[str, str], kind: PositionKind = PositionKind.MEMBER
) -> KnownType | None:
    """The names that are offered, with their types where they are told and known by `type_keys`; None where the list says nothing:
    it is empty, one of words, of an object that answers to any name, of everything in scope, or between braces not of fields alone.
    """
    items = [item for item in offered.items if item.kind not in _TEXT_KINDS]
    if len(offered.items) > MAX_OFFERED or (kind is PositionKind.FIELD and not all(item.kind in _FIELD_KINDS for item in items)):
        return None
    names: set[str] = set()
    member_types: dict[str, str] = {}
    for item in items:
        if not (name := _read_name(item)):
            continue
        names.add(name)
        detail_match = _VALUE.search(item.detail)
        if detail_match and (key := type_keys.get(parse_type(detail_match[1]))):
            member_types[f"{name}()" if item.kind in (2, 3, 4) else name] = key
    if not names or "__getattr__" in names:
        return None
    if kind is PositionKind.MEMBER and len(names & list_common_names(language)) >= SCOPE_NAMES:
        return None
    common = list_object_members(language) if kind is PositionKind.MEMBER else _LISTED_WORDS.get(kind, frozenset())
    is_cut = offered.is_incomplete and len(offered.items) >= CUT_LENGTH
    return KnownType(tuple(sorted(names | common)), member_types, CUT_COST if is_cut else math.inf)


def _read_name(item: OfferedName) -> str:
    for text in (item.insert, item.label):
        if match := _NAME.match(text.strip().lstrip("\u2605\u2022. ")):
            return match[1]
    return ""


def list_texts(items: Iterable[OfferedName]) -> list[str]:
    """The names of the entries, for people."""
    return [name for item in items if (name := _read_name(item))]
