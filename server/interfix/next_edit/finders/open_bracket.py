"""A bracket was opened before an expression: its close behind it."""

import re

from interfix.next_edit.candidate import Candidate
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.name_changes import list_edits
from interfix.next_edit.next_edit_types import Replacement
from interfix.syntax.document import Snapshot
from interfix.syntax.name_place import TextKind, find_name_place
from interfix.syntax.node_lookup import find_leaf

_CLOSERS = {b"(": b")", b"[": b"]"}
_OPENING = re.compile(rb"[\w.:!$&*]*[(\[]")
"""All that was typed: what is called, and the bracket."""
_NO_EXPRESSIONS = (
    "statement",
    "block",
    "body",
    "source",
    "program",
    "module",
    "document",
    "arguments",
    "list",
    "pair",
    "ERROR",
    "argument",
)
_MAX_EXPRESSION_BYTES = 2_000
_MAX_CLIMB = 30


def find(search: EditSearch) -> list[Candidate]:
    """Where the newest edit's bracket closes, if it is what the text around wants, and nothing else is broken by it."""
    snapshot = search.context.snapshot
    edit = next(list_edits(search.context), None)
    if edit is None or edit.old or not _OPENING.fullmatch(edit.new) or edit.number != search.history.newest:
        return []
    before = snapshot.replace_range(edit.start, edit.end, "")
    end = _find_expression_end(before, edit.start)
    if end is None:
        return []
    at, closing = end + len(edit.new), _CLOSERS[edit.new[-1:]]
    closed = snapshot.replace_range(at, at, closing.decode())
    if not closed.count_errors() <= before.count_errors() < snapshot.count_errors():
        return []
    line = snapshot.lines.find_line(at)
    label = f"{edit.new.decode('utf-8', 'replace')} … {closing.decode()}"
    return [Candidate("open_bracket", "open_bracket", line, line + 1, (Replacement(at, at, closing),), {}, label, edit.number)]


def _find_expression_end(snapshot: Snapshot, start: int) -> int | None:
    """Where the largest expression ends that begins at a byte; None where none does."""
    node, end = find_leaf(snapshot, start), None
    if find_name_place(snapshot, start).kind is not TextKind.CODE:
        return None
    for _ in range(_MAX_CLIMB):
        if node is None or node.start_byte != start:
            return end
        text = snapshot.data[node.start_byte : node.end_byte]
        if node.is_named and not any(each in node.type for each in _NO_EXPRESSIONS):
            if node.has_error or len(text) > _MAX_EXPRESSION_BYTES or (text.endswith((b";", b"\n", b"}")) and b"\n" in text):
                return end
            end = node.end_byte
        node = node.parent
    return end
