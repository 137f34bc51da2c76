"""Asks a snapshot's trees with its language's queries."""

from interfix.syntax.grammar import Captures
from interfix.syntax.snapshot import Snapshot

CAPTURES = {
    "scopes": {"scope", "name", "body"},
    "definitions": {"definition", "name"},
    "members": {"member", "alias", "name"},
    "imports": {"import"},
    "modules": {"statement", "module", "path", "name", "relative", "within"},
    "attributes": {"attribute"},
    "blocks": {"open", "lead", "text"},
    "words": {"words"},
    "comments": {"comment", "attribute"},
    "identifiers": {"identifier"},
    "injections": {"injection"},
}
"""By query, the captures that are read; what follows a dot says of which kind. Others are for the conditions of a pattern only."""


def find_matches(snapshot: Snapshot, query: str, start: int, end: int, max_depth: int | None = None) -> list[Captures]:
    """The captures of each match of `query`.scm that touches the bytes `start` to `end`; none without a grammar or a tree.

    `max_depth` limits how far below the root a match may begin.
    """
    grammar = snapshot.language.load_grammar() if snapshot.language else None
    trees = snapshot.trees
    if grammar is None or trees is None:
        return []
    return [
        captures
        for root, stretch in trees.find_roots(start, end)
        for _, captures in grammar.find_matches(query, root, snapshot.data, start, end, max_depth)
        if not trees.regions or trees.find_region(_find_start(captures)) is stretch
    ]


def find_captures(snapshot: Snapshot, query: str, capture: str, start: int, end: int) -> list[tuple[int, int]]:
    """The byte ranges that `query`.scm captures as `capture` and that touch the bytes `start` to `end`, in the text's order."""
    nodes = (node for captures in find_matches(snapshot, query, start, end) for node in captures.get(capture, ()))
    return sorted({(node.start_byte, node.end_byte) for node in nodes})


def find_text_spans(snapshot: Snapshot, start: int, end: int) -> list[tuple[int, int]]:
    """The byte ranges of the strings and comments that touch the bytes `start` to `end`, in the text's order."""
    return sorted(
        {*find_captures(snapshot, "blocks", "text", start, end), *find_captures(snapshot, "comments", "comment", start, end)}
    )


def words(snapshot: Snapshot, start: int, end: int) -> list[tuple[int, int]]:
    """The same with what is words in code of its own: the text between the tags of a page, a plain scalar."""
    return sorted({*find_text_spans(snapshot, start, end), *find_captures(snapshot, "words", "words", start, end)})


def is_in_text(snapshot: Snapshot, offset: int) -> bool:
    """Whether the byte at `offset` belongs to a string or comment of the tree."""
    return any(start <= offset < end for start, end in find_text_spans(snapshot, offset, offset + 1))


def _find_start(captures: Captures) -> int:
    return min(node.start_byte for nodes in captures.values() for node in nodes)
