"""The next edit over the protocol: what is asked, what is answered, what the user did with it.

About `lsp/next_edit.py` and `lsp/next_edit_dismiss_and_snooze.py`.
"""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.fake_engine import FakeAnswer, FakeEngine
from tests.unit.lsp.fake_editor import DOCUMENT_URI, FakeEditor, LspError, range_change
from tests.unit.next_edit.fill_tables import fill_tables

__all__ = ["fill_tables"]

CODE = "count = 1\n\n\ndef show():\n    print(count)\n    return count\n"
NEXT_EDIT = "textDocument/copilotInlineEdit"


def ask_params(line: int, character: int, version: int, **context: Any) -> dict[str, Any]:
    return {
        "textDocument": {"uri": DOCUMENT_URI, "version": version},
        "position": {"line": line, "character": character},
        "context": {"triggerKind": 2, **context},
    }


async def rename_count(editor: FakeEditor) -> None:
    """Type the first change of a rename, as version 2."""
    await editor.initialize()
    editor.open(CODE)
    editor.send(editor.change_message(2, range_change((0, 0), (0, 5), "total")))


async def test_one_edit_with_its_command(editor: FakeEditor) -> None:
    await rename_count(editor)
    reply = await editor.request(NEXT_EDIT, ask_params(0, 5, 2))
    (edit,) = reply["edits"]
    assert edit["textDocument"] == {"uri": DOCUMENT_URI, "version": 2}
    assert edit["range"]["start"]["line"] == 4
    assert "total" in edit["text"]
    assert edit["command"]["command"] == "interfix.accepted"
    assert edit["finder"] == "rename"


async def test_accepting_leads_to_the_next_until_there_is_none(editor: FakeEditor) -> None:
    await rename_count(editor)
    text = CODE.replace("count", "total", 1)
    for version in range(2, 6):
        reply = await editor.request(NEXT_EDIT, ask_params(0, 5, version))
        if not reply["edits"]:
            break
        (edit,) = reply["edits"]
        start, end = ((edit["range"][side]["line"], edit["range"][side]["character"]) for side in ("start", "end"))
        offsets = [sum(map(len, text.splitlines(keepends=True)[:line])) + column for line, column in (start, end)]
        text = text[: offsets[0]] + edit["text"] + text[offsets[1] :]
        editor.send(editor.change_message(version + 1, range_change(start, end, edit["text"])))
        await editor.request("workspace/executeCommand", {k: edit["command"][k] for k in ("command", "arguments")})
    assert text == CODE.replace("count", "total")


async def test_what_was_refused_is_not_offered_again(editor: FakeEditor) -> None:
    await rename_count(editor)
    (edit,) = (await editor.request(NEXT_EDIT, ask_params(0, 5, 2)))["edits"]
    refusal = {"command": "interfix.dismissed", "arguments": edit["command"]["arguments"]}
    assert await editor.request("workspace/executeCommand", refusal) is None
    reply = await editor.request(NEXT_EDIT, ask_params(0, 5, 2))
    assert edit["range"] not in [each["range"] for each in reply["edits"]]


async def ask_why(editor: FakeEditor) -> dict[str, Any]:
    command = {"command": "interfix.why", "arguments": [{"uri": DOCUMENT_URI}]}
    return dict((await editor.request("workspace/executeCommand", command))["next_edit"])


async def test_why_tells_what_was_shown_and_what_stood_against_it(editor: FakeEditor) -> None:
    await rename_count(editor)
    (edit,) = (await editor.request(NEXT_EDIT, ask_params(0, 5, 2)))["edits"]
    told = await ask_why(editor)
    (shown,) = [each for each in told["considered"] if not each["obstacle"]]
    assert (shown["finder"], shown["label"], shown["line"]) == ("rename", edit["label"], 4)
    assert shown["evidence"]["dangling"] == 1
    assert shown["certainty"] >= told["threshold"] > 0
    await editor.request("workspace/executeCommand", {"command": "interfix.dismissed", "arguments": edit["command"]["arguments"]})
    await editor.request(NEXT_EDIT, ask_params(0, 5, 2))
    told = await ask_why(editor)
    assert told["considered"][0]["obstacle"] == "refused"
    assert "refused" in told["summary"]


