"""Where a file uses a name of another file that it does not import by that name."""

import re

from interfix.context.name_visibility import NameVisibility
from interfix.next_edit.line_search_index import LineTable
from interfix.syntax.enclosing_scopes import find_enclosing_scopes
from interfix.syntax.name_place import TextKind, find_name_place
from interfix.syntax.snapshot import Snapshot

_QUALIFIER = re.compile(r"(?<![\w.:>)\]?!])(\w+(?:(?:\.|::)\w+)*)(?:\.|::)\Z")
_MEMBER_MARKS = (".", "::", "->")
_COLON = re.compile(r"\s*:(?![:=])")
"""Behind a field's name in a literal, and behind a case."""
_CASE = re.compile(r"\s*(?:case|default)\b")
_C_FAMILY = frozenset(["c", "cpp"])


def find_visible_use(
    snapshot: Snapshot, name: str, owner: str, visibility: NameVisibility, *, may_define: bool = False
) -> int | None:
    """The byte at which a file first uses a name of another file; None where it does not, or has one of its own.

    `owner`: the type whose member the name is, empty outside of types. A member is known by its type only. `may_define`: the other
    file only declares it, as C's headers do, so that this one may have its body.
    """
    table = LineTable(snapshot)
    language = snapshot.language.id if snapshot.language else ""
    first: int | None = None
    for line in table.find_lines(name):
        text = table.lines[line]
        for match in re.finditer(rf"\b{re.escape(name)}\b", text):
            start = table.find_byte(line, match.start())
            name_place = find_name_place(snapshot, start)
            if name_place.kind is not TextKind.CODE:
                continue
            is_known = language in _C_FAMILY and not owner and name_place.function is None
            if name_place.declares and not (is_known and (may_define or not _has_body(snapshot, start, name))):
                return None
            before, after = text[: match.start()], text[match.end() :]
            if first is None and not _is_key(snapshot, before, after) and _is_use(before, owner, visibility):
                first = start
    return first


def _has_body(snapshot: Snapshot, start: int, name: str) -> bool:
    """Whether a declared name is that of a definition: C and C++ declare one thing often, and have a body for it once."""
    scopes = find_enclosing_scopes(snapshot, start)
    return bool(scopes) and scopes[-1].name == name and start < scopes[-1].signature_end


def is_of_another(snapshot: Snapshot, start: int, end: int, owner: str, visibility: NameVisibility) -> bool:
    """Whether what stands around a name says that it is another module's or type's than the one that defines it.

    A member of an object is no other's: its type is not known.
    """
    line = snapshot.lines.find_line(start)
    before, after = (
        snapshot.data[low:high].decode("utf-8", "replace")
        for low, high in ((snapshot.lines.find_start(line), start), (end, snapshot.lines.find_end(snapshot.data, line)))
    )
    qualifier = _read_qualifier(before)
    if not qualifier:
        return not owner and (qualifier is None or _is_key(snapshot, before, after))
    if not owner:
        return qualifier not in visibility.qualifiers
    last = _find_last_part(qualifier)
    return last != owner and last[:1].isupper()


def _is_key(snapshot: Snapshot, before: str, after: str) -> bool:
    """Whether a name is a field's in a literal; Python has names of other things there."""
    has_names = snapshot.language is not None and snapshot.language.id == "python"
    return not has_names and _COLON.match(after) is not None and not _CASE.match(before)


def _is_use(before: str, owner: str, visibility: NameVisibility) -> bool:
    qualifier = _read_qualifier(before)
    if not qualifier:
        return qualifier is not None and not owner and visibility.is_plain
    if owner:
        return _find_last_part(qualifier) == owner and (visibility.is_plain or owner in visibility.qualifiers)
    return qualifier in visibility.qualifiers


def _read_qualifier(before: str) -> str | None:
    """What qualifies the name behind a text, as it is written; empty: nothing does, None: something that no name says."""
    before = before.rstrip()
    if before.endswith("..") or not before.endswith(_MEMBER_MARKS):  # dots of a range or a spread belong to no member
        return ""
    match = _QUALIFIER.search(before)
    return match[1] if match else None


def _find_last_part(qualifier: str) -> str:
    return re.split(r"\.|::", qualifier)[-1]
