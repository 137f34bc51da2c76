"""Where an empty block begins, and where one does not."""

import pytest
from msgspec.structs import replace

from interfix.syntax.document import Document
from interfix.syntax.enclosing_scopes import is_in_empty_block
from interfix.syntax.languages import load_languages

PYTHON = {
    "def f(x):‸": True,
    "def f(x):\n    ‸": True,
    "def f(x):\n    ‸\n\n\ndef g():\n    pass\n": True,
    "class A:\n    def f(self):\n        ‸\n\n    def g(self):\n        pass\n": True,
    "def f(x):\n    ‸\n    return x\n": False,
    "def f(x):\n    return x\n    ‸\n": False,
    'def f(x):\n    """Says."""\n    ‸\n': True,
    'def f(x):\n    """Says."""‸\n': False,
    'def f(x):\n    """Says."""\n    ‸\n    return x\n': False,
    'def f(x):\n    """Says. ‸"""\n': False,
    'def f(x):\n    """Says."""\n\n‸': True,
    'def f(x):\n    """Says."""\n\n‸\n\ndef g():\n    pass\n': False,
    "def f(x):\n    # Says.\n    ‸\n": True,
    "def f(x):\n    # Says. ‸\n": False,
    "def f(x):  # Says.\n    ‸\n": True,
    "def f(\n    x: int,\n) -> dict[str, int]:\n    ‸\n": True,
    "if x:\n        ‸\n": True,
    "if x:\n    ‸\nelse:\n    pass\n": True,
    "if x:\n    pass\nelse:\n    ‸\n": True,
    "try:\n    ‸\n": True,
    "for x in y:\n    if x:\n        ‸\n    z()\n": True,
    "match x:\n    case 1:\n        ‸\n    case 2:\n        pass\n": True,
    "x: ‸": False,
    "x = {\n    'a':\n        ‸\n}\n": False,
    "f = lambda:‸": False,
    "s = '''\ndef f():\n    ‸\n'''\n": False,
    "class A:\n    def f(self):\n        self.\n\n    def g(self):\n        ‸\n\n    def h(self):\n        pass\n": True,
    "def f():\n    g(1,\n\ndef h():\n    ‸\n": True,
    "if x:\n    y()\n\n‸": False,
    "def f(x):\r\n    ‸\r\n\r\ny = 1\r\n": True,
}
OTHERS = {
    ("javascript", "function f() {\n  ‸\n}\n"): True,
    ("javascript", "function f() {‸}\n"): True,
    ("javascript", "x.map((y) => {\n  ‸\n});\n"): True,
    ("javascript", "function f() {\n  // Says.\n  ‸\n}\n"): True,
    ("javascript", "function f() {\n  // Says. ‸\n}\n"): False,
    ("javascript", "function f() {\n  ‸\n  return 1;\n}\n"): False,
    ("javascript", "function f() {\n  ‸\n\nfunction g() {\n}\n"): True,
    ("javascript", "const x = {\n  ‸\n};\n"): False,
    ("javascript", "const x = `{\n  ‸\n}`;\n"): False,
    ("typescript", "class A {\n  f(x: number): void {\n    ‸\n  }\n}\n"): True,
    ("typescript", "interface A {\n  ‸\n}\n"): True,
    ("go", "func f() int {\n\t‸\n}\n"): True,
    ("go", "func f() {\n\tif x {\n\t\t‸\n\t}\n\tg()\n}\n"): True,
    ("go", "x := T{\n\t‸\n}\n"): False,
    ("rust", "impl A {\n    fn f(&self) -> u8 {\n        ‸\n    }\n}\n"): True,
    ("rust", "/// Says.\nfn f() {\n    // Here.\n    ‸\n}\n"): True,
    ("java", "class A {\n    void f() {\n        ‸\n    }\n}\n"): True,
    ("java", "class A {\n    int[] x = {\n        ‸\n    };\n}\n"): False,
    ("c", "int main(void)\n{\n    ‸\n}\n"): True,
    ("cpp", "namespace a {\n\nvoid A::f() const {\n  ‸\n}\n\n}\n"): True,
    ("csharp", "class A\n{\n    int F()\n    {\n        ‸\n    }\n}\n"): True,
    ("csharp", "var x = new[] {\n    ‸\n};\n"): False,
    ("php", "<?php\nfunction f() {\n    ‸\n}\n"): True,
    ("php", "<?php\n$x = [\n    ‸\n];\n"): False,
    ("shellscript", "if true; then\n  ‸\nfi\n"): True,
    ("shellscript", "f() {\n  ‸\n}\n"): True,
    ("shellscript", "if true; then\n  x\n  ‸\nfi\n"): False,
    ("lua", "function f(x)\n  ‸\nend\n"): True,
    ("lua", "for i = 1, 2 do\n  ‸\nend\n"): True,
    ("lua", "local t = {\n  ‸\n}\n"): False,
    ("css", ".a {\n  ‸\n}\n"): True,
    ("html", "<div>\n  ‸\n</div>\n"): True,
    ("html", "<div>\n  <p>x</p>\n  ‸\n</div>\n"): False,
    ("html", "<script>\nif (x) {\n  ‸\n}\n</script>\n"): True,
    ("kotlin", "fun f(): Int {\n    ‸\n}\n"): True,
    ("swift", "func f() -> Int {\n    ‸\n}\n"): True,
    ("scala", "def f(): Int = {\n  ‸\n}\n"): True,
    ("zig", "fn f() u8 {\n    ‸\n}\n"): True,
    ("yaml", "a:\n  ‸\n"): True,
    ("yaml", "a:\n  b: 1\n  ‸\n"): False,
    ("ruby", "def x\n  ‸\nend\n"): True,
    ("ruby", "def x‸\nend\n"): False,
    ("ruby", "class A < B\n  def x(a, b: 1)\n    ‸\n  end\nend\n"): True,
    ("ruby", "x.each do |y|\n  ‸\nend\n"): True,
    ("ruby", "if x\n  ‸\nelse\n  y\nend\n"): True,
    ("ruby", "def x\n  ‸\n  y\nend\n"): False,
    ("ruby", "def x\n  y\n  ‸\nend\n"): False,
}


