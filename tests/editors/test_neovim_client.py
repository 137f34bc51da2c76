"""What the Neovim plugin does with answers, in a real Neovim. The server is scripted, so that it can be late and wrong."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from neovim_driver import Neovim


@pytest.fixture
def neovim(tmp_path: Path) -> Iterator[Neovim]:
    """A Neovim with the plugin, and no server yet."""
    neovim = Neovim(tmp_path, {})
    yield neovim
    neovim.close()


@pytest.fixture
def editor(neovim: Neovim) -> Neovim:
    """A Neovim whose `interfix` client talks to scripted.lua."""
    neovim.lua("package.path = ... .. '/?.lua;' .. package.path", str(Path(__file__).parent))
    neovim.lua("require('interfix').setup({ ghost = 'own', lsp = { cmd = require('scripted').start } })")
    return neovim


def asked(editor: Neovim, count: int) -> None:
    """Wait until the server has been asked so many times in all."""
    editor.until(lambda: editor.lua("return #require('scripted').requests") >= count, f"request {count}")


def answer(editor: Neovim, nth: int, result: object) -> None:
    """Let the server answer the nth request, cancelled or not."""
    editor.lua("require('scripted').answer(...)", nth, json.dumps(result))


def suggest(editor: Neovim, nth: int, text: str, columns: tuple[int, int] | None = None) -> None:
    """Let the server answer the nth request with an insertion, or with a text for these columns (in bytes) of the first line."""
    item: dict[str, object] = {"insertText": text}
    if columns:
        item["range"] = {side: {"line": 0, "character": at} for side, at in zip(("start", "end"), columns, strict=True)}
    answer(editor, nth, {"items": [item]})


def answered(editor: Neovim) -> None:
    """Return once Neovim has handled every answer given so far: they are scheduled in order, and so is this."""
    editor.lua("_G.answered = false; vim.schedule(function() _G.answered = true end)")
    editor.until(lambda: editor.lua("return _G.answered"), "the answers are handled")


def shown(editor: Neovim, text: str) -> None:
    editor.until(lambda: editor.ghost() == text, f"ghost text {text!r}")


def test_a_suggestion_is_shown_and_accepted(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "def add(a, b):\n    return‸\n\nprint()\n")
    editor.keys("a ")
    asked(editor, 1)
    suggest(editor, 1, "a + b\n\ndef sub(a, b):")
    shown(editor, "a + b\n\ndef sub(a, b):")
    assert editor.screen().startswith("def add(a, b):\n    return a + b\ndef sub(a, b):\nprint()")
    editor.keys("<Tab>")
    editor.until(lambda: editor.text() == "def add(a, b):\n    return a + b\n\ndef sub(a, b):‸\n\nprint()", "the text is inserted")
    assert editor.ghost() == ""


def test_accepting_is_one_undo_step_of_its_own(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "‸\n")
    editor.keys("ireturn ")
    asked(editor, 1)
    editor.keys("x")
    asked(editor, 2)
    suggest(editor, 2, " + 1\n# two")
    shown(editor, " + 1\n# two")
    editor.keys("<Tab><Esc>")
    editor.until(lambda: editor.text().replace("‸", "") == "return x + 1\n# two", "accepted")
    editor.keys("u")
    editor.until(lambda: editor.text().replace("‸", "") == "return x", "only the accepted text is undone")


def test_tab_is_a_tab_where_nothing_is_shown(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "‸\n")
    editor.keys("i<Tab>x")
    editor.until(lambda: editor.text() == "\tx‸" or editor.text() == "    x‸", "an indentation")


def test_tab_does_what_it_was_mapped_to_where_nothing_is_shown(editor: Neovim, tmp_path: Path) -> None:
    editor.api.command("inoremap <expr> <Tab> 'mine' .. len('xx')")
    editor.open(tmp_path / "a.py", "‸\n")
    editor.keys("i<Tab>")
    editor.until(lambda: editor.text() == "mine2‸", "the user's own mapping")
    editor.lua("vim.lsp.enable('interfix', false)")
    editor.until(lambda: "mine" in str(editor.lua("return vim.fn.maparg('<Tab>', 'i')")), "the mapping is given back")


def test_typing_what_is_suggested_keeps_the_rest_and_asks_nothing(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "x =‸\n")
    editor.keys("a ")
    asked(editor, 1)
    suggest(editor, 1, "compute(1)")
    shown(editor, "compute(1)")
    editor.keys("comp")
    shown(editor, "ute(1)")
    editor.keys("<BS>")
    shown(editor, "pute(1)")
    assert editor.lua("return #require('scripted').requests") == 1
    editor.keys("<Tab>")
    editor.until(lambda: editor.text() == "x = compute(1)‸", "the rest is inserted")


def test_typing_on_cancels_the_request_and_its_late_answer_is_never_shown(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "x =‸\n")
    editor.keys("a ")
    asked(editor, 1)
    editor.keys("y")
    asked(editor, 2)
    assert editor.lua("return require('scripted').was_cancelled(1)")
    suggest(editor, 1, "stale")
    answered(editor)
    assert editor.ghost() == ""
    suggest(editor, 2, "fresh")
    shown(editor, "fresh")


def test_what_is_shown_goes_with_the_key_that_makes_it_wrong(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "x =‸\n")
    editor.keys("a ")
    asked(editor, 1)
    suggest(editor, 1, "compute(1)")
    shown(editor, "compute(1)")
    editor.keys("q")
    asked(editor, 2)
    assert editor.ghost() == ""


@pytest.mark.parametrize("leave", ["<Esc>", "<Left>", "<C-o>:new<CR>"])
def test_leaving_the_place_takes_the_suggestion_away(editor: Neovim, tmp_path: Path, leave: str) -> None:
    editor.open(tmp_path / "a.py", "x =‸\n")
    editor.keys("a ")
    asked(editor, 1)
    suggest(editor, 1, "compute(1)")
    shown(editor, "compute(1)")
    buffer = editor.api.current.buffer
    editor.keys(leave)
    namespace = editor.api.api.create_namespace("interfix.ghost")
    editor.until(lambda: buffer.api.get_extmarks(namespace, 0, -1, {}) == [], "the ghost text is gone")


def test_an_answer_after_insert_mode_was_left_is_not_shown(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "x =‸\n")
    editor.keys("a ")
    asked(editor, 1)
    editor.keys("<Esc>")
    editor.until(lambda: editor.lua("return require('scripted').was_cancelled(1)"), "the request is cancelled")
    suggest(editor, 1, "late")
    answered(editor)
    assert editor.ghost() == ""


def test_dismissing_hides_it_until_something_is_typed_and_triggering_asks_again(editor: Neovim, tmp_path: Path) -> None:
    editor.lua("vim.keymap.set('i', '<C-e>', '<Plug>(interfix-dismiss)')")
    editor.lua("vim.keymap.set('i', '<C-g>', '<Plug>(interfix-trigger)')")
    editor.open(tmp_path / "a.py", "x =‸\n")
    editor.keys("a ")
    asked(editor, 1)
    suggest(editor, 1, "one")
    shown(editor, "one")
    editor.keys("<C-e>")
    shown(editor, "")
    assert editor.lua("return #require('scripted').requests") == 1
    editor.keys("<C-g>")
    asked(editor, 2)
    assert editor.lua("return require('scripted').requests[2].params.context.triggerKind") == 1
    suggest(editor, 2, "two")
    shown(editor, "two")


def test_several_lines_in_the_middle_of_a_line_push_its_rest_below(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "call(‸, end)\nnext\n")
    editor.keys("i")
    asked(editor, 1)
    suggest(editor, 1, "1,\n     2")
    editor.until(editor.ghost, "ghost text")
    assert editor.screen().startswith("call(1,\n     2, end)\nnext")
    editor.keys("<Tab>")
    editor.until(lambda: editor.text() == "call(1,\n     2‸, end)\nnext", "accepted as it was drawn")


def test_an_item_with_a_range_is_shown_without_what_stands_there_already(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "né = foo(‸)\n")
    editor.keys("i")
    asked(editor, 1)
    suggest(editor, 1, "foo(1, 2)", (6, 11))
    shown(editor, "1, 2")
    editor.keys("<Tab>")
    editor.until(lambda: editor.text() == "né = foo(1, 2)‸", "the cursor stands behind the item")


def test_an_item_that_would_change_text_behind_the_cursor_is_not_shown(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "foo(‸)\n")
    editor.keys("i")
    asked(editor, 1)
    suggest(editor, 1, "bar(1)", (0, 5))
    answered(editor)
    assert editor.ghost() == ""


def test_the_client_says_what_it_can_do(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "‸\n")
    assert editor.lua("return require('scripted').client.textDocument.inlineCompletion ~= nil")


def test_an_explanation_streams_into_a_window(editor: Neovim, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    editor.open(path, "‸x = 1\ny = 'é'\nz = 3\n")
    editor.keys(":1,2Interfix explain<CR>")
    asked(editor, 1)
    [argument] = editor.lua("return require('scripted').requests[1].params.arguments")
    assert argument["uri"] == path.as_uri()
    assert argument["range"] == {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 8}}
    editor.lua("require('scripted').stream(1, 'It sets ')")
    editor.until(lambda: editor.api.current.buffer[:] == ["It sets "], "the first piece")
    editor.lua("require('scripted').stream(1, '`x`.\\n\\nThen')")
    editor.until(lambda: editor.api.current.buffer[:] == ["It sets `x`.", "", "Then"], "the second piece")
    answer(editor, 1, {"markdown": "It sets `x`.\n\nThen `y`.\n"})
    editor.until(lambda: editor.api.current.buffer[:] == ["It sets `x`.", "", "Then `y`."], "the whole")
    editor.keys("q")
    editor.until(lambda: editor.api.current.buffer.name == str(path), "back in the file")
    assert not editor.lua("return require('scripted').was_cancelled(1)")


def test_closing_the_window_ends_the_explanation(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "‸x = 1\n")
    editor.keys(":Interfix explain<CR>")
    asked(editor, 1)
    editor.keys("q")
    editor.until(lambda: editor.lua("return require('scripted').was_cancelled(1)"), "the request is cancelled")


def edit(editor: Neovim, path: Path, line: int, text: str) -> dict[str, object]:
    """A workspace edit that replaces a whole line of the current buffer's file."""
    version = editor.lua("return vim.lsp.util.buf_versions[vim.api.nvim_get_current_buf()]")
    span = {"start": {"line": line, "character": 0}, "end": {"line": line + 1, "character": 0}}
    document = {"uri": path.as_uri(), "version": version}
    return {"documentChanges": [{"textDocument": document, "edits": [{"range": span, "newText": text}]}]}


