"""What the server does with the names that an editor's other language servers offer: right, late, wrong, huge or not at all."""

import asyncio
import json
import re
from typing import Any

import pytest

from interfix.engine.guided_text import GuidedText
from interfix.lsp.names_request import METHOD, NamesReply, decode_names
from tests.fake_engine import FakeAnswer, FakeEngine
from tests.unit.lsp.fake_editor import DOCUMENT_URI, FakeEditor
from tests.unit.lsp.protocol_page import PAGE, read_examples

CAPABILITIES = {"textDocument": {"inlineCompletion": {}}, "experimental": {"interfix": {"names": True}}}
TEXT = "def f(client):\n    return client.\n"
OFFERED = {"names": ["send", "close"], "kinds": [2, 2], "details": ["", ""], "incomplete": False}


async def ask(editor: FakeEditor, answer: Any, capabilities: dict[str, Any] = CAPABILITIES) -> Any:
    """The guide that the engine gets, and what the editor was asked."""
    asked: list[Any] = []

    def respond(params: Any) -> Any:
        asked.append(params)
        return answer

    editor.responders[METHOD] = respond
    await editor.initialize(capabilities)
    editor.open(TEXT)
    await editor.request_suggestions(1, len("    return client."))
    return editor.engine.requests[0].guide, asked


async def test_what_the_editor_offers_guides_the_engine(editor: FakeEditor) -> None:
    guide, asked = await ask(editor, OFFERED)
    assert asked[0]["position"] == {"line": 1, "character": len("    return client.")}
    assert GuidedText(guide).judge(b"send(1)") == 0.0
    assert GuidedText(guide).judge(b"post(1)") > 1.0


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        [],
        "text",
        {"names": "send"},
        {"names": [1, 2]},
        {"names": []},
        {"names": ["x" * 3000]},
        {"names": [f"n{i}" for i in range(20_000)]},
    ],
)
async def test_an_answer_that_is_none_or_wrong_guides_nothing(editor: FakeEditor, answer: Any) -> None:
    guide, _ = await ask(editor, answer)
    assert guide is None


async def test_an_editor_that_does_not_say_it_answers_is_not_asked(editor: FakeEditor) -> None:
    guide, asked = await ask(editor, OFFERED, {"textDocument": {"inlineCompletion": {}}})
    assert guide is None
    assert not asked


async def test_a_source_that_is_switched_off_is_not_asked(editor: FakeEditor, engine: FakeEngine) -> None:
    editor.responders[METHOD] = lambda _: OFFERED
    await editor.initialize(CAPABILITIES, initializationOptions={"completion": {"guide_without": ["server"]}})
    editor.open(TEXT)
    await editor.request_suggestions(1, len("    return client."))
    assert engine.requests[0].guide is None


