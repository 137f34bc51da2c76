"""Which definitions enclose a place: by the tree, or by headers and indentation where the tree is broken."""

from interfix.syntax.definitions import Scope, find_docstring, find_own_scopes, find_scopes
from interfix.syntax.empty_block import is_in_empty_block
from interfix.syntax.fallback_scopes import find_scopes_by_indentation, get_header_lines
from interfix.syntax.indent_structure import find_first_code, measure_line_indent
from interfix.syntax.injections import get_embedded_at
from interfix.syntax.snapshot import Snapshot

__all__ = ["Scope", "find_definition", "find_docstring", "find_enclosing_scopes", "find_scopes", "is_in_empty_block"]


def find_enclosing_scopes(snapshot: Snapshot, offset: int) -> tuple[Scope, ...]:
    """The scopes that hold the byte `offset`, outermost first; inside a part in another language, its own only."""
    snapshot = get_embedded_at(snapshot, offset)
    line = snapshot.lines.find_line(offset)
    before = snapshot.data[snapshot.lines.find_start(line) : offset]
    indented = snapshot.language is not None and snapshot.language.block == "indent"
    # White space behind the last statement of an indented block is outside of its node: ask for what stands before it.
    code_offset = offset - len(before) + len(before.rstrip()) if indented and before.strip() else offset
    scopes = [
        scope
        for scope in find_own_scopes(snapshot, max(0, code_offset - 1), code_offset + 1)
        if _holds(snapshot, scope, code_offset)
    ]
    broken = snapshot.broken
    # On a blank line below it, the cursor's column tells whether it has left the block.
    if broken or (indented and not before.strip()):
        header_lines = {line for scope in scopes for line in get_header_lines(snapshot, scope)}
        scopes += [
            scope
            for scope in find_scopes_by_indentation(snapshot, offset)
            if snapshot.lines.find_line(scope.header_start) not in header_lines
        ]
    scopes.sort(key=lambda scope: (scope.start, -scope.end))
    return tuple(_drop_swallowing_scopes(snapshot, scopes, offset) if broken else scopes)


def find_definition(snapshot: Snapshot, offset: int) -> Scope | None:
    """The innermost definition at the byte `offset`; the white space before its first line counts as part of it."""
    line = snapshot.lines.find_line(offset)
    scopes = find_enclosing_scopes(snapshot, max(offset, find_first_code(snapshot, line)))
    return scopes[-1] if scopes else None


def _holds(snapshot: Snapshot, scope: Scope, offset: int) -> bool:
    if not scope.start <= offset <= scope.end:
        return False
    block = snapshot.language.block if snapshot.language else "indent"
    closer = {"braces": b"}", "keyword": b"end"}.get(block)
    return offset < scope.end or closer is None or not snapshot.data[scope.start : scope.end].endswith(closer)


def _drop_swallowing_scopes(snapshot: Snapshot, scopes: list[Scope], offset: int) -> list[Scope]:
    """Without the scopes that a broken tree lets swallow what is not indented deeper than their header."""
    remaining: list[Scope] = []
    line = snapshot.lines.find_line(offset)
    limit = measure_line_indent(snapshot, line)
    for scope in reversed(scopes):
        own = measure_line_indent(snapshot, snapshot.lines.find_line(scope.header_start)) or 0
        if limit is None or own < limit or offset <= scope.signature_end:
            remaining.append(scope)
            limit = own
    return remaining[::-1]
