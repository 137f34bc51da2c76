"""Names that stand behind no link: in imports, between braces, behind a named argument; and members in languages with types first.

At each cursor `‸`: nothing is refused, and what is not known to exist costs something. About `context/names/`.
"""

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from interfix.context.names.completion_item_names import OfferedName, OfferedNames
from interfix.context.names.name_position import PositionKind, find_name_position
from interfix.syntax.document import Document
from tests.unit.context.name_tester import BASE, NameTester

FIELDS = OfferedNames((OfferedName("width", kind=5), OfferedName("height?", kind=5)))
MIXED = OfferedNames((OfferedName("width", kind=5), OfferedName("console", kind=6)))
EXPORTS = OfferedNames((OfferedName("open", kind=3), OfferedName("Reader", kind=7), OfferedName("type", kind=14)))


@pytest.fixture
def names(tmp_path: Path) -> Iterator[NameTester]:
    (tmp_path / "work").mkdir()
    tester = NameTester(tmp_path / "work")
    tester.write({"base.py": BASE, "parts.ts": PARTS})
    yield tester
    tester.close()


PARTS = """export class Box {}
export const one = 1
export async function load() {}
export { inner as outer } from './inner'
const hidden = 2
"""


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("a.py", "from x import ‸", PositionKind.IMPORT),
        ("a.py", "from x import a, b‸", PositionKind.IMPORT),
        ("a.py", "from x import (\n    a,  # why\n    ‸", PositionKind.IMPORT),
        ("a.py", "from x import a as ‸", None),
        ("a.py", "from x import a\n‸", None),
        ("a.py", "f(a=1, ‸", PositionKind.ARGUMENT),
        ("a.py", "f(\n    a=g(1, 2),\n    ‸", PositionKind.ARGUMENT),
        ("a.py", "f(a=1, b=‸", None),
        ("a.py", "f(1, ‸", None),
        ("a.py", "f(a == 1, ‸", None),
        ("a.py", "f(g(a=1), ‸", None),
        ("a.py", "def f(a=1, ‸", None),
        ("a.py", "f(a='(', ‸", PositionKind.ARGUMENT),
        ("a.py", "x = {a: 1, ‸", None),
        ("a.ts", "import { ‸ } from './parts'", PositionKind.IMPORT),
        ("a.ts", "import { a, ‸ } from './parts'", PositionKind.IMPORT),
        ("a.ts", "import { ‸", None),
        ("a.ts", "const x: Box = { ‸ }", PositionKind.FIELD),
        ("a.ts", "f({ a: 1, ‸ })", PositionKind.FIELD),
        ("a.ts", "const { ‸ } = x", PositionKind.FIELD),
        ("a.ts", "f({ a: ‸ })", None),
        ("a.ts", "if (x) { ‸ }", None),
        ("a.ts", "const f = () => { ‸ }", None),
        ("a.go", "package a\n\nvar x = Box{‸}", PositionKind.FIELD),
        ("a.go", "package a\n\nfunc f() { ‸ }", None),
        ("a.go", "package a\n\nfunc f() {\n\tif x == y { ‸ }\n}", None),
    ],
)
def test_the_kind_of_name_at_a_cursor(name: str, text: str, kind: PositionKind | None) -> None:
    before, _, after = text.partition("‸")
    snapshot = Document(f"file:///{name}", before + after).snapshot()
    position = find_name_position(snapshot, len(before.encode()))
    assert (position.kind if position is not None else None) is kind