async def test_an_editor_that_never_answers_holds_no_suggestion_up(editor: FakeEditor, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = editor.send
    monkeypatch.setattr(editor, "send", lambda *messages: sent(*(each for each in messages if "result" not in each)))
    await editor.initialize(CAPABILITIES)
    editor.open(TEXT)
    params = editor.inline_params(1, len("    return client."), automatic=True)
    assert (await editor.request("textDocument/inlineCompletion", params))["items"]
    assert editor.engine.requests[0].guide is None


class LateEditor:
    """Keeps its answers back until it is told to send them."""

    def __init__(self, editor: FakeEditor, monkeypatch: pytest.MonkeyPatch, *answers: Any) -> None:
        self.editor = editor
        self.asked = 0
        self._send = editor.send
        self._kept: list[Any] = []
        self._answers = list(answers)
        editor.responders[METHOD] = self._respond
        monkeypatch.setattr(editor, "send", self._send_or_keep)

    async def open(self, text: str = TEXT) -> None:
        await self.editor.initialize(CAPABILITIES)
        self.editor.open(text)

    async def suggest(self, *, automatic: bool, typed: str = "") -> str:
        """The text of the suggestion behind the link and what is typed of the name."""
        character = len("    return client.") + len(typed)
        params = self.editor.inline_params(1, character, automatic=automatic)
        items = (await self.editor.request("textDocument/inlineCompletion", params))["items"]
        return items[0]["insertText"] if items else ""

    async def answer(self) -> None:
        """Send what was kept back, and wait until the server has read it: it answers what it is asked thereafter."""
        self._send(*self._kept)
        self._kept.clear()
        for _ in range(3):
            await self.editor.request("workspace/executeCommand", self.editor.command_params("status"))

    def _respond(self, _params: Any) -> Any:
        self.asked += 1
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def _send_or_keep(self, *messages: Any) -> None:
        self._kept += [each for each in messages if "result" in each]
        if left := [each for each in messages if "result" not in each]:
            self._send(*left)


def prefer_wrong_member(request: Any) -> FakeAnswer:
    """A model that would write `post`, and writes `send` where that is refused or costs something."""
    refused = request.guide is not None and GuidedText(request.guide).judge(b"post(1)") > 0.0
    return FakeAnswer("send(1)" if refused else "post(1)")


@pytest.fixture
def stubborn_editor(engine: FakeEngine, editor: FakeEditor) -> FakeEditor:
    engine.respond = prefer_wrong_member
    return editor


async def test_ten_thousand_names_are_of_use(editor: FakeEditor) -> None:
    guide, _ = await ask(editor, {"names": [f"name_{number}" for number in range(10_000)], "kinds": [2] * 10_000})
    assert GuidedText(guide).judge(b"name_9999(1)") == 0.0
    assert GuidedText(guide).judge(b"post(1)") > 1.0


@pytest.mark.parametrize("answer", [OFFERED, None, {"names": 1}, {"names": [f"name_{number}" for number in range(20_000)]}])
async def test_no_answer_is_waited_for_whatever_it_will_be(
    editor: FakeEditor, monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    late = LateEditor(editor, monkeypatch, answer)
    await late.open()
    assert await late.suggest(automatic=True)
    await late.answer()
    assert await late.suggest(automatic=True)


@pytest.mark.parametrize("automatic", [True, False])
async def test_a_late_answer_serves_the_next_request_at_that_place(
    stubborn_editor: FakeEditor, monkeypatch: pytest.MonkeyPatch, automatic: bool
) -> None:
    late = LateEditor(stubborn_editor, monkeypatch, OFFERED)
    await late.open()
    assert await late.suggest(automatic=True) == "post(1)"
    assert await late.suggest(automatic=True) == "post(1)"  # nothing is new
    await late.answer()
    assert await late.suggest(automatic=automatic) == "send(1)"
    assert late.asked == 1


async def test_who_asks_waits_for_an_answer_that_is_under_way(stubborn_editor: FakeEditor, monkeypatch: pytest.MonkeyPatch) -> None:
    late = LateEditor(stubborn_editor, monkeypatch, OFFERED)
    await late.open()
    assert await late.suggest(automatic=True) == "post(1)"
    asking = asyncio.create_task(late.suggest(automatic=False))
    await asyncio.sleep(0)
    await late.answer()
    assert await asking == "send(1)"


async def test_a_late_answer_that_has_the_member_changes_nothing(
    stubborn_editor: FakeEditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = LateEditor(stubborn_editor, monkeypatch, {"names": ["send", "post"], "kinds": [2, 2]})
    await late.open()
    assert await late.suggest(automatic=True) == "post(1)"
    await late.answer()
    assert await late.suggest(automatic=True) == "post(1)"
    assert len(stubborn_editor.engine.requests) == 1


async def test_an_editor_that_had_no_answer_is_asked_again(stubborn_editor: FakeEditor) -> None:
    here, answers = len("    return client."), [None, None, OFFERED]
    stubborn_editor.responders[METHOD] = lambda _: answers.pop(0)
    await stubborn_editor.initialize(CAPABILITIES)
    stubborn_editor.open(TEXT)
    texts = [(await stubborn_editor.request_suggestions(1, here))[0]["insertText"] for _ in range(3)]
    assert (texts[0], texts[-1]) == ("post(1)", "send(1)")
    assert answers == []


async def test_why_tells_who_knew_the_names(stubborn_editor: FakeEditor, monkeypatch: pytest.MonkeyPatch) -> None:
    late = LateEditor(stubborn_editor, monkeypatch, OFFERED)
    await late.open()

    async def read_summary() -> str:
        params = stubborn_editor.command_params("why", uri=DOCUMENT_URI, prompt=False)
        return str((await stubborn_editor.request("workspace/executeCommand", params))["verdict"]["summary"])

    await late.suggest(automatic=True)
    assert "The language server came too late" in await read_summary()
    await late.answer()
    await late.suggest(automatic=False)
    assert "The language server told which names exist." in await read_summary()


def test_the_page_says_what_is_asked_and_answered() -> None:
    (request,) = read_examples("request from the server", METHOD)
    assert set(request["params"]) == {"textDocument", "position"}
    (example,) = re.findall(r"^```json names\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    told = json.loads(example)
    assert set(told) == set(NamesReply.__struct_fields__)
    assert decode_names(told)
