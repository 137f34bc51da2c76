"""Whether an empty block begins at the cursor. Decided by the tree, or by the lines around where the tree is broken."""

import re

import msgspec

from interfix.syntax.indent_structure import (
    find_first_code,
    find_next_code_line,
    get_line_text,
    measure_line_indent,
    measure_whitespace,
)
from interfix.syntax.injections import get_embedded_at
from interfix.syntax.query_matches import find_captures, find_matches, find_text_spans
from interfix.syntax.snapshot import Snapshot

_DEFAULT_OPENER = r"[:{]\s*$"
_MAX_HEADER_LINES = 30
"""Lines a header may take."""
_FOLLOWING_BYTES = 10_000
"""White space that may stand before the bracket that closes an empty block."""
_HEADER_BYTES = 1000
"""Bytes at either end of a header that are looked at."""


class _BlockOpening(msgspec.Struct, frozen=True):
    """What opens a block before the cursor."""

    header_indent: int
    """How far the line of its header is indented."""
    end_line: int
    """The line on which the header, or what may follow it in an empty block, ends."""
    is_bare: bool
    """Whether nothing but white space stands between the header and the cursor."""


def is_in_empty_block(snapshot: Snapshot, offset: int) -> bool:
    """Whether the cursor at the byte `offset` stands in a block that has no statement yet, where its first one belongs.

    Comments and a docstring leave a block empty. Without a grammar it goes by the lines around.
    """
    snapshot = get_embedded_at(snapshot, offset)
    opening = _find_opening_in_tree(snapshot, offset) or (
        _find_opening_in_text(snapshot, offset) if _needs_text_fallback(snapshot, offset) else None
    )
    if opening is None:
        return False
    block = snapshot.language.block if snapshot.language else "indent"
    line = snapshot.lines.find_line(offset)
    rest = snapshot.data[offset : snapshot.lines.find_end(snapshot.data, line)].strip()
    if block == "braces":
        if snapshot.data[offset : offset + _FOLLOWING_BYTES].lstrip()[:1] == b"}":
            return True
        if not snapshot.broken:
            return False
    elif line == opening.end_line and (block == "keyword" or not opening.is_bare):
        return False
    below = find_next_code_line(snapshot, line)
    if rest or not _is_inside(snapshot, offset, opening, is_last=below is None):
        return False
    return below is None or (measure_line_indent(snapshot, below) or 0) <= opening.header_indent


def _is_inside(snapshot: Snapshot, offset: int, opening: _BlockOpening, *, is_last: bool) -> bool:
    """Whether the cursor has not left the block: on its first lines, or indented deeper than its header.

    Where the block is the last of the file (`is_last`), one blank line more is no reason to leave it empty.
    """
    line = snapshot.lines.find_line(offset)
    space = snapshot.data[snapshot.lines.find_start(line) : offset]
    return line <= opening.end_line + 1 + is_last or measure_whitespace(space) > opening.header_indent


def _find_opening_in_tree(snapshot: Snapshot, offset: int) -> _BlockOpening | None:
    if _is_cursor_in_text(snapshot, offset):
        return None
    end, end_line = len(snapshot.data[:offset].rstrip()), -1
    bare = True
    while end > 0:
        end_line = snapshot.lines.find_line(end - 1) if end_line < 0 else end_line
        asides = find_captures(snapshot, "comments", "comment", end - 1, end) + find_captures(
            snapshot, "blocks", "lead", end - 1, end
        )
        aside = next((start for start, stop in asides if start < end <= stop), None)
        if aside is not None:
            bare = False
            end = len(snapshot.data[:aside].rstrip())
            continue
        matches = find_matches(snapshot, "blocks", end - 1, end)
        opener = next((node for each in matches for node in each.get("open", ()) if node.end_byte == end), None)
        if opener is None:
            return None
        owner = opener.parent or opener
        first = snapshot.lines.find_line(opener.start_byte if opener.type == "{" else owner.start_byte)
        return _BlockOpening(header_indent=measure_line_indent(snapshot, first) or 0, end_line=end_line, is_bare=bare)
    return None


def _find_opening_in_text(snapshot: Snapshot, offset: int) -> _BlockOpening | None:
    language = snapshot.language
    comment = language.line_comment.encode() if language else b""
    cursor_line = line = snapshot.lines.find_line(offset)
    above: bytes = snapshot.data[snapshot.lines.find_start(line) : offset].strip()
    while not above or (comment and above.startswith(comment)):
        line -= 1
        if line < 0 or cursor_line - line > _MAX_HEADER_LINES:
            return None
        above = get_line_text(snapshot, line).strip()
    first, text = line, above
    if above.startswith((b")", b"}")):
        own = measure_line_indent(snapshot, line)
        while above.startswith(b")") and first > max(0, line - _MAX_HEADER_LINES):
            first -= 1
            text = get_line_text(snapshot, first).strip() + b" " + text
            if measure_line_indent(snapshot, first) == own:
                break
    if len(text) > 2 * _HEADER_BYTES:
        text = text[:_HEADER_BYTES] + text[-_HEADER_BYTES:]
    if not re.search(language.opens if language and language.opens else _DEFAULT_OPENER, text.decode("utf-8", "replace")):
        return None
    return _BlockOpening(header_indent=measure_line_indent(snapshot, first) or 0, end_line=line, is_bare=True)


def _needs_text_fallback(snapshot: Snapshot, offset: int) -> bool:
    """Whether the tree cannot be trusted to show every header, and the cursor is not in a string or comment it does show."""
    return snapshot.broken and not _is_cursor_in_text(snapshot, offset)


def _is_cursor_in_text(snapshot: Snapshot, offset: int) -> bool:
    """Whether the cursor is inside a string or comment; a line comment still goes on at its end."""
    comment = snapshot.language.line_comment.encode() if snapshot.language else b""
    for start, end in find_text_spans(snapshot, max(0, offset - 1), offset + 1):
        if start < offset < end:
            return find_first_code(snapshot, snapshot.lines.find_line(offset)) != offset or not _is_line_comment(snapshot, start)
        if start < offset == end and comment and _is_line_comment(snapshot, start):
            return snapshot.lines.find_line(start) == snapshot.lines.find_line(offset)
    return False


def _is_line_comment(snapshot: Snapshot, start: int) -> bool:
    comment = snapshot.language.line_comment.encode() if snapshot.language else b""
    return bool(comment) and snapshot.data.startswith(comment, start)
