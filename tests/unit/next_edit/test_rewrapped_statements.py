"""What an edit did to a statement that a formatter broke into lines in another way."""

import pytest

from interfix.next_edit.edit_log import Edit, EditKind
from interfix.next_edit.rewrapped_statements import find_rewrapped


def compare(old: str, new: str) -> list[tuple[str, str]] | None:
    change = find_rewrapped(Edit("", 0, old.encode(), new.encode(), EditKind.TYPED, 1))
    return None if change is None else [(each.old, each.new) for each in change.changes]


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        (
            "  public static final Map<String, Field> NONE =\n      Collections.emptyMap();\n",
            "  static final Map<String, Field> NONE = Collections.emptyMap();\n",
            [("public ", "")],
        ),
        (
            "auto format(View& value, Context& ctx) const -> Out {\n",
            "constexpr auto format(View& value, Context& ctx) const\n    -> Out {\n",
            [("", "constexpr ")],
        ),
        ("total = add(first, second)\n", "total = add(\n    first,\n    second,\n    third,\n)\n", [("", ", third")]),
        ("const all = load(\n  first,\n  second,\n);\n", "const all = load(first);\n", [(", second", "")]),
        ("items = find(name)\n", "items = find(\n    name,\n)\n", None),  # nothing but the breaks
        ("if found {\n", "if found {\n    return found\n", None),  # another statement came
        ("if found:\n    a = 1\n", "if found:\n", None),
        ("first = 1\n", "first = 2\nsecond = 3\n", None),
        ("one = 1\ntwo = 2\n", "one = 3\ntwo = 4\n", None),  # line by line
    ],
)
def test_a_statement_is_compared_as_one_line(old: str, new: str, changes: list[tuple[str, str]] | None) -> None:
    assert compare(old, new) == changes


def test_its_line_is_counted_from_where_the_edit_begins() -> None:
    old, new = "a = 1\nb = f(x)\nc = 2\n", "a = 1\nb = f(\n    x, y\n)\nc = 2\n"
    change = find_rewrapped(Edit("", 0, old.encode(), new.encode(), EditKind.TYPED, 1))
    assert change is not None
    assert change.line_number == 1
