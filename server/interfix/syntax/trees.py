"""Questions to a bare tree-sitter tree. Knows no language and no document."""

from tree_sitter import Tree


def errors(tree: Tree) -> int:
    """Number of ERROR and MISSING nodes. Costs little where the tree is sound: only broken branches are visited."""
    count = 0
    pending = [tree.root_node] if tree.root_node.has_error else []
    while pending:
        node = pending.pop()
        count += node.is_error or node.is_missing
        pending.extend(child for child in node.children if child.has_error)
    return count
