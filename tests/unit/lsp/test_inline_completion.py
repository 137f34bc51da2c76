"""Suggestions over the protocol: the document as it was when asked, positions in every encoding, newer before older."""

import asyncio

import pytest

from interfix.errors import RoleMismatchError, UnavailableError
from interfix.inference_types import SegmentKind
from tests.fake_engine import FakeEngine
from tests.unit.lsp.fake_editor import DOCUMENT_URI, INLINE_CAPABILITIES, FakeEditor, LspError, full_change, range_change


def get_requested_prefix(engine: FakeEngine) -> str:
    return "".join(segment.text for segment in engine.requests[-1].segments if segment.kind is SegmentKind.PREFIX)  # type: ignore[union-attr]


async def test_a_suggestion_is_one_item_at_the_cursor(editor: FakeEditor) -> None:
    await editor.initialize()
    editor.open("x = \n")
    at = {"line": 0, "character": 4}
    (item,) = await editor.request_suggestions(0, 4)
    assert (item["insertText"], item["range"]) == ("1 + 2", {"start": at, "end": at})


async def test_its_acceptance_is_told_by_a_command(editor: FakeEditor) -> None:
    await editor.initialize()
    editor.open("x = \n")
    (item,) = await editor.request_suggestions(0, 4)
    command = {"command": item["command"]["command"], "arguments": item["command"]["arguments"]}
    assert await editor.request("workspace/executeCommand", command) is None
    with pytest.raises(LspError, match="argument"):
        await editor.request("workspace/executeCommand", {**command, "arguments": [{"identity": 1}]})


async def test_asked_for_again_there_is_a_choice(editor: FakeEditor, engine: FakeEngine) -> None:
    await editor.initialize()
    editor.open("x = \n")
    assert len(await editor.request_suggestions(0, 4)) == 1
    engine.answers = ["3 + 4\n"]
    assert [item["insertText"] for item in await editor.request_suggestions(0, 4)] == ["1 + 2", "3 + 4"]


async def test_what_is_typed_of_it_needs_no_engine(editor: FakeEditor, engine: FakeEngine) -> None:
    await editor.initialize()
    editor.open("x = \n")
    await editor.request_suggestions(0, 4)
    editor.send(editor.change_message(2, range_change((0, 4), (0, 4), "1 ")))
    reply = await editor.request("textDocument/inlineCompletion", editor.inline_params(0, 6, automatic=True))
    assert [item["insertText"] for item in reply["items"]] == ["+ 2"]
    assert len(engine.requests) == 1


async def test_no_suggestion_is_an_empty_list(editor: FakeEditor, engine: FakeEngine) -> None:
    await editor.initialize()
    editor.open("x = \n")
    engine.answers = [""]
    assert await editor.request_suggestions(0, 4) == []


async def test_the_menu_gets_the_same_below_everybody_elses(editor: FakeEditor, engine: FakeEngine) -> None:
    await editor.initialize({})
    editor.open("total = su")
    engine.answers = ["m(xs)\n"]
    params = {"textDocument": {"uri": DOCUMENT_URI}, "position": {"line": 0, "character": 10}}
    (item,) = (await editor.request("textDocument/completion", params))["items"]
    word = {"start": {"line": 0, "character": 8}, "end": {"line": 0, "character": 10}}
    assert item["textEdit"] == {"range": word, "newText": "sum(xs)"}
    assert (item["label"], item["filterText"], item["labelDetails"]) == ("sum(xs)", "sum(xs)", {"description": "Interfix"})
    assert "documentation" not in await editor.request("completionItem/resolve", item)
    assert item["sortText"] > "zzz"


async def test_the_menu_shows_many_lines_only_where_they_are_looked_at(editor: FakeEditor, engine: FakeEngine) -> None:
    await editor.initialize({})
    editor.open("def f():\n    ")
    engine.answers = ["x = 1\n    return x\n"]
    params = {"textDocument": {"uri": DOCUMENT_URI}, "position": {"line": 1, "character": 4}}
    (item,) = (await editor.request("textDocument/completion", params))["items"]
    assert item["label"] == "x = 1 …"
    assert "documentation" not in item
    resolved = await editor.request("completionItem/resolve", item)
    assert resolved["documentation"]["value"] == "```python\nx = 1\n    return x\n```"


