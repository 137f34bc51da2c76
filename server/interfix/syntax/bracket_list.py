"""What stands in a pair of brackets, by commas: parameters, arguments, the fields of a literal."""

import msgspec
from tree_sitter import Node

from interfix.syntax.node_lookup import find_leaf
from interfix.syntax.snapshot import Snapshot

_CLOSERS = {"(": ")", "{": "}", "[": "]"}
_MAX_CLIMB = 12
"""Nodes around a place that are looked at for its brackets."""
_MAX_NODES = 400
"""Nodes of a list that are looked at."""


class BracketList(msgspec.Struct, frozen=True):
    """A pair of brackets. Offsets are bytes."""

    start: int
    """Where the opening bracket stands."""
    end: int
    """Behind the closing one."""
    items: tuple[tuple[int, int], ...]
    """Where each item begins and ends, white space and commas left out."""
    has_comments: bool = False
    """Whether there are comments between the items."""


def find_enclosing_list(snapshot: Snapshot, offset: int) -> BracketList | None:
    """The list in the innermost brackets around a byte; None where there are none, or as for `find_bracket_list`."""
    node = find_leaf(snapshot, offset)
    for _ in range(_MAX_CLIMB):
        if node is None:
            return None
        children = node.children
        openers = [each for each in children if each.type in _CLOSERS and each.start_byte < offset]
        around = [each for each in openers if any(offset <= end.start_byte for end in children if end.type == _CLOSERS[each.type])]
        if around:
            return find_bracket_list(snapshot, around[-1].start_byte)
        node = node.parent
    return None


def find_bracket_list(snapshot: Snapshot, offset: int) -> BracketList | None:
    """The list whose opening bracket stands at a byte; None where none does, the tree is broken there, or the list is long."""
    opening = find_leaf(snapshot, offset)
    parent = opening.parent if opening is not None else None
    if opening is None or parent is None or parent.has_error or opening.type not in _CLOSERS:
        return None
    items: list[tuple[int, int]] = []
    item: tuple[int, int] | None = None
    comments = False
    node: Node | None = opening.next_sibling
    for _ in range(_MAX_NODES):
        if node is None:
            return None
        if node.type == _CLOSERS[opening.type]:
            return BracketList(opening.start_byte, node.end_byte, (*items, item) if item else tuple(items), comments)
        if node.type == ",":
            items += [item] if item else []
            item = None
        elif node.is_extra:
            comments = True
        else:
            item = (item[0] if item else node.start_byte, node.end_byte)
        node = node.next_sibling
    return None


def find_counterpart(snapshot: Snapshot, offset: int) -> int | None:
    """Where the bracket or quote stands that ends what one at a byte begins; None where it begins nothing, or the tree is broken
    there.
    """
    leaf = find_leaf(snapshot, offset)
    node = leaf.parent if leaf is not None and leaf.end_byte - leaf.start_byte == 1 else leaf
    if node is None or node.has_error or node.start_byte != offset or node.end_byte - offset < len("()"):
        return None
    return node.end_byte - 1
