"""Which names are known at a cursor `‸`, and where nothing is known: what people may write there is never refused.

About `context/names/`.
"""

import asyncio
import builtins
import math
import operator
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from interfix.context.names import python_standard_library
from interfix.context.names.completion_item_names import OfferedName, OfferedNames, read_offered_names
from interfix.context.names.name_position import find_name_position
from interfix.context.names.name_search import KnownNames, NameSearch
from interfix.engine.guided_text import GuidedText
from interfix.syntax.document import Document
from tests.unit.context.name_tester import BASE, NameTester


@pytest.fixture
def names(tmp_path: Path) -> Iterator[NameTester]:
    (tmp_path / "work").mkdir()
    tester = NameTester(tmp_path / "work")
    tester.write({"base.py": BASE, "other.py": "import x\n\nx.somewhere.used()\n"})
    yield tester
    tester.close()


CLIENT = """from base import Base, Session


class Client(Base):
    def __init__(self, retries: int) -> None:
        self.retries = retries

    def run(self, session: Session):
        {}
        return None
"""


@pytest.mark.parametrize(
    ("line", "written", "allowed"),
    [
        ("x = self.‸", "retries\n", True),
        ("x = self.‸", "retry\n", False),
        ("x = self.‸", "timeout\n", True),  # inherited from another file
        ("x = self.‸", "close()", True),
        ("x = self.‸", "__class__\n", True),
        ("x = self.‸", "session.send(1)", True),  # the second member of the suggestion
        ("x = self.‸", "session.post(1)", False),
        ("x = self.‸", "session.clone().sent\n", True),  # and the third
        ("x = self.‸", "session.clone().size\n", False),
        ("x = session.‸", "send(1)", True),
        ("x = session.‸", "post(1)", False),
        ("x = ‸", "self.post(1)", False),
        ("x = ‸", "Client(1).closed\n", False),
        ("x = ‸", "unheard.of(1)", True),
        ("x = self.‸", "somewhere\n", True),  # a member of something, at a cost
        ("self.‸", "fresh = 1\n", True),  # a statement that may define it
        ("for session in self.all(): session.‸", "anything\n", True),
        ("if isinstance(session, Special): session.‸", "anything\n", True),
        ("text = 'self.‸", "anything\n", True),
        ("# self.‸", "anything\n", True),
        ("x = self.ret‸", "ries\n", True),
    ],
)
def test_members_of_the_workspaces_own_types(names: NameTester, line: str, written: str, allowed: bool) -> None:
    assert (names.cost("client.py", CLIENT.format(line), written) < math.inf) is allowed


@pytest.mark.parametrize(
    ("path", "text", "written", "allowed"),
    [
        ("a.py", "def make() -> Session:\n    ...\n\n\ndef f():\n    s = make()\n    x = s.‸\n", "post(1)", False),
        ("a.py", "def make() -> Session:\n    ...\n\n\ndef f():\n    s = make()\n    x = s.‸\n", "send(1)", True),
        ("a.py", "def make() -> Session:\n    ...\n\n\ndef f():\n    x = make().‸\n", "post(1)", False),
        ("a.py", "@wrap\ndef make() -> Session:\n    ...\n\n\ndef f():\n    x = make().‸\n", "post(1)", True),
        ("a.py", "class A:\n    def make(self) -> Session:\n        x = make().‸\n", "post(1)", True),
        ("a.py", "async def make() -> Session:\n    ...\n\n\ndef f():\n    x = make().‸\n", "post(1)", True),
        ("a.py", "def f():\n    s = Session(\n        1,\n        ')',\n    )\n    x = s.‸\n", "post(1)", False),
        ("a.py", "def f():\n    s = Session(1).clone()\n    x = s.‸\n", "post(1)", True),
        ("a.py", "def f():\n    s = Session(1) or Other(2)\n    x = s.‸\n", "post(1)", True),
        (
            "a.py",
            "class A:\n    def __init__(self):\n        self.s = Session(\n            1)\n        x = self.s.‸\n",
            "post()",
            False,
        ),
        ("a.ts", "class Box {\n  #part: Part;\n  f() { return this.#part.‸ }\n}\nclass Part { size = 1 }\n", "size", True),
        ("a.ts", "class Box {\n  #part: Part;\n  f() { return this.#part.‸ }\n}\nclass Part { size = 1 }\n", "width", False),
        ("a.ts", "class Part { size = 1 }\nfunction f() {\n  const p = new Part()\n    .inner;\n  return p.‸\n}\n", "width", True),
    ],
)
def test_objects_that_calls_give(names: NameTester, path: str, text: str, written: str, allowed: bool) -> None:
    before = "from base import Session\n\n\n" if path == "a.py" else ""
    assert (names.cost(path, before + text, f"{written}\n") < math.inf) is allowed