async def test_the_menu_has_nothing_where_there_is_nothing(editor: FakeEditor, engine: FakeEngine) -> None:
    await editor.initialize({})
    editor.open("total = su")
    engine.answers = [""]
    params = {"textDocument": {"uri": DOCUMENT_URI}, "position": {"line": 0, "character": 10}}
    assert (await editor.request("textDocument/completion", params))["items"] == []


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(("encoding", "width"), [("utf-8", 4), ("utf-16", 2), ("utf-32", 1)])
async def test_edits_and_positions_hold_in_every_encoding(
    editor: FakeEditor, engine: FakeEngine, encoding: str, width: int, newline: str
) -> None:
    await editor.initialize({**INLINE_CAPABILITIES, "general": {"positionEncodings": [encoding]}})
    editor.open(f"a = '\x0c\u2028'{newline}b = '😀' + {newline}c = 1")
    editor.send(editor.change_message(2, range_change((1, 5), (1, 5 + width), "🎉é")))
    column = 5 + width + len("é".encode(encoding)[2 if encoding == "utf-16" else 4 if encoding == "utf-32" else 0 :]) // {
        "utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding] + len("' + ")  # fmt: skip
    items = await editor.request_suggestions(1, column)
    assert get_requested_prefix(engine).endswith(f"{newline}b = '🎉é' + ")
    assert items[0]["range"]["start"] == {"line": 1, "character": column}


async def test_several_edits_apply_one_after_another(editor: FakeEditor, engine: FakeEngine) -> None:
    await editor.initialize()
    editor.open("")
    editor.send(
        editor.change_message(
            2, full_change("y = 1\nz = "), range_change((0, 0), (0, 1), "long_name"), range_change((0, 9), (0, 13), " = 22")
        )
    )
    await editor.request_suggestions(1, 4)
    assert get_requested_prefix(engine) == "long_name = 22\nz = "


@pytest.mark.parametrize(
    "change",
    [
        range_change((5, 0), (9, 9), "z = "),
        range_change((0, 999), (0, 999), ""),
        range_change((0, 4), (0, 0), "z = "),
        range_change((0, 0), (7, 0), "z = "),
    ],
)
async def test_edits_beyond_the_text_crash_nothing(editor: FakeEditor, engine: FakeEngine, change: dict[str, object]) -> None:
    await editor.initialize()
    editor.open("x = ")
    editor.send(editor.change_message(2, change))
    await editor.request_suggestions(0, 99)
    assert engine.requests


async def test_a_change_to_an_unopened_document_crashes_nothing(editor: FakeEditor) -> None:
    await editor.initialize()
    editor.send(editor.change_message(2, range_change((0, 0), (0, 0), "x"), uri="file:///other.py"))
    editor.notify("textDocument/didClose", {"textDocument": {"uri": "file:///other.py"}})
    editor.open("x = ")
    assert await editor.request_suggestions(0, 4)


async def test_an_unopened_or_closed_document_is_an_error(editor: FakeEditor) -> None:
    await editor.initialize()
    editor.open("x = ")
    editor.notify("textDocument/didClose", {"textDocument": {"uri": DOCUMENT_URI}})
    with pytest.raises(LspError, match="is not open"):
        await editor.request_suggestions(0, 4)


async def test_the_document_is_taken_as_it_was_when_asked(editor: FakeEditor, engine: FakeEngine) -> None:
    await editor.initialize()
    editor.open("x = ")
    message, reply = editor.prepare_request("textDocument/inlineCompletion", editor.inline_params(1, 4))
    editor.send(editor.change_message(2, full_change("\ny = ")), message, editor.change_message(3, full_change("")))
    assert (await reply)["items"][0]["range"]["start"] == {"line": 1, "character": 4}
    assert get_requested_prefix(engine) == "\ny = "


@pytest.mark.parametrize("automatic", [True, False])
@pytest.mark.parametrize(("text", "typed"), [("x = ", 0), ("x = t", 1), ("🙂 = t", 1), ("x = pi", 2)])
async def test_beside_a_list_an_item_covers_the_entrys_range_and_begins_with_it(
    editor: FakeEditor, engine: FakeEngine, text: str, typed: int, automatic: bool
) -> None:
    await editor.initialize()
    editor.open(text)
    engine.answers = ["(3)\n"]
    end = len(text.encode("utf-16-le")) // 2
    place = {"start": {"line": 0, "character": end - typed}, "end": {"line": 0, "character": end}}
    params = editor.inline_params(0, end, automatic=automatic, selectedCompletionInfo={"range": place, "text": "treble"})
    (item,) = (await editor.request("textDocument/inlineCompletion", params))["items"]
    assert (item["insertText"], item["range"]) == ("treble(3)", place)
    assert get_requested_prefix(engine).endswith("= treble")


async def test_a_range_that_is_one_key_old_is_taken_to_reach_to_the_cursor(editor: FakeEditor, engine: FakeEngine) -> None:
    await editor.initialize()
    editor.open("x = self.b\n")
    engine.answers = [" - 1\n"]
    old = {"start": {"line": 0, "character": 9}, "end": {"line": 0, "character": 9}}
    params = editor.inline_params(0, 10, automatic=True, selectedCompletionInfo={"range": old, "text": "bottom"})
    (item,) = (await editor.request("textDocument/inlineCompletion", params))["items"]
    assert (item["insertText"], item["range"]["end"]["character"]) == ("bottom - 1", 10)


