"""The calls of a function in a document, and what they pass."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

from interfix.next_edit.line_search_index import LineTable
from interfix.next_edit.signatures import SignatureChange
from interfix.syntax.bracket_list import BracketList, find_bracket_list
from interfix.syntax.document import Snapshot
from interfix.syntax.name_place import TextKind, find_name_place

MAX_CALLS = 60
"""Calls of one function that are looked at."""
_MAX_OBJECT_BYTES = 120
"""Bytes before a method's name that are looked at for its object."""
_OWN_OBJECTS = frozenset(["self", "this", "cls", "super", "Self", "$this", "static"])
_SPREAD = re.compile(r"\*|\.\.\.|&\w+$|.*\.\.\.$")


class Argument(msgspec.Struct, frozen=True):
    """One argument of a call."""

    text: str
    """As it is written, its name included."""
    name: str = ""
    """The name it is given by; empty: it is given by its place."""
    is_spread: bool = False
    """Whether it stands for any number of arguments."""


class Call(msgspec.Struct, frozen=True):
    """One call."""

    start: int
    """Byte offset of the function's name."""
    list: BracketList
    """Its arguments' places."""
    arguments: tuple[Argument, ...]
    """What is passed."""
    is_certain: bool
    """Whether it can be no other function of the name: it is free, or called on the own object or class."""


def list_calls(snapshot: Snapshot, table: LineTable, change: SignatureChange) -> list[Call] | None:
    """The calls of a function, in the order of the text; None where the name is declared a second time."""
    calls: list[Call] = []
    for line in table.find_lines(change.name):
        for match in re.finditer(rf"(?<![\w$]){re.escape(change.name)}(?!\w)", table.lines[line]):
            start = table.find_byte(line, match.start())
            if snapshot.uri == change.uri and change.scope.header_start <= start < change.scope.signature_end:
                continue
            name_place = find_name_place(snapshot, start)
            if name_place.kind is not TextKind.CODE:
                continue
            call = _read_call(snapshot, change, start)
            if name_place.declares and not _is_imported(table.lines[line]):
                if call is not None or _is_defined(snapshot, start):
                    return None
            elif call is not None and len(calls) < MAX_CALLS:
                calls.append(call)
    return calls


def _is_imported(line: str) -> bool:
    return re.search(r"\b(?:import|from|use|require)\b", line) is not None


def _is_defined(snapshot: Snapshot, start: int) -> bool:
    """Whether what declares a name is no part of a class that is called like its constructor."""
    before = snapshot.data[max(0, start - 24) : start]
    return re.search(rb"\b(?:class|struct|object|data|record|type|impl|enum)\s+$", before) is None


def _read_call(snapshot: Snapshot, change: SignatureChange, start: int) -> Call | None:
    data, end = snapshot.data, start + len(change.name.encode())
    opening = re.compile(rb"(?:::)?(?:<[^()<>]*>)?\(").match(data, end)
    bracket_list = find_bracket_list(snapshot, opening.end() - 1) if opening else None
    if bracket_list is None:
        return None
    before = data[max(0, start - _MAX_OBJECT_BYTES) : start].decode("utf-8", "replace")
    linked = re.search(r"(\$?\w*)(\([^()]*\))?\s*(?:\??\.|->|::|:)\s*$", before)
    style = snapshot.language.calls if snapshot.language else None
    if change.class_name:
        bare = linked is None and style is not None and style.bare_members
        if linked is None and not bare:
            return None
        certain = bare or (linked is not None and linked[1] in _OWN_OBJECTS | {change.class_name})
    else:
        if (linked is not None and not before.rstrip().endswith(":")) or re.search(r"(?:::|\.|->)\s*$", before):
            return None
        certain = True
    sign = style.argument_sign.strip() if style else ""
    return Call(
        start,
        bracket_list,
        tuple(_parse_argument(data[low:high].decode("utf-8", "replace"), sign) for low, high in bracket_list.items),
        certain,
    )


def _parse_argument(text: str, sign: str) -> Argument:
    match = re.match(rf"(\w+)\s*{re.escape(sign)}(?![=:])", text) if sign else None
    return Argument(text, match[1] if match else "", _SPREAD.match(text) is not None)


def is_in_scope(snapshot: Snapshot, name: str, offset: int) -> bool:
    """Whether a name is declared above a byte in one of the functions or blocks around it."""
    function = find_name_place(snapshot, offset).outer
    start = function[0] if function is not None else 0
    return any(_declares(snapshot, at, offset) for at in _find_name(snapshot, name, start, offset))


def _find_name(snapshot: Snapshot, name: str, start: int, end: int) -> Iterator[int]:
    pattern = re.compile(rb"(?<![\w$.])" + re.escape(name.encode()) + rb"(?!\w)")
    return (match.start() for match in pattern.finditer(snapshot.data, start, end))


def _declares(snapshot: Snapshot, at: int, offset: int) -> bool:
    name_place = find_name_place(snapshot, at + snapshot.data[at : at + 1].count(b"$"))
    return name_place.declares and name_place.scope is not None and name_place.scope[0] <= offset < name_place.scope[1]


def write_arguments(snapshot: Snapshot, call: Call, texts: Sequence[tuple[int, str]]) -> tuple[int, int, bytes]:
    """Where the arguments stand, and what is to stand there: each with the number it had, -1 for a new one. The layout is kept."""
    items, data = call.list.items, snapshot.data
    if not texts:
        return call.list.start + 1, call.list.end - 1, b""
    if not items:
        return call.list.start + 1, call.list.start + 1, ", ".join(text for _, text in texts).encode()
    gaps = [data[left[1] : right[0]].decode("utf-8", "replace") for left, right in pairwise(items)]
    first = data[call.list.start + 1 : items[0][0]].decode("utf-8", "replace")
    usual = gaps[-1] if gaps else "," + first if "\n" in first else ", "
    text = texts[0][1]
    numbers = [number for number, _ in texts]
    only_fewer = numbers == sorted(numbers) and numbers[0] >= 0
    for at, (number, each) in enumerate(texts[1:]):
        text += gaps[number - 1] if only_fewer else gaps[at] if at < len(gaps) else usual
        text += each
    return items[0][0], items[-1][1], text.encode("utf-8", "surrogatepass")
