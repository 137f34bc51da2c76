"""Code in, the same code without bodies out, in languages with each way of holding a block together."""

from pathlib import Path

import pytest

from interfix.context.skeletons.code_structure import find_code_scopes
from interfix.context.skeletons.skeleton import build_skeleton
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


def strip_bodies(name: str, text: str, *, terse: bool = False) -> str:
    snapshot = Document(Path(f"/ws/{name}").as_uri(), text).snapshot()
    return build_skeleton(find_code_scopes(snapshot), range(len(snapshot.lines)), terse=terse)


def test_short_docstrings_and_short_bodies_stay() -> None:
    assert (
        strip_bodies("a.py", PYTHON)
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
        strip_bodies("a.py", PYTHON, terse=True)
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
    text = strip_bodies("a.go", GO, terse=terse)
    assert "type Shop struct {\n\tname string\n}\n" in text
    assert "func (s *Shop) Total(deep bool) int { ... }\n" in text
    assert ("// Total counts." in text) is not terse


def test_keywords() -> None:
    assert "  # Counts.\n  def total(deep)\n    ...\n  end\nend\n" in strip_bodies("a.rb", RUBY)
    assert strip_bodies("a.rb", RUBY, terse=True) == "class Shop\n  attr_reader :name\n  def total(deep) ...\nend\n"


@pytest.mark.parametrize(
    ("name", "text", "kept"),
    [
        (
            "a.py",
            "class A:\n    def __init__(self, b):\n        super().__init__()\n        self.b = b\n        self.c: int = 0\n",
            "class A:\n    def __init__(self, b):\n        self.b = b\n        self.c: int = 0\n",
        ),
        (
            "a.ts",
            "class A {\n  constructor(b: B) {\n    super();\n    this.b = b;\n  }\n}\n",
            "class A {\n  constructor(b: B) {\n    this.b = b;\n  }\n}\n",
        ),
        (
            "a.rb",
            "class A\n  def initialize(b)\n    super()\n    @b = b\n  end\nend\n",
            "class A\n  def initialize(b)\n    @b = b\n  end\nend\n",
        ),
    ],
)
@pytest.mark.parametrize("terse", [False, True])
def test_of_a_constructor_stays_what_an_instance_holds(name: str, text: str, kept: str, *, terse: bool) -> None:
    assert strip_bodies(name, text, terse=terse) == kept


def test_another_method_does_not_tell_what_an_instance_holds() -> None:
    text = "class A:\n    def reset(self):\n        self.b = 1\n        self.c = 2\n"
    assert strip_bodies("a.py", text) == "class A:\n    def reset(self):\n        ...\n"


def test_a_long_docstring_goes_with_its_body() -> None:
    text = 'def f():\n    """One.\n\n' + "    More.\n" * 60 + '    """\n    return 1\n'
    assert strip_bodies("a.py", text) == "def f():\n    ...\n"


def test_line_endings_are_the_files_own() -> None:
    assert strip_bodies("a.py", "def f():\r\n    a = 1\r\n    return a\r\n") == "def f():\r\n    ...\r\n"


def test_a_file_without_a_grammar_is_left_as_it_is() -> None:
    assert strip_bodies("a.unknown", PYTHON) == PYTHON
