"""Code actions: listed without asking a model, made when they are taken, in the shape the editor takes."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.fake_engine import FakeEngine
from tests.unit.lsp.fake_editor import DOCUMENT_URI, INLINE_CAPABILITIES, FakeEditor, LspError, make_range, range_change

FUNCTION = "def one():\n    return 1\n\n\nprint(one())\n"
INSIDE = make_range((1, 4), (1, 4))
RESOLVE_CAPABILITIES = {
    "textDocument": {
        **INLINE_CAPABILITIES["textDocument"],
        "codeAction": {"dataSupport": True, "resolveSupport": {"properties": ["edit"]}},
    },
    "workspace": {
        "workspaceEdit": {"documentChanges": True, "resourceOperations": ["create"], "changeAnnotationSupport": {}},
    },
}
PROBLEM = {"range": make_range((1, 11), (1, 12)), "message": "1 is not a float", "source": "pyright", "severity": 1}


def action_params(only: list[str] | None = None, *diagnostics: dict[str, Any], uri: str = DOCUMENT_URI) -> dict[str, Any]:
    context = {"diagnostics": list(diagnostics), **({"only": only} if only is not None else {})}
    return {"textDocument": {"uri": uri}, "range": INSIDE, "context": context}


async def list_titles(editor: FakeEditor, *args: Any, **kwargs: Any) -> dict[str, dict[str, Any]]:
    actions: list[dict[str, Any]] = await editor.request("textDocument/codeAction", action_params(*args, **kwargs))
    return {action["title"].removeprefix("Interfix: "): action for action in actions}


@pytest.fixture
async def open_editor(editor: FakeEditor) -> FakeEditor:
    await editor.initialize(RESOLVE_CAPABILITIES)
    editor.open(FUNCTION, version=7)
    return editor


async def test_listing_asks_no_model_and_makes_no_edit(open_editor: FakeEditor, engine: FakeEngine) -> None:
    actions = await list_titles(open_editor, None, PROBLEM)
    assert list(actions)[:4] == ["fix: 1 is not a float", "explain", "document", "write tests"]
    assert {"Extract a function", "Simplify", "Rename for clarity", "Add types", "Return early", "Split up"} <= set(actions)
    assert engine.requests == []
    assert not any("edit" in action for action in actions.values())


@pytest.mark.parametrize(
    ("only", "some", "none"),
    [
        (["quickfix"], "fix: 1 is not a float", "document"),
        (["refactor"], "document", "fix: 1 is not a float"),
        (["refactor.extract"], "Extract a function", "Simplify"),
        (["refactor.rewrite"], "Simplify", "Extract a function"),
    ],
)
async def test_only_the_kinds_asked_for_are_listed(open_editor: FakeEditor, only: list[str], some: str, none: str) -> None:
    actions = await list_titles(open_editor, only, PROBLEM)
    assert some in actions
    assert none not in actions


async def test_nothing_is_listed_where_there_is_no_code(editor: FakeEditor) -> None:
    await editor.initialize(RESOLVE_CAPABILITIES)
    editor.open("\n\n\n")
    assert await list_titles(editor) == {}


async def test_an_action_is_made_when_it_is_taken(open_editor: FakeEditor, engine: FakeEngine) -> None:
    action = (await list_titles(open_editor))["document"]
    engine.answers = ['```python\ndef one():\n    """One."""\n    return 1\n```']
    resolved = await open_editor.request("codeAction/resolve", action)
    (change,) = resolved["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": DOCUMENT_URI, "version": 7}
    assert change["edits"] == [{"range": make_range((1, 4), (1, 4)), "newText": '"""One."""\n    ', "annotationId": "interfix"}]
    annotation = resolved["edit"]["changeAnnotations"]["interfix"]
    assert annotation["needsConfirmation"] is False
    assert annotation["description"] == "parses · code unchanged · 1 hunk"
    assert resolved["title"] == "Interfix: document (parses · code unchanged · 1 hunk)"
    assert open_editor.shown_messages() == ["parses · code unchanged · 1 hunk"]


async def test_what_has_to_be_looked_at_is_asked_to_be_confirmed(open_editor: FakeEditor, engine: FakeEngine) -> None:
    action = (await list_titles(open_editor))["Simplify"]
    engine.answers = ["```python\ndef one(x):\n    return 1\n```"]
    resolved = await open_editor.request("codeAction/resolve", action)
    annotation = resolved["edit"]["changeAnnotations"]["interfix"]
    assert annotation["needsConfirmation"] is True
    assert "The signature changed" in annotation["description"]


async def test_a_diagnostic_of_any_server_can_be_fixed(open_editor: FakeEditor, engine: FakeEngine) -> None:
    action = (await list_titles(open_editor, None, PROBLEM))["fix: 1 is not a float"]
    assert (action["kind"], action["diagnostics"]) == ("quickfix", [PROBLEM])
    engine.answers = ["```python\ndef one():\n    return 1.0\n```"]
    resolved = await open_editor.request("codeAction/resolve", action)
    assert resolved["edit"]["documentChanges"][0]["edits"][0]["newText"] == "    return 1.0\n"
    (request,) = engine.requests
    assert "- line 2: 1 is not a float (pyright)" in request.messages[-1].content


async def test_an_action_that_is_a_command_stays_as_it_is(open_editor: FakeEditor) -> None:
    action = (await list_titles(open_editor))["explain"]
    assert await open_editor.request("codeAction/resolve", action) == action


async def test_an_action_of_an_older_version_is_not_made(open_editor: FakeEditor, engine: FakeEngine) -> None:
    action = (await list_titles(open_editor))["document"]
    open_editor.send(open_editor.change_message(8, range_change((4, 0), (4, 0), "# ")))
    with pytest.raises(LspError) as caught:
        await open_editor.request("codeAction/resolve", action)
    assert caught.value.code == -32801
    assert engine.requests == []


async def test_a_document_that_moves_on_meanwhile_is_left_alone(open_editor: FakeEditor, engine: FakeEngine) -> None:
    action = (await list_titles(open_editor))["document"]
    engine.request_gate = asyncio.Event()
    engine.answers = ['```python\ndef one():\n    """One."""\n    return 1\n```']
    resolving = open_editor.request("codeAction/resolve", action)
    await engine.asked_models.get()
    open_editor.send(open_editor.change_message(8, range_change((4, 0), (4, 0), "# ")))
    engine.request_gate.set()
    with pytest.raises(LspError, match="changed while") as caught:
        await resolving
    assert caught.value.code == -32801


async def test_an_answer_nobody_can_use_is_an_error_with_the_answer_at_hand(open_editor: FakeEditor, engine: FakeEngine) -> None:
    action = (await list_titles(open_editor))["Simplify"]
    engine.answers = ["I would rather not."]
    with pytest.raises(LspError, match="no edit that can be used") as caught:
        await open_editor.request("codeAction/resolve", action)
    assert (caught.value.code, caught.value.data) == (-32803, {"answer": "I would rather not."})
    last = await open_editor.request("workspace/executeCommand", {"command": "interfix.answer"})
    assert last == {"answer": "I would rather not."}


async def test_resolving_can_be_cancelled_where_its_progress_is_shown(editor: FakeEditor, engine: FakeEngine) -> None:
    await editor.initialize({**RESOLVE_CAPABILITIES, "window": {"workDoneProgress": True}})
    editor.open(FUNCTION)
    tokens: list[Any] = []
    editor.responders["window/workDoneProgress/create"] = lambda params: tokens.append(params["token"])
    action = (await list_titles(editor))["document"]
    engine.request_gate = asyncio.Event()
    resolving = editor.request("codeAction/resolve", action)
    await engine.asked_models.get()
    editor.notify("window/workDoneProgress/cancel", {"token": tokens[0]})
    with pytest.raises(LspError) as caught:
        await resolving
    assert caught.value.code == -32800
    assert await engine.endings.get() == "closed"
    assert editor.progress_values(tokens[0])[-1]["kind"] == "end"


async def test_progress_tells_of_tokens_and_time(open_editor: FakeEditor, engine: FakeEngine) -> None:
    engine.answers = ['```python\ndef one():\n    """One."""\n    return 1\n```']
    command = open_editor.command_params("document", uri=DOCUMENT_URI, range=INSIDE, token="t")
    await open_editor.request("workspace/executeCommand", command)
    first, *news, last = open_editor.progress_values("t")
    assert (first["kind"], first["cancellable"], last["kind"]) == ("begin", True, "end")
    assert news[0]["message"] == "reading 7 tokens"
    assert news[1]["message"] == "8 tokens, 0 s"


async def test_an_editor_that_resolves_nothing_has_the_server_make_the_edit(editor: FakeEditor, engine: FakeEngine) -> None:
    await editor.initialize({})
    editor.open(FUNCTION)
    made: list[Any] = []

    def apply(params: Any) -> dict[str, bool]:
        made.append(params)
        return {"applied": True}

    editor.responders["workspace/applyEdit"] = apply
    action = (await list_titles(editor))["document"]
    assert "data" not in action
    engine.answers = ['```python\ndef one():\n    """One."""\n    return 1\n```']
    result = await editor.request("workspace/executeCommand", action["command"])
    assert result["applied"] is True
    (params,) = made
    assert params["edit"] == {"changes": {DOCUMENT_URI: [{"range": make_range((1, 4), (1, 4)), "newText": '"""One."""\n    '}]}}
    assert editor.shown_messages() == ["parses · code unchanged · 1 hunk"]


async def test_an_explanation_taken_as_an_action_is_shown(open_editor: FakeEditor, engine: FakeEngine) -> None:
    action = (await list_titles(open_editor))["explain"]
    engine.answers = ["It is **one**."]
    await open_editor.request("workspace/executeCommand", action["command"])
    assert open_editor.shown_messages() == ["It is **one**."]


async def test_tests_become_a_new_file(editor: FakeEditor, engine: FakeEngine, tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "tests").mkdir(parents=True)
    (project / "pyproject.toml").write_text("[tool.pytest]\n")
    (project / "one.py").write_text(FUNCTION)
    uri = (project / "one.py").as_uri()
    await editor.initialize(RESOLVE_CAPABILITIES, workspaceFolders=[{"uri": project.as_uri(), "name": "project"}])
    editor.open(FUNCTION, uri)
    engine.answers = ["```python\nfrom one import one\n\n\ndef test_one():\n    assert one() == 1\n```"]
    result = await editor.request("workspace/executeCommand", editor.command_params("test", uri=uri, range=INSIDE))
    create, change = result["edit"]["documentChanges"]
    target = (project / "tests" / "test_one.py").as_uri()
    assert (create["kind"], create["uri"], create["options"]["overwrite"]) == ("create", target, False)
    assert change["textDocument"] == {"uri": target, "version": None}
    assert change["edits"][0]["newText"] == "from one import one\n\n\ndef test_one():\n    assert one() == 1\n"
    assert result["verdict"] == "parses · 1 test · new file"
    assert not (project / "tests" / "test_one.py").exists()


CUSTOM_COMMAND = "---\ntitle: Shout\nresult: {result}\n---\nWrite every string in capitals.\n"


@pytest.mark.parametrize("trusted", [True, False])
async def test_a_workspaces_own_commands_appear_at_once_where_it_is_trusted(
    editor: FakeEditor, engine: FakeEngine, tmp_path: Path, trusted: bool
) -> None:
    project = tmp_path / "project"
    (project / ".interfix" / "commands").mkdir(parents=True)
    uri = (project / "one.py").as_uri()
    settings = {"context": {"trusted": trusted}}
    folders = [{"uri": project.as_uri(), "name": "project"}]
    await editor.initialize(RESOLVE_CAPABILITIES, workspaceFolders=folders, initializationOptions=settings)
    editor.open(FUNCTION, uri)
    assert "Shout" not in await list_titles(editor, uri=uri)
    (project / ".interfix" / "commands" / "shout.md").write_text(CUSTOM_COMMAND.format(result="edit"))
    actions = await list_titles(editor, uri=uri)
    assert ("Shout" in actions) is trusted
    if trusted:
        engine.answers = ["```python\ndef one():\n    return 'ONE'\n```"]
        resolved = await editor.request("codeAction/resolve", actions["Shout"])
        assert resolved["edit"]["documentChanges"][0]["edits"][0]["newText"] == "    return 'ONE'\n"
        assert "Instruction: Write every string in capitals." in engine.requests[0].messages[-1].content


async def test_an_own_command_may_answer(editor: FakeEditor, engine: FakeEngine, settings_file: Path) -> None:
    folder = settings_file.parent / "commands"
    folder.mkdir()
    (folder / "why.md").write_text("---\ntitle: Why\nresult: answer\n---\nWhy is it so?\n")
    await editor.initialize(RESOLVE_CAPABILITIES)
    editor.open(FUNCTION)
    engine.answers = ["Because."]
    action = (await list_titles(editor))["Why"]
    assert await editor.request("workspace/executeCommand", action["command"]) == {"markdown": "Because."}
    assert "Question: Why is it so?" in engine.requests[0].messages[-1].content


@pytest.mark.parametrize("data", [None, 3, {"command": "interfix.status"}, {"command": "interfix.fix", "arguments": {"uri": 1}}])
async def test_an_action_of_somebody_else_is_refused(open_editor: FakeEditor, data: object) -> None:
    with pytest.raises(LspError) as caught:
        await open_editor.request("codeAction/resolve", {"title": "x", "data": data})
    assert caught.value.code == -32602
