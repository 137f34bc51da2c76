"""Names that the last edits changed, each as a whole, with the marks that names of a format may hold."""

import re
from collections.abc import Iterator

import msgspec

from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.edit_log import Edit, EditKind
from interfix.system.common_prefix import count_common_prefix

MAX_EDITS = 16
"""Edits that are looked at, the newest."""
MAX_NAME_BYTES = 200
"""Longer ones are no names."""


class NameChange(msgspec.Struct, frozen=True):
    """One name that gave way to another at its place."""

    old: str
    """The name before."""
    new: str
    """The name now."""
    start: int
    """Byte offset at which it stands."""
    line: int
    """Zero-based line."""
    number: int
    """The number of the edit."""


def list_name_changes(context: EditContext, marks: str = "") -> Iterator[NameChange]:
    """What the newest edits of the document renamed, the newest first; `marks` are characters of names beside those of words."""
    snapshot = context.snapshot
    characters = rb"[\w" + re.escape(marks.encode()) + rb"\x80-\xff]*"
    pattern, tail = re.compile(characters), re.compile(characters + rb"\Z")
    for edit in list_edits(context):
        low, high = max(0, edit.start - MAX_NAME_BYTES), edit.end + MAX_NAME_BYTES
        before, behind = tail.search(snapshot.data[low : edit.start]), pattern.match(snapshot.data, edit.end, high)
        head, rest = before[0] if before else b"", behind[0] if behind else b""
        old, new = head + edit.old + rest, head + edit.new + rest
        if old and new and pattern.fullmatch(old) and pattern.fullmatch(new):
            start = edit.start - len(head)
            names = old.decode("utf-8", "replace"), new.decode("utf-8", "replace")
            yield NameChange(*names, start, snapshot.lines.find_line(start), edit.number)


def list_edits(context: EditContext) -> Iterator[Edit]:
    """The newest edits of the document, the newest first, without what is the same at either end of their texts."""
    uri = context.snapshot.uri
    edits = [each for each in context.edits if each.uri == uri and each.start >= 0 and each.kind is not EditKind.FORMATTED]
    return (trim_equal_ends(each) for each in edits[: -MAX_EDITS - 1 : -1])


def is_edited(context: EditContext, start: int, end: int) -> bool:
    """Whether the user has changed the text between two bytes of the document."""
    uri = context.snapshot.uri
    return any(each.uri == uri and 0 <= each.start <= end and start <= each.end for each in context.edits)


def trim_equal_ends(edit: Edit) -> Edit:
    """The same edit without what its old and new text have in common at either end."""
    head = count_common_prefix(edit.old, edit.new)
    old, new = edit.old[head:], edit.new[head:]
    tail = count_common_prefix(old[::-1], new[::-1])
    old, new = old[: len(old) - tail], new[: len(new) - tail]
    return msgspec.structs.replace(edit, start=edit.start + head, old=old, new=new)
