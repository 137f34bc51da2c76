"""What a selection means."""

import pytest
from marked import marked

from interfix.commands.selection import meant
from interfix.errors import BadUsage

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
    assert meant(*marked(text)).code == expected


@pytest.mark.parametrize("text", ["‸", "a = 1\n\n‸\n", "a = 1\n« \n\n »\n"])
def test_where_there_is_no_code_it_says_so(text: str) -> None:
    with pytest.raises(BadUsage, match="no code here"):
        meant(*marked(text))


def test_signatures_around_it_are_told() -> None:
    selection = meant(*marked(FILE.replace("y = x", "«y = x»")))
    assert selection.place == ", which stands in `class A:`, `def f(self, x):`"
    assert meant(*marked("«a = 1»")).place == ""


def test_names_defined_in_it() -> None:
    assert set(meant(*marked(f"«{FILE}»")).names()) == {"A", "f", "g"}
    assert set(meant(*marked(FILE.replace("def g", "def ‸g"))).names()) == {"g"}
