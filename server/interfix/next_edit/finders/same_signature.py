"""A parameter, or the type of a result, was changed in one declaration: what declares the same, and who keeps its result."""

import re
from collections.abc import Iterator

from interfix.next_edit.candidate import Candidate
from interfix.next_edit.edit_log import Edit
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.name_changes import is_edited, list_edits
from interfix.next_edit.next_edit_types import Replacement
from interfix.next_edit.signatures import SignatureChange
from interfix.syntax.bracket_list import find_bracket_list, find_enclosing_list

_NAME_BEFORE = re.compile(rb"(\w+)\s*(?:<[^()]*>)?\s*\Z")
_TYPED = re.compile(r"\w+\s*\??\s*:\s*\S.*|(?:[\w:.<>,\[\]?&* ]+[\s&*]+)\w+(?:\s*\[\])?(?:\s*=.*)?")
"""A parameter with its type, which no argument is like."""
_MODIFIERS = r"(?:public|private|protected|internal|static|final|override|virtual|async|abstract|inline|const)"
_NO_TYPES = frozenset(["def", "fn", "func", "fun", "function", "async", "new"])
_MAX_NAME_BYTES = 200


def find(search: EditSearch) -> list[Candidate]:
    """Other declarations of the same function, such as overloads, headers and implementations, and annotations of its result."""
    candidates = [candidate for edit in list_edits(search.context) for candidate in _list_declarations(search, edit)]
    for change in search.signature_changes:
        candidates += _list_annotations(search, change)
    return candidates


def _list_declarations(search: EditSearch, edit: Edit) -> Iterator[Candidate]:
    """Where a parameter of a function of the name stands as it stood before the edit."""
    snapshot, table = search.context.snapshot, search.table
    items = find_enclosing_list(snapshot, edit.start)
    if items is None or snapshot.data[items.start : items.start + 1] != b"(" or b"\n" in edit.old + edit.new:
        return
    at = next((at for at, (start, end) in enumerate(items.items) if start <= edit.start and edit.end <= end), None)
    name = _NAME_BEFORE.search(snapshot.data[max(0, items.start - _MAX_NAME_BYTES) : items.start])
    if at is None or name is None:
        return
    start, end = items.items[at]
    new = snapshot.data[start:end].decode("utf-8", "replace")
    old = (snapshot.data[start : edit.start] + edit.old + snapshot.data[edit.end : end]).decode("utf-8", "replace")
    if not (_TYPED.fullmatch(old) and _TYPED.fullmatch(new)) or re.match(r"(?:return|new|await|throw)\b", old):
        return
    called = name[1].decode("utf-8", "replace")
    for line in table.find_words(called):
        for match in re.finditer(rf"(?<!\w){re.escape(called)}\s*(?:<[^()]*>)?\s*\(", table.lines[line]):
            other = find_bracket_list(snapshot, table.find_byte(line, match.end() - 1))
            if other is None or other.start == items.start or len(other.items) != len(items.items):
                continue
            low, high = other.items[at]
            text = snapshot.data[low:high].decode("utf-8", "replace")
            if _without_default(text) == _without_default(old) and not is_edited(search.context, low, high):
                replacement = Replacement(low, high, (_without_default(new) + text[len(_without_default(text)) :]).encode())
                first = snapshot.lines.find_line(low)
                label = f"{called}: {new}"
                yield Candidate("same_signature", "same_signature", first, first + 1, (replacement,), {}, label, edit.number)


def _without_default(text: str) -> str:
    return re.sub(r"\s*(?<![=!<>])=(?![=>]).*", "", text, flags=re.DOTALL)


def _list_annotations(search: EditSearch, change: SignatureChange) -> Iterator[Candidate]:
    """Variables whose declared type is what a function gave before, and which keep what it gives."""
    old, new = (_find_result(header, change.scope.name) for header in (change.old_header, change.header))
    if not old or not new or old == new:
        return
    table = search.table
    kept = re.compile(
        rf"(?::\s*(?P<behind>{re.escape(old)})|(?<![\w.<,])(?P<before>{re.escape(old)})\s+\w+)\s*=\s*"
        rf"(?:await\s+)?(?:(?:self|this|\$this)(?:\.|->))?{re.escape(change.name)}\("
    )
    for line in table.find_words(change.name):
        for match in kept.finditer(table.lines[line]):
            side = "behind" if match["behind"] else "before"
            start, end = (table.find_byte(line, at) for at in match.span(side))
            if not is_edited(search.context, start, end):
                replacement = Replacement(start, end, new.encode("utf-8", "surrogatepass"))
                label = f"{old} → {new}"
                yield Candidate("same_signature", "same_signature", line, line + 1, (replacement,), {}, label, change.number)


def _find_result(header: str, name: str) -> str:
    """The type of what a function gives, as its header says; empty where it says none."""
    if match := re.search(r"\)\s*(?:->|:)\s*(?P<type>[^{=;]+?)\s*:?\s*$", header.rstrip("{ \n")):
        return match["type"]
    match = re.match(rf"\s*(?:{_MODIFIERS}\s+)*(?P<type>[\w.:<>,\[\]?&* ]+?)\s+\*?{re.escape(name)}\s*\(", header)
    return match["type"] if match and match["type"] not in _NO_TYPES else ""
