"""Commands over the protocol: streams, results, edits of the very version, and their ends."""

import asyncio
import gc
import re

import pytest

from interfix.engine.protocol import ChatRequest, InfillRequest
from interfix.errors import UnavailableError
from tests.fake_engine import FakeEngine
from tests.unit.lsp.fake_editor import (
    DOCUMENT_URI,
    INLINE_CAPABILITIES,
    FakeEditor,
    LspError,
    full_change,
    make_range,
    range_change,
)

FUNCTION = "def one():\n    return 1\n\n\nprint(one())\n"
BODY = make_range((1, 0), (2, 0))
VERSIONS = {"workspace": {"workspaceEdit": {"documentChanges": True}}}


@pytest.fixture
async def open_editor(editor: FakeEditor) -> FakeEditor:
    await editor.initialize({**INLINE_CAPABILITIES, **VERSIONS})
    editor.open(FUNCTION, version=7)
    return editor


@pytest.mark.parametrize("where", ["argument", "request"])
async def test_an_explanation_streams_and_is_the_result(open_editor: FakeEditor, engine: FakeEngine, where: str) -> None:
    engine.answers = ["It returns **1**."]
    command = open_editor.command_params("explain", uri=DOCUMENT_URI, range=BODY, **({"token": "t"} if where == "argument" else {}))
    if where == "request":
        command["workDoneToken"] = "t"
    result = await open_editor.request("workspace/executeCommand", command)
    assert result == {"markdown": "It returns **1**."}
    first, *pieces, last = open_editor.progress_values("t")
    assert (first["kind"], last["kind"]) == ("begin", "end")
    assert "".join(piece["message"] for piece in pieces) == "It returns **1**."
    assert len(pieces) > 1


async def test_without_a_token_only_the_result_comes(open_editor: FakeEditor, engine: FakeEngine) -> None:
    engine.answers = ["One."]
    assert await open_editor.request(
        "workspace/executeCommand", open_editor.command_params("explain", uri=DOCUMENT_URI, range=BODY)
    ) == {"markdown": "One."}
    assert [n for n in open_editor.notifications if n["method"] == "$/progress"] == []


@pytest.mark.parametrize("how", ["request", "progress"])
async def test_a_cancelled_explanation_frees_the_engine(open_editor: FakeEditor, engine: FakeEngine, how: str) -> None:
    engine.request_gate = asyncio.Event()
    asked = open_editor.request(
        "workspace/executeCommand", open_editor.command_params("explain", uri=DOCUMENT_URI, range=BODY, token=5)
    )
    await engine.asked_models.get()
    if how == "request":
        open_editor.cancel(asked)
    else:
        open_editor.notify("window/workDoneProgress/cancel", {"token": 5})
    with pytest.raises(LspError) as caught:
        await asked
    assert caught.value.code == -32800
    assert await engine.endings.get() == "closed"
    assert open_editor.progress_values(5)[-1]["kind"] == "end"


async def test_a_suggestion_does_not_wait_for_an_explanation(open_editor: FakeEditor, engine: FakeEngine) -> None:
    gate = engine.request_gate = asyncio.Event()
    asked = open_editor.request("workspace/executeCommand", open_editor.command_params("explain", uri=DOCUMENT_URI, range=BODY))
    await engine.asked_models.get()
    engine.request_gate = None
    open_editor.send(open_editor.change_message(8, full_change("x = ")))
    assert await open_editor.request_suggestions(0, 4)
    gate.set()
    assert (await asked)["markdown"]


async def test_a_refactoring_is_an_edit_of_the_version_asked_about(open_editor: FakeEditor, engine: FakeEngine) -> None:
    engine.answers = ["```python\nx = 1\nreturn x\n```"]
    command = open_editor.command_params("refactor", uri=DOCUMENT_URI, range=make_range((2, 0), (1, 0)), instruction="name it")
    result = await open_editor.request("workspace/executeCommand", command)
    (change,) = result["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": DOCUMENT_URI, "version": 7}
    assert change["edits"] == [{"range": make_range((1, 0), (2, 0)), "newText": "    x = 1\n    return x\n"}]
    assert result["verdict"] == "parses · 1 hunk"


async def test_code_left_as_it_was_is_no_edit(open_editor: FakeEditor, engine: FakeEngine) -> None:
    engine.answers = ["```python\n    return 1\n```"]
    command = open_editor.command_params("refactor", uri=DOCUMENT_URI, range=BODY, instruction="do nothing")
    result = await open_editor.request("workspace/executeCommand", command)
    assert (result["edit"], result["verdict"]) == ({"documentChanges": []}, "The model left the code as it was.")


