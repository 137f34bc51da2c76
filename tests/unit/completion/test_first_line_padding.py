"""What the model said, shown by itself, has its lines where they would stand in the document."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from interfix.completion.first_line_padding import align_first_line

LINES = st.text(st.sampled_from('ab (="é漢'), max_size=20)


@given(LINES, st.lists(LINES, min_size=1, max_size=3).map("\n".join))
def test_each_line_is_in_its_column(prefix: str, text: str) -> None:
    first, *others = align_first_line(text, prefix).split("\n")
    own, *following = text.split("\n")
    assert others == following
    if own.strip():
        assert (first.endswith(own), cell_len(first)) == (True, cell_len(prefix + own))


@pytest.mark.parametrize(
    ("prefix", "shown"),
    [
        ("    ", "    return total\n    # end"),
        ("\t", "\treturn total\n    # end"),
        ("\tif x:\t", "\t     \treturn total\n    # end"),
        ("    if x: ", "          return total\n    # end"),
        ("    " + "x" * 200, "    return total\n    # end"),
        ("", "return total\n    # end"),
    ],
)
def test_the_first_line_is_not_left_of_the_others(prefix: str, shown: str) -> None:
    assert align_first_line("return total\n    # end", prefix) == shown


def test_what_begins_with_a_line_end_stays() -> None:
    assert align_first_line("\n    pass", "def f():") == "\n    pass"
