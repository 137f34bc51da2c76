"""What a document names of an object is preferred where it is named again, a little, and nothing is taken away.

About `context/names/member_uses.py`.
"""

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from interfix.context.names.completion_item_names import OfferedName, OfferedNames
from interfix.context.names.member_uses import list_uses
from interfix.engine.guided_text import GuidedText
from tests.unit.context.name_tester import NameTester

TEXT = """def f(box, other):
    box.width = other.get(1).size
    other.get(2).color()
    return {}

    box.deep["a.b"].x
"""


@pytest.fixture
def names(tmp_path: Path) -> Iterator[NameTester]:
    (tmp_path / "work").mkdir()
    tester = NameTester(tmp_path / "work")
    tester.write({"other.py": "x.somewhere.used()\n"})
    yield tester
    tester.close()


@pytest.mark.parametrize(
    ("line", "written", "cost"),
    [
        ("box.‸", "width\n", 0.0),
        ("box.‸", "deep\n", 0.0),  # behind the cursor, too
        ("box.‸", "height\n", 0.5),
        ("box.wi‸", "dth\n", 0.0),
        ("box.hei‸", "ght\n", 0.0),  # what is typed costs nothing more
        ("other.get(3).‸", "size\n", 0.0),
        ("other.get(3).‸", "width\n", 0.5),
        ("box.x.box.‸", "height\n", 0.0),  # another box than the one it is reached through
        ("get.‸", "size\n", 0.0),  # another object than what it returns
        ("unseen.‸", "anything\n", 0.0),
        ("‸", "box.height + box.width\n", 0.5),
        ("box.‸", "\n        .height\n", 0.0),  # no name need follow where nothing is known
        ("box.‸", "(1)\n", 0.0),
    ],
)
def test_what_is_named_again_is_preferred(names: NameTester, line: str, written: str, cost: float) -> None:
    guide = names.find("a.py", TEXT.format(line)).guide
    assert guide is not None
    assert GuidedText(guide).judge(written.encode()) == cost


@pytest.mark.parametrize(("written", "cost"), [("deep\n", 0.0), ("height\n", 0.5), ("width\n", 2.5), ("nowhere\n", math.inf)])
def test_an_object_that_is_known_keeps_what_it_has(names: NameTester, written: str, cost: float) -> None:
    offered = OfferedNames((OfferedName("deep", kind=10), OfferedName("height", kind=10)))
    guide = names.find("a.py", TEXT.format("box.‸"), offered).guide
    assert guide is not None
    assert GuidedText(guide).judge(written.encode()) == cost


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        ("a.b.c", "a b\nb c"),
        ("a.b(1).c; a.d", "a b d\nb() c"),
        ("a[0].b", "a[] b"),
        ("a?.b->c::d", "a b\nb c\nc d"),
        ("this.#part.x", "this part\npart x"),
        ("1.5 a . b ...c", ""),
    ],
)
def test_what_a_text_names_of_its_objects(text: str, uses: str) -> None:
    assert list_uses(text, 0) == uses