def test_a_refactoring_is_applied_as_one_undo_step(editor: Neovim, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    editor.open(path, "‸x = 1\ny = 2\n")
    editor.keys(":1Interfix refactor call it  count<CR>")
    asked(editor, 1)
    [argument] = editor.lua("return require('scripted').requests[1].params.arguments")
    assert argument["instruction"] == "call it  count"
    answer(editor, 1, {"edit": edit(editor, path, 0, "count = 1\nmore = 0\n"), "verdict": "parses"})
    editor.until(lambda: editor.api.current.buffer[:] == ["count = 1", "more = 0", "y = 2"], "the edit is applied")
    editor.keys("u")
    editor.until(lambda: editor.api.current.buffer[:] == ["x = 1", "y = 2"], "one undo takes all of it back")


def test_a_refactoring_of_text_that_moved_on_is_not_applied(editor: Neovim, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    editor.open(path, "‸x = 1\n")
    editor.keys(":1Interfix refactor call it count<CR>")
    asked(editor, 1)
    editor.keys("Onew = 0<Esc>")
    editor.until(lambda: editor.api.current.buffer[:] == ["new = 0", "x = 1"], "the user's own change")
    answer(editor, 1, {"edit": edit(editor, path, 0, "count = 1\n"), "verdict": "parses"})
    editor.until(lambda: "not applied" in editor.api.command_output("messages"), "the user is told")
    assert editor.api.current.buffer[:] == ["new = 0", "x = 1"]


def test_a_refusal_is_told_in_the_servers_words(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "‸x = 1\n")
    editor.keys(":1Interfix refactor sing<CR>")
    asked(editor, 1)
    editor.lua("require('scripted').answer(1, nil, ...)", json.dumps({"code": -32803, "message": "The answer does not parse."}))
    editor.until(lambda: "The answer does not parse." in editor.api.command_output("messages"), "the message")


def test_without_a_server_the_command_says_what_to_do(neovim: Neovim) -> None:
    neovim.keys(":Interfix explain<CR>")
    neovim.until(lambda: "vim.lsp.enable('interfix')" in neovim.api.command_output("messages"), "the message")