async def test_why_tells_of_silence(editor: FakeEditor) -> None:
    await editor.initialize()
    editor.open(CODE)
    await editor.request(NEXT_EDIT, ask_params(0, 5, 1))
    assert (await ask_why(editor))["silence"] == "no_edits"
    await editor.request("workspace/executeCommand", {"command": "interfix.snooze", "arguments": [{"seconds": 60}]})
    await editor.request(NEXT_EDIT, ask_params(0, 5, 1))
    told = await ask_why(editor)
    assert told["silence"] == "snoozed"
    assert told["change"]


async def test_another_version_gets_no_edit(editor: FakeEditor) -> None:
    await rename_count(editor)
    assert (await editor.request(NEXT_EDIT, ask_params(0, 5, 1))) == {"edits": []}


async def test_snoozed_only_who_asks_gets_one(editor: FakeEditor) -> None:
    await rename_count(editor)
    await editor.request("workspace/executeCommand", {"command": "interfix.snooze", "arguments": [{"seconds": 60}]})
    assert (await editor.request(NEXT_EDIT, ask_params(0, 5, 2))) == {"edits": []}
    assert (await editor.request(NEXT_EDIT, ask_params(0, 5, 2, triggerKind=1)))["edits"]
    await editor.request("workspace/executeCommand", {"command": "interfix.snooze", "arguments": [{"seconds": 0}]})
    assert (await editor.request(NEXT_EDIT, ask_params(0, 5, 2)))["edits"]


async def test_switched_off_only_who_asks_gets_one(editor: FakeEditor) -> None:
    editor.responders["workspace/configuration"] = lambda _: [{"next_edit": {"enabled": False}}]
    await editor.initialize(initializationOptions={"next_edit": {"enabled": False}})
    editor.open(CODE)
    editor.send(editor.change_message(2, range_change((0, 0), (0, 5), "total")))
    assert (await editor.request(NEXT_EDIT, ask_params(0, 5, 2))) == {"edits": []}
    assert (await editor.request(NEXT_EDIT, ask_params(0, 5, 2, triggerKind=1)))["edits"]


async def test_of_two_requests_the_older_is_answered_too(editor: FakeEditor) -> None:
    await rename_count(editor)
    older = asyncio.ensure_future(editor.request(NEXT_EDIT, ask_params(0, 5, 2)))
    newer = asyncio.ensure_future(editor.request(NEXT_EDIT, ask_params(0, 5, 2)))
    replies = await asyncio.gather(older, newer)
    assert all(set(reply) == {"edits"} for reply in replies)
    assert replies[1]["edits"]


async def test_a_broken_request_is_told_in_words(editor: FakeEditor) -> None:
    await rename_count(editor)
    with pytest.raises(LspError, match="copilotInlineEdit"):
        await editor.request(NEXT_EDIT, {"textDocument": {"uri": DOCUMENT_URI}})
    with pytest.raises(LspError, match="not open"):
        await editor.request(NEXT_EDIT, {**ask_params(0, 0, 1), "textDocument": {"uri": "file:///elsewhere.py", "version": 1}})


@pytest.mark.parametrize("item", [{}, {"command": None}, {"command": {"arguments": []}}, {"command": {"arguments": [{"id": "x"}]}}])
async def test_news_of_what_was_never_offered_harms_nothing(editor: FakeEditor, item: dict[str, Any]) -> None:
    await rename_count(editor)
    editor.notify("textDocument/didShowInlineEdit", {"item": item})
    editor.notify("textDocument/didFocus", {"textDocument": {"uri": "file:///elsewhere.py"}})
    assert (await editor.request(NEXT_EDIT, ask_params(0, 5, 2)))["edits"]


