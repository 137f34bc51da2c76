"""Lines that are made like others, also where a generated file has very many of them."""

import pytest

from interfix.next_edit.line_search_index import LineTable
from interfix.next_edit.template_matches import MAX_COMPARED_LINES, find_template_matches
from interfix.syntax.document import Document


@pytest.mark.parametrize("near", [0, 2500, 4999])
def test_of_very_many_lines_those_nearest_are_compared(near: int) -> None:
    text = "".join(f"set_value(table, {i})\n" for i in range(5000))
    table = LineTable(Document("file:///a.py", text).snapshot())
    lines = [each.line for each in find_template_matches(table, ["set_value(table, 9)"], near=near)]
    assert len(lines) == MAX_COMPARED_LINES
    assert lines == list(range(lines[0], lines[0] + MAX_COMPARED_LINES))
    assert near in lines


def test_all_of_few_lines_are_compared() -> None:
    text = "set_value(table, 1)\nother()\nset_value(table, 2)\nget_other[list, table]\n"
    table = LineTable(Document("file:///a.py", text).snapshot())
    assert [each.line for each in find_template_matches(table, ["set_value(table, 9)"])] == [0, 2]
