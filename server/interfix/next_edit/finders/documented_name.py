"""A parameter or a definition was renamed: its documentation names it as well."""

import re
from collections.abc import Iterator

from interfix.next_edit.candidate import Candidate
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.name_changes import NameChange, list_name_changes
from interfix.next_edit.renamed_text import offer_rename
from interfix.syntax.document import Snapshot
from interfix.syntax.enclosing_scopes import Scope, find_docstring, find_scopes
from interfix.syntax.name_place import TextKind, find_name_place

MAX_COMMENT_LINES = 60
"""Lines of a comment above a definition that are looked at."""
_COMMENT = re.compile(rb"\s*(?://|/\*|\*|#(?!\[|include|define)|--|@(?!param)|\[)")
"""What a line begins with that belongs to the documentation above a definition, or stands between the two."""
_TAGS = (
    r":(?:param|parameter|arg|argument|key|keyword|type)\s+(?:[^:\n]*\s)?NAME(?=\s*:)",
    r"@(?:param|arg|argument|property|type|tparam)\s+(?:\{[^}\n]*\}\s+|[\w<>\[\]|?\\,]+\s+(?=\$))?(?:-\s+)?[\[$]?NAME",
    r"[\\@]t?param(?:\[[\w,]+\])?\s+NAME",
    r"<(?:type)?param(?:ref)?\s+name=\"NAME(?=\")",
    r"``?NAME(?=``?)",
    r"\{@(?:code|link)\s+#?NAME(?=\})",
    r"-\s+Parameter\s+NAME(?=:)",
    r"@type\s+NAME(?=:)",
    r"(?<![\]\w])\[NAME(?=\](?![\[(]))",
)
"""How the documentation of any language names a parameter."""
_SECTION = re.compile(
    r"^\s*(?:[-*/]+\s+-?\s*)?(?:Args|Arguments|Params|Parameters|(?:Keyword|Other) (?:Args|Arguments|Parameters)|Attributes):?\s*$",
    re.M,
)
_ENTRY = r"(?m)^[ \t]*(?:(?:///?|\*|//!)[ \t]*-?[ \t]*|-[ \t]+)?\*{0,2}NAME(?=(?:\s*\([^)\n]*\))?\s*:)"
"""A parameter in a list of them under a heading."""


def find(search: EditSearch) -> list[Candidate]:
    """What the documentation of a function still calls by the old name, if its code does not."""
    candidates: list[Candidate] = []
    for change in list_name_changes(search.context):
        scope = _find_scope(search.context.snapshot, change)
        if scope is not None and not change.old.isdigit():
            candidates += _list_places(search, change, scope)
    return candidates


def _find_scope(snapshot: Snapshot, change: NameChange) -> Scope | None:
    """The definition whose name it is, or whose parameter."""
    scopes = [
        each
        for each in find_scopes(snapshot, change.start, change.start + 1)
        if each.header_start <= change.start < each.signature_end
    ]
    if not scopes or not find_name_place(snapshot, change.start).declares:
        return None
    return scopes[-1]


def _list_places(search: EditSearch, change: NameChange, scope: Scope) -> Iterator[Candidate]:
    snapshot = search.context.snapshot
    is_own_name = scope.name == change.new
    if scope.kind != "function" and not is_own_name:
        return
    if not is_own_name and _is_used(snapshot, change.old, scope):
        return
    for low, high in _find_documentation(snapshot, scope):
        text = snapshot.data[low:high].decode("utf-8", "replace")
        for at in sorted({*_find_mentions(text, change.old, is_own_name=is_own_name)}):
            start = low + len(text[:at].encode())
            yield from offer_rename(search, "documented_name", start, change.old, change.new, change.number)


def _find_mentions(text: str, name: str, *, is_own_name: bool) -> Iterator[int]:
    word = rf"(?P<name>(?<!\w){re.escape(name)}(?!\w))"
    if is_own_name:
        # The first word of a comment, or one in back quotes.
        for pattern in (rf"\A\s*(?://+!?|/\*+|\*)\s*{word}", rf"`{word}(?=(?:\(\))?`)"):
            yield from (match.start("name") for match in re.finditer(pattern, text))
        return
    for tag in _TAGS:
        yield from (match.start("name") for match in re.finditer(tag.replace("NAME", word), text))
    if section := _SECTION.search(text):
        entries = re.compile(_ENTRY.replace("NAME", word))
        yield from (match.start("name") for match in entries.finditer(text, section.end()))


def _find_documentation(snapshot: Snapshot, scope: Scope) -> list[tuple[int, int]]:
    """The bytes of a definition's docstring, and of the comment above it, whichever there are."""
    parts: list[tuple[int, int]] = []
    line = snapshot.lines.find_line(scope.header_start)
    first = line
    while (
        first > 0
        and line - first < MAX_COMMENT_LINES
        and _COMMENT.match(snapshot.data, snapshot.lines.find_start(first - 1), snapshot.lines.find_start(first))
    ):
        first -= 1
    if first < line:
        parts.append((snapshot.lines.find_start(first), snapshot.lines.find_start(line)))
    if docstring := find_docstring(snapshot, scope):
        parts.append(docstring)
    return parts


def _is_used(snapshot: Snapshot, name: str, scope: Scope) -> bool:
    pattern = re.compile(rb"(?<![\w.])" + re.escape(name.encode()) + rb"(?!\w)")
    return any(
        find_name_place(snapshot, match.start()).kind is TextKind.CODE
        for match in pattern.finditer(snapshot.data, scope.header_start, scope.end)
    )