@pytest.mark.parametrize("happens", ["change", "close"])
async def test_a_document_that_moved_on_is_left_alone(open_editor: FakeEditor, engine: FakeEngine, happens: str) -> None:
    engine.answers = ["```python\nreturn 2\n```"]
    engine.request_gate = asyncio.Event()
    asked = open_editor.request(
        "workspace/executeCommand", open_editor.command_params("refactor", uri=DOCUMENT_URI, range=BODY, instruction="two")
    )
    await engine.asked_models.get()
    if happens == "change":
        open_editor.send(open_editor.change_message(8, range_change((4, 0), (4, 0), "# ")))
    else:
        open_editor.notify("textDocument/didClose", {"textDocument": {"uri": DOCUMENT_URI}})
    engine.request_gate.set()
    with pytest.raises(LspError, match="changed while") as caught:
        await asked
    assert caught.value.code == -32801


async def test_an_edit_nobody_can_trust_is_an_error(open_editor: FakeEditor, engine: FakeEngine) -> None:
    engine.answers = ["I cannot do that, sorry."]
    with pytest.raises(LspError, match="Nothing was changed") as caught:
        await open_editor.request(
            "workspace/executeCommand", open_editor.command_params("refactor", uri=DOCUMENT_URI, range=BODY, instruction="two")
        )
    assert (caught.value.code, open_editor.shown_messages()) == (-32803, [])


@pytest.mark.parametrize("instruction", ["", "  "])
async def test_an_edit_needs_an_instruction(open_editor: FakeEditor, instruction: str) -> None:
    with pytest.raises(LspError, match="instruction") as caught:
        await open_editor.request(
            "workspace/executeCommand",
            open_editor.command_params("refactor", uri=DOCUMENT_URI, range=BODY, instruction=instruction),
        )
    assert caught.value.code == -32602


async def test_an_engine_that_fails_is_an_error_and_is_told(open_editor: FakeEditor, engine: FakeEngine) -> None:
    engine.failure = UnavailableError("The engine has gone.")
    for _ in range(2):
        with pytest.raises(LspError, match="The engine has gone") as caught:
            await open_editor.request(
                "workspace/executeCommand", open_editor.command_params("explain", uri=DOCUMENT_URI, range=BODY, token="t")
            )
        assert caught.value.code == -32803
    assert open_editor.shown_messages() == ["The engine has gone."]
    assert [value["kind"] for value in open_editor.progress_values("t")] == ["begin", "end"] * 2


async def test_why_tells_the_prompt_at_a_place_without_computing(open_editor: FakeEditor, engine: FakeEngine) -> None:
    told = await open_editor.request(
        "workspace/executeCommand", open_editor.command_params("why", uri=DOCUMENT_URI, position={"line": 1, "character": 4})
    )
    (asked,) = engine.requests
    assert isinstance(asked, InfillRequest)
    assert asked.dry_run
    assert "".join(segment.text for segment in asked.segments if segment.kind == "prefix") == "def one():\n    "
    assert (told["model"], told["prompt_tokens"]) == ("fake-base", 7)
    assert [cost["source"] for cost in told["costs"]] == ["window"]


async def test_why_tells_of_the_last_suggestion(open_editor: FakeEditor, engine: FakeEngine) -> None:
    asked = open_editor.command_params("why", uri=DOCUMENT_URI)
    with pytest.raises(LspError, match="No suggestion was asked for"):
        await open_editor.request("workspace/executeCommand", asked)
    await open_editor.request_suggestions(1, 4)
    told = await open_editor.request("workspace/executeCommand", asked)
    assert told["prompt_tokens"] == 7
    verdict = told["verdict"]
    assert (verdict["silent"], verdict["line"], verdict["character"], verdict["automatic"]) == ("", 1, 4, False)
    assert verdict["summary"].startswith("Shown because you asked; the model is ")
    assert 0 < verdict["confidence"] <= 1
    assert [request.dry_run for request in engine.requests] == [False, True]
    brief = await open_editor.request("workspace/executeCommand", open_editor.command_params("why", uri=DOCUMENT_URI, prompt=False))
    assert brief == {"verdict": verdict}
    assert len(engine.requests) == 2


