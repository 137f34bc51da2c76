"""Texts and edits to draw from, and what a plain string and a fresh parse say of them."""

import re
from bisect import bisect_right

from hypothesis import strategies as st
from tree_sitter import Tree

from interfix.syntax.document import Document, PositionEncoding, Snapshot

LINE_ENDS = ["\n", "\r\n", "\r"]
NO_LINE_ENDS = ["\f", "\v", "\x1c", "\x85", "\u2028", "\u2029"]
WIDE = ["😋", "é", "e\u0301", "👩\u200d👩\u200d👧", "\ufeff", "\0"]
CODE = ["x", "    ", "(", ")", ":", '"', "'''", "# ", "if x:\n", "import os\r"]
BLOCKS = ["def f(a):\n    return a\n", "class A:\r\n  pass\r\n"]
PIECES = st.sampled_from([*LINE_ENDS, *NO_LINE_ENDS, *WIDE, *CODE, *BLOCKS])
TEXTS = st.lists(PIECES, max_size=40).map("".join)
UNITS = {PositionEncoding.UTF8: "utf-8", PositionEncoding.UTF16: "utf-16-le", PositionEncoding.UTF32: "utf-32-le"}
WIDTH = {PositionEncoding.UTF8: 1, PositionEncoding.UTF16: 2, PositionEncoding.UTF32: 4}
PLACE = st.integers(min_value=0, max_value=10**6)
EDITS = st.lists(st.tuples(PLACE, st.integers(min_value=0, max_value=12), TEXTS), min_size=1, max_size=4)


def count_units(text: str, encoding: PositionEncoding) -> int:
    return len(text.encode(UNITS[encoding], "surrogatepass")) // WIDTH[encoding]


def list_line_starts(text: str) -> list[int]:
    """The oracle's lines, in characters."""
    return [0] + [match.end() for match in re.finditer(r"\r\n|\n|\r", text)]


def compute_position(text: str, index: int, encoding: PositionEncoding) -> tuple[int, int]:
    starts = list_line_starts(text)
    line = bisect_right(starts, index) - 1
    return line, count_units(text[starts[line] : index], encoding)


def is_addressable(text: str, index: int) -> int:
    """A client cannot name the place between CR and LF."""
    index %= len(text) + 1
    return index - 1 if text[index - 1 : index + 1] == "\r\n" and index else index


def tree_shape(tree: Tree | None) -> list[tuple[object, ...]]:
    assert tree is not None
    shapes, pending = [], [tree.root_node]
    while pending:
        node = pending.pop()
        shapes.append((node.type, node.start_byte, node.end_byte, node.start_point, node.end_point, node.is_missing))
        pending.extend(node.children)
    return shapes


def assert_same_as_fresh(snapshot: Snapshot) -> None:
    fresh = Document(snapshot.uri, snapshot.text).snapshot()
    assert snapshot.lines.starts.tolist() == fresh.lines.starts.tolist()
    assert snapshot.lines.lone_cr_starts.tolist() == fresh.lines.lone_cr_starts.tolist()
    assert tree_shape(snapshot.tree) == tree_shape(fresh.tree)
