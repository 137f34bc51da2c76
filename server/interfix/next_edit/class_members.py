"""Members of classes: which of several of one name a place means."""

import re

from interfix.next_edit.line_search_index import LineTable
from interfix.syntax.enclosing_scopes import Scope, find_enclosing_scopes
from interfix.syntax.name_place import find_name_place

_OBJECT = re.compile(rb"(?:\.|->|::)\s*$")
_OWN_OBJECT = re.compile(rb"\b(?:self|this|\$this)(?:\.|->|::)\s*$")
_FREE_KINDS = frozenset(["function", "module", "namespace", "macro"])


def means_other_member(table: LineTable, name: str, origin: int, start: int) -> bool:
    """Whether a name at the byte `start` is a member of another class than the one in whose body it was declared at `origin`.

    Declared outside of classes, it is no class's that has a member of that name.
    """
    own, other = _find_class(table, origin), _find_class(table, start)
    if other is None or (own is not None and (own.kind, own.name) == (other.kind, other.name)):
        return False
    before = table.snapshot.data[max(0, start - len(name) - 20) : start]
    if own is None and not _OWN_OBJECT.search(before):
        return _is_declared(table, start)
    if _OBJECT.search(before) and not _OWN_OBJECT.search(before):
        return False
    pattern = re.compile(rb"(?<!\w)" + re.escape(name.encode()) + rb"(?!\w)")
    return any(_is_declared(table, each.start()) for each in pattern.finditer(table.snapshot.data, other.body_start, other.end))


def is_class_member(table: LineTable, offset: int) -> bool:
    """Whether a name at a byte is declared in the body of a class."""
    return _find_class(table, offset) is not None and _is_declared(table, offset)


def _find_class(table: LineTable, offset: int) -> Scope | None:
    classes = [each for each in find_enclosing_scopes(table.snapshot, offset) if each.kind not in _FREE_KINDS]
    return classes[-1] if classes else None


def _is_declared(table: LineTable, start: int) -> bool:
    name_place = find_name_place(table.snapshot, start)
    return name_place.declares and name_place.function is None
