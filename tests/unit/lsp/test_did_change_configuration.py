"""Settings and models over the protocol: asked for, pushed, saved, pulled."""

import asyncio
import threading
from pathlib import Path

import pytest

from interfix.config.settings import ModelSettings
from interfix.errors import RoleMismatchError, UnavailableError
from interfix.lsp import model_choice_and_pull
from interfix.models.model_selection import ModelSelection
from interfix.models.pull import PullProgress
from tests.fake_engine import FAKE_MODELS, FakeEngine
from tests.unit.lsp.fake_editor import DOCUMENT_URI, INLINE_CAPABILITIES, FakeEditor, LspError, make_range

CONFIGURATION_CAPABILITIES = {**INLINE_CAPABILITIES, "workspace": {"configuration": True}}
NOTHING = ModelSelection(None, None, "No model completes yet.")
EXPLAIN = {"command": "interfix.explain", "arguments": [{"uri": DOCUMENT_URI, "range": make_range((0, 0), (0, 1))}]}


async def get_requested_budget(editor: FakeEditor, engine: FakeEngine) -> int:
    await editor.request_suggestions(0, 4)
    return engine.requests[-1].prompt_budget


async def wait_until_settled(editor: FakeEditor) -> None:
    """All that the server asked of the editor has been answered and used: the next requests come after it."""
    for _ in range(3):
        await editor.request("workspace/executeCommand", {"command": "interfix.status"})


async def test_settings_come_with_initialize(editor: FakeEditor, engine: FakeEngine) -> None:
    await editor.initialize(initializationOptions={"completion": {"promptTokens": 111}})
    editor.open("x = ")
    assert await get_requested_budget(editor, engine) == 111


@pytest.mark.parametrize("value", [{"interfix": {"completion": {"promptTokens": 112}}}, {"completion.prompt_tokens": 112}])
async def test_settings_that_are_pushed_hold_at_once(editor: FakeEditor, engine: FakeEngine, value: object) -> None:
    await editor.initialize()
    editor.open("x = ")
    editor.notify("workspace/didChangeConfiguration", {"settings": value})
    await wait_until_settled(editor)
    assert await get_requested_budget(editor, engine) == 112


async def test_an_editor_that_can_be_asked_is_asked(editor: FakeEditor, engine: FakeEngine) -> None:
    values = iter([113, 114])
    asked = []

    def answer(params: object) -> list[object]:
        asked.append(params)
        return [{"completion": {"promptTokens": next(values)}}]

    editor.responders["workspace/configuration"] = answer
    await editor.initialize(CONFIGURATION_CAPABILITIES)
    editor.open("x = ")
    await wait_until_settled(editor)
    assert await get_requested_budget(editor, engine) == 113
    editor.notify("workspace/didChangeConfiguration", {"settings": None})
    await wait_until_settled(editor)
    assert await get_requested_budget(editor, engine) == 114
    assert asked == [{"items": [{"section": "interfix"}]}] * 2


@pytest.mark.parametrize("answer", [None, [], [None], [{}], ["text"]])
async def test_an_editor_with_nothing_to_say_changes_nothing(editor: FakeEditor, engine: FakeEngine, answer: object) -> None:
    editor.responders["workspace/configuration"] = lambda _: answer
    await editor.initialize(CONFIGURATION_CAPABILITIES, initializationOptions={"completion": {"promptTokens": 115}})
    editor.open("x = ")
    await wait_until_settled(editor)
    assert await get_requested_budget(editor, engine) == 115


async def test_a_workspace_file_holds_from_its_save(editor: FakeEditor, engine: FakeEngine, tmp_path: Path) -> None:
    file = tmp_path / ".interfix.toml"
    file.write_text("completion.prompt_tokens = 116")
    await editor.initialize(rootUri=tmp_path.as_uri(), workspaceFolders=[{"uri": tmp_path.as_uri(), "name": "t"}])
    editor.open("x = ")
    assert await get_requested_budget(editor, engine) == 116
    file.write_text("completion.prompt_tokens = 117")
    editor.notify("textDocument/didSave", {"textDocument": {"uri": file.as_uri()}})
    assert await get_requested_budget(editor, engine) == 117
    editor.notify(
        "workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": [{"uri": tmp_path.as_uri(), "name": "t"}]}}
    )
    assert await get_requested_budget(editor, engine) == 0, "the engine's own choice again"


async def test_problems_are_told_once(editor: FakeEditor) -> None:
    await editor.initialize(initializationOptions={"completion": {"promptTokens": -1}})
    editor.notify("workspace/didChangeConfiguration", {"settings": {"completion": {"promptTokens": -1}}})
    await wait_until_settled(editor)
    (message,) = editor.shown_messages()
    assert "completion.prompt_tokens" in message


async def test_switched_off_only_what_was_asked_for_is_suggested(editor: FakeEditor) -> None:
    await editor.initialize(initializationOptions={"completion": {"enabled": False}})
    editor.open("x = ")
    assert (await editor.request("textDocument/inlineCompletion", editor.inline_params(0, 4, automatic=True)))["items"] == []
    assert (await editor.request("textDocument/inlineCompletion", editor.inline_params(0, 4)))["items"]


