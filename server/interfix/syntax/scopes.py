"""Which definitions enclose a place. Goes by the tree where it is sound, by headers and indentation where it is not."""

from interfix.syntax.blocks import opens_block
from interfix.syntax.definitions import Scope, documentation, own_scopes, scopes_in
from interfix.syntax.headers import by_indentation, header_lines
from interfix.syntax.indentation import first_code, indent
from interfix.syntax.injections import embedded
from interfix.syntax.snapshot import Snapshot

__all__ = ["Scope", "definition_at", "documentation", "enclosing", "opens_block", "scopes_in"]


def enclosing(snapshot: Snapshot, offset: int) -> tuple[Scope, ...]:
    """The scopes that hold the byte `offset`, outermost first; inside a part in another language, its own only."""
    snapshot = embedded(snapshot, offset)
    line = snapshot.lines.at(offset)
    before = snapshot.data[snapshot.lines.start(line) : offset]
    indented = snapshot.language is not None and snapshot.language.block == "indent"
    # White space behind the last statement of an indented block is outside of its node: ask for what stands before it.
    place = offset - len(before) + len(before.rstrip()) if indented and before.strip() else offset
    found = [scope for scope in own_scopes(snapshot, max(0, place - 1), place + 1) if _holds(snapshot, scope, place)]
    broken = snapshot.broken
    # On a blank line below it, the cursor's column tells whether it has left the block.
    if broken or (indented and not before.strip()):
        known = {line for scope in found for line in header_lines(snapshot, scope)}
        found += [scope for scope in by_indentation(snapshot, offset) if snapshot.lines.at(scope.header) not in known]
    found.sort(key=lambda scope: (scope.start, -scope.end))
    return tuple(_consistent(snapshot, found, offset) if broken else found)


def definition_at(snapshot: Snapshot, offset: int) -> Scope | None:
    """The innermost definition at the byte `offset`; the white space before its first line counts as part of it."""
    line = snapshot.lines.at(offset)
    found = enclosing(snapshot, max(offset, first_code(snapshot, line)))
    return found[-1] if found else None


def _holds(snapshot: Snapshot, scope: Scope, offset: int) -> bool:
    if not scope.start <= offset <= scope.end:
        return False
    block = snapshot.language.block if snapshot.language else "indent"
    closer = {"braces": b"}", "keyword": b"end"}.get(block)
    return offset < scope.end or closer is None or not snapshot.data[scope.start : scope.end].endswith(closer)


def _consistent(snapshot: Snapshot, found: list[Scope], offset: int) -> list[Scope]:
    """Without the scopes that a broken tree lets swallow what is not indented deeper than their header."""
    kept: list[Scope] = []
    line = snapshot.lines.at(offset)
    limit = indent(snapshot, line)
    for scope in reversed(found):
        own = indent(snapshot, snapshot.lines.at(scope.header)) or 0
        if limit is None or own < limit or offset <= scope.signature_end:
            kept.append(scope)
            limit = own
    return kept[::-1]
