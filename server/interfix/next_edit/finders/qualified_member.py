"""A member of a type was renamed where it is declared: `Type::Member` and `Type.Member` name it elsewhere."""

import re
from collections.abc import Iterator
from itertools import islice

from interfix.next_edit.candidate import Candidate
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.member_changes import find_owner
from interfix.next_edit.name_changes import NameChange, list_name_changes
from interfix.next_edit.renamed_text import offer_rename
from interfix.syntax.enclosing_scopes import find_enclosing_scopes
from interfix.syntax.name_place import TextKind, find_name_place

MAX_USES = 60
"""Uses of one member that are offered."""


def find(search: EditSearch) -> list[Candidate]:
    """The uses of members by the name of their type, which has none of the old name any more."""
    candidates: list[Candidate] = []
    for change in list_name_changes(search.context):
        owner = _find_type(search, change)
        if owner:
            candidates += _list_uses(search, change, owner)
    return candidates


def _find_type(search: EditSearch, change: NameChange) -> str:
    """The type among whose members a name stands right there; empty where it is no member's."""
    snapshot = search.context.snapshot
    scopes = find_enclosing_scopes(snapshot, change.start)
    if not scopes or scopes[-1].kind in ("function", "module", "namespace", "impl") or change.start < scopes[-1].signature_end:
        return ""
    text = snapshot.data[snapshot.lines.find_start(change.line) : change.start].decode("utf-8", "replace")
    is_first = re.fullmatch(r"\s*(?:case\s+)?|.*[{,]\s*(?:case\s+)?", text) is not None
    return find_owner(snapshot, change.start) if is_first and scopes[-1].kind in ("enum", "class") else ""


def _list_uses(search: EditSearch, change: NameChange, owner: str) -> Iterator[Candidate]:
    table, snapshot = search.table, search.context.snapshot
    pattern = re.compile(rf"(?<![\w.])(?:\w+(?:\.|::))*(?:{re.escape(owner)}|Self)(?:\.|::)(?P<name>{re.escape(change.old)})(?!\w)")
    uses = (
        candidate
        for line in table.find_words(change.old)
        for match in pattern.finditer(table.lines[line])
        if find_name_place(snapshot, start := table.find_byte(line, match.start("name"))).kind is TextKind.CODE
        for candidate in offer_rename(search, "qualified_member", start, change.old, change.new, change.number)
    )
    yield from islice(uses, MAX_USES)