@pytest.mark.parametrize(
    ("path", "text", "offered", "written", "is_known"),
    [
        ("a.ts", "import { ‸ } from './parts'\n", None, "Box, outer }", True),
        ("a.ts", "import { ‸ } from './parts'\n", None, "type Box }", True),
        ("a.ts", "import { ‸ } from './parts'\n", None, "hidden }", False),
        ("a.ts", "import { ‸ } from './elsewhere'\n", None, "anything }", True),
        ("a.ts", "import { ‸ } from 'library'\n", EXPORTS, "Reader, open }", True),
        ("a.ts", "import { ‸ } from 'library'\n", EXPORTS, "Writer }", False),
        ("a.py", "from library import ‸\n", EXPORTS, "Reader, open\n", True),
        ("a.py", "from library import ‸\n", EXPORTS, "Writer\n", False),
        ("a.py", "from library import (\n    open,\n    ‸\n)\n", EXPORTS, "Writer\n", False),
        ("a.ts", "const box: Box = { ‸ }\n", FIELDS, "height: 1, any: 2 }", True),
        ("a.ts", "const box: Box = { ‸ }\n", FIELDS, "...other }", True),
        ("a.ts", "const box: Box = { ‸ }\n", FIELDS, "length: 1 }", False),
        ("a.ts", "const box: Box = { ‸ }\n", MIXED, "length: 1 }", True),
        ("a.py", "def f(a, *, wide=1): ...\n\nf(a=1, ‸)\n", None, "wide=2)", True),
        ("a.py", "def f(a, *, wide=1): ...\n\nf(a=1, ‸)\n", None, "**more)", True),
        ("a.py", "def f(a, *, wide=1): ...\n\nf(a=1, ‸)\n", None, "width=2)", False),
        ("a.py", "def f(a, **more): ...\n\nf(a=1, ‸)\n", None, "width=2)", True),
        ("a.py", "@wrap\ndef f(a): ...\n\nf(a=1, ‸)\n", None, "width=2)", True),
        ("a.py", "def f(a): ...\n\ndef g(f):\n    f(a=1, ‸)\n", None, "width=2)", True),
        ("a.py", "class A:\n    def f(self): ...\n\nf(a=1, ‸)\n", None, "width=2)", True),
        ("a.py", "@dataclass\nclass A:\n    left: int\n    top: int = 0\n\nA(left=1, ‸)\n", None, "top=2)", True),
        ("a.py", "@dataclass\nclass A:\n    left: int\n    top: int = 0\n\nA(left=1, ‸)\n", None, "right=2)", False),
        ("a.py", "class A:\n    def m(self, x, y): ...\n    def n(self):\n        self.m(x=1, ‸)\n", None, "y=2)", True),
        ("a.py", "class A:\n    def m(self, x, y): ...\n    def n(self):\n        self.m(x=1, ‸)\n", None, "z=2)", False),
        ("a.py", "class A(Unknown):\n    def n(self):\n        self.m(x=1, ‸)\n", None, "z=2)", True),
    ],
)
def test_names_that_stand_behind_no_link(
    names: NameTester, path: str, text: str, offered: OfferedNames | None, written: str, is_known: bool
) -> None:
    cost = names.cost(path, text, written, offered)
    assert (cost == 0.0) is is_known
    # Of Python's imports and arguments, and of TypeScript's fields, it was measured that nobody writes another one.
    assert (cost == math.inf) is (not is_known and (path.endswith(".py") or "import" not in text))


JAVA = """package a;

public class Store extends Base implements Runnable {
  private final Map<String, Item> items;
  private Item last;
  int count, limit = 3;
  record Pair(int left, Item right) {}
  enum Color { RED, GREEN; Color next() { return RED; } }
  public Item find(String name) { return last; }
  public void run() { %s }
}
"""


@pytest.mark.parametrize(
    ("line", "written", "is_own"),
    [
        ("this.‸", "items;", True),
        ("this.‸", "limit;", True),
        ("this.‸", "close();", True),  # inherited from another file of the folder
        ("this.‸", "getClass();", True),
        ("this.‸", "size;", False),
        ("this.‸", "last.name();", True),
        ("this.‸", "last.title();", False),
        ("this.‸", "find(1).name();", True),
        ("Item x = null; x.‸", "name();", True),
        ("Item x = null; x.‸", "title();", False),
        ("var x = new Item(); x.‸", "title();", False),
        ("last.‸", "name();", True),
        ("last.‸", "title();", False),
        ("find(1).‸", "title();", False),
        ("Foreign last = null; last.‸", "title();", True),
        ("Item[] x = null; x.‸", "title();", True),
        ("Foreign x = null; x.‸", "title();", True),
        ("each(x -> x.‸", "title());", True),
        ("Color.‸", "GREEN;", True),
        ("Color.‸", "BLUE;", False),
        ("Color.RED.‸", "next();", True),
    ],
)
def test_members_of_javas_own_types(names: NameTester, line: str, written: str, is_own: bool) -> None:
    names.write(
        {
            "a/Base.java": "package a;\nclass Base implements AutoCloseable { public void close() {} }\n",
            "a/Item.java": "package a;\npublic class Item { public String name() { return null; } }\n",
            "a/Told.java": "package a;\n@Data\nclass Told { int a; }\n",
        }
    )
    cost = names.cost("a/Store.java", JAVA % line, written)
    assert cost < math.inf  # a tool may have written it
    assert (cost == 0.0) is is_own
