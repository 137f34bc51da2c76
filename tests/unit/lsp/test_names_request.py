"""What the server does with the names that an editor's other language servers offer: right, late, wrong, huge or not at all."""

import json
import re
from typing import Any

import pytest

from interfix.engine.guided_text import GuidedText
from interfix.lsp.names_request import METHOD, NamesReply, decode_names
from tests.fake_engine import FakeEngine
from tests.unit.lsp.fake_editor import FakeEditor
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


def test_the_page_says_what_is_asked_and_answered() -> None:
    (request,) = read_examples("request from the server", METHOD)
    assert set(request["params"]) == {"textDocument", "position"}
    (example,) = re.findall(r"^```json names\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    told = json.loads(example)
    assert set(told) == set(NamesReply.__struct_fields__)
    assert decode_names(told)
