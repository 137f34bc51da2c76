"""Counting over the protocol: what an editor does shows in the file, and no word of what was written."""

from datetime import date
from pathlib import Path

import pytest

from interfix.stats.store import open_store
from interfix.stats.summary import StatisticsSummary, build_summary
from tests.fake_engine import FakeEngine
from tests.unit.lsp.fake_editor import DOCUMENT_URI, FakeEditor, LspError, range_change


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "counts"


async def read_summary(editor: FakeEditor, file: Path) -> StatisticsSummary:
    """What was counted, once the session has ended."""
    await editor.close()
    with open_store(file) as store:
        return build_summary(store, date.today())


async def show_suggestion(editor: FakeEditor, engine: FakeEngine) -> None:
    engine.answers = ["launch(customer)\n"]
    await editor.initialize()
    editor.open("value = \n")
    await editor.request("textDocument/inlineCompletion", editor.inline_params(0, 8))


def read_folder(folder: Path) -> list[bytes]:
    """All that the statistics have put into a folder."""
    return [path.read_bytes() for path in folder.glob("counts*")]


async def test_a_suggestion_that_is_accepted(editor: FakeEditor, engine: FakeEngine, file: Path) -> None:
    await show_suggestion(editor, engine)
    editor.send(editor.change_message(2, range_change((0, 8), (0, 8), "launch(customer)")))
    found = await read_summary(editor, file)
    total = found.total
    assert (total.language, total.requests, total.answers, total.shown, total.accepted) == ("", 1, 1, 1, 1)
    assert total.saved == len("launch(customer)")
    assert [(group.language, group.model) for group in found.groups] == [("python", "fake-base")]
    (work,) = found.work
    assert (work.streams, work.decoded) == (1, 7)
    assert 0 < work.generated <= len(engine.answers[0])


async def test_a_suggestion_that_is_passed_over(editor: FakeEditor, engine: FakeEngine, file: Path) -> None:
    await show_suggestion(editor, engine)
    editor.send(editor.change_message(2, range_change((0, 8), (0, 8), "9")))
    found = await read_summary(editor, file)
    assert (found.total.accepted, found.total.dismissed, found.total.saved, found.typed) == (0, 1, 0, 1)


async def test_the_file_holds_no_text(editor: FakeEditor, engine: FakeEngine, file: Path) -> None:
    await show_suggestion(editor, engine)
    editor.send(editor.change_message(2, range_change((0, 8), (0, 8), "launch(customer)")))
    assert (await read_summary(editor, file)).total.accepted == 1
    data = b"".join(read_folder(file.parent))
    for word in (b"launch", b"customer", b"value", DOCUMENT_URI.encode(), b"code.py"):
        assert word not in data


async def test_switched_off_there_is_no_file(editor: FakeEditor, engine: FakeEngine, tmp_path: Path) -> None:
    engine.answers = ["1\n"]
    await editor.initialize(initializationOptions={"statistics": {"enabled": False}})
    editor.open("value = \n")
    assert await editor.request_suggestions(0, 8)
    await editor.close()
    assert read_folder(tmp_path) == []


async def test_an_editor_can_show_the_figures(editor: FakeEditor, engine: FakeEngine) -> None:
    await show_suggestion(editor, engine)
    figures = {"total": {"shown": 0}}
    while not figures["total"]["shown"]:
        figures = await editor.request("workspace/executeCommand", editor.command_params("statistics", days=1))
    assert figures["total"]["requests"] == 1
    assert figures["since"] == date.today().isoformat()


async def test_without_any_it_says_so(editor: FakeEditor) -> None:
    await editor.initialize(initializationOptions={"statistics": {"enabled": False}})
    with pytest.raises(LspError, match="switched off"):
        await editor.request("workspace/executeCommand", editor.command_params("statistics"))