async def test_the_import_in_another_open_file_follows(editor: FakeEditor, tmp_path: Path) -> None:
    """Only for an editor that can show an edit elsewhere."""
    shop, cart = (tmp_path / name for name in ("shop.py", "cart.py"))
    shop.write_text("class ShopError(Exception):\n    pass\n")
    cart.write_text("from shop import ShopError\n\nerrors = [ShopError]\n")
    able = {"experimental": {"interfix": {"nextEdit": {"otherFiles": True}}}}
    await editor.initialize(able, workspaceFolders=[{"uri": tmp_path.as_uri(), "name": "shop"}])
    editor.open(shop.read_text(), uri=shop.as_uri())
    editor.open(cart.read_text(), uri=cart.as_uri())
    editor.send(editor.change_message(2, range_change((0, 6), (0, 15), "StoreError"), uri=shop.as_uri()))
    asked = {**ask_params(0, 16, 2), "textDocument": {"uri": shop.as_uri(), "version": 2}}
    (edit,) = (await editor.request(NEXT_EDIT, asked))["edits"]
    assert edit["textDocument"] == {"uri": cart.as_uri(), "version": 1}
    assert (edit["range"]["start"], edit["text"]) == ({"line": 0, "character": 17}, "StoreError")


RANGE = {"start": {"line": 4, "character": 0}, "end": {"line": 4, "character": 4}}


@pytest.mark.parametrize(
    "diagnostics",
    [
        [{"range": RANGE}],
        [{"range": None, "message": "x"}],
        [{"range": {"start": {"line": "4", "character": 0}, "end": {}}, "message": "x"}],
        [{"range": RANGE, "message": "x", "code": {"value": 1}}],
        [None, 3, "x", []],
        {"range": RANGE},
        None,
        "x",
        [{"range": {"start": {"line": -7, "character": -1}, "end": {"line": 10**12, "character": 10**12}}, "message": "x"}],
    ],
)
async def test_malformed_diagnostics_are_passed_over(editor: FakeEditor, diagnostics: Any) -> None:
    await rename_count(editor)
    reply = await editor.request(NEXT_EDIT, ask_params(0, 5, 2, diagnostics=diagnostics))
    assert [edit["finder"] for edit in reply["edits"]] == ["rename"]


STALE = 'say("name=" + name)\n\n\ndef both():\n    say("age=" + age)\n    return 1\n'
FILLED = '    say("age=%s", age)'


async def leave_a_line_stale(editor: FakeEditor, engine: FakeEngine) -> None:
    """Edit the first line as version 2; the base model knows what becomes of the other."""
    await editor.initialize()
    editor.open(STALE)
    editor.send(editor.change_message(2, range_change((0, 4), (0, 18), '"name=%s", name')))
    engine.respond = lambda _: FakeAnswer(FILLED, logprob=-0.01, score=-40.0)


@pytest.mark.usefixtures("fill_tables")
async def test_the_base_model_fills_a_line_that_is_out_of_date(editor: FakeEditor, engine: FakeEngine) -> None:
    await leave_a_line_stale(editor, engine)
    (edit,) = (await editor.request(NEXT_EDIT, ask_params(0, 18, 2)))["edits"]
    assert edit["range"]["start"]["line"] == 4
    assert edit["label"] == FILLED.strip()
    assert [request.is_next_edit for request in engine.requests] == [True]


@pytest.mark.usefixtures("fill_tables")
@pytest.mark.parametrize("setting", ["[next_edit]\nfill = false\n", '[base]\nengine = "ollama"\nurl = "http://127.0.0.1:9"\n'])
async def test_it_is_not_asked_where_it_is_not_wanted_or_is_a_server(
    editor: FakeEditor, engine: FakeEngine, settings_file: Path, setting: str
) -> None:
    await asyncio.to_thread(settings_file.write_text, setting)
    await leave_a_line_stale(editor, engine)
    assert (await editor.request(NEXT_EDIT, ask_params(0, 18, 2))) == {"edits": []}
    assert engine.requests == []


@pytest.mark.usefixtures("fill_tables")
async def test_an_edit_ends_what_the_model_is_asked(editor: FakeEditor, engine: FakeEngine) -> None:
    await leave_a_line_stale(editor, engine)
    engine.token_gate = asyncio.Event()
    reply = editor.request(NEXT_EDIT, ask_params(0, 18, 2))
    await engine.has_written.wait()
    editor.send(editor.change_message(3, range_change((5, 11), (5, 12), "2")))
    assert await reply == {"edits": []}
    assert await engine.endings.get() == "closed"
