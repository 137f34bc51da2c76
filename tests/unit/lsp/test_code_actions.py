"""Code actions: listed without asking a model, made when they are taken, in the shape the editor takes."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from scripted_editor import INLINE, URI, Editor, LspError, part, span
from scripted_engine import ScriptedEngine

FUNCTION = "def one():\n    return 1\n\n\nprint(one())\n"
INSIDE = span((1, 4), (1, 4))
RESOLVING = {
    "textDocument": {
        **INLINE["textDocument"],
        "codeAction": {"dataSupport": True, "resolveSupport": {"properties": ["edit"]}},
    },
    "workspace": {
        "workspaceEdit": {"documentChanges": True, "resourceOperations": ["create"], "changeAnnotationSupport": {}},
    },
}
PROBLEM = {"range": span((1, 11), (1, 12)), "message": "1 is not a float", "source": "pyright", "severity": 1}


def asked(only: list[str] | None = None, *diagnostics: dict[str, Any], uri: str = URI) -> dict[str, Any]:
    context = {"diagnostics": list(diagnostics), **({"only": only} if only is not None else {})}
    return {"textDocument": {"uri": uri}, "range": INSIDE, "context": context}


async def listed(editor: Editor, *args: Any, **kwargs: Any) -> dict[str, dict[str, Any]]:
    actions: list[dict[str, Any]] = await editor.ask("textDocument/codeAction", asked(*args, **kwargs))
    return {action["title"].removeprefix("Interfix: "): action for action in actions}


@pytest.fixture
async def opened(editor: Editor) -> Editor:
    await editor.start(RESOLVING)
    editor.open(FUNCTION, version=7)
    return editor


async def test_listing_asks_no_model_and_makes_no_edit(opened: Editor, engine: ScriptedEngine) -> None:
    actions = await listed(opened, None, PROBLEM)
    assert list(actions)[:4] == ["fix: 1 is not a float", "explain", "document", "write tests"]
    assert {"Extract a function", "Simplify", "Rename for clarity", "Add types", "Return early", "Split up"} <= set(actions)
    assert engine.asked == []
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
async def test_only_the_kinds_asked_for_are_listed(opened: Editor, only: list[str], some: str, none: str) -> None:
    actions = await listed(opened, only, PROBLEM)
    assert some in actions
    assert none not in actions


async def test_nothing_is_listed_where_there_is_no_code(editor: Editor) -> None:
    await editor.start(RESOLVING)
    editor.open("\n\n\n")
    assert await listed(editor) == {}


async def test_an_action_is_made_when_it_is_taken(opened: Editor, engine: ScriptedEngine) -> None:
    action = (await listed(opened))["document"]
    engine.text = '```python\ndef one():\n    """One."""\n    return 1\n```'
    resolved = await opened.ask("codeAction/resolve", action)
    (change,) = resolved["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": URI, "version": 7}
    assert change["edits"] == [{"range": span((1, 4), (1, 4)), "newText": '"""One."""\n    ', "annotationId": "interfix"}]
    annotation = resolved["edit"]["changeAnnotations"]["interfix"]
    assert annotation["needsConfirmation"] is False
    assert annotation["description"] == "parses · code unchanged · 1 hunk"
    assert resolved["title"] == "Interfix: document (parses · code unchanged · 1 hunk)"
    assert opened.shown() == ["parses · code unchanged · 1 hunk"]


async def test_what_has_to_be_looked_at_is_asked_to_be_confirmed(opened: Editor, engine: ScriptedEngine) -> None:
    action = (await listed(opened))["Simplify"]
    engine.text = "```python\ndef one(x):\n    return 1\n```"
    resolved = await opened.ask("codeAction/resolve", action)
    annotation = resolved["edit"]["changeAnnotations"]["interfix"]
    assert annotation["needsConfirmation"] is True
    assert "The signature changed" in annotation["description"]


async def test_a_diagnostic_of_any_server_can_be_fixed(opened: Editor, engine: ScriptedEngine) -> None:
    action = (await listed(opened, None, PROBLEM))["fix: 1 is not a float"]
    assert (action["kind"], action["diagnostics"]) == ("quickfix", [PROBLEM])
    engine.text = "```python\ndef one():\n    return 1.0\n```"
    resolved = await opened.ask("codeAction/resolve", action)
    assert resolved["edit"]["documentChanges"][0]["edits"][0]["newText"] == "    return 1.0\n"
    (request,) = engine.asked
    assert "- line 2: 1 is not a float (pyright)" in request.messages[-1].content


async def test_an_action_that_is_a_command_stays_as_it_is(opened: Editor) -> None:
    action = (await listed(opened))["explain"]
    assert await opened.ask("codeAction/resolve", action) == action


async def test_an_action_of_an_older_version_is_not_made(opened: Editor, engine: ScriptedEngine) -> None:
    action = (await listed(opened))["document"]
    opened.send(opened.change(8, part((4, 0), (4, 0), "# ")))
    with pytest.raises(LspError) as caught:
        await opened.ask("codeAction/resolve", action)
    assert caught.value.code == -32801
    assert engine.asked == []


async def test_a_document_that_moves_on_meanwhile_is_left_alone(opened: Editor, engine: ScriptedEngine) -> None:
    action = (await listed(opened))["document"]
    engine.gate = asyncio.Event()
    engine.text = '```python\ndef one():\n    """One."""\n    return 1\n```'
    resolving = opened.ask("codeAction/resolve", action)
    await engine.started.get()
    opened.send(opened.change(8, part((4, 0), (4, 0), "# ")))
    engine.gate.set()
    with pytest.raises(LspError, match="changed while") as caught:
        await resolving
    assert caught.value.code == -32801


async def test_an_answer_nobody_can_use_is_an_error_with_the_answer_at_hand(opened: Editor, engine: ScriptedEngine) -> None:
    action = (await listed(opened))["Simplify"]
    engine.text = "I would rather not."
    with pytest.raises(LspError, match="no edit that can be used") as caught:
        await opened.ask("codeAction/resolve", action)
    assert (caught.value.code, caught.value.data) == (-32803, {"answer": "I would rather not."})
    last = await opened.ask("workspace/executeCommand", {"command": "interfix.answer"})
    assert last == {"answer": "I would rather not."}


async def test_resolving_can_be_cancelled_where_its_progress_is_shown(editor: Editor, engine: ScriptedEngine) -> None:
    await editor.start({**RESOLVING, "window": {"workDoneProgress": True}})
    editor.open(FUNCTION)
    tokens: list[Any] = []
    editor.answers["window/workDoneProgress/create"] = lambda params: tokens.append(params["token"])
    action = (await listed(editor))["document"]
    engine.gate = asyncio.Event()
    resolving = editor.ask("codeAction/resolve", action)
    await engine.started.get()
    editor.notify("window/workDoneProgress/cancel", {"token": tokens[0]})
    with pytest.raises(LspError) as caught:
        await resolving
    assert caught.value.code == -32800
    assert await engine.ended.get() == "closed"
    assert editor.progress(tokens[0])[-1]["kind"] == "end"


async def test_progress_tells_of_tokens_and_time(opened: Editor, engine: ScriptedEngine) -> None:
    engine.text = '```python\ndef one():\n    """One."""\n    return 1\n```'
    command = opened.command("document", uri=URI, range=INSIDE, token="t")
    await opened.ask("workspace/executeCommand", command)
    first, *news, last = opened.progress("t")
    assert (first["kind"], first["cancellable"], last["kind"]) == ("begin", True, "end")
    assert news[0]["message"] == "reading 7 tokens"
    assert news[1]["message"] == "8 tokens, 0 s"


async def test_an_editor_that_resolves_nothing_has_the_server_make_the_edit(editor: Editor, engine: ScriptedEngine) -> None:
    await editor.start({})
    editor.open(FUNCTION)
    made: list[Any] = []

    def apply(params: Any) -> dict[str, bool]:
        made.append(params)
        return {"applied": True}

    editor.answers["workspace/applyEdit"] = apply
    action = (await listed(editor))["document"]
    assert "data" not in action
    engine.text = '```python\ndef one():\n    """One."""\n    return 1\n```'
    result = await editor.ask("workspace/executeCommand", action["command"])
    assert result["applied"] is True
    (params,) = made
    assert params["edit"] == {"changes": {URI: [{"range": span((1, 4), (1, 4)), "newText": '"""One."""\n    '}]}}
    assert editor.shown() == ["parses · code unchanged · 1 hunk"]


async def test_an_explanation_taken_as_an_action_is_shown(opened: Editor, engine: ScriptedEngine) -> None:
    action = (await listed(opened))["explain"]
    engine.text = "It is **one**."
    await opened.ask("workspace/executeCommand", action["command"])
    assert opened.shown() == ["It is **one**."]


async def test_tests_become_a_new_file(editor: Editor, engine: ScriptedEngine, tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "tests").mkdir(parents=True)
    (project / "pyproject.toml").write_text("[tool.pytest]\n")
    (project / "one.py").write_text(FUNCTION)
    uri = (project / "one.py").as_uri()
    await editor.start(RESOLVING, workspaceFolders=[{"uri": project.as_uri(), "name": "project"}])
    editor.open(FUNCTION, uri)
    engine.text = "```python\nfrom one import one\n\n\ndef test_one():\n    assert one() == 1\n```"
    result = await editor.ask("workspace/executeCommand", editor.command("test", uri=uri, range=INSIDE))
    create, change = result["edit"]["documentChanges"]
    target = (project / "tests" / "test_one.py").as_uri()
    assert (create["kind"], create["uri"], create["options"]["overwrite"]) == ("create", target, False)
    assert change["textDocument"] == {"uri": target, "version": None}
    assert change["edits"][0]["newText"] == "from one import one\n\n\ndef test_one():\n    assert one() == 1\n"
    assert result["verdict"] == "parses · 1 test · new file"
    assert not (project / "tests" / "test_one.py").exists()


OWN = "---\ntitle: Shout\nresult: {result}\n---\nWrite every string in capitals.\n"


@pytest.mark.parametrize("trusted", [True, False])
async def test_a_workspaces_own_commands_appear_at_once_where_it_is_trusted(
    editor: Editor, engine: ScriptedEngine, tmp_path: Path, trusted: bool
) -> None:
    project = tmp_path / "project"
    (project / ".interfix" / "commands").mkdir(parents=True)
    uri = (project / "one.py").as_uri()
    settings = {"context": {"trusted": trusted}}
    folders = [{"uri": project.as_uri(), "name": "project"}]
    await editor.start(RESOLVING, workspaceFolders=folders, initializationOptions=settings)
    editor.open(FUNCTION, uri)
    assert "Shout" not in await listed(editor, uri=uri)
    (project / ".interfix" / "commands" / "shout.md").write_text(OWN.format(result="edit"))
    actions = await listed(editor, uri=uri)
    assert ("Shout" in actions) is trusted
    if trusted:
        engine.text = "```python\ndef one():\n    return 'ONE'\n```"
        resolved = await editor.ask("codeAction/resolve", actions["Shout"])
        assert resolved["edit"]["documentChanges"][0]["edits"][0]["newText"] == "    return 'ONE'\n"
        assert "Instruction: Write every string in capitals." in engine.asked[0].messages[-1].content


async def test_an_own_command_may_answer(editor: Editor, engine: ScriptedEngine, own_settings: Path) -> None:
    folder = own_settings.parent / "commands"
    folder.mkdir()
    (folder / "why.md").write_text("---\ntitle: Why\nresult: answer\n---\nWhy is it so?\n")
    await editor.start(RESOLVING)
    editor.open(FUNCTION)
    engine.text = "Because."
    action = (await listed(editor))["Why"]
    assert await editor.ask("workspace/executeCommand", action["command"]) == {"markdown": "Because."}
    assert "Question: Why is it so?" in engine.asked[0].messages[-1].content


@pytest.mark.parametrize("data", [None, 3, {"command": "interfix.status"}, {"command": "interfix.fix", "arguments": {"uri": 1}}])
async def test_an_action_of_somebody_else_is_refused(opened: Editor, data: object) -> None:
    with pytest.raises(LspError) as caught:
        await opened.ask("codeAction/resolve", {"title": "x", "data": data})
    assert caught.value.code == -32602
