"""Which definitions enclose the cursor, in sound text and in the broken text that a cursor leaves around itself."""

import pytest
from msgspec.structs import replace

from interfix.syntax.document import Document
from interfix.syntax.enclosing_scopes import find_definition, find_docstring, find_enclosing_scopes
from interfix.syntax.languages import load_languages
from interfix.syntax.signatures_in_range import list_signatures

CLASS = "class A:\n    def f(self):\n        {}\n\n    def g(self):\n        return 1\n"
ENCLOSING = [
    ("python", "‸import os\n", []),
    ("python", CLASS.format("x = 1‸"), ["A", "f"]),
    ("python", CLASS.format("x = 1\n        ‸"), ["A", "f"]),
    ("python", CLASS.format("x = 1\n    ‸"), ["A"]),
    ("python", CLASS.format("x = 1\n‸\n        y = 2"), ["A", "f"]),
    ("python", CLASS.format("self.‸"), ["A", "f"]),
    ("python", CLASS.format('x = "abc‸'), ["A", "f"]),
    ("python", CLASS.format('x = """abc‸'), ["A", "f"]),
    ("python", CLASS.format("call(1,\n             ‸"), ["A", "f"]),
    ("python", CLASS.format("call(1,\n\n    def h(self):\n        ‸"), ["A", "h"]),
    ("python", "def f():\n    g(1,\n\ndef h():\n    x = 1\n    return ‸\n", ["h"]),
    ("python", "def f():\n    pass\n\n\n‸", []),
    ("python", "def f():\n    pass\n\n\nx = (‸\n", []),
    ("python", 's = """\nclass A:\n    def f():\n        ‸\n"""\nx = (\n', []),
    ("python", "def f():\n    s = '''\nzero ‸\n'''\n", ["f"]),
    ("python", "@cache\n‸def f():\n    pass\n", ["f"]),
    ("python", "def f(a,\n      ‸b):\n    pass\n", ["f"]),
    ("javascript", "class A {\n  f() {\n    this.‸\n  }\n}\n", ["A", "f"]),
    ("javascript", "class A {\n  f() {\n    g(\n      ‸\n  }\n}\n", ["A", "f"]),
    ("javascript", "function f() {\n  if (x) {\n    ‸\n}\n\nfunction g() {\n}\n", ["f"]),
    ("javascript", "function f() {\n  if (x) {\n}\n\nfunction g() {\n  ‸\n}\n", ["g"]),
    ("javascript", "function f() {\n}‸\n", []),
    ("javascript", "export const f = (x) => {\n  ‸\n};\n", ["f"]),
    ("go", "func (a *A) F() {\n\ta.‸\n}\n", ["F"]),
    ("rust", "impl A {\n    fn f(&self) {\n        self.‸\n    }\n}\n", ["A", "f"]),
    ("java", "class A {\n    @Override\n    public void f() {\n        this.‸\n    }\n}\n", ["A", "f"]),
    ("c", "static int\nf(int x)\n{\n    return ‸\n}\n", ["f"]),
    ("cpp", "namespace a {\nclass B {\n  int f() {\n    ‸\n  }\n};\n}\n", ["a", "B", "f"]),
    ("csharp", "namespace N {\n    class A {\n        void F() {\n            this.‸\n        }\n    }\n}\n", ["N", "A", "F"]),
    ("php", "<?php\nclass A {\n    function f() {\n        $this->‸\n    }\n}\n", ["A", "f"]),
    ("shellscript", "f() {\n  if true; then\n    ‸\n  fi\n}\n", ["f"]),
    ("lua", "local M = {}\nfunction M.f(x)\n  x.‸\nend\n", ["M.f"]),
    ("css", "@media print {\n  .a {\n    color: ‸\n  }\n}\n", ["@media", ".a"]),
    ("kotlin", "class A {\n    fun f() {\n        this.‸\n    }\n}\n", ["A", "f"]),
    ("swift", "class A {\n    func f() {\n        self.‸\n    }\n}\n", ["A", "f"]),
    ("scala", "object A {\n  def f(): Int = {\n    x.‸\n  }\n}\n", ["A", "f"]),
    ("zig", "const A = struct {\n    fn f() void {\n        x.‸\n    }\n};\n", ["A", "f"]),
    ("toml", "[a.b]\nx = 1\ny = 2‸\n", ["a.b"]),
    ("ruby", "module A\n  class B\n    def f\n      x.‸\n    end\n  end\nend\n", ["A", "B", "f"]),
    ("ruby", "module A\n  def f\n    ‸\n  end\nend\n", ["A", "f"]),
]