async def test_why_tells_why_nothing_is_shown_and_asking_shows_it(editor: FakeEditor, engine: FakeEngine) -> None:
    engine.answers = ["1 + 2"]
    await editor.initialize(initializationOptions={"completion": {"threshold": 1.0}})
    editor.open("x = \n")
    reply = await editor.request("textDocument/inlineCompletion", editor.inline_params(0, 4, automatic=True))
    assert reply["items"] == []
    asked = editor.command_params("why", uri=DOCUMENT_URI, prompt=False)
    verdict = (await editor.request("workspace/executeCommand", asked))["verdict"]
    assert (verdict["reason"], verdict["said"], verdict["said_in_place"]) == ("unsure", "1 + 2", "    1 + 2")
    assert re.fullmatch(r"Not shown: the model is \d+% sure, 100% is needed\.", verdict["summary"])
    (item,) = await editor.request_suggestions(0, 4)
    assert item["insertText"] == "1 + 2"
    assert len(engine.requests) == 1, "what was kept back is at hand"
    assert "Shown because you asked" in (await editor.request("workspace/executeCommand", asked))["verdict"]["summary"]


@pytest.mark.parametrize(
    ("text", "options", "answer", "summary"),
    [
        ("total = 1\n", {}, "", "Nothing was computed: the cursor is in a word or before much code."),
        ("x = \n", {"enabled": False}, "1", "Nothing was computed: suggestions are switched off."),
        ("x = \n", {"not_in": ["python"]}, "1", "Nothing was computed: completion.not_in names this language."),
        ("x = \n", {}, "", "Nothing to show: the model has nothing to add here."),
        ("x = (\n)\n", {}, ")", "Not shown: what the model says "),
    ],
)
async def test_why_names_the_rule_that_hid_it(
    editor: FakeEditor, engine: FakeEngine, text: str, options: dict[str, object], answer: str, summary: str
) -> None:
    engine.answers = [answer]
    await editor.initialize(initializationOptions={"completion": options})
    editor.open(text)
    await editor.request("textDocument/inlineCompletion", editor.inline_params(0, 4, automatic=True))
    asked = editor.command_params("why", uri=DOCUMENT_URI, prompt=False)
    verdict = (await editor.request("workspace/executeCommand", asked))["verdict"]
    assert verdict["summary"].startswith(summary)
    assert verdict["change"]


async def test_why_tells_what_a_command_would_ask(open_editor: FakeEditor, engine: FakeEngine) -> None:
    given = {"uri": DOCUMENT_URI, "range": BODY, "instruction": "return two"}
    asked = open_editor.command_params("why", command="interfix.refactor", arguments=given)
    told = await open_editor.request("workspace/executeCommand", asked)
    (request,) = engine.requests
    assert isinstance(request, ChatRequest)
    assert request.dry_run
    assert "return two" in request.messages[1].content
    assert [(each["model"], each["prompt_tokens"]) for each in told["requests"]] == [("fake-instruct", 7)]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"command": "interfix.refactor"}, "without its arguments"),
        ({"command": "interfix.status", "arguments": {"uri": DOCUMENT_URI, "range": BODY}}, "asks no model"),
        ({"command": "interfix.run", "arguments": {"uri": DOCUMENT_URI, "range": BODY, "name": "x"}}, "no command 'x'"),
        ({"command": "interfix.refactor", "arguments": {"uri": DOCUMENT_URI, "range": BODY, "version": 1}}, "changed since"),
    ],
)
async def test_why_of_what_is_no_command_is_an_error(open_editor: FakeEditor, given: dict[str, object], reason: str) -> None:
    with pytest.raises(LspError, match=reason):
        await open_editor.request("workspace/executeCommand", open_editor.command_params("why", **given))


async def test_the_status_names_engine_models_and_problems(editor: FakeEditor) -> None:
    status_capabilities = {**INLINE_CAPABILITIES, "experimental": {"interfix": {"status": True}}}
    await editor.initialize(status_capabilities, initializationOptions={"nonesuch": 1})
    await editor.wait_until(
        lambda: any(n["method"] == "interfix/status" and n["params"]["state"] == "ready" for n in editor.notifications)
    )
    status = await editor.request("workspace/executeCommand", {"command": "interfix.status"})
    assert (status["engine"]["pid"], status["models"]) == (42, "Both are fake.")
    assert "nonesuch" in status["problems"][0]


async def test_commands_cancelled_at_once_leave_nothing_behind(
    open_editor: FakeEditor, engine: FakeEngine, recwarn: pytest.WarningsRecorder
) -> None:
    """Whether or not they had their first step: a coroutine that is never awaited is told on stderr."""
    engine.request_gate = asyncio.Event()
    for _ in range(50):
        asked = open_editor.request("workspace/executeCommand", open_editor.command_params("explain", uri=DOCUMENT_URI, range=BODY))
        open_editor.cancel(asked)
        with pytest.raises(LspError) as caught:
            await asked
        assert caught.value.code == -32800
    gc.collect()
    assert [str(each.message) for each in recwarn if "never awaited" in str(each.message)] == []
    assert [await engine.endings.get() for _ in engine.requests] == ["closed"] * len(engine.requests)
