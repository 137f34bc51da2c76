"""Commands over the protocol: streams, results, edits of the very version, and their ends."""

import asyncio

import pytest
from scripted_editor import INLINE, URI, Editor, LspError, part, span, whole
from scripted_engine import ScriptedEngine

from interfix.engine.protocol import ChatRequest, InfillRequest
from interfix.errors import Unavailable

FUNCTION = "def one():\n    return 1\n\n\nprint(one())\n"
BODY = span((1, 0), (2, 0))
VERSIONS = {"workspace": {"workspaceEdit": {"documentChanges": True}}}


@pytest.fixture
async def opened(editor: Editor) -> Editor:
    await editor.start({**INLINE, **VERSIONS})
    editor.open(FUNCTION, version=7)
    return editor


@pytest.mark.parametrize("where", ["argument", "request"])
async def test_an_explanation_streams_and_is_the_result(opened: Editor, engine: ScriptedEngine, where: str) -> None:
    engine.text = "It returns **1**."
    command = opened.command("explain", uri=URI, range=BODY, **({"token": "t"} if where == "argument" else {}))
    if where == "request":
        command["workDoneToken"] = "t"
    result = await opened.ask("workspace/executeCommand", command)
    assert result == {"markdown": "It returns **1**."}
    first, *pieces, last = opened.progress("t")
    assert (first["kind"], last["kind"]) == ("begin", "end")
    assert "".join(piece["message"] for piece in pieces) == "It returns **1**."
    assert len(pieces) > 1


async def test_without_a_token_only_the_result_comes(opened: Editor, engine: ScriptedEngine) -> None:
    engine.text = "One."
    assert await opened.ask("workspace/executeCommand", opened.command("explain", uri=URI, range=BODY)) == {"markdown": "One."}
    assert [n for n in opened.notices if n["method"] == "$/progress"] == []


@pytest.mark.parametrize("how", ["request", "progress"])
async def test_a_cancelled_explanation_frees_the_engine(opened: Editor, engine: ScriptedEngine, how: str) -> None:
    engine.gate = asyncio.Event()
    asked = opened.ask("workspace/executeCommand", opened.command("explain", uri=URI, range=BODY, token=5))
    await engine.started.get()
    if how == "request":
        opened.cancel(asked)
    else:
        opened.notify("window/workDoneProgress/cancel", {"token": 5})
    with pytest.raises(LspError) as caught:
        await asked
    assert caught.value.code == -32800
    assert await engine.ended.get() == "closed"
    assert opened.progress(5)[-1]["kind"] == "end"


async def test_a_suggestion_does_not_wait_for_an_explanation(opened: Editor, engine: ScriptedEngine) -> None:
    gate = engine.gate = asyncio.Event()
    asked = opened.ask("workspace/executeCommand", opened.command("explain", uri=URI, range=BODY))
    await engine.started.get()
    engine.gate = None
    opened.send(opened.change(8, whole("x = ")))
    assert await opened.suggestion(0, 4)
    gate.set()
    assert (await asked)["markdown"]


async def test_a_refactoring_is_an_edit_of_the_version_asked_about(opened: Editor, engine: ScriptedEngine) -> None:
    engine.text = "```python\nx = 1\nreturn x\n```"
    command = opened.command("refactor", uri=URI, range=span((2, 0), (1, 0)), instruction="name it")
    result = await opened.ask("workspace/executeCommand", command)
    (change,) = result["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": URI, "version": 7}
    assert change["edits"] == [{"range": span((1, 0), (2, 0)), "newText": "    x = 1\n    return x\n"}]
    assert result["verdict"] == "parses · 1 hunk"


async def test_code_left_as_it_was_is_no_edit(opened: Editor, engine: ScriptedEngine) -> None:
    engine.text = "```python\n    return 1\n```"
    command = opened.command("refactor", uri=URI, range=BODY, instruction="do nothing")
    result = await opened.ask("workspace/executeCommand", command)
    assert (result["edit"], result["verdict"]) == ({"documentChanges": []}, "The model left the code as it was.")


@pytest.mark.parametrize("happens", ["change", "close"])
async def test_a_document_that_moved_on_is_left_alone(opened: Editor, engine: ScriptedEngine, happens: str) -> None:
    engine.text = "```python\nreturn 2\n```"
    engine.gate = asyncio.Event()
    asked = opened.ask("workspace/executeCommand", opened.command("refactor", uri=URI, range=BODY, instruction="two"))
    await engine.started.get()
    if happens == "change":
        opened.send(opened.change(8, part((4, 0), (4, 0), "# ")))
    else:
        opened.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
    engine.gate.set()
    with pytest.raises(LspError, match="changed while") as caught:
        await asked
    assert caught.value.code == -32801