@pytest.mark.parametrize(("method", "cost"), [("__init__", 0.0), ("run", 2.0)])
def test_what_a_constructor_defines_is_free(names: NameTester, method: str, cost: float) -> None:
    text = (
        f"class A:\n    def {method}(self, size):\n        self.depth = 1\n        self.‸\n\n    def close(self):\n        pass\n"
    )
    assert names.cost("a.py", text, "size = size") == cost
    assert names.cost("a.py", text, "close()") == 0.0


@pytest.mark.parametrize(
    "text",
    [
        "from elsewhere import Base\n\nclass A(Base):\n    def f(self):\n        x = self.‸\n",
        "class A:\n    def __getattr__(self, name):\n        return 1\n\n    def f(self):\n        x = self.‸\n",
        "class A:\n    def __init__(self, k):\n        setattr(self, k, 1)\n\n    def f(self):\n        x = self.‸\n",
        "class A(make_base()):\n    def f(self):\n        x = self.‸\n",
        "class A(metaclass=M):\n    def f(self):\n        x = self.‸\n",
        "def f(x: 'Any'):\n    return x.‸\n",
        "from base import Base\n\ndef f(x: Base | int):\n    return x.‸\n",
        "from base import Base\n\ndef f(x: Base):\n    x = other()\n    return x.‸\n",
        "def f(x):\n    return x.‸\n",
        "import os.‸\n",
        "x = 1.‸\n",
    ],
)
def test_where_it_is_not_known_nothing_is_refused(names: NameTester, text: str) -> None:
    assert names.cost("a.py", text, "anything_at_all\n") == 0.0


def test_names_of_an_import_list_are_those_of_the_module(names: NameTester) -> None:
    text = "from base import ‸\n"
    assert names.cost("a.py", text, "Session, Base\n") == 0.0
    assert names.cost("a.py", text, "Session, Basis\n") == math.inf
    assert names.cost("a.py", "from json import ‸\n", "anything\n") == 0.0


def test_a_constructed_variable_has_the_members_of_its_type(names: NameTester) -> None:
    text = "from base import Session\n\ndef f():\n    s = Session()\n    return s.‸\n"
    assert names.cost("a.py", text, "sent\n") == 0.0
    assert names.cost("a.py", text, "seen\n") == math.inf


