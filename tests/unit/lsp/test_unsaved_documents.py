"""Documents without a file: they have the workspace's context, fail nowhere, and go on under a name.

About `lsp/session.py` and `context/window_segments.py` together.
"""

from pathlib import Path

import pytest

from interfix.engine.protocol import InfillRequest
from interfix.inference_types import SegmentKind
from tests.fake_engine import FakeEngine
from tests.unit.lsp.fake_editor import INLINE_CAPABILITIES, FakeEditor, make_range, range_change

SHAPES = "def area(width, height):\n    return width * height\n"
TEXT = "from shapes import area\n\nx = area()"
UNSAVED = [
    ("untitled:Untitled-1", "Untitled-1.py"),
    ("untitled:a%20b.py", "a b.py"),
    ("untitled:/elsewhere/new.py", "new.py"),
    ("file://", "untitled.py"),
    ("buffer://7", "7.py"),
    ("Untitled", "untitled.py"),
    ("vscode-notebook-cell:Untitled-1.ipynb#W0sdW50aXRsZWQ%3D", "Untitled-1.py"),
]


@pytest.fixture
async def folder(editor: FakeEditor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INTERFIX_CONTEXT_LIMIT_MS", "20000")
    (tmp_path / "shapes.py").write_text(SHAPES)
    await editor.initialize(INLINE_CAPABILITIES, workspaceFolders=[{"uri": tmp_path.as_uri(), "name": "lab"}])
    return tmp_path


def list_shown(engine: FakeEngine, kind: SegmentKind) -> list[str]:
    request = engine.requests[-1]
    assert isinstance(request, InfillRequest)
    return [segment.path for segment in request.segments if segment.kind is kind]


@pytest.mark.parametrize(("uri", "name"), UNSAVED)
@pytest.mark.usefixtures("folder")
async def test_it_has_the_workspaces_context(editor: FakeEditor, engine: FakeEngine, uri: str, name: str) -> None:
    editor.open(TEXT, uri)
    assert await editor.request_suggestions(2, 9, uri=uri)
    assert list_shown(engine, SegmentKind.FILE) == ["shapes.py"]
    assert set(list_shown(engine, SegmentKind.PREFIX)) == {name}


@pytest.mark.parametrize("uri", [uri for uri, _ in UNSAVED])
@pytest.mark.usefixtures("folder")
async def test_whatever_is_asked_of_it_is_answered(editor: FakeEditor, engine: FakeEngine, uri: str) -> None:
    editor.open(TEXT, uri)
    editor.send(editor.change_message(2, range_change((2, 0), (2, 1), "size"), uri=uri))
    engine.answers = ["It computes an area."]
    place = make_range((2, 0), (2, 10))
    reply = await editor.request("workspace/executeCommand", editor.command_params("explain", uri=uri, range=place))
    assert reply["markdown"] == "It computes an area."
    document = {"textDocument": {"uri": uri}}
    await editor.request("textDocument/copilotInlineEdit", {**document, "position": {"line": 2, "character": 4}})
    await editor.request("textDocument/codeAction", {**document, "range": place, "context": {"diagnostics": []}})
    editor.notify("textDocument/didSave", document)
    editor.notify("textDocument/didClose", document)
    assert await editor.request("workspace/executeCommand", editor.command_params("status"))


async def test_it_goes_on_under_a_name(editor: FakeEditor, engine: FakeEngine, folder: Path) -> None:
    editor.open(TEXT, "untitled:Untitled-1")
    await editor.request_suggestions(2, 9, uri="untitled:Untitled-1")
    editor.notify("textDocument/didClose", {"textDocument": {"uri": "untitled:Untitled-1"}})
    (folder / "plan.py").write_text(TEXT)
    saved = (folder / "plan.py").as_uri()
    editor.open(TEXT, saved)
    assert await editor.request_suggestions(2, 9, uri=saved)
    assert list_shown(engine, SegmentKind.FILE) == ["shapes.py"]
    assert set(list_shown(engine, SegmentKind.PREFIX)) == {"plan.py"}


async def test_without_a_folder_it_is_completed_alone(editor: FakeEditor) -> None:
    await editor.initialize()
    editor.open(TEXT, "untitled:Untitled-1")
    assert await editor.request_suggestions(2, 9, uri="untitled:Untitled-1")
