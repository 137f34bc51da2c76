"""A cursor in a workspace in, chunks of other files out, a source at a time. About `context/sources/__init__.py`."""

from pathlib import Path

import pytest

from interfix.context.index import Definition, Passage
from interfix.context.similarity import extract_words
from interfix.context.sources import similar_code
from interfix.context.sources.imported_definitions import ImportedDefinitionsSource
from interfix.context.sources.recent_edits import RecentEditsSource
from interfix.context.sources.similar_code import SimilarCodeSource
from interfix.context.sources.symbols import SymbolsSource
from interfix.context.sources.visits_and_siblings import VisitsAndSiblingsSource
from tests.unit.context.workspace_builder import build_query, build_workspace

ITEMS = '''LIMIT = 10


class Item:
    """One thing."""

    def price(self, amount: int) -> int:
        total = amount * 2
        return total


def unrelated():
    one = 1
    return one
'''
CART = "from shop.items import LIMIT, Item\n\n\ndef total(item: Item):\n    return item.‸\n"


class FakeIndex:
    """An index that knows what a test says."""

    def __init__(self, definitions: list[Definition], passages: list[Passage]) -> None:
        self.asked: list[str] = []
        self._definitions, self._passages = definitions, passages

    def find_definitions(self, names: list[str], limit: int = 20) -> list[Definition]:
        self.asked += names
        return [each for each in self._definitions if each.name in names][:limit]

    def find_similar(self, _text: str, limit: int = 8) -> list[Passage]:
        return self._passages[:limit]

    def read_secrets(self, _path: str, _data: bytes) -> None:
        return None

    def read_structure(self, _path: str, _data: bytes) -> None:
        return None


def test_what_is_imported_is_shown_with_its_signatures_first(tmp_path: Path) -> None:
    space = build_workspace(tmp_path, {"shop/items.py": ITEMS, "shop/cart.py": ""})
    (found,) = ImportedDefinitionsSource().find(build_query(space, "shop/cart.py", CART))
    assert found.path == "shop/items.py"
    assert "total = amount * 2" in found.text
    assert "LIMIT = 10" in found.text
    assert "def price(self, amount: int) -> int:" in found.brief
    assert "total = amount * 2" not in found.brief
    assert "unrelated" not in found.text


def test_what_a_package_hands_on_is_followed(tmp_path: Path) -> None:
    files = {"shop/__init__.py": "from .items import Item\n", "shop/items.py": ITEMS}
    found = ImportedDefinitionsSource().find(
        build_query(build_workspace(tmp_path, files), "main.py", "from shop import Item\n\nItem‸\n")
    )
    assert [each.path for each in found] == ["shop/items.py"]


def test_what_may_not_be_shown_is_not_read(tmp_path: Path) -> None:
    space = build_workspace(tmp_path, {"shop/items.py": ITEMS, ".gitignore": "items.py\n"})
    assert ImportedDefinitionsSource().find(build_query(space, "shop/cart.py", CART)) == []
    assert "gitignore" in space.refusals["shop/items.py"]


def test_names_near_the_cursor_are_looked_up(tmp_path: Path) -> None:
    index = FakeIndex([Definition("shop/items.py", "Item", "class", 3, "class Item:")], [])
    space = build_workspace(tmp_path, {"shop/items.py": ITEMS}, index)
    text = "def own():\n    pass\n\n\ndef total(item):\n    one = Item(own())\n    return ‸\n"
    (found,) = SymbolsSource().find(build_query(space, "cart.py", text))
    assert (found.path, found.line) == ("shop/items.py", 3)
    assert "own" not in index.asked


def test_the_type_of_the_object_at_the_cursor_is_found_through_other_files_and_is_sure(tmp_path: Path) -> None:
    base = "class Base:\n    def inherited(self): ...\n"
    files = {
        "items.py": ITEMS.replace("class Item:", "class Item(Base):"),
        "base.py": base,
        "other.py": "class Other:\n    a = 1\n",
    }
    known = [
        Definition("cart.py", "Cart", "class", 3, "class Cart:\n    first: Item\n"),
        Definition("items.py", "Item", "class", 3, "class Item(Base):"),
        Definition("base.py", "Base", "class", 0, base),
        Definition("other.py", "Other", "class", 0, "class Other:"),
    ]
    space = build_workspace(tmp_path, files, FakeIndex(known, []))
    found = SymbolsSource().find(build_query(space, "main.py", "def total(cart: Cart, other: Other):\n    return cart.first.‸\n"))
    assert {each.path: each.defines_receiver for each in found} == {"items.py": True, "base.py": True, "other.py": False}
    assert max(found, key=lambda each: each.score).path == "items.py"