@pytest.mark.parametrize("text", PYTHON)
def test_python(parse_marked, text: str) -> None:
    assert is_in_empty_block(*parse_marked(text)) is PYTHON[text]


@pytest.mark.parametrize(("language", "text"), OTHERS)
def test_other_languages(parse_marked, language: str, text: str) -> None:
    assert is_in_empty_block(*parse_marked(text, language)) is OTHERS[language, text]


@pytest.mark.parametrize(
    ("language", "text", "opens"),
    [
        ("python", "def f(x):\n    ‸\n", True),
        ("python", "def f(\n    x,\n):\n    ‸\n", True),
        ("python", "x = {'a':‸\n", False),
        ("python", "def f(x):\n    ‸\n    return x\n", False),
        ("javascript", "if (x) {\n  ‸\n}\n", True),
        ("javascript", "f({\n  ‸\n})\n", False),
        ("ruby", "x.each do |y|\n  ‸\nend\n", True),
        ("", "thing {\n  ‸\n", True),
        ("", "thing\n  ‸\n", False),
    ],
)
def test_without_a_grammar_the_lines_around_decide(language: str, text: str, opens: bool) -> None:
    before, after = text.split("‸")
    snapshot = Document("untitled:it", before + after).snapshot()
    known = load_languages().find_by_id(language)
    gone = replace(known, grammar=replace(known.grammar, module="tree_sitter_of_nowhere")) if known else None
    bare = type(snapshot)(snapshot.uri, "", 0, gone, snapshot.data, snapshot.lines)
    assert bare.tree is None
    assert is_in_empty_block(bare, len(before)) is opens