async def test_in_some_languages_only_what_was_asked_for_is_suggested(editor: FakeEditor) -> None:
    await editor.initialize(initializationOptions={"completion": {"notIn": ["python"]}})
    editor.open("x = ")
    assert (await editor.request("textDocument/inlineCompletion", editor.inline_params(0, 4, automatic=True)))["items"] == []
    assert (await editor.request("textDocument/inlineCompletion", editor.inline_params(0, 4)))["items"]
    editor.notify("workspace/didChangeConfiguration", {"settings": {"completion": {"notIn": ["ruby"]}}})
    assert (await editor.request("textDocument/inlineCompletion", editor.inline_params(0, 4, automatic=True)))["items"]


class FakeDownload:
    """Stands for the network: hands out what it is told to, when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.arrived = threading.Event()
        self.begun = threading.Event()
        self.stopped = threading.Event()
        self.failure: Exception | None = None
        monkeypatch.setattr(model_choice_and_pull, "select_models", lambda *_: NOTHING)
        monkeypatch.setattr(model_choice_and_pull, "pull_and_select_models", self)

    def __call__(self, _settings: ModelSettings, progress: PullProgress, _serving: object) -> ModelSelection:
        progress("the hub", 1 << 20, 4 << 20)
        self.begun.set()
        self.arrived.wait()
        if self.failure is not None:
            raise self.failure
        try:
            progress("the hub", 4 << 20, 4 << 20)
        except Exception:
            self.stopped.set()
            raise
        return FAKE_MODELS


@pytest.fixture
def download(monkeypatch: pytest.MonkeyPatch) -> FakeDownload:
    return FakeDownload(monkeypatch)


async def test_a_missing_model_is_pulled_while_the_user_types(editor: FakeEditor, download: FakeDownload) -> None:
    tokens: list[str] = []
    editor.responders["window/workDoneProgress/create"] = lambda params: tokens.append(params["token"])
    await editor.initialize({**INLINE_CAPABILITIES, "window": {"workDoneProgress": True}})
    editor.open("x = ")
    assert await editor.request_suggestions(0, 4) == []
    with pytest.raises(LspError, match="downloaded"):
        await editor.request("workspace/executeCommand", EXPLAIN)
    await asyncio.to_thread(download.begun.wait)
    download.arrived.set()
    while not await editor.request_suggestions(0, 4):
        pass
    begin, report, *_, end = editor.progress_values(tokens[0])
    assert (begin["kind"], report["percentage"], end["kind"]) == ("begin", 25, "end")
    assert report["message"] == "the hub: 1 of 4 MB"


async def test_an_editor_without_progress_is_not_asked_for_any(editor: FakeEditor, download: FakeDownload) -> None:
    def refuse(_params: object) -> None:
        raise AssertionError("asked for progress")

    editor.responders["window/workDoneProgress/create"] = refuse
    await editor.initialize()
    editor.open("x = ")
    download.arrived.set()
    while not await editor.request_suggestions(0, 4):
        pass


async def test_a_pull_that_fails_is_told_once(editor: FakeEditor, download: FakeDownload) -> None:
    download.failure = UnavailableError("No source has the model.")
    download.arrived.set()
    await editor.initialize()
    editor.open("x = ")
    while not editor.shown_messages():
        assert await editor.request_suggestions(0, 4) == []
    assert editor.shown_messages() == ["No source has the model."]
    with pytest.raises(LspError, match="No source"):
        await editor.request("workspace/executeCommand", EXPLAIN)


async def test_a_user_who_wants_no_download_gets_none(editor: FakeEditor, download: FakeDownload) -> None:
    await editor.initialize(initializationOptions={"models": {"pull": False}})
    editor.open("x = ")
    assert await editor.request_suggestions(0, 4) == []
    assert editor.shown_messages() == ["No model completes yet."]
    assert not download.begun.is_set()


async def test_a_download_does_not_keep_the_server_alive(editor: FakeEditor, download: FakeDownload) -> None:
    await editor.initialize()
    await asyncio.to_thread(download.begun.wait)
    await editor.request("shutdown", None)
    editor.notify("exit", None)
    assert await editor.wait_for_exit() == 0
    download.arrived.set()


async def test_a_cancelled_download_stops_and_can_be_asked_for_again(editor: FakeEditor, download: FakeDownload) -> None:
    tokens: list[str] = []
    editor.responders["window/workDoneProgress/create"] = lambda params: tokens.append(params["token"])
    await editor.initialize(
        {**INLINE_CAPABILITIES, "window": {"workDoneProgress": True}}, initializationOptions={"models": {"pull": False}}
    )
    editor.open("x = ")
    for _ in range(2):
        download.begun.clear()
        await editor.request("workspace/executeCommand", {"command": "interfix.pull", "arguments": [{}]})
        await asyncio.to_thread(download.begun.wait)
        await editor.wait_until(lambda: any(value["kind"] == "report" for value in editor.progress_values(tokens[-1])))
        assert editor.progress_values(tokens[-1])[0]["cancellable"] is True
        if len(tokens) == 1:
            editor.notify("window/workDoneProgress/cancel", {"token": tokens[0]})
            await editor.wait_until(lambda: "cancelled" in "".join(editor.shown_messages()))
            assert editor.progress_values(tokens[0])[-1]["kind"] == "end"
            download.arrived.set()
            assert await asyncio.to_thread(download.stopped.wait, 10), "its thread went on"
            assert await editor.request_suggestions(0, 4) == []
    while not await editor.request_suggestions(0, 4):
        pass


async def test_the_models_there_are_and_who_serves(editor: FakeEditor) -> None:
    await editor.initialize()
    editor.open("x = ")
    found = await editor.request("workspace/executeCommand", {"command": "interfix.models"})
    assert found["serving"] == {"base": "fake-base", "instruct": "fake-instruct"}
    rows = {row["name"]: row for row in found["models"]}
    assert rows["qwen2.5-coder-1.5b-instruct"]["roles"] == ["base", "instruct"]
    assert rows["qwen2.5-coder-1.5b-instruct"]["advice"]["memory"] > rows["qwen2.5-coder-0.5b-instruct"]["advice"]["memory"]


async def test_a_model_in_the_wrong_role_is_refused_in_words(editor: FakeEditor, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = "codellama-7b is a base model."

    def refuse(*_: object) -> ModelSelection:
        raise RoleMismatchError(refusal)

    monkeypatch.setattr(model_choice_and_pull, "select_models", refuse)
    await editor.initialize()
    editor.open("x = ")
    assert await editor.request_suggestions(0, 4) == []
    with pytest.raises(LspError, match=refusal):
        await editor.request("workspace/executeCommand", EXPLAIN)
    assert editor.shown_messages() == [refusal]


async def test_new_settings_choose_anew(editor: FakeEditor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_choice_and_pull, "select_models", lambda settings, _: FAKE_MODELS if settings.base else NOTHING)
    await editor.initialize(initializationOptions={"models": {"pull": False}})
    editor.open("x = ")
    assert await editor.request_suggestions(0, 4) == []
    editor.notify("workspace/didChangeConfiguration", {"settings": {"models": {"base": "another", "pull": False}}})
    await wait_until_settled(editor)
    assert await editor.request_suggestions(0, 4)


@pytest.fixture
def team_server(settings_file: Path) -> None:
    settings_file.write_text('[instruct]\nengine = "openai"\nurl = "https://gpu.example/v1"\n')


@pytest.mark.usefixtures("team_server")
async def test_the_editor_is_told_where_code_goes(editor: FakeEditor) -> None:
    await editor.initialize({**INLINE_CAPABILITIES, "experimental": {"interfix": {"status": True}}})
    status = await editor.wait_until(
        lambda: [notice["params"] for notice in editor.notifications if notice["method"] == "interfix/status"][-1:]
    )
    assert status[0]["servers"] == [{"role": "instruct", "engine": "openai", "host": "gpu.example", "leaves": True}]
    await editor.wait_until(editor.shown_messages)
    assert editor.shown_messages() == ["Interfix sends code to gpu.example for explanations and edits, as you have configured."]


async def test_an_editors_settings_send_no_code_away(editor: FakeEditor, settings_file: Path) -> None:
    await editor.initialize(initializationOptions={"base": {"engine": "openai", "url": "https://evil.example"}})
    editor.open("x = ")
    assert await editor.request_suggestions(0, 4)
    (warning,) = editor.shown_messages()
    assert "the editor's settings may not set base.engine" in warning
    assert str(settings_file) in warning


async def test_a_request_is_answered_though_the_models_are_chosen_anew_while_it_waits(editor: FakeEditor) -> None:
    await editor.initialize()
    editor.open("def total(a):\n    return \n")
    ask, reply = editor.prepare_request("textDocument/inlineCompletion", editor.inline_params(1, 11))
    again = [editor.prepare_request("workspace/executeCommand", {"command": "interfix.models"}) for _ in range(3)]
    editor.send(*(message for message, _ in again), ask)
    assert await asyncio.wait_for(reply, 30)
    await asyncio.wait_for(asyncio.gather(*(future for _, future in again), return_exceptions=True), 30)


async def test_requests_are_answered_whenever_settings_change(editor: FakeEditor, tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text("def total(a):\n    return a\n")
    uri = (tmp_path / "code.py").as_uri()
    await editor.initialize(rootUri=tmp_path.as_uri())
    editor.open("import shop\n\nshop.\n", uri)
    replies = []
    for number in range(60):
        params = editor.inline_params(2, 5, automatic=number % 2 == 0, uri=uri)
        replies.append(editor.request("textDocument/inlineCompletion", params))
        await asyncio.sleep(number % 6 / 1000)
        settings = {"interfix": {"context": {"limitMs": 100 + number}}}
        editor.notify("workspace/didChangeConfiguration", {"settings": settings})
    results = await asyncio.wait_for(asyncio.gather(*replies, return_exceptions=True), 30)
    assert [str(each) for each in results if isinstance(each, LspError) and each.code != -32800] == []
