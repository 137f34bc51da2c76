"""When the server has a prompt read before anybody asks, and of which file: `lsp/session.py` and `lsp/likely_file.py`."""

from pathlib import Path

import pytest

from interfix.completion.prompt_read_ahead import CursorPlace
from interfix.config.settings import ContextSettings
from interfix.context.exclusion import Exclusion
from interfix.context.workspace_reader import Workspace
from interfix.lsp.likely_file import list_likely_places
from interfix.syntax.document import open_file
from tests.fake_engine import FakeEngine
from tests.unit.lsp.fake_editor import INLINE_CAPABILITIES, FakeEditor, make_range

FILES = {
    "pyproject.toml": "[tool.pytest]\n",
    "shop/cart.py": "from shop.items import Item\n\n\ndef total(item: Item):\n    return item.price()\n",
    "shop/items.py": "class Item:\n    def price(self):\n        return 1\n",
    "tests/test_cart.py": "def test_total():\n    assert True\n",
    "shop/secrets.pem": "-----BEGIN KEY-----\n",
}


@pytest.fixture
def shop(tmp_path: Path) -> Workspace:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return Workspace(tmp_path, Exclusion(tmp_path, ContextSettings()))


def find_next(shop: Workspace, name: str) -> tuple[str, int] | None:
    snapshot = open_file(shop.root / name).snapshot()
    found = list_likely_places(lambda _: shop, CursorPlace(snapshot, 0, shop.root))
    return next(((Path(each.snapshot.path).relative_to(shop.root).as_posix(), each.line) for each in found), None)


def test_an_import_just_written_comes_before_where_the_user_was_and_that_before_the_tests(shop: Workspace) -> None:
    assert find_next(shop, "shop/cart.py") == ("tests/test_cart.py", 2)
    shop.recent_locations.record_visit("pyproject.toml", 0)
    shop.recent_locations.record_visit("shop/cart.py", 4)
    assert find_next(shop, "shop/cart.py") == ("pyproject.toml", 0)
    shop.recent_locations.record_edit("shop/cart.py", 4, 4, 0)
    assert find_next(shop, "shop/cart.py") == ("pyproject.toml", 0), "the import was there before"
    shop.recent_locations.record_edit("shop/cart.py", 0, 0, 0)
    assert find_next(shop, "shop/cart.py") == ("shop/items.py", 3)


def test_what_may_not_be_shown_is_not_read(shop: Workspace) -> None:
    shop.recent_locations.record_visit("shop/secrets.pem", 0)
    assert find_next(shop, "shop/items.py") is None


def test_without_a_folder_there_is_none(shop: Workspace) -> None:
    place = CursorPlace(open_file(shop.root / "shop/cart.py").snapshot(), 0)
    assert list_likely_places(lambda _: None, place) == []


async def test_a_file_is_read_when_it_is_opened_and_where_the_cursor_rests(
    editor: FakeEditor, engine: FakeEngine, tmp_path: Path
) -> None:
    text = "".join(f"value_{i} = {i}\n" for i in range(99))
    await editor.initialize(INLINE_CAPABILITIES, workspaceFolders=[{"uri": tmp_path.as_uri(), "name": "shop"}])
    uri = (tmp_path / "code.py").as_uri()
    editor.open(text, uri)
    opened = await engine.read_ahead.get()
    assert opened.is_ahead
    assert "value_98 = 98" in "".join(segment.text for segment in opened.segments)
    document = {"uri": uri}
    await editor.request(
        "textDocument/codeAction", {"textDocument": document, "range": make_range((9, 0), (9, 0)), "context": {"diagnostics": []}}
    )
    near = next(segment for segment in (await engine.read_ahead.get()).segments if segment.source == "near")
    assert near.text.endswith("value_8 = 8\n")
    await editor.request(
        "textDocument/copilotInlineEdit",
        {"textDocument": {"uri": uri, "version": 1}, "position": {"line": 50, "character": 0}, "context": {"triggerKind": 2}},
    )
    near = next(segment for segment in (await engine.read_ahead.get()).segments if segment.source == "near")
    assert near.text.endswith("value_49 = 49\n")
    assert engine.requests == [], "nobody has asked for anything"


async def test_a_file_that_is_kept_out_is_not_read(editor: FakeEditor, engine: FakeEngine, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\n")
    (tmp_path / "b.py").write_text("b = 1\n")
    await editor.initialize(INLINE_CAPABILITIES, workspaceFolders=[{"uri": tmp_path.as_uri(), "name": "shop"}])
    editor.open("b = 1\n", (tmp_path / "b.py").as_uri())
    editor.open("A=1\n", (tmp_path / ".env").as_uri())
    assert (await engine.read_ahead.get()).document.endswith("b.py")
    assert engine.read_ahead.empty()
