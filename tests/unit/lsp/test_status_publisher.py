"""What an editor is told for its status line, if it wants to be told."""

import asyncio
from typing import Any

import pytest

from interfix.errors import UnavailableError
from interfix.lsp import model_choice_and_pull, status_publisher
from interfix.models.model_selection import ModelSelection
from tests.fake_engine import FAKE_MODELS, FakeEngine
from tests.unit.lsp.fake_editor import DOCUMENT_URI, INLINE_CAPABILITIES, FakeEditor, LspError, make_range

STATUS_CAPABILITIES = {**INLINE_CAPABILITIES, "experimental": {"interfix": {"status": True}}}
EXPLAIN = {"command": "interfix.explain", "arguments": [{"uri": DOCUMENT_URI, "range": make_range((0, 0), (0, 1))}]}


def read_statuses(editor: FakeEditor) -> list[dict[str, Any]]:
    return [notice["params"] for notice in editor.notifications if notice["method"] == "interfix/status"]


async def wait_for_state(editor: FakeEditor, state: str) -> dict[str, Any]:
    """The newest status, once it is this one."""
    newest: dict[str, Any] = await editor.wait_until(
        lambda: next((each for each in read_statuses(editor)[-1:] if each["state"] == state), None)
    )
    return newest


async def test_it_names_who_serves(editor: FakeEditor) -> None:
    await editor.initialize(STATUS_CAPABILITIES)
    status = await wait_for_state(editor, "ready")
    assert status == {
        "version": 1,
        "state": "ready",
        "message": "Both are fake.",
        "percent": None,
        "base": "fake-base",
        "instruct": "fake-instruct",
        "servers": [],
    }


@pytest.mark.parametrize("experimental", [None, {"interfix": {"status": False}}, {"interfix": True}, {"another": {"status": True}}])
async def test_who_does_not_want_it_is_not_told(editor: FakeEditor, experimental: object) -> None:
    await editor.initialize({**INLINE_CAPABILITIES, "experimental": experimental})
    editor.open("x = ")
    await editor.request_suggestions(0, 4)
    assert read_statuses(editor) == []


async def test_a_user_who_waits_sees_work(editor: FakeEditor, engine: FakeEngine) -> None:
    engine.request_gate = asyncio.Event()
    await editor.initialize(STATUS_CAPABILITIES)
    editor.open("x = ")
    asked = editor.request("textDocument/inlineCompletion", editor.inline_params(0, 4))
    await wait_for_state(editor, "working")
    engine.request_gate.set()
    await asked
    await wait_for_state(editor, "ready")


async def test_work_that_is_done_at_once_is_not_told(editor: FakeEditor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status_publisher, "_WORKING_DELAY_SECONDS", 3600.0)
    await editor.initialize(STATUS_CAPABILITIES)
    editor.open("x = ")
    await wait_for_state(editor, "ready")
    await editor.request_suggestions(0, 4)
    await editor.request("workspace/executeCommand", EXPLAIN)
    assert "working" not in [status["state"] for status in read_statuses(editor)]


async def test_a_failure_holds_until_something_succeeds(editor: FakeEditor, engine: FakeEngine) -> None:
    await editor.initialize(STATUS_CAPABILITIES)
    editor.open("x = ")
    engine.failure = UnavailableError("The engine has gone.")
    assert await editor.request_suggestions(0, 4) == []
    assert (await wait_for_state(editor, "error"))["message"] == "The engine has gone."
    engine.failure = None
    assert await editor.request_suggestions(0, 4)
    await wait_for_state(editor, "ready")


async def test_switched_off_and_on(editor: FakeEditor) -> None:
    await editor.initialize(STATUS_CAPABILITIES)
    for enabled, state in ((False, "off"), (True, "ready")):
        editor.notify("workspace/didChangeConfiguration", {"settings": {"completion": {"enabled": enabled}}})
        await wait_for_state(editor, state)


async def test_without_an_instruct_model_it_suggests_and_is_ready(editor: FakeEditor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who wants suggestions only has what is wanted: one message tells what is lacking, and nothing is broken."""
    chosen = ModelSelection(FAKE_MODELS.base, None, "No model explains and edits yet.")
    monkeypatch.setattr(model_choice_and_pull, "select_models", lambda *_: chosen)
    await editor.initialize(STATUS_CAPABILITIES, initializationOptions={"models": {"pull": False}})
    status = await wait_for_state(editor, "ready")
    assert (status["message"], status["instruct"]) == ("No model explains and edits yet.", "")
    assert editor.shown_messages() == ["No model explains and edits yet."]


async def test_without_a_model_it_says_so(editor: FakeEditor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_choice_and_pull, "select_models", lambda *_: ModelSelection(None, None, "No model completes yet."))
    await editor.initialize(STATUS_CAPABILITIES, initializationOptions={"models": {"pull": False}})
    status = await wait_for_state(editor, "error")
    assert (status["message"], status["base"]) == ("No model completes yet.", "")
    with pytest.raises(LspError):
        await editor.request("workspace/executeCommand", EXPLAIN)
