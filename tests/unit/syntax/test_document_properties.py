"""Any edits, in any encoding, over any line ending: the text is what a plain string would be, the tree what a fresh parse gives.

Random edits of `syntax/document.py`.
"""

import re

from hypothesis import given
from hypothesis import strategies as st

from interfix.syntax.document import Document, DocumentEdit, PositionEncoding
from tests.unit.syntax.edit_oracle import (
    EDITS,
    PLACE,
    TEXTS,
    assert_same_as_fresh,
    compute_position,
    count_units,
    is_addressable,
    list_line_starts,
    tree_shape,
)

Batch = list[tuple[int, int, str]]


@given(TEXTS, st.lists(EDITS, min_size=1, max_size=4), st.sampled_from(PositionEncoding))
def test_edits_give_the_text_and_tree_of_the_oracle(text: str, batches: list[Batch], encoding: PositionEncoding) -> None:
    document = Document("file:///a.py", text, 1)
    earlier = []
    for version, batch in enumerate(batches, 2):
        edits = []
        for place, length, new in batch:
            start = is_addressable(text, place)
            end = max(start, is_addressable(text, min(len(text), start + length)))
            edits.append(DocumentEdit(compute_position(text, start, encoding), compute_position(text, end, encoding), new))
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
    line, column = compute_position(text, index, encoding)
    offset = len(text[:index].encode())
    assert snapshot.to_offset(line, column, encoding) == offset
    assert snapshot.to_position(offset, encoding) == (line, column)


@given(TEXTS, st.integers(0, 60), st.integers(0, 60), st.sampled_from(PositionEncoding))
def test_any_position_lands_between_characters_of_its_line(text: str, line: int, column: int, encoding: PositionEncoding) -> None:
    snapshot = Document("file:///a.txt", text).snapshot()
    offset = snapshot.to_offset(line, column, encoding)
    before = snapshot.data[:offset].decode()
    landed_line, landed_column = compute_position(text, len(before), encoding)
    assert is_addressable(text, len(before)) == len(before)
    if line < len(list_line_starts(text)):
        assert landed_line == line
        assert landed_column <= column
        rest = re.split(r"[\r\n]", text[len(before) :])[0]
        assert not rest or landed_column + count_units(rest[0], encoding) > column
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
