"""Any edits, in any encoding, over any line ending: the text is what a plain string would be, the tree what a fresh parse gives."""

import re
from bisect import bisect_right

from hypothesis import given
from hypothesis import strategies as st
from tree_sitter import Tree

from interfix.syntax.document import Document, DocumentEdit, PositionEncoding, Snapshot

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

Batch = list[tuple[int, int, str]]


def columns(text: str, encoding: PositionEncoding) -> int:
    return len(text.encode(UNITS[encoding], "surrogatepass")) // WIDTH[encoding]


def line_starts(text: str) -> list[int]:
    """The oracle's lines, in characters."""
    return [0] + [match.end() for match in re.finditer(r"\r\n|\n|\r", text)]


def position_of(text: str, index: int, encoding: PositionEncoding) -> tuple[int, int]:
    starts = line_starts(text)
    line = bisect_right(starts, index) - 1
    return line, columns(text[starts[line] : index], encoding)


def is_addressable(text: str, index: int) -> int:
    """A client cannot name the place between CR and LF."""
    index %= len(text) + 1
    return index - 1 if text[index - 1 : index + 1] == "\r\n" and index else index


def tree_shape(tree: Tree | None) -> list[tuple[object, ...]]:
    assert tree is not None
    found, pending = [], [tree.root_node]
    while pending:
        node = pending.pop()
        found.append((node.type, node.start_byte, node.end_byte, node.start_point, node.end_point, node.is_missing))
        pending.extend(node.children)
    return found


def assert_same_as_fresh(snapshot: Snapshot) -> None:
    fresh = Document(snapshot.uri, snapshot.text).snapshot()
    assert snapshot.lines.starts.tolist() == fresh.lines.starts.tolist()
    assert snapshot.lines.lone_cr_starts.tolist() == fresh.lines.lone_cr_starts.tolist()
    assert tree_shape(snapshot.tree) == tree_shape(fresh.tree)


@given(TEXTS, st.lists(EDITS, min_size=1, max_size=4), st.sampled_from(PositionEncoding))
def test_edits_give_the_text_and_tree_of_the_oracle(text: str, batches: list[Batch], encoding: PositionEncoding) -> None:
    document = Document("file:///a.py", text, 1)
    earlier = []
    for version, batch in enumerate(batches, 2):
        edits = []
        for place, length, new in batch:
            start = is_addressable(text, place)
            end = max(start, is_addressable(text, min(len(text), start + length)))
            edits.append(DocumentEdit(position_of(text, start, encoding), position_of(text, end, encoding), new))
            text = text[:start] + new + text[end:]
        document.apply(edits, version, encoding)
        snapshot = document.snapshot()
        assert (snapshot.text, snapshot.version) == (text, version)
        assert_same_as_fresh(snapshot)
        earlier.append((snapshot, text, tree_shape(snapshot.tree)))
    for snapshot, text, tree in earlier:
        assert snapshot.text == text
        assert tree_shape(snapshot.tree) == tree


@given(TEXTS, PLACE, st.sampled_from(PositionEncoding))
def test_positions_and_offsets_are_each_others_inverse(text: str, place: int, encoding: PositionEncoding) -> None:
    index = is_addressable(text, place)
    snapshot = Document("file:///a.txt", text).snapshot()
    line, column = position_of(text, index, encoding)
    offset = len(text[:index].encode())
    assert snapshot.to_offset(line, column, encoding) == offset
    assert snapshot.to_position(offset, encoding) == (line, column)


@given(TEXTS, st.integers(0, 60), st.integers(0, 60), st.sampled_from(PositionEncoding))
def test_any_position_lands_between_characters_of_its_line(text: str, line: int, column: int, encoding: PositionEncoding) -> None:
    snapshot = Document("file:///a.txt", text).snapshot()
    offset = snapshot.to_offset(line, column, encoding)
    before = snapshot.data[:offset].decode()
    landed_line, landed_column = position_of(text, len(before), encoding)
    assert is_addressable(text, len(before)) == len(before)
    if line < len(line_starts(text)):
        assert landed_line == line
        assert landed_column <= column
        rest = re.split(r"[\r\n]", text[len(before) :])[0]
        assert not rest or landed_column + columns(rest[0], encoding) > column
    else:
        assert offset == len(snapshot.data)


@given(st.text(st.characters(), max_size=20), PLACE, st.integers(0, 3), st.sampled_from(["\ud83d", "\ude0b", "x", ""]))
def test_surrogate_halves_that_meet_are_one_character(text: str, place: int, length: int, new: str) -> None:
    """A UTF-16 client may send the halves of a pair in two edits; lone halves are kept as they are."""
    units = text.encode("utf-16-le", "surrogatepass")
    snapshot = Document("file:///a.txt", text).snapshot()
    start = snapshot.to_offset(0, place % (len(units) // 2 + 1), PositionEncoding.UTF16)
    line, column = snapshot.to_position(start, PositionEncoding.UTF16)
    end = snapshot.to_offset(line, column + length, PositionEncoding.UTF16)
    expected = snapshot.data[:start].decode("utf-8", "surrogatepass") + new + snapshot.data[end:].decode("utf-8", "surrogatepass")
    result = snapshot.replace_range(start, end, new)
    assert result.text.encode("utf-16-le", "surrogatepass") == expected.encode("utf-16-le", "surrogatepass")
    assert result.text == result.text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