def test_of_a_file_only_what_is_of_use_beside_its_best_is_shown(tmp_path: Path) -> None:
    files = {"shop/items.py": ITEMS, "shop/cart.py": ""}
    between = "".join(f"value_{i} = {i}\n" for i in range(40))
    text = f"from shop.items import Item, unrelated\n\n{between}\n\ndef total(item: Item):\n    return item.‸\n"
    (found,) = ImportedDefinitionsSource().find(build_query(build_workspace(tmp_path, files), "shop/cart.py", text))
    assert "class Item" in found.text
    assert "def unrelated" not in found.text


def test_without_an_index_no_names_are_looked_up(tmp_path: Path) -> None:
    assert SymbolsSource().find(build_query(build_workspace(tmp_path, {}), "cart.py", CART)) == []


def test_places_the_user_was_at_are_shown_newest_first(tmp_path: Path) -> None:
    lines = "".join(f"line {i}\n" for i in range(100))
    space = build_workspace(tmp_path, {"a.txt": lines, "b.txt": lines, "here.txt": lines})
    for path, line in (("a.txt", 50), ("b.txt", 0), ("here.txt", 5)):
        space.recent_locations.record_visit(path, line)
    found = VisitsAndSiblingsSource().find(build_query(space, "here.txt", "‸"))
    assert [(each.path, each.line) for each in sorted(found, key=lambda each: -each.score)] == [("b.txt", 0), ("a.txt", 38)]


def test_a_go_package_is_seen_without_imports(tmp_path: Path) -> None:
    other = "package shop\n\nfunc Total(a int) int {\n\tb := a\n\treturn b\n}\n"
    space = build_workspace(tmp_path, {"other.go": other, "other_test.go": other})
    (found,) = VisitsAndSiblingsSource().find(build_query(space, "cart.go", "package shop\n\nfunc x() {\n\tTotal(‸\n}\n"))
    assert (found.path, found.brief) == ("other.go", "func Total(a int) int { ... }\n")


def test_edits_are_shown_as_they_stand_now_but_not_those_in_sight(tmp_path: Path) -> None:
    lines = "".join(f"line {i}\n" for i in range(300))
    space = build_workspace(tmp_path, {"a.txt": lines, "here.txt": lines})
    space.recent_locations.record_edit("here.txt", 10, 10, 0)
    space.recent_locations.record_edit("here.txt", 250, 251, 0)
    space.recent_locations.record_edit("a.txt", 50, 50, 0)
    found = RecentEditsSource().find(build_query(space, "here.txt", "‸" + lines))
    assert [(each.path, each.line) for each in found] == [("a.txt", 46), ("here.txt", 246)]
    assert found[0].text.splitlines()[4] == "line 50"


def test_similar_code_of_the_folder_is_found(tmp_path: Path) -> None:
    alike = "def load_order(path):\n    with open(path) as file:\n        return Order(json.load(file))\n"
    space = build_workspace(tmp_path, {"orders.py": "x = 1\n" * 30 + alike, "other.py": "print('hello world')\n" * 40})
    found = SimilarCodeSource().find(
        build_query(space, "items.py", "def load_item(path):\n    with open(path) as file:\n        ‸\n")
    )
    assert [each.path for each in found] == ["orders.py"]
    assert "load_order" in found[0].text


def test_the_words_of_a_file_are_taken_once_until_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []
    monkeypatch.setattr(similar_code, "extract_words", lambda text: taken.append(text) or extract_words(text))
    space = build_workspace(tmp_path, {"orders.py": "x = 1\n" * 200})
    source, query = SimilarCodeSource(), build_query(space, "items.py", "x = ‸\n")
    source.find(query)
    windows = len(taken) - 1  # one more is the cursor's
    source.find(query)
    assert windows > 1
    assert len(taken) == windows + 2
    (space.root / "orders.py").write_text("x = 1\n" * 200 + "def load_item(path):\n    return path\n")
    (found,) = source.find(build_query(space, "items.py", "def load_item(path):\n    ‸\n"))
    assert "load_item" in found.text


def test_similar_code_of_the_index_is_found(tmp_path: Path) -> None:
    alike = "def load_order(path):\n    with open(path) as file:\n        return Order(json.load(file))\n"
    index = FakeIndex([], [Passage("far/orders.py", 0, alike, 3.0)])
    space = build_workspace(tmp_path, {"far/orders.py": alike}, index)
    (found,) = SimilarCodeSource().find(
        build_query(space, "items.py", "def load_item(path):\n    with open(path) as file:\n        ‸\n")
    )
    assert found.path == "far/orders.py"


def test_a_search_nobody_waits_for_ends(tmp_path: Path) -> None:
    space = build_workspace(tmp_path, {"shop/items.py": ITEMS})
    here = build_query(space, "shop/cart.py", CART)
    here.cancel_event.set()
    assert [source.find(here) for source in (ImportedDefinitionsSource(), VisitsAndSiblingsSource(), SimilarCodeSource())] == [
        [],
        [],
        [],
    ]
