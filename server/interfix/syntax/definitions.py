"""The definitions in a tree."""

import msgspec
from tree_sitter import Node

from interfix.syntax.grammar import Captures
from interfix.syntax.injections import get_embedded_at, split_by_language
from interfix.syntax.query_matches import find_captures, find_matches
from interfix.syntax.snapshot import Snapshot


class Scope(msgspec.Struct, frozen=True):
    """A definition that holds others or code. Offsets are bytes."""

    kind: str
    """class, function, interface, struct, enum, module, namespace, trait, impl or macro."""
    name: str
    """Its name as written, qualified where it is."""
    start: int
    """Where it begins, decorators and the like included."""
    end: int
    """Where it ends."""
    body_start: int
    """Where its body begins: the first statement, or just behind the opening brace."""
    signature_end: int
    """Where its header ends: behind Python's colon, before a brace."""
    header_start: int
    """Where its header begins, decorators left out."""


def find_scopes(snapshot: Snapshot, start: int, end: int) -> tuple[Scope, ...]:
    """The scopes that touch the bytes `start` to `end`, in the order of the text; those in other languages among them."""
    scopes = (scope for part in split_by_language(snapshot, start, end) for scope in find_own_scopes(part, start, end))
    return tuple(sorted(scopes, key=lambda scope: scope.start))


def find_own_scopes(snapshot: Snapshot, start: int, end: int) -> tuple[Scope, ...]:
    """The same in the snapshot's own language."""
    scopes: dict[int, Scope] = {}
    for captures in find_matches(snapshot, "scopes", start, end):
        scope = _build_scope(snapshot, captures)
        key = captures["name"][0].start_byte
        earlier = scopes.get(key)
        if earlier and scope.start != earlier.start:
            inner = max(scope, earlier, key=lambda each: each.start)
            scope = msgspec.structs.replace(inner, start=min(scope.start, earlier.start), end=max(scope.end, earlier.end))
        scopes[key] = scope
    return tuple(sorted(scopes.values(), key=lambda scope: scope.start))


def find_docstring(snapshot: Snapshot, scope: Scope) -> tuple[int, int] | None:
    """The byte range of the docstring that a scope's body begins with."""
    snapshot = get_embedded_at(snapshot, scope.body_start)
    leads = find_captures(snapshot, "blocks", "lead", scope.body_start, scope.body_start + 1)
    return next((lead for lead in leads if lead[0] == scope.body_start), None)


def _build_scope(snapshot: Snapshot, captures: Captures) -> Scope:
    kind, nodes = next((name, nodes) for name, nodes in captures.items() if name.startswith("scope."))
    node, name = nodes[0], captures["name"][0]
    body = captures["body"][0] if captures.get("body") else None
    signature_end = _find_header_end(node, name, body)
    body_start = body.start_byte if body else signature_end
    return Scope(
        kind=kind.removeprefix("scope."),
        name=snapshot.data[name.start_byte : name.end_byte].decode("utf-8", "replace"),
        start=node.start_byte,
        end=node.end_byte,
        body_start=body_start + (snapshot.data[body_start : body_start + 1] == b"{"),
        signature_end=signature_end,
        header_start=node.start_byte,
    )


def _find_header_end(node: Node, name: Node, body: Node | None) -> int:
    """Where the last part of a header ends; what does not parse between it and the body is no part of it."""
    last = body.prev_sibling if body else (node.children[-1].prev_sibling if node.children else None)
    while last and (last.is_extra or last.is_error):
        last = last.prev_sibling
    return max(last.end_byte if last else 0, name.end_byte)