async def test_an_entry_that_is_not_at_the_cursor_is_not_heeded(editor: FakeEditor) -> None:
    await editor.initialize()
    editor.open("x = y")
    for text, start, end in (("", 4, 4), ("foo", 5, 5)):
        place = {"start": {"line": 0, "character": start}, "end": {"line": 0, "character": end}}
        params = editor.inline_params(0, 4, selectedCompletionInfo={"range": place, "text": text})
        (item,) = (await editor.request("textDocument/inlineCompletion", params))["items"]
        assert item["insertText"] == "1 + 2"


async def test_a_cancelled_request_frees_the_engine_and_the_next_one_works(editor: FakeEditor, engine: FakeEngine) -> None:
    await editor.initialize()
    editor.open("x = ")
    engine.request_gate = asyncio.Event()
    asked = editor.request("textDocument/inlineCompletion", editor.inline_params(0, 4))
    await engine.asked_models.get()
    editor.cancel(asked)
    with pytest.raises(LspError) as caught:
        await asked
    assert caught.value.code == -32800
    assert await engine.endings.get() == "closed"
    engine.request_gate = None
    assert await editor.request_suggestions(0, 4)


async def test_a_newer_request_takes_over_what_is_under_way(editor: FakeEditor, engine: FakeEngine) -> None:
    await editor.initialize()
    editor.open("x = ")
    engine.request_gate = asyncio.Event()
    older = editor.request("textDocument/inlineCompletion", editor.inline_params(0, 4))
    await engine.asked_models.get()
    newer = editor.request("textDocument/inlineCompletion", editor.inline_params(0, 4))
    assert (await older)["items"] == []
    engine.request_gate.set()
    assert (await newer)["items"]
    assert len(engine.requests) == 1


async def test_a_newer_request_elsewhere_ends_the_older(editor: FakeEditor, engine: FakeEngine) -> None:
    await editor.initialize()
    editor.open("x = \ny = \n")
    engine.request_gate = asyncio.Event()
    older = editor.request("textDocument/inlineCompletion", editor.inline_params(0, 4))
    await engine.asked_models.get()
    newer = editor.request("textDocument/inlineCompletion", editor.inline_params(1, 4))
    assert (await older)["items"] == []
    assert await engine.endings.get() == "closed"
    engine.request_gate.set()
    assert (await newer)["items"]


async def test_documents_do_not_end_each_others_requests(editor: FakeEditor, engine: FakeEngine) -> None:
    await editor.initialize()
    editor.open("x = ")
    editor.open("y = ", uri="file:///project/other.py")
    engine.request_gate = asyncio.Event()
    first = editor.request("textDocument/inlineCompletion", editor.inline_params(0, 4))
    second = editor.request("textDocument/inlineCompletion", editor.inline_params(0, 4, uri="file:///project/other.py"))
    await engine.asked_models.get()
    await engine.asked_models.get()
    engine.request_gate.set()
    assert (await first)["items"]
    assert (await second)["items"]


@pytest.mark.parametrize("failure", [RoleMismatchError("fake-base cannot infill."), UnavailableError("The engine has gone.")])
async def test_a_failure_is_told_once_and_answered_each_time(
    editor: FakeEditor, engine: FakeEngine, failure: RoleMismatchError | UnavailableError
) -> None:
    await editor.initialize()
    editor.open("x = ")
    engine.failure = failure
    assert [await editor.request_suggestions(0, 4) for _ in range(3)] == [[], [], []]
    assert editor.shown_messages() == [str(failure)]
    engine.failure = None
    assert await editor.request_suggestions(0, 4)
    engine.failure = failure
    assert await editor.request_suggestions(0, 4), "what was made is shown still"
    editor.open("y = ", uri="file:///project/other.py")
    params = editor.inline_params(0, 4, uri="file:///project/other.py")
    assert (await editor.request("textDocument/inlineCompletion", params))["items"] == []
    assert editor.shown_messages() == [str(failure)] * 2


async def test_what_nobody_foresaw_is_an_error_without_details(editor: FakeEditor, engine: FakeEngine) -> None:
    await editor.initialize()
    editor.open("x = ")
    engine.failure = KeyError("secret = 'hunter2'")  # type: ignore[assignment]
    with pytest.raises(LspError) as caught:
        await editor.request_suggestions(0, 4)
    assert (caught.value.code, caught.value.data) == (-32603, None)
    assert "hunter2" not in str(caught.value)
