"""Counting over the protocol: what an editor does shows in the file, and no word of what was written."""

from datetime import date
from pathlib import Path

import pytest
from scripted_editor import URI, Editor, LspError, part
from scripted_engine import ScriptedEngine

from interfix.stats.store import opened
from interfix.stats.summary import Summary, summary


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "counts"


async def read(editor: Editor, file: Path) -> Summary:
    """What was counted, once the session has ended."""
    await editor.leave()
    with opened(file) as store:
        return summary(store, date.today())


async def suggested(editor: Editor, engine: ScriptedEngine) -> None:
    engine.text = "launch(customer)\n"
    await editor.start()
    editor.open("value = \n")
    await editor.ask("textDocument/inlineCompletion", editor.inline(0, 8))


def written(folder: Path) -> list[bytes]:
    """All that the statistics have put into a folder."""
    return [path.read_bytes() for path in folder.glob("counts*")]


async def test_a_suggestion_that_is_accepted(editor: Editor, engine: ScriptedEngine, file: Path) -> None:
    await suggested(editor, engine)
    editor.send(editor.change(2, part((0, 8), (0, 8), "launch(customer)")))
    found = await read(editor, file)
    total = found.total
    assert (total.language, total.requests, total.answers, total.shown, total.accepted) == ("", 1, 1, 1, 1)
    assert total.saved == len("launch(customer)")
    assert [(group.language, group.model) for group in found.groups] == [("python", "scripted-base")]
    (work,) = found.work
    assert (work.streams, work.decoded) == (1, 7)
    assert 0 < work.generated <= len(engine.text)


async def test_a_suggestion_that_is_passed_over(editor: Editor, engine: ScriptedEngine, file: Path) -> None:
    await suggested(editor, engine)
    editor.send(editor.change(2, part((0, 8), (0, 8), "9")))
    found = await read(editor, file)
    assert (found.total.accepted, found.total.dismissed, found.total.saved, found.typed) == (0, 1, 0, 1)


async def test_the_file_holds_no_text(editor: Editor, engine: ScriptedEngine, file: Path) -> None:
    await suggested(editor, engine)
    editor.send(editor.change(2, part((0, 8), (0, 8), "launch(customer)")))
    assert (await read(editor, file)).total.accepted == 1
    data = b"".join(written(file.parent))
    for word in (b"launch", b"customer", b"value", URI.encode(), b"code.py"):
        assert word not in data


async def test_switched_off_there_is_no_file(editor: Editor, engine: ScriptedEngine, tmp_path: Path) -> None:
    engine.text = "1\n"
    await editor.start(initializationOptions={"statistics": {"enabled": False}})
    editor.open("value = \n")
    assert await editor.suggestion(0, 8)
    await editor.leave()
    assert written(tmp_path) == []


async def test_an_editor_can_show_the_figures(editor: Editor, engine: ScriptedEngine) -> None:
    await suggested(editor, engine)
    figures = {"total": {"shown": 0}}
    while not figures["total"]["shown"]:
        figures = await editor.ask("workspace/executeCommand", editor.command("statistics", days=1))
    assert figures["total"]["requests"] == 1
    assert figures["since"] == date.today().isoformat()


async def test_without_any_it_says_so(editor: Editor) -> None:
    await editor.start(initializationOptions={"statistics": {"enabled": False}})
    with pytest.raises(LspError, match="switched off"):
        await editor.ask("workspace/executeCommand", editor.command("statistics"))
