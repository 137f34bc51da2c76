"""A text's code without its comments: every token, and how they nest. Without a tree there is nothing."""

from collections.abc import Iterator

from interfix.syntax.query_matches import find_captures
from interfix.syntax.snapshot import Snapshot

GrammarToken = tuple[int, str, bytes]
"""How deep it stands, what the grammar calls it, its text; the text of a node with children is empty."""


def list_code_tokens(snapshot: Snapshot) -> tuple[GrammarToken, ...]:
    """The tree of the whole text in order, comments and docstrings left out; empty without a grammar."""
    whole = snapshot.replace_all(snapshot.text)  # parsed at one go: the tree of an edited long text is in pieces
    size = len(whole.data)
    asides = {*find_captures(whole, "comments", "comment", 0, size), *find_captures(whole, "blocks", "lead", 0, size)}
    return tuple(_walk_tokens(whole, asides))


def _walk_tokens(snapshot: Snapshot, skipped_spans: set[tuple[int, int]]) -> Iterator[GrammarToken]:
    if snapshot.tree is None:
        return
    cursor, depth = snapshot.tree.walk(), 0
    while True:
        node = cursor.node
        assert node is not None
        aside = (node.start_byte, node.end_byte) in skipped_spans
        if not aside:
            yield depth, node.type, b"" if node.child_count else snapshot.data[node.start_byte : node.end_byte]
        if not aside and cursor.goto_first_child():
            depth += 1
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return
            depth -= 1
