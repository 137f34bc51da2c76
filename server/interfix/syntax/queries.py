"""Asks a snapshot's tree with its language's queries. Knows none of them."""

from interfix.syntax.grammar import Captures
from interfix.syntax.snapshot import Snapshot


def matches(snapshot: Snapshot, query: str, start: int, end: int, depth: int | None = None) -> list[Captures]:
    """The captures of each match of `query`.scm that touches the bytes `start` to `end`; none without a grammar or a tree.

    `depth` limits how far below the root a match may begin.
    """
    grammar = snapshot.language.load() if snapshot.language else None
    trees = snapshot.trees
    if grammar is None or trees is None:
        return []
    return [
        captures
        for root, stretch in trees.roots(start, end)
        for captures in grammar.matches(query, root, snapshot.data, start, end, depth)
        if not trees.stretches or trees.stretch(_start(captures)) is stretch
    ]


def _start(captures: Captures) -> int:
    return min(node.start_byte for nodes in captures.values() for node in nodes)


def in_text(snapshot: Snapshot, offset: int) -> bool:
    """Whether the byte at `offset` belongs to a string or comment of the tree."""
    nodes = (node for captures in matches(snapshot, "blocks", offset, offset + 1) for node in captures.get("text", ()))
    return any(node.start_byte <= offset < node.end_byte for node in nodes)
