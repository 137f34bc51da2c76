"""Code in, the same code without bodies out, in languages with each way of holding a block together."""

from pathlib import Path

import pytest

from interfix.context.skeleton import skeleton
from interfix.syntax.document import Document

PYTHON = '''import os

LIMIT = 3


class Shop(Base):
    """Sells."""

    name: str = ""

    @property
    def total(self) -> int:
        """All of it."""
        one = 1
        return one + 2

    def nothing(self):
        pass


def free(a, b):
    if a:
        return b
    return a
'''
GO = """package shop

type Shop struct {
	name string
}

// Total counts.
func (s *Shop) Total(deep bool) int {
	one := 1
	return one
}
"""
RUBY = """class Shop
  attr_reader :name

  # Counts.
  def total(deep)
    one = 1
    one + 2
  end
end
"""


def without_bodies(name: str, text: str, *, terse: bool = False) -> str:
    snapshot = Document(Path(f"/ws/{name}").as_uri(), text).snapshot()
    return skeleton(snapshot, 0, len(snapshot.lines), terse=terse)


def test_short_docstrings_and_short_bodies_stay() -> None:
    assert (
        without_bodies("a.py", PYTHON)
        == '''import os

LIMIT = 3


class Shop(Base):
    """Sells."""

    name: str = ""

    @property
    def total(self) -> int:
        """All of it."""
        ...

    def nothing(self):
        pass


def free(a, b):
    ...
'''
    )


def test_a_terse_one_is_a_line_a_function() -> None:
    assert (
        without_bodies("a.py", PYTHON, terse=True)
        == '''import os
LIMIT = 3
class Shop(Base):
    """Sells."""
    name: str = ""
    @property
    def total(self) -> int: ...
    def nothing(self): ...
def free(a, b): ...
'''
    )


@pytest.mark.parametrize("terse", [False, True])
def test_braces(terse: bool) -> None:
    text = without_bodies("a.go", GO, terse=terse)
    assert "type Shop struct {\n\tname string\n}\n" in text
    assert "func (s *Shop) Total(deep bool) int { ... }\n" in text
    assert ("// Total counts." in text) is not terse


def test_keywords() -> None:
    assert "  # Counts.\n  def total(deep)\n    ...\n  end\nend\n" in without_bodies("a.rb", RUBY)
    assert without_bodies("a.rb", RUBY, terse=True) == "class Shop\n  attr_reader :name\n  def total(deep) ...\nend\n"


def test_a_long_docstring_goes_with_its_body() -> None:
    text = 'def f():\n    """One.\n\n' + "    More.\n" * 60 + '    """\n    return 1\n'
    assert without_bodies("a.py", text) == "def f():\n    ...\n"


def test_line_endings_are_the_files_own() -> None:
    assert without_bodies("a.py", "def f():\r\n    a = 1\r\n    return a\r\n") == "def f():\r\n    ...\r\n"


def test_a_file_without_a_grammar_is_left_as_it_is() -> None:
    assert without_bodies("a.unknown", PYTHON) == PYTHON
