"""What an editor is told for its status line, if it wants to be told."""

import asyncio
from typing import Any

import pytest
from scripted_editor import INLINE, URI, Editor, LspError, span
from scripted_engine import ScriptedEngine

from interfix.errors import Unavailable
from interfix.lsp import bulletin, supply
from interfix.models.choose import Chosen

WANTS = {**INLINE, "experimental": {"interfix": {"status": True}}}
EXPLAIN = {"command": "interfix.explain", "arguments": [{"uri": URI, "range": span((0, 0), (0, 1))}]}


def told(editor: Editor) -> list[dict[str, Any]]:
    return [notice["params"] for notice in editor.notices if notice["method"] == "interfix/status"]


async def until(editor: Editor, state: str) -> dict[str, Any]:
    """The newest status, once it is this one."""
    newest: dict[str, Any] = await editor.until(lambda: next((each for each in told(editor)[-1:] if each["state"] == state), None))
    return newest


async def test_it_names_who_serves(editor: Editor) -> None:
    await editor.start(WANTS)
    status = await until(editor, "ready")
    assert status == {
        "version": 1,
        "state": "ready",
        "message": "Both are scripted.",
        "percent": None,
        "base": "scripted-base",
        "instruct": "scripted-instruct",
        "servers": [],
    }


@pytest.mark.parametrize("experimental", [None, {"interfix": {"status": False}}, {"interfix": True}, {"another": {"status": True}}])
async def test_who_does_not_want_it_is_not_told(editor: Editor, experimental: object) -> None:
    await editor.start({**INLINE, "experimental": experimental})
    editor.open("x = ")
    await editor.suggestion(0, 4)
    assert told(editor) == []


async def test_a_user_who_waits_sees_work(editor: Editor, engine: ScriptedEngine) -> None:
    engine.gate = asyncio.Event()
    await editor.start(WANTS)
    editor.open("x = ")
    asked = editor.ask("textDocument/inlineCompletion", editor.inline(0, 4))
    await until(editor, "working")
    engine.gate.set()
    await asked
    await until(editor, "ready")


async def test_work_that_is_done_at_once_is_not_told(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulletin, "_NOTICEABLE", 3600.0)
    await editor.start(WANTS)
    editor.open("x = ")
    await until(editor, "ready")
    await editor.suggestion(0, 4)
    await editor.ask("workspace/executeCommand", EXPLAIN)
    assert "working" not in [status["state"] for status in told(editor)]


async def test_a_failure_holds_until_something_succeeds(editor: Editor, engine: ScriptedEngine) -> None:
    await editor.start(WANTS)
    editor.open("x = ")
    engine.failure = Unavailable("The engine has gone.")
    assert await editor.suggestion(0, 4) == []
    assert (await until(editor, "error"))["message"] == "The engine has gone."
    engine.failure = None
    assert await editor.suggestion(0, 4)
    await until(editor, "ready")


async def test_switched_off_and_on(editor: Editor) -> None:
    await editor.start(WANTS)
    for enabled, state in ((False, "off"), (True, "ready")):
        editor.notify("workspace/didChangeConfiguration", {"settings": {"completion": {"enabled": enabled}}})
        await until(editor, state)


async def test_without_a_model_it_says_so(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supply, "chosen", lambda *_: Chosen(None, None, "No model completes yet."))
    await editor.start(WANTS, initializationOptions={"models": {"pull": False}})
    status = await until(editor, "error")
    assert (status["message"], status["base"]) == ("No model completes yet.", "")
    with pytest.raises(LspError):
        await editor.ask("workspace/executeCommand", EXPLAIN)
