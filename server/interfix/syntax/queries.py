"""Asks a snapshot's tree with its language's queries. Knows none of them."""

from interfix.syntax.grammar import Captures
from interfix.syntax.snapshot import Snapshot


def matches(snapshot: Snapshot, query: str, start: int, end: int, depth: int | None = None) -> list[Captures]:
    """The captures of each match of `query`.scm that touches the bytes `start` to `end`; none without a grammar or a tree.

    `depth` limits how far below the root a match may begin.
    """
    grammar = snapshot.language.load() if snapshot.language else None
    if grammar is None or snapshot.tree is None:
        return []
    return grammar.matches(query, snapshot.tree.root_node, start, end, depth)


def in_text(snapshot: Snapshot, offset: int) -> bool:
    """Whether the byte at `offset` belongs to a string or comment of the tree."""
    nodes = (node for captures in matches(snapshot, "blocks", offset, offset + 1) for node in captures.get("text", ()))
    return any(node.start_byte <= offset < node.end_byte for node in nodes)
