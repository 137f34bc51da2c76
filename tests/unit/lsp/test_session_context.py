"""What of the workspace reaches the engine: other files, edits as they were made, nothing of what was closed or is refused.

About `lsp/session.py` and `context/gatherer.py` together.
"""

from pathlib import Path

import pytest

from interfix.engine.protocol import InfillRequest
from interfix.inference_types import Segment, SegmentKind
from tests.fake_engine import FakeEngine
from tests.unit.lsp.fake_editor import INLINE_CAPABILITIES, FakeEditor, LspError, make_range, range_change

ITEMS = "class Item:\n    def price(self, amount):\n        total = amount * 2\n        return total\n"
CART = "from items import Item\n\n\ndef total(item: Item):\n    return \n"


@pytest.fixture
async def folder(editor: FakeEditor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INTERFIX_CONTEXT_LIMIT_MS", "20000")
    (tmp_path / "items.py").write_text(ITEMS)
    await editor.initialize(INLINE_CAPABILITIES, workspaceFolders=[{"uri": tmp_path.as_uri(), "name": "shop"}])
    return tmp_path


def list_requested_files(engine: FakeEngine) -> dict[str, Segment]:
    request = engine.requests[-1]
    assert isinstance(request, InfillRequest)
    return {segment.path: segment for segment in request.segments if segment.kind is SegmentKind.FILE}


async def test_what_a_file_imports_is_shown(editor: FakeEditor, engine: FakeEngine, folder: Path) -> None:
    editor.open(CART, (folder / "cart.py").as_uri())
    await editor.request_suggestions(4, 11, uri=(folder / "cart.py").as_uri())
    shown = list_requested_files(engine)["items.py"]
    assert (shown.source, shown.text) == ("imported", ITEMS)
    assert shown.brief == "class Item:\n    def price(self, amount):\n        ...\n"


async def test_what_is_not_saved_yet_is_shown_as_it_stands(editor: FakeEditor, engine: FakeEngine, folder: Path) -> None:
    items, cart = (folder / "items.py").as_uri(), (folder / "cart.py").as_uri()
    editor.open(ITEMS, items)
    editor.send(editor.change_message(2, range_change((1, 8), (1, 13), "cost"), uri=items))
    editor.open(CART, cart)
    await editor.request_suggestions(4, 11, uri=cart)
    assert "def cost(self, amount):" in list_requested_files(engine)["items.py"].text


async def test_edits_elsewhere_are_shown(editor: FakeEditor, engine: FakeEngine, folder: Path) -> None:
    (folder / "tax.py").write_text("RATE = 1\n")
    tax, cart = (folder / "tax.py").as_uri(), (folder / "cart.py").as_uri()
    editor.open("RATE = 1\n", tax)
    editor.send(editor.change_message(2, range_change((0, 7), (0, 8), "19"), uri=tax))
    editor.open(CART, cart)
    await editor.request_suggestions(4, 11, uri=cart)
    assert list_requested_files(engine)["tax.py"].text == "RATE = 19\n"


async def test_what_is_ignored_is_not_shown(editor: FakeEditor, engine: FakeEngine, folder: Path) -> None:
    (folder / ".gitignore").write_text("items.py\n")
    cart = (folder / "cart.py").as_uri()
    editor.open(CART, cart)
    await editor.request_suggestions(4, 11, uri=cart)
    assert list_requested_files(engine) == {}
    told = await editor.request("workspace/executeCommand", editor.command_params("why", uri=cart))
    assert [(left["source"], left["path"]) for left in told["left"]] == [("exclusion", "items.py")]


SPELLINGS = {
    "parentheses, as Neovim": ("(shop)", "(shop)"),
    "parentheses, as VS Code": ("(shop)", "%28shop%29"),
    "brackets in lower case": ("[id]", "%5bid%5d"),
    "brackets as they are": ("[id]", "[id]"),
    "a scope": ("@acme", "@acme"),
    "a composed letter in lower case": ("caf\u00e9", "caf%c3%a9"),
    "a decomposed letter": ("cafe\u0301", "cafe%cc%81"),
    "a composed letter of a folder that is spelled otherwise": ("cafe\u0301", "caf%C3%A9"),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("importer", ["same", "other"])
async def test_unsaved_text_is_seen_however_a_uri_is_spelled(
    editor: FakeEditor, engine: FakeEngine, folder: Path, spelling: str, importer: str
) -> None:
    name, sent = SPELLINGS[spelling]
    (folder / name).mkdir()
    (folder / name / "items.py").write_text(ITEMS)
    items = f"{folder.as_uri()}/{sent}/items.py"
    cart = f"{folder.as_uri()}/{sent}/cart.py" if importer == "same" else (folder / name / "cart.py").as_uri()
    editor.open(ITEMS, items)
    editor.send(editor.change_message(2, range_change((1, 8), (1, 13), "cost"), uri=items))
    editor.open(CART, cart)
    await editor.request_suggestions(4, 11, uri=cart)
    assert "def cost(self, amount):" in list_requested_files(engine)[f"{name}/items.py"].text


@pytest.mark.parametrize("linked", ["folder", "file"])
async def test_a_link_and_the_real_path_are_one_workspace(
    editor: FakeEditor, engine: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, linked: str
) -> None:
    monkeypatch.setenv("INTERFIX_CONTEXT_LIMIT_MS", "20000")
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)
    (real / "items.py").write_text(ITEMS)
    folder, file = (link, real) if linked == "folder" else (real, link)
    await editor.initialize(INLINE_CAPABILITIES, workspaceFolders=[{"uri": folder.as_uri(), "name": "shop"}])
    items, cart = (folder / "items.py").as_uri(), (file / "cart.py").as_uri()
    editor.open(ITEMS, items)
    editor.send(editor.change_message(2, range_change((1, 8), (1, 13), "cost"), uri=items))
    editor.open(CART, cart)
    await editor.request_suggestions(4, 11, uri=cart)
    assert "def cost(self, amount):" in list_requested_files(engine)["items.py"].text


async def test_a_request_may_spell_a_document_otherwise(editor: FakeEditor, folder: Path) -> None:
    opened, asked = f"{folder.as_uri()}/(shop)/a.py", f"{folder.as_uri()}/%28shop%29/a.py"
    editor.open("def total(a):\n    return \n", opened)
    assert await editor.request_suggestions(1, 11, uri=asked)
    change = {"textDocument": {"uri": asked}, "range": make_range((0, 0), (0, 1)), "context": {"diagnostics": []}}
    actions = await editor.request("textDocument/codeAction", change)
    assert {action["data"]["arguments"]["uri"] for action in actions if "data" in action} <= {opened, asked}
    editor.notify("textDocument/didClose", {"textDocument": {"uri": asked}})
    with pytest.raises(LspError, match="not open"):
        await editor.request_suggestions(1, 11, uri=opened)


async def test_a_document_whose_name_is_no_text_gets_suggestions(editor: FakeEditor, folder: Path) -> None:
    uri = f"{folder.as_uri()}/%ff.py"
    editor.open("def total(a):\n    return \n", uri)
    assert await editor.request_suggestions(1, 11, uri=uri)