@pytest.mark.parametrize(("language", "text", "names"), ENCLOSING)
def test_enclosing(parse_marked, language: str, text: str, names: list[str]) -> None:
    assert [scope.name for scope in find_enclosing_scopes(*parse_marked(text, language))] == names


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        ("python", CLASS.format("x = 1\n        ‸"), ["A", "f"]),
        ("python", "@cache\nasync def f(\n    a: int,\n) -> int:\n    ‸\n", ["f"]),
        ("javascript", "class A {\n  f() {\n    return 1;\n    ‸\n  }\n}\n", ["A"]),
        ("c", "int f(int x)\n{\n    ‸\n}\n", ["f"]),
        ("ruby", "class A\n  def f\n    ‸\n  end\nend\n", ["A", "f"]),
    ],
)
def test_without_a_grammar_headers_and_indentation_decide(language: str, text: str, names: list[str]) -> None:
    before, after = text.split("‸")
    snapshot = Document("untitled:it", before + after).snapshot()
    known = load_languages().find_by_id(language)
    assert known is not None
    gone = replace(known, grammar=replace(known.grammar, module="tree_sitter_of_nowhere"))
    bare = type(snapshot)(snapshot.uri, "", 0, gone, snapshot.data, snapshot.lines)
    found = find_enclosing_scopes(bare, len(before))
    assert [scope.name for scope in found] == names
    assert all(scope.start <= scope.header_start < scope.signature_end <= scope.body_start <= scope.end for scope in found)


@pytest.mark.parametrize(
    ("language", "text", "header", "body"),
    [
        ("python", "@cache\ndef f(x) -> int:\n    return ‸x\n", "@cache\ndef f(x) -> int:", "return x"),
        ("javascript", "export function f(x) {\n  ‸return x;\n}\n", "export function f(x)", "\n  return x;\n}"),
        ("cpp", "template <class T>\nT f(T x) {‸ return x; }\n", "template <class T>\nT f(T x)", " return x; }"),
        ("go", "type A interface {\n\t‸F()\n}\n", "type A interface", "\n\tF()\n}"),
        ("ruby", "def f(x)\n  ‸x\nend\n", "def f(x)", "x\nend"),
        ("ruby", "class A < B\n  ‸\nend\n", "class A < B", "\n  \nend"),
    ],
)
def test_the_marks_of_a_definition(parse_marked, language: str, text: str, header: str, body: str) -> None:
    snapshot, offset = parse_marked(text, language)
    scope = find_definition(snapshot, offset)
    assert scope is not None
    assert snapshot.data[scope.start : scope.signature_end].decode() == header
    assert snapshot.data[scope.body_start : scope.end].decode() == body


def test_the_white_space_before_a_definition_belongs_to_it(parse_marked) -> None:
    scope = find_definition(*parse_marked("class A:\n  ‸  def f(self):\n        pass\n"))
    assert scope is not None
    assert scope.name == "f"


def test_documentation_is_the_docstring_a_body_begins_with(parse_marked) -> None:
    snapshot, offset = parse_marked('class A:\n    """Two\n    lines."""\n    def f(self):\n        ‸return 1\n')
    found = [find_docstring(snapshot, scope) for scope in find_enclosing_scopes(snapshot, offset)]
    assert [each and snapshot.data[slice(*each)] for each in found] == [b'"""Two\n    lines."""', None]


def test_signatures_ignore_layout_and_decorators(parse_marked) -> None:
    text = "X = 1\n@cache\ndef f(a,\n      b) -> int:\n    return 1\nclass A(B):\n    y = 2\n    def g(self): pass\n‸z()\n"
    snapshot, offset = parse_marked(text)
    assert list_signatures(snapshot, 0, offset) == ("X", "def f(a, b) -> int", "class A(B)", "y", "def g(self)")
    assert list_signatures(snapshot, 0, 10) == ("X",)
