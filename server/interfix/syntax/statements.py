"""Whole statements: what of a text can be replaced without cutting through a node of the tree."""

import re

from tree_sitter import Node

from interfix.syntax.injections import get_embedded_at
from interfix.syntax.query_matches import find_matches
from interfix.syntax.snapshot import Snapshot

_CONTAINER = re.compile(
    r"(?:^|_)(?:block|body|list|statements|declarations|program|module|chunk|stylesheet|transaction|table|mapping|sequence"
    r"|source_file|translation_unit|compilation_unit|compound_statement|case_statement|default_statement|if_statement"
    r"|switch_case|switch_default|switch_entry|switch_statement|switch_expression|statement_group|when_expression|type_case"
    r"|expression_case|communication_case|default_case|case_item|group|begin|then|else|ensure|do|method"
    r"|class|struct_declaration|union_declaration|array_element|column_definitions|preproc_\w+)$"
    r"|^(?:jsx_|script_|style_)?element$"
)
"""Types of nodes whose children are statements, definitions or entries, one after another, in the grammars that we have."""
_NO_CONTAINER = re.compile(r"^(?:argument|parameter|expression|identifier|type|import|string|modifier|initializer)s?_list$|^list$")
"""Types that only look like it: what they hold is part of a statement."""
_STATEMENT_FIELDS = (None, "body", "member", "local_declaration", "declaration")
"""Fields by which grammars name statements; other fields hold parts of a statement, such as a condition."""
_TERMINATORS = re.compile(r"^(?:return|raise|throw|break|continue|goto)(?:_statement|_expression)?$")
_SEPARATORS = (";", ",", "\n")


def widen_to_statements(snapshot: Snapshot, start: int, end: int) -> tuple[int, int]:
    """The bytes `start` to `end` with the rest of each statement that they cut through; the same where there is no tree.

    Both ends are to be at code, not at white space.
    """
    embedded = get_embedded_at(snapshot, start)
    snapshot = embedded if get_embedded_at(snapshot, max(start, end - 1)) is embedded else snapshot
    tree = snapshot.tree
    if tree is None or start >= end:
        return start, end
    bodies = {
        (node.start_byte, node.end_byte, node.type)
        for captures in find_matches(snapshot, "scopes", start, end)
        for node in captures.get("body", ())
    }
    node = tree.root_node.descendant_for_byte_range(start, end)
    while node is not None:
        first, last = _widen_to_children(node, start, end)
        if _holds_statements(node, bodies) and _are_statements(node, first, last):
            return first, last
        if node.parent is None:
            return first, last
        start, end, node = node.start_byte, node.end_byte, node.parent
    return start, end


def ends_with_terminator(snapshot: Snapshot, start: int, end: int) -> bool:
    """Whether the last statement of the bytes `start` to `end` leaves its block, such as `return`, and others follow it there."""
    node = snapshot.tree.root_node.descendant_for_byte_range(max(start, end - 1), end) if snapshot.tree is not None else None
    while node is not None and not _TERMINATORS.match(node.type) and node.start_byte >= start and node.end_byte <= end:
        node = node.parent
    if node is None or not _TERMINATORS.match(node.type) or node.start_byte < start:
        return False
    if node.parent is not None and node.parent.type == "expression_statement":
        node = node.parent
    following = node.next_named_sibling
    while following is not None and following.is_extra:
        following = following.next_named_sibling
    return following is not None and following.start_point[0] > node.end_point[0]


def _widen_to_children(node: Node, start: int, end: int) -> tuple[int, int]:
    """The range with the rest of each child that it cuts through."""
    touched = [child for child in node.children if child.start_byte < end and child.end_byte > start]
    if not touched:
        return start, end
    return min(start, touched[0].start_byte), max(end, touched[-1].end_byte)


def _holds_statements(node: Node, bodies: set[tuple[int, int, str]]) -> bool:
    if node.parent is None or (node.start_byte, node.end_byte, node.type) in bodies:
        return True
    if node.is_named and _CONTAINER.search(node.type) and not _NO_CONTAINER.search(node.type):
        return True
    # A file that is one literal, such as JSON.
    return node.parent.parent is None and node.parent.named_child_count == 1


def _are_statements(node: Node, start: int, end: int) -> bool:
    """Whether all children in the range can stand and go by themselves."""
    for index, child in enumerate(node.children):
        if child.end_byte <= start or child.start_byte >= end or child.is_extra:
            continue
        if not child.is_named and child.type.strip(" \t\r") not in _SEPARATORS:
            return False
        if node.field_name_for_child(index) not in _STATEMENT_FIELDS or child.type.endswith("_tag"):
            return False
    return True