@pytest.mark.parametrize(
    ("text", "written", "is_known"),
    [
        ("import re\n\nx = re.‸\n", "compile(1)", True),
        ("import re\n\nx = re.‸\n", "unheard(1)", False),
        ("import re as r\n\nx = r.‸\n", "unheard(1)", False),
        ("import http.client\n\nx = http.‸\n", "client.HTTPConnection\n", True),
        ("import http.client\n\nx = http.‸\n", "client.Unheard\n", False),
        ("from os import path\n\nx = path.‸\n", "unheard(1)", False),
        ("from pathlib import Path\n\nx = Path.‸\n", "unheard()", False),
        ("from pathlib import Path\n\nx = Path('a').‸\n", "read_text()", True),
        ("from pathlib import Path\n\ndef f(x: Path):\n    x.‸\n", "read_words()", False),
        ("from threading import Thread\n\ndef f(x: Thread):\n    x.‸\n", "_target\n", True),  # given by its methods
        ("def f(x: str):\n    return x.‸\n", "strip()", True),
        ("def f(x: str):\n    return x.‸\n", "trim()", False),
        ("def f(x: str | None):\n    return x.‸\n", "trim()", False),
        ("def f():\n    x = []\n    x.‸\n", "push(1)", False),
        ("def f():\n    x = {}\n    x.‸\n", "setdefault(1)", True),
        # What may be something else is free.
        ("import unheard\n\nx = unheard.‸\n", "anything()", True),
        ("import re\nre = find()\nx = re.‸\n", "anything()", True),
        ("import re\n\ndef f(re):\n    return re.‸\n", "anything()", True),
        ("import base\n\nx = base.‸\n", "anything()", True),
        ("from argparse import Namespace\n\ndef f(x: Namespace):\n    return x.‸\n", "anything\n", True),
        ("def f(*x: str):\n    return x.‸\n", "anything()", True),
        ("def f(x: str):\n    x = other(x)\n    return x.‸\n", "anything()", True),
        ("def f():\n    x = []\n    x = other(x)\n    return x.‸\n", "anything()", True),
        ("def f():\n    for x in y:\n        x = ''\n        return x.‸\n", "anything()", True),
    ],
)
def test_members_of_pythons_own_library(names: NameTester, text: str, written: str, is_known: bool) -> None:
    cost = names.cost("a.py", text, written)
    assert cost < math.inf  # the user's Python may be a newer one
    assert (cost == 0.0) is is_known


def test_a_file_that_is_called_like_a_module_of_pythons_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "colorsys.py").write_text("raise RuntimeError('this was run')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    python_standard_library.list_module_members.cache_clear()
    python_standard_library._load.cache_clear()
    assert python_standard_library.list_module_members("colorsys") == frozenset()
    assert "find_spec" in python_standard_library.list_module_members("importlib.util")


OFFERED = OfferedNames(
    (OfferedName("alpha", kind=2), OfferedName("beta()", "beta", 2), OfferedName("gamma", "", 5, "(property) T.gamma: Session"))
)


def test_what_a_server_offers_is_allowed_and_what_is_used_elsewhere_costs_more(names: NameTester) -> None:
    text = "from base import Session\n\ndef f(x):\n    return x.‸\n"
    assert names.find("a.py", text, OFFERED).sources == ("index", "server")
    assert names.cost("a.py", text, "beta(1)", OFFERED) == 0.0
    assert 0.0 < names.cost("a.py", text, "somewhere\n", OFFERED) < math.inf
    assert names.cost("a.py", text, "nowhere\n", OFFERED) == math.inf
    assert names.cost("a.py", text, "gamma.send(1)", OFFERED) == 0.0
    assert names.cost("a.py", text, "gamma.nothing(1)", OFFERED) == math.inf


def test_in_a_workspace_without_any_member_what_is_not_offered_is_refused(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    tester = NameTester(tmp_path / "work")
    tester.write({"a.py": "def f(x):\n    return x\n"})
    assert tester.cost("a.py", "def f(x):\n    return x.‸\n", "nowhere(1)", OFFERED) == math.inf
    tester.close()


@pytest.mark.parametrize(
    "offered",
    [
        OfferedNames(),
        OfferedNames((OfferedName("word", kind=1),)),
        OfferedNames((OfferedName("alpha", kind=2), OfferedName("__getattr__", kind=2))),
        OfferedNames(tuple(OfferedName(f"n{i}", kind=2) for i in range(10_001))),
        OfferedNames(tuple(OfferedName(name, kind=3) for name in ("box", *dir(builtins)))),  # of everything in scope
    ],
)
def test_a_list_that_says_nothing_guides_nothing(offered: OfferedNames) -> None:
    assert read_offered_names(offered, "python", {}) is None


@pytest.mark.parametrize("module", [os, math, operator, asyncio, re])
def test_a_module_that_has_names_of_the_language_is_known(module: ModuleType) -> None:
    offered = OfferedNames(tuple(OfferedName(name, kind=3) for name in dir(module) if name != "__getattr__"))
    assert read_offered_names(offered, "python", {}) is not None


def test_a_list_that_may_be_cut_refuses_nothing() -> None:
    known = read_offered_names(OfferedNames(tuple(OfferedName(f"n{i}", kind=2) for i in range(100)), True), "python", {})
    assert known is not None
    assert known.other_cost < math.inf


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a.‸", True),
        ("a?.b‸", True),
        ("a...‸", False),
        ("1.‸", False),
        ("a ‸", False),
        ("import a from './‸'", False),
        ("'a.‸'", False),
    ],
)
def test_a_cursor_at_a_member_in_a_script(text: str, found: bool) -> None:
    before, _, after = text.partition("‸")
    snapshot = Document("file:///a.ts", before + after).snapshot()
    assert (find_name_position(snapshot, len(before)) is not None) is found