async def test_an_edit_nobody_can_trust_is_an_error(opened: Editor, engine: ScriptedEngine) -> None:
    engine.text = "I cannot do that, sorry."
    with pytest.raises(LspError, match="Nothing was changed") as caught:
        await opened.ask("workspace/executeCommand", opened.command("refactor", uri=URI, range=BODY, instruction="two"))
    assert (caught.value.code, opened.shown()) == (-32803, [])


@pytest.mark.parametrize("instruction", ["", "  "])
async def test_an_edit_needs_an_instruction(opened: Editor, instruction: str) -> None:
    with pytest.raises(LspError, match="instruction") as caught:
        await opened.ask("workspace/executeCommand", opened.command("refactor", uri=URI, range=BODY, instruction=instruction))
    assert caught.value.code == -32602


async def test_an_engine_that_fails_is_an_error_and_is_told(opened: Editor, engine: ScriptedEngine) -> None:
    engine.failure = Unavailable("The engine has gone.")
    for _ in range(2):
        with pytest.raises(LspError, match="The engine has gone") as caught:
            await opened.ask("workspace/executeCommand", opened.command("explain", uri=URI, range=BODY, token="t"))
        assert caught.value.code == -32803
    assert opened.shown() == ["The engine has gone."]
    assert [value["kind"] for value in opened.progress("t")] == ["begin", "end"] * 2


async def test_why_tells_the_prompt_at_a_place_without_computing(opened: Editor, engine: ScriptedEngine) -> None:
    told = await opened.ask("workspace/executeCommand", opened.command("why", uri=URI, position={"line": 1, "character": 4}))
    (asked,) = engine.asked
    assert isinstance(asked, InfillRequest)
    assert asked.dry
    assert "".join(segment.text for segment in asked.segments if segment.kind == "prefix") == "def one():\n    "
    assert (told["model"], told["prompt_tokens"]) == ("scripted-base", 7)
    assert [cost["source"] for cost in told["costs"]] == ["window"]


async def test_why_tells_of_the_last_suggestion(opened: Editor, engine: ScriptedEngine) -> None:
    asked = opened.command("why", uri=URI)
    with pytest.raises(LspError, match="No suggestion was made"):
        await opened.ask("workspace/executeCommand", asked)
    await opened.suggestion(1, 4)
    told = await opened.ask("workspace/executeCommand", asked)
    assert (told["prompt_tokens"], told["prompt"]) == (7, "")
    assert told["verdict"]["silent"] == ""
    assert 0 < told["verdict"]["confidence"] <= 1
    assert len(engine.asked) == 1


async def test_why_tells_what_a_command_would_ask(opened: Editor, engine: ScriptedEngine) -> None:
    given = {"uri": URI, "range": BODY, "instruction": "return two"}
    asked = opened.command("why", command="interfix.refactor", arguments=given)
    told = await opened.ask("workspace/executeCommand", asked)
    (request,) = engine.asked
    assert isinstance(request, ChatRequest)
    assert request.dry
    assert "return two" in request.messages[1].content
    assert [(each["model"], each["prompt_tokens"]) for each in told["requests"]] == [("scripted-instruct", 7)]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"command": "interfix.refactor"}, "without its arguments"),
        ({"command": "interfix.status", "arguments": {"uri": URI, "range": BODY}}, "asks no model"),
        ({"command": "interfix.run", "arguments": {"uri": URI, "range": BODY, "name": "x"}}, "no command 'x'"),
        ({"command": "interfix.refactor", "arguments": {"uri": URI, "range": BODY, "version": 1}}, "changed since"),
    ],
)
async def test_why_of_what_is_no_command_is_an_error(opened: Editor, given: dict[str, object], reason: str) -> None:
    with pytest.raises(LspError, match=reason):
        await opened.ask("workspace/executeCommand", opened.command("why", **given))


async def test_the_status_names_engine_models_and_problems(editor: Editor) -> None:
    await editor.start(INLINE, initializationOptions={"nonesuch": 1})
    status = await editor.ask("workspace/executeCommand", {"command": "interfix.status"})
    assert (status["engine"]["pid"], status["models"]) == (42, "Both are scripted.")
    assert "nonesuch" in status["problems"][0]
