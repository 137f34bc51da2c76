"""What a selection means."""

import pytest

from interfix.commands.selection import resolve_selection
from interfix.errors import UsageError
from tests.unit.commands.marked_text import parse_marked

FILE = "class A:\n    def f(self, x):\n        y = x\n        return y\n\n    def g(self):\n        pass\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 1\nb = «2\nc» = 3\nd = 4\n", "b = 2\nc = 3"),
        ("a = 1\n«b = 2\n»c = 3\n", "b = 2"),
        ("a = 1\n«\nb = 2\n\n»c = 3\n", "b = 2"),
        ("«a = 1»", "a = 1"),
        ("a‸ = 1\nb = 2\n", "a = 1"),
        ("a = «1\r\nb» = 2\r\nc = 3\r\n", "a = 1\nb = 2"),
        (FILE.replace("y = x", "«y = x»"), "        y = x"),
        (FILE.replace("y = x", "y ‸= x"), "    def f(self, x):\n        y = x\n        return y"),
        (FILE.replace("f(self", "«f»(self"), "    def f(self, x):\n        y = x\n        return y"),
        (FILE.replace("def f(self, x):", "«def f(self, x):»"), "    def f(self, x):\n        y = x\n        return y"),
    ],
)  # fmt: skip
def test_a_selection_is_widened(text: str, expected: str) -> None:
    assert resolve_selection(*parse_marked(text)).code == expected


@pytest.mark.parametrize("text", ["‸", "a = 1\n\n‸\n", "a = 1\n« \n\n »\n"])
def test_where_there_is_no_code_it_says_so(text: str) -> None:
    with pytest.raises(UsageError, match="no code here"):
        resolve_selection(*parse_marked(text))


def test_signatures_around_it_are_told() -> None:
    selection = resolve_selection(*parse_marked(FILE.replace("y = x", "«y = x»")))
    assert selection.location_clause == ", which stands in `class A:`, `def f(self, x):`"
    assert resolve_selection(*parse_marked("«a = 1»")).location_clause == ""


def test_names_defined_in_it() -> None:
    assert set(resolve_selection(*parse_marked(f"«{FILE}»")).find_definitions()) == {"A", "f", "g"}
    assert set(resolve_selection(*parse_marked(FILE.replace("def g", "def ‸g"))).find_definitions()) == {"g"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FILE.replace("y = x", "y ‸= x"), "f"),
        (FILE.replace("    def f", "«    def f").replace("return y", "return y»"), "f"),
        (FILE.replace("y = x", "«y = x»"), "line 3"),
        (FILE.replace("y = x", "«y = x").replace("return y", "retu»rn y"), "lines 3 to 4"),
        ("a‸ = 1\nb = 2\n", "line 1"),
        (f"«{FILE}»", "A"),
    ],
)  # fmt: skip
def test_a_user_knows_it_by_its_name_or_its_lines(text: str, expected: str) -> None:
    assert resolve_selection(*parse_marked(text)).label.rpartition(".")[2] == expected