SCRIPT = """import { Base } from './base';

export class Client extends Base {
  private retries = 3;
  constructor(private readonly url: string) { super(); }
  get size(): number { return 1; }
  run() {
    return this.‸
  }
}
"""


def test_members_of_a_script_class(names: NameTester) -> None:
    names.write({"base.ts": "export class Base {\n  timeout = 1;\n  close(): void {}\n}\n"})
    for name in ("retries", "size", "timeout", "close()", "run()", "constructor"):
        assert names.cost("client.ts", SCRIPT, f"{name};") == 0.0, name
    assert names.cost("client.ts", SCRIPT, "retry;") == math.inf


@pytest.mark.parametrize(
    ("line", "written", "allowed"),
    [
        ("return this.‸", "#cache;", True),
        ("return this.#‸", "cache;", True),
        ("return this.#ca‸", "che;", True),
        ("return this.‸", "#cache.size;", True),
        ("return this.‸", "#state;", False),
        ("return this.#‸", "state;", False),
        ("return this.‸", "##cache;", False),
        ("return this.‸", "# cache;", False),
        ("x + 1 // ‸", "this.#state;", True),
    ],
)
def test_private_names_of_a_script_class(names: NameTester, line: str, written: str, allowed: bool) -> None:
    names.write({"kept.ts": "export class Kept {\n  size = 1;\n}\n"})
    text = f"import {{ Kept }} from './kept';\n\nclass Box {{\n  #cache: Kept;\n  run() {{\n    {line}\n  }}\n}}\n"
    assert (names.cost("box.ts", text, written) < math.inf) is allowed


def test_without_an_index_nothing_that_a_server_does_not_offer_is_refused(tmp_path: Path) -> None:
    text = "def f(x):\n    return x."
    snapshot = Document((tmp_path / "a.py").as_uri(), text).snapshot()

    async def ask(_snapshot: object, _offset: int) -> OfferedNames | None:
        return OFFERED

    async def search() -> KnownNames:
        names = NameSearch(lambda _: None, ask, patient=True)
        try:
            return await names.find(snapshot, len(text), tmp_path)
        finally:
            names.close()

    known = asyncio.run(search())
    assert known.guide is not None
    assert GuidedText(known.guide).judge(b"beta(1)") == 0.0
    assert 0.0 < GuidedText(known.guide).judge(b"nowhere(1)") < math.inf


TWO_CLASSES = """class Other:
    def f(self):
        self.pending = 1


class Own:
    def __init__(self):
        self.started = 1
        self.inner = Inner()

    def f(self):
        class Inner:
            deep = 1
        return self.‸

    def g(self):
        return self.waiting


class Third:
    def f(self):
        self.later = 1
"""


def test_what_another_class_of_the_document_names_is_none_of_its_members(names: NameTester) -> None:
    for name in ("started", "inner", "waiting", "f", "g"):
        assert names.cost("two.py", TWO_CLASSES, f"{name}\n") == 0.0, name
    for name in ("pending", "later"):
        assert 0.0 < names.cost("two.py", TWO_CLASSES, f"{name}\n") < math.inf, name
