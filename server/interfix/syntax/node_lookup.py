"""Nodes by position: the leaf at a byte, the statement that begins there, the bracket that a bracket there closes."""

from tree_sitter import Node

from interfix.syntax.snapshot import Snapshot


def find_statement(snapshot: Snapshot, offset: int) -> str:
    """The type of the largest node that begins at a byte, the whole text and what is broken aside; empty if none does."""
    node, statement = find_leaf(snapshot, offset), ""
    while node is not None and node.start_byte == offset and node.parent is not None:
        statement = statement if node.is_error else node.type
        node = node.parent
    return statement


def find_opener(snapshot: Snapshot, offset: int, opening: str) -> int | None:
    """Where the bracket begins that the closing one at a byte closes; `opening` is how such a bracket is spelled.

    -1 where it closes none, such as the `)` behind a pattern of a shell's `case`; None where the tree is broken there.
    """
    node = find_leaf(snapshot, offset)
    if node is None or node.parent is None or node.parent.is_error or _is_in_error(node):
        return None
    openers = [child for child in node.parent.children if child.type.endswith(opening) and child.start_byte < offset]
    return openers[-1].start_byte if openers and node.end_byte - node.start_byte == 1 else -1


def find_leaf(snapshot: Snapshot, offset: int) -> Node | None:
    """The smallest node that holds a byte; None where there is no tree."""
    trees = snapshot.trees
    if trees is None:
        return None
    stretch = trees.find_region(offset)
    return (stretch.tree if stretch else trees.full_tree).root_node.descendant_for_byte_range(offset, offset + 1)


def _is_in_error(node: Node | None) -> bool:
    while node is not None and not node.is_error:
        node = node.parent
    return node is not None
