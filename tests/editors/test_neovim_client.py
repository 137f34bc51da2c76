"""What the Neovim plugin does with answers, in a real Neovim. The server is scripted, so that it can be late and wrong."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editors.editor_binaries import EditorBinary
from tests.editors.fake_server_control import send_answer, send_suggestions, wait_for_answers, wait_for_ghost, wait_for_requests
from tests.editors.neovim_driver import Neovim


@pytest.fixture
def neovim(neovim_binary: EditorBinary, tmp_path: Path) -> Iterator[Neovim]:
    """A Neovim with the plugin, and no server yet."""
    neovim = Neovim(neovim_binary, tmp_path, {})
    yield neovim
    neovim.close()


@pytest.fixture
def editor(neovim: Neovim) -> Neovim:
    """A Neovim whose `interfix` client talks to fake_server.lua."""
    neovim.run_lua("package.path = ... .. '/?.lua;' .. package.path", str(Path(__file__).parent))
    neovim.run_lua("require('interfix').setup({ ghost = 'own', lsp = { cmd = require('fake_server').start } })")
    return neovim


def test_a_suggestion_is_shown_and_accepted(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "def add(a, b):\n    return‸\n\nprint()\n")
    editor.press_keys("a ")
    wait_for_requests(editor, 1)
    send_suggestions(editor, 1, "a + b\n\ndef sub(a, b):")
    wait_for_ghost(editor, "a + b\n\ndef sub(a, b):")
    assert editor.read_screen().startswith("def add(a, b):\n    return a + b\ndef sub(a, b):\nprint()")
    editor.press_keys("<Tab>")
    editor.wait_until(
        lambda: editor.read_buffer() == "def add(a, b):\n    return a + b\n\ndef sub(a, b):‸\n\nprint()", "the text is inserted"
    )
    assert editor.read_ghost() == ""


def test_a_buffer_without_a_name_gets_suggestions_and_goes_on_under_one(editor: Neovim, tmp_path: Path) -> None:
    editor.run_lua("vim.cmd('enew | setfiletype python')")
    editor.press_keys("ix = ")
    wait_for_requests(editor, 1)
    send_suggestions(editor, 1, "1 + 2")
    wait_for_ghost(editor, "1 + 2")
    editor.press_keys("<Tab><Esc>")
    editor.wait_until(lambda: editor.read_buffer().replace("‸", "") == "x = 1 + 2", "the text is inserted")
    editor.run_lua("vim.cmd.write(...)", str(tmp_path / "plan.py"))
    count = editor.run_lua("return #require('fake_server').requests")
    editor.press_keys("oy = ")
    wait_for_requests(editor, count + 1)
    read_uri = "return require('fake_server').requests[...].params.textDocument.uri"
    assert (editor.run_lua(read_uri, 1), editor.run_lua(read_uri, count + 1)) == ("file://", (tmp_path / "plan.py").as_uri())
    told = """
        local found = {}
        for _, each in ipairs(require('fake_server').notifications) do
          if each.method:find('did[OC][pl]') then
            found[#found + 1] = each.method .. ' ' .. each.params.textDocument.uri
          end
        end
        return found
    """
    saved = (tmp_path / "plan.py").as_uri()
    messages = editor.run_lua(told)
    assert messages[-1] == f"textDocument/didOpen {saved}"
    assert messages[: messages.index("textDocument/didClose file://")].count(messages[-1]) == 0


def test_a_buffer_without_a_filetype_starts_no_server(editor: Neovim, tmp_path: Path) -> None:
    starts = "return require('fake_server').starts"
    editor.run_lua("vim.wait(300)")
    assert editor.run_lua(starts) == 0
    editor.open(tmp_path / "a.py", "x = 1‸\n")
    assert editor.run_lua(starts) == 1


def test_accepting_is_one_undo_step_of_its_own(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "‸\n")
    editor.press_keys("ireturn ")
    wait_for_requests(editor, 1)
    editor.press_keys("x")
    wait_for_requests(editor, 2)
    send_suggestions(editor, 2, " + 1\n# two")
    wait_for_ghost(editor, " + 1\n# two")
    editor.press_keys("<Tab><Esc>")
    editor.wait_until(lambda: editor.read_buffer().replace("‸", "") == "return x + 1\n# two", "accepted")
    editor.press_keys("u")
    editor.wait_until(lambda: editor.read_buffer().replace("‸", "") == "return x", "only the accepted text is undone")


def test_the_server_is_told_of_what_is_accepted_as_a_whole(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "x =‸\n")
    editor.press_keys("a ")
    wait_for_requests(editor, 1)
    send_suggestions(editor, 1, "compute(1)")
    wait_for_ghost(editor, "compute(1)")
    editor.press_keys("<Tab>")
    told = """
        for _, request in ipairs(require('fake_server').requests) do
          if request.params.command == 'interfix.accepted' then return true end
        end
    """
    editor.wait_until(lambda: editor.run_lua(told), "the server is told")


def test_a_suggestion_is_accepted_word_by_word(editor: Neovim, tmp_path: Path) -> None:
    editor.map_key("<C-f>", "accept-word")
    editor.open(tmp_path / "a.py", "x =‸\n")
    editor.press_keys("a ")
    wait_for_requests(editor, 1)
    send_suggestions(editor, 1, "grün(1,\n    2)")
    wait_for_ghost(editor, "grün(1,\n    2)")
    for text, rest in [
        ("x = grün‸", "(1,\n    2)"),
        ("x = grün(‸", "1,\n    2)"),
        ("x = grün(1‸", ",\n    2)"),
        ("x = grün(1,‸", "\n    2)"),
        ("x = grün(1,\n    2‸", ")"),
        ("x = grün(1,\n    2)‸", ""),
    ]:
        editor.press_keys("<C-f>")
        editor.wait_until(lambda text=text: editor.read_buffer() == text, f"the text {text!r}")
        assert editor.read_ghost() == rest
    editor.press_keys("<Esc>u")
    editor.wait_until(lambda: editor.read_buffer().replace("‸", "") == "x = grün(1,\n    2", "each word is an undo step")


def test_a_suggestion_is_accepted_line_by_line(editor: Neovim, tmp_path: Path) -> None:
    editor.map_key("<C-l>", "accept-line")
    editor.open(tmp_path / "a.py", "def f():‸\n\nend\n")
    editor.press_keys("a ")
    wait_for_requests(editor, 1)
    send_suggestions(editor, 1, "# one\n    two()\n\n    three()")
    wait_for_ghost(editor, "# one\n    two()\n\n    three()")
    editor.press_keys("<C-l>")
    wait_for_ghost(editor, "\n    two()\n\n    three()")
    editor.press_keys("<C-l>")
    wait_for_ghost(editor, "\n\n    three()")
    editor.press_keys("<C-l>")
    editor.wait_until(lambda: editor.read_buffer() == "def f(): # one\n    two()\n\n    three()‸\n\nend", "all lines")


def test_typing_goes_on_from_a_word_that_was_accepted(editor: Neovim, tmp_path: Path) -> None:
    editor.map_key("<C-f>", "accept-word")
    editor.open(tmp_path / "a.py", "x =‸\n")
    editor.press_keys("a ")
    wait_for_requests(editor, 1)
    send_suggestions(editor, 1, "compute(1)")
    wait_for_ghost(editor, "compute(1)")
    editor.press_keys("<C-f>(")
    wait_for_ghost(editor, "1)")
    assert editor.run_lua("return #require('fake_server').requests") == 1


def test_another_suggestion_can_be_asked_for_and_chosen(editor: Neovim, tmp_path: Path) -> None:
    editor.map_key("<C-n>", "next")
    editor.map_key("<C-p>", "previous")
    editor.open(tmp_path / "a.py", "x =‸\n")
    editor.press_keys("a ")
    wait_for_requests(editor, 1)
    send_suggestions(editor, 1, "one")
    wait_for_ghost(editor, "one")
    editor.press_keys("<C-n>")
    wait_for_requests(editor, 2)
    assert editor.run_lua("return require('fake_server').requests[2].params.context.triggerKind") == 1
    wait_for_ghost(editor, "one")
    send_suggestions(editor, 2, "one", "other", "third")
    wait_for_ghost(editor, "other")
    assert "other (2/3)" in editor.read_screen()
    editor.press_keys("<C-n>")
    wait_for_ghost(editor, "third")
    editor.press_keys("<C-n>")
    wait_for_ghost(editor, "one")
    editor.press_keys("<C-p><C-p>")
    wait_for_ghost(editor, "other")
    editor.press_keys("o")
    wait_for_ghost(editor, "ther")
    editor.press_keys("<Tab>")
    editor.wait_until(lambda: editor.read_buffer() == "x = other‸", "the one that was shown")


def test_tab_is_a_tab_where_nothing_is_shown(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "‸\n")
    editor.press_keys("i<Tab>x")
    editor.wait_until(lambda: editor.read_buffer() == "\tx‸" or editor.read_buffer() == "    x‸", "an indentation")


def test_tab_does_what_it_was_mapped_to_where_nothing_is_shown(editor: Neovim, tmp_path: Path) -> None:
    editor.api.command("inoremap <expr> <Tab> 'mine' .. len('xx')")
    editor.open(tmp_path / "a.py", "‸\n")
    editor.press_keys("i<Tab>")
    editor.wait_until(lambda: editor.read_buffer() == "mine2‸", "the user's own mapping")
    editor.run_lua("vim.lsp.enable('interfix', false)")
    editor.wait_until(lambda: "mine" in str(editor.run_lua("return vim.fn.maparg('<Tab>', 'i')")), "the mapping is given back")


def test_typing_what_is_suggested_keeps_the_rest_and_asks_nothing(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "x =‸\n")
    editor.press_keys("a ")
    wait_for_requests(editor, 1)
    send_suggestions(editor, 1, "compute(1)")
    wait_for_ghost(editor, "compute(1)")
    editor.press_keys("comp")
    wait_for_ghost(editor, "ute(1)")
    editor.press_keys("<BS>")
    wait_for_ghost(editor, "pute(1)")
    assert editor.run_lua("return #require('fake_server').requests") == 1
    editor.press_keys("<Tab>")
    editor.wait_until(lambda: editor.read_buffer() == "x = compute(1)‸", "the rest is inserted")


def test_typing_on_cancels_the_request_and_its_late_answer_is_never_shown(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "x =‸\n")
    editor.press_keys("a ")
    wait_for_requests(editor, 1)
    editor.press_keys("y")
    wait_for_requests(editor, 2)
    assert editor.run_lua("return require('fake_server').was_cancelled(1)")
    send_suggestions(editor, 1, "stale")
    wait_for_answers(editor)
    assert editor.read_ghost() == ""
    send_suggestions(editor, 2, "fresh")
    wait_for_ghost(editor, "fresh")


def test_what_is_shown_goes_with_the_key_that_makes_it_wrong(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "x =‸\n")
    editor.press_keys("a ")
    wait_for_requests(editor, 1)
    send_suggestions(editor, 1, "compute(1)")
    wait_for_ghost(editor, "compute(1)")
    editor.press_keys("q")
    wait_for_requests(editor, 2)
    assert editor.read_ghost() == ""


@pytest.mark.parametrize("leave", ["<Esc>", "<C-c>", "<Left>", "<C-o>:new<CR>"])
def test_leaving_the_place_takes_the_suggestion_away(editor: Neovim, tmp_path: Path, leave: str) -> None:
    editor.open(tmp_path / "a.py", "x =‸\n")
    editor.press_keys("a ")
    wait_for_requests(editor, 1)
    send_suggestions(editor, 1, "compute(1)")
    wait_for_ghost(editor, "compute(1)")
    buffer = editor.api.current.buffer
    editor.press_keys(leave)
    namespace = editor.api.api.create_namespace("interfix.ghost")
    editor.wait_until(lambda: buffer.api.get_extmarks(namespace, 0, -1, {}) == [], "the ghost text is gone")


@pytest.mark.parametrize("keys", ["<C-r>=''<CR>", "<C-r>=<Esc>"])
def test_a_key_that_evaluates_something_leaves_it(editor: Neovim, tmp_path: Path, keys: str) -> None:
    editor.open(tmp_path / "a.py", "x =‸\n")
    editor.press_keys("a ")
    wait_for_requests(editor, 1)
    send_suggestions(editor, 1, "1 + 2")
    wait_for_ghost(editor, "1 + 2")
    editor.press_keys(keys)
    editor.wait_until(lambda: editor.api.api.get_mode()["mode"] == "i", "the key is done")
    wait_for_answers(editor)
    assert editor.read_ghost() == "1 + 2"


def test_a_normal_command_from_insert_mode_brings_it_back(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "x =‸\n")
    editor.press_keys("a ")
    wait_for_requests(editor, 1)
    send_suggestions(editor, 1, "1 + 2")
    wait_for_ghost(editor, "1 + 2")
    editor.press_keys("<C-o>zz")
    wait_for_requests(editor, 2)
    send_suggestions(editor, 2, "1 + 2")
    wait_for_ghost(editor, "1 + 2")


def test_an_answer_after_insert_mode_was_left_is_not_shown(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "x =‸\n")
    editor.press_keys("a ")
    wait_for_requests(editor, 1)
    editor.press_keys("<Esc>")
    editor.wait_until(lambda: editor.run_lua("return require('fake_server').was_cancelled(1)"), "the request is cancelled")
    send_suggestions(editor, 1, "late")
    wait_for_answers(editor)
    assert editor.read_ghost() == ""


def test_dismissing_hides_it_until_something_is_typed_and_triggering_asks_again(editor: Neovim, tmp_path: Path) -> None:
    editor.run_lua("vim.keymap.set('i', '<C-e>', '<Plug>(interfix-dismiss)')")
    editor.run_lua("vim.keymap.set('i', '<C-g>', '<Plug>(interfix-trigger)')")
    editor.open(tmp_path / "a.py", "x =‸\n")
    editor.press_keys("a ")
    wait_for_requests(editor, 1)
    send_suggestions(editor, 1, "one")
    wait_for_ghost(editor, "one")
    editor.press_keys("<C-e>")
    wait_for_ghost(editor, "")
    assert editor.run_lua("return #require('fake_server').requests") == 1
    editor.press_keys("<C-g>")
    wait_for_requests(editor, 2)
    assert editor.run_lua("return require('fake_server').requests[2].params.context.triggerKind") == 1
    send_suggestions(editor, 2, "two")
    wait_for_ghost(editor, "two")


def test_several_lines_in_the_middle_of_a_line_push_its_rest_below(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "call(‸, end)\nnext\n")
    editor.press_keys("i")
    wait_for_requests(editor, 1)
    send_suggestions(editor, 1, "1,\n     2")
    editor.wait_until(editor.read_ghost, "ghost text")
    assert editor.read_screen().startswith("call(1,\n     2, end)\nnext")
    editor.press_keys("<Tab>")
    editor.wait_until(lambda: editor.read_buffer() == "call(1,\n     2‸, end)\nnext", "accepted as it was drawn")


def test_an_item_with_a_range_is_shown_without_what_stands_there_already(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "né = foo(‸)\n")
    editor.press_keys("i")
    wait_for_requests(editor, 1)
    send_suggestions(editor, 1, "foo(1, 2)", columns=(6, 11))
    wait_for_ghost(editor, "1, 2")
    editor.press_keys("<Tab>")
    editor.wait_until(lambda: editor.read_buffer() == "né = foo(1, 2)‸", "the cursor stands behind the item")


def test_an_item_that_would_change_text_behind_the_cursor_is_not_shown(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "foo(‸)\n")
    editor.press_keys("i")
    wait_for_requests(editor, 1)
    send_suggestions(editor, 1, "bar(1)", columns=(0, 5))
    wait_for_answers(editor)
    assert editor.read_ghost() == ""


def test_the_client_says_what_it_can_do(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "‸\n")
    assert editor.run_lua("return require('fake_server').client.textDocument.inlineCompletion ~= nil")


def test_an_explanation_streams_into_a_window(editor: Neovim, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    editor.open(path, "‸x = 1\ny = 'é'\nz = 3\n")
    editor.press_keys(":1,2Interfix explain<CR>")
    wait_for_requests(editor, 1)
    [argument] = editor.run_lua("return require('fake_server').requests[1].params.arguments")
    assert argument["uri"] == path.as_uri()
    assert argument["range"] == {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 8}}
    editor.run_lua("require('fake_server').stream(1, 'It sets ')")
    editor.wait_until(lambda: editor.api.current.buffer[:] == ["It sets "], "the first piece")
    editor.run_lua("require('fake_server').stream(1, '`x`.\\n\\nThen')")
    editor.wait_until(lambda: editor.api.current.buffer[:] == ["It sets `x`.", "", "Then"], "the second piece")
    send_answer(editor, 1, {"markdown": "It sets `x`.\n\nThen `y`.\n"})
    editor.wait_until(lambda: editor.api.current.buffer[:] == ["It sets `x`.", "", "Then `y`."], "the whole")
    editor.press_keys("q")
    editor.wait_until(lambda: editor.api.current.buffer.name == str(path), "back in the file")
    assert not editor.run_lua("return require('fake_server').was_cancelled(1)")


def test_closing_the_window_ends_the_explanation(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "‸x = 1\n")
    editor.press_keys(":Interfix explain<CR>")
    wait_for_requests(editor, 1)
    editor.press_keys("q")
    editor.wait_until(lambda: editor.run_lua("return require('fake_server').was_cancelled(1)"), "the request is cancelled")


def make_workspace_edit(editor: Neovim, path: Path, *changes: tuple[int, str]) -> dict[str, object]:
    """A workspace edit that replaces whole lines of the current buffer's file."""
    version = editor.run_lua("return vim.lsp.util.buf_versions[vim.fn.bufadd(...)]", str(path))
    edits = [
        {"range": {"start": {"line": line, "character": 0}, "end": {"line": line + 1, "character": 0}}, "newText": text}
        for line, text in changes
    ]
    return {"documentChanges": [{"textDocument": {"uri": path.as_uri(), "version": version}, "edits": edits}]}


def request_refactoring(editor: Neovim, path: Path, *changes: tuple[int, str]) -> None:
    """Ask for a refactoring of all lines, and let the server answer with new texts for whole lines."""
    editor.press_keys(":%Interfix refactor call it  count<CR>")
    wait_for_requests(editor, 1)
    send_answer(editor, 1, {"edit": make_workspace_edit(editor, path, *changes), "verdict": "parses · 2 hunks"})
    editor.wait_until(lambda: "parses" in editor.read_screen(), "the preview")


def test_a_refactoring_is_previewed_and_applied_as_one_undo_step(editor: Neovim, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    editor.open(path, "‸x = 1\ny = 2\nz = 3\n")
    request_refactoring(editor, path, (0, "count = 1\nmore = 0\n"), (2, ""))
    [argument] = editor.run_lua("return require('fake_server').requests[1].params.arguments")
    assert argument["instruction"] == "call it  count"
    expected = ["parses · 2 hunks", "", "[x] a.py:1", "- x = 1", "+ count = 1", "+ more = 0", "  y = 2", "  z = 3"]
    expected += ["", "[x] a.py:3", "  x = 1", "  y = 2", "- z = 3"]
    assert [line.replace(f"{tmp_path}/", "") for line in editor.api.current.buffer[:]] == expected
    editor.press_keys("a")
    editor.wait_until(lambda: editor.api.current.buffer[:] == ["count = 1", "more = 0", "y = 2"], "the edit is applied")
    editor.press_keys("u")
    editor.wait_until(lambda: editor.api.current.buffer[:] == ["x = 1", "y = 2", "z = 3"], "one undo takes all of it back")


def test_only_the_hunks_that_are_chosen_are_applied(editor: Neovim, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    editor.open(path, "‸x = 1\ny = 2\nz = 3\n")
    request_refactoring(editor, path, (0, "count = 1\n"), (2, "last = 3\n"))
    editor.press_keys("<Space>")
    editor.wait_until(lambda: "[ ]" in editor.read_screen(), "the first hunk is not chosen any more")
    editor.press_keys("]c")
    assert editor.api.current.line.startswith("[x]")
    editor.press_keys("<CR>")
    editor.wait_until(lambda: editor.api.current.buffer[:] == ["x = 1", "y = 2", "last = 3"], "the second hunk alone")


@pytest.mark.parametrize("keys", ["q", "<Space>]c<Space><CR>"])
def test_an_edit_that_is_not_wanted_changes_nothing(editor: Neovim, tmp_path: Path, keys: str) -> None:
    path = tmp_path / "a.py"
    editor.open(path, "‸x = 1\ny = 2\n")
    request_refactoring(editor, path, (0, "count = 1\n"), (1, ""))
    editor.press_keys(keys)
    editor.wait_until(lambda: editor.api.current.buffer.name == str(path), "back in the file")
    assert editor.api.current.buffer[:] == ["x = 1", "y = 2"]


def test_an_edit_of_parts_of_lines_is_previewed_as_lines(editor: Neovim, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    editor.open(path, "‸é = foo(1)\n")
    editor.press_keys(":Interfix document<CR>")
    wait_for_requests(editor, 1)
    span = {"start": {"line": 0, "character": 5}, "end": {"line": 0, "character": 8}}
    changes = {path.as_uri(): [{"range": span, "newText": "bar"}]}
    send_answer(editor, 1, {"edit": {"changes": changes}, "verdict": "parses"})
    editor.wait_until(lambda: "- é = foo(1)" in editor.read_screen() and "+ é = bar(1)" in editor.read_screen(), "the lines")
    editor.press_keys("a")
    editor.wait_until(lambda: editor.api.current.buffer[:] == ["é = bar(1)"], "the edit is applied")


def test_a_new_file_is_made_and_shown(editor: Neovim, tmp_path: Path) -> None:
    path, tests = tmp_path / "a.py", tmp_path / "tests" / "test_a.py"
    editor.open(path, "‸x = 1\n")
    editor.press_keys(":Interfix test<CR>")
    wait_for_requests(editor, 1)
    start = {"line": 0, "character": 0}
    written = {"range": {"start": start, "end": start}, "newText": "def test_a():\n    pass\n"}
    changes = [
        {"kind": "create", "uri": tests.as_uri()},
        {"textDocument": {"uri": tests.as_uri(), "version": None}, "edits": [written]},
    ]
    send_answer(editor, 1, {"edit": {"documentChanges": changes}, "verdict": "new file"})
    editor.wait_until(lambda: "+ def test_a():" in editor.read_screen(), "the preview")
    assert not tests.exists()
    editor.press_keys("a")
    editor.wait_until(lambda: editor.api.current.buffer.name == str(tests), "the file is shown")
    assert editor.api.current.buffer[:2] == ["def test_a():", "    pass"]


def test_news_of_an_edit_are_shown_while_it_is_made_and_closing_ends_it(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "‸x = 1\n")
    editor.press_keys(":Interfix document<CR>")
    wait_for_requests(editor, 1)
    editor.run_lua("require('fake_server').stream(1, '64 tokens, 3 s')")
    editor.wait_until(lambda: "64 tokens, 3 s" in editor.read_screen(), "the news")
    editor.press_keys("q")
    editor.wait_until(lambda: editor.run_lua("return require('fake_server').was_cancelled(1)"), "the request is cancelled")


def test_an_edit_of_text_that_moved_on_is_not_applied(editor: Neovim, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    editor.open(path, "‸x = 1\n")
    editor.press_keys(":1Interfix refactor call it count<CR>")
    wait_for_requests(editor, 1)
    editor.press_keys("<C-w>wOnew = 0<Esc>")
    editor.wait_until(lambda: editor.api.current.buffer[:] == ["new = 0", "x = 1"], "the user's own change")
    send_answer(editor, 1, {"edit": make_workspace_edit(editor, path, (0, "count = 1\n")), "verdict": "parses"})
    editor.wait_until(lambda: "was dropped" in editor.api.command_output("messages"), "the user is told")
    assert editor.api.current.buffer[:] == ["new = 0", "x = 1"]


def test_an_edit_of_text_that_moved_on_while_it_was_looked_at_is_not_applied(editor: Neovim, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    editor.open(path, "‸x = 1\n")
    request_refactoring(editor, path, (0, "count = 1\n"))
    editor.press_keys("<C-w>wOnew = 0<Esc><C-w>wa")
    editor.wait_until(lambda: "nothing was applied" in editor.api.command_output("messages"), "the user is told")
    assert editor.api.current.buffer[:] == ["new = 0", "x = 1"]


def test_a_refusal_is_told_in_the_servers_words(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "‸x = 1\n")
    editor.press_keys(":1Interfix refactor sing<CR>")
    wait_for_requests(editor, 1)
    editor.run_lua(
        "require('fake_server').answer(1, nil, ...)", json.dumps({"code": -32803, "message": "The answer does not parse."})
    )
    editor.wait_until(lambda: "The answer does not parse." in editor.api.command_output("messages"), "the message")


def test_without_a_server_the_command_says_what_to_do(neovim: Neovim) -> None:
    neovim.press_keys(":Interfix explain<CR>")
    neovim.wait_until(lambda: "vim.lsp.enable('interfix')" in neovim.api.command_output("messages"), "the message")


def test_the_command_completes_its_words(editor: Neovim) -> None:
    words = editor.run_lua("return vim.fn.getcompletion('Interfix ', 'cmdline')")
    assert words == [
        *("answer", "ask", "commit", "document", "edit", "explain", "fix", "menu", "refactor", "snooze", "status", "test"),
        *("toggle", "why"),
    ]
    assert "python" in editor.run_lua("return vim.fn.getcompletion('Interfix toggle py', 'cmdline')")
    editor.press_keys(":Interfix sing<CR>")
    editor.wait_until(lambda: "there is no command" in editor.api.command_output("messages"), "the message")


def test_a_question_is_asked_in_the_users_words(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "‸x = 1\n")
    editor.press_keys(":Interfix ask<CR>what is x?<CR>")
    wait_for_requests(editor, 1)
    assert editor.run_lua("return require('fake_server').requests[1].params.arguments[1].question") == "what is x?"
    send_answer(editor, 1, {"markdown": "One."})
    editor.wait_until(lambda: editor.api.current.buffer[:] == ["One."], "the answer")


def test_to_fix_takes_what_any_server_reports_of_the_lines(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "‸é = y\nz = 1\n")
    editor.run_lua("""
        vim.diagnostic.set(vim.api.nvim_create_namespace('other'), 0, {
          { lnum = 0, col = 5, end_col = 6, message = 'undefined name', source = 'linter' },
          { lnum = 1, col = 0, message = 'elsewhere' },
        })
    """)
    editor.press_keys(":1Interfix fix<CR>")
    wait_for_requests(editor, 1)
    [known] = editor.run_lua("return require('fake_server').requests[1].params.arguments[1].diagnostics")
    assert (known["message"], known["source"]) == ("undefined name", "linter")
    assert known["range"] == {"start": {"line": 0, "character": 5}, "end": {"line": 0, "character": 6}}


def test_the_menu_lists_what_the_server_offers_and_previews_its_edits(editor: Neovim, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    editor.open(path, "‸x = 1\n")
    editor.run_lua("""
        vim.ui.select = function(items, options, done)
          _G.titles = vim.tbl_map(options.format_item, items)
          done(items[#items])
        end
    """)
    editor.press_keys(":1Interfix menu<CR>")
    wait_for_requests(editor, 1)
    range = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 5}}
    argument = {"uri": path.as_uri(), "range": range}
    explain = {"title": "Interfix: explain", "command": {"title": "", "command": "interfix.explain", "arguments": [argument]}}
    simplify = {"title": "Interfix: Simplify", "data": {"command": "interfix.run", "arguments": {**argument, "name": "2-simplify"}}}
    send_answer(editor, 1, [explain, simplify])
    wait_for_requests(editor, 2)
    assert editor.run_lua("return _G.titles")[-1] == "Simplify"
    assert editor.run_lua("return _G.titles").count("Explain") == 1
    assert editor.run_lua("return require('fake_server').requests[2].params.arguments[1].name") == "2-simplify"
    send_answer(editor, 2, {"edit": make_workspace_edit(editor, path, (0, "y = 1\n")), "verdict": "parses"})
    editor.wait_until(lambda: "+ y = 1" in editor.read_screen(), "the preview")


def test_suggestions_can_be_switched_off_and_on_for_a_language(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "x =‸\n")
    editor.press_keys("a ")
    wait_for_requests(editor, 1)
    send_suggestions(editor, 1, "compute(1)")
    wait_for_ghost(editor, "compute(1)")
    editor.press_keys("<Cmd>Interfix toggle python<CR>")
    wait_for_ghost(editor, "")
    assert editor.run_lua("return require('interfix').statusline()") == "Interfix: starting"
    editor.run_lua('require(\'fake_server\').notify(\'interfix/status\', \'{"state": "ready", "message": "", "percent": null}\')')
    editor.wait_until(lambda: editor.run_lua("return require('interfix').statusline()") == "Interfix: off", "the status")
    editor.press_keys("c")
    editor.wait_until(lambda: editor.read_buffer() == "x = c‸", "typed")
    assert editor.run_lua("return #require('fake_server').requests") == 1
    editor.press_keys("<Cmd>Interfix toggle python<CR>")
    wait_for_requests(editor, 2)
    assert editor.run_lua("return require('interfix').statusline()") == "Interfix: ready"


def test_a_language_can_be_off_from_the_beginning(editor: Neovim, tmp_path: Path) -> None:
    editor.run_lua("require('interfix').setup({ off = { 'python' } })")
    editor.open(tmp_path / "a.py", "x =‸\n")
    editor.press_keys("a y")
    editor.wait_until(lambda: editor.read_buffer() == "x = y‸", "typed")
    assert editor.run_lua("return #require('fake_server').requests") == 0


def test_the_status_line_follows_the_server(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "‸\n")
    editor.run_lua("vim.o.laststatus = 2; vim.o.statusline = '%{v:lua.require\\'interfix\\'.statusline()}'")
    for status, text in [
        ({"state": "working", "message": "", "percent": None}, "Interfix: working"),
        ({"state": "downloading", "message": "a model", "percent": 34}, "Interfix: downloading 34%"),
        ({"state": "error", "message": "no model", "percent": None}, "Interfix: error"),
    ]:
        editor.run_lua("require('fake_server').notify('interfix/status', ...)", json.dumps(status))
        editor.wait_until(lambda text=text: text in editor.read_screen(), text)


def test_the_status_names_the_servers_that_compute_and_where_the_code_goes(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "‸\n")
    editor.press_keys(":Interfix status<CR>")
    wait_for_requests(editor, 1)
    server = {"role": "base", "engine": "openai", "host": "models.example", "leaves": True, "model": "big", "problem": ""}
    engine = {"pid": 0, "memory_bytes": 0, "models": [], "notes": [], "servers": [server]}
    send_answer(editor, 1, {"version": "1", "models": "A sentence.", "engine": engine, "indexes": {}, "problems": []})
    editor.wait_until(lambda: "A sentence." in editor.read_screen(), "the answer")
    assert editor.api.current.buffer[4:] == [
        "- base: big, by openai at models.example, code leaves this machine",
        "- next edits: shown in Insert mode",
    ]


@pytest.mark.parametrize("leave", ["<Esc>", "<C-c>"])
def test_what_the_server_has_to_say_waits_until_nobody_types(editor: Neovim, tmp_path: Path, leave: str) -> None:
    editor.open(tmp_path / "a.py", "‸\n")
    sentence = "The engine has stopped. " * 20
    editor.press_keys("ix")
    editor.wait_until(lambda: editor.read_buffer() == "x‸", "typing")
    editor.run_lua("require('fake_server').notify('window/showMessage', ...)", json.dumps({"type": 1, "message": sentence}))
    editor.press_keys("yz")
    editor.wait_until(lambda: editor.read_buffer() == "xyz‸", "every key goes into the text")
    assert "The engine" not in editor.read_screen()
    editor.run_lua("vim.notify = function(message) _G.told = message end")
    editor.press_keys(leave)
    editor.wait_until(lambda: editor.run_lua("return _G.told") == f"Interfix: {sentence}", "the message")


def count_starts(editor: Neovim) -> int:
    """How often a server was started so far."""
    return int(editor.run_lua("return require('fake_server').starts"))


def kill_server(editor: Neovim) -> None:
    """Kill the server of the current file, and wait until another serves it."""
    before = count_starts(editor)
    editor.run_lua("require('fake_server').die()")
    editor.wait_until(lambda: count_starts(editor) == before + 1, "another server")
    editor.wait_until(
        lambda: editor.run_lua("return #vim.lsp.get_clients({ bufnr = 0, name = 'interfix' }) == 1"), "it serves the file"
    )


def test_a_server_that_dies_takes_its_suggestion_along_and_is_started_again(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "x =‸\n")
    editor.press_keys("a ")
    wait_for_requests(editor, 1)
    send_suggestions(editor, 1, "compute(1)")
    wait_for_ghost(editor, "compute(1)")
    kill_server(editor)
    assert editor.read_ghost() == ""
    editor.press_keys("y")
    editor.wait_until(lambda: editor.read_buffer() == "x = y‸", "typing goes on")
    wait_for_requests(editor, 2)


def test_a_server_that_keeps_dying_is_left_alone(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "‸\n")
    for _ in range(3):
        kill_server(editor)
    before = count_starts(editor)
    editor.run_lua("require('fake_server').die()")
    editor.wait_until(lambda: "it stays off" in editor.api.command_output("messages"), "the user is told")
    assert count_starts(editor) == before


MENU_TEXT = "compute = 1\ncompare = 2\nx =‸\n"


def open_menu(editor: Neovim, path: Path, options: str) -> None:
    """Type the beginning of two words of the file, and open the editor's own menu with them."""
    editor.api.command(f"set completeopt={options}")
    editor.open(path, MENU_TEXT)
    editor.press_keys("a comp<C-n>")
    editor.wait_until(lambda: editor.run_lua("return vim.fn.pumvisible() == 1"), "the menu is open")


def send_last(editor: Neovim, line: str, text: str) -> None:
    """Suggest a text behind a line, once the server is asked for it."""
    last = "local all = require('fake_server').requests; return #all, all[#all].params.position.character"
    count = editor.wait_until(
        lambda: (request := editor.run_lua(f"return {{ (function() {last} end)() }}")) and request[1] == len(line) and request[0],
        "it is asked for",
    )
    send_suggestions(editor, count, text)


def test_it_is_shown_beside_a_menu_and_tab_accepts_it_where_no_entry_is_selected(editor: Neovim, tmp_path: Path) -> None:
    open_menu(editor, tmp_path / "a.py", "menuone,noselect")
    send_last(editor, "x = comp", "any.name()")
    wait_for_ghost(editor, "any.name()")
    assert editor.run_lua("return vim.fn.pumvisible()") == 1
    editor.press_keys("<Tab>")
    editor.wait_until(lambda: editor.read_buffer().endswith("x = company.name()‸"), "accepted, and the menu left nothing behind")
    assert editor.run_lua("return vim.fn.pumvisible()") == 0


def test_it_goes_on_from_the_entry_that_the_menu_has_put_in(editor: Neovim, tmp_path: Path) -> None:
    open_menu(editor, tmp_path / "a.py", "menu,popup")
    entry = editor.api.current.line.removeprefix("x = ")
    assert entry in ("compute", "compare")
    send_last(editor, f"x = {entry}", " + 1")
    wait_for_ghost(editor, " + 1")
    editor.press_keys("<C-y>")
    wait_for_ghost(editor, " + 1")
    editor.press_keys("<Tab>")
    editor.wait_until(lambda: editor.read_buffer().endswith(f"x = {entry} + 1‸"), "the entry and the suggestion")


def test_a_key_that_serves_the_menu_goes_on_doing_so(editor: Neovim, tmp_path: Path) -> None:
    editor.run_lua(
        "vim.keymap.set('i', '<Tab>', function() return vim.fn.pumvisible() == 1 and '<C-n>' or '<Tab>' end, { expr = true })"
    )
    open_menu(editor, tmp_path / "a.py", "menuone,noselect")
    send_last(editor, "x = comp", "any.name()")
    wait_for_ghost(editor, "any.name()")
    editor.press_keys("<Tab>")
    editor.wait_until(lambda: editor.api.current.line in ("x = compute", "x = compare"), "the menu's next entry")


def test_an_instruction_is_typed_below_the_selection(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "x = 1‸\ny = 2\n")
    editor.press_keys(":1,2Interfix edit<CR>")
    editor.wait_until(lambda: "What is to change?" in editor.read_screen(), "the field")
    assert "x = 1" in editor.read_screen()
    editor.press_keys("rename x to z<CR>")
    last = "local all = require('fake_server').requests; return all[#all].params"
    asked = editor.wait_until(
        lambda: (found := editor.run_lua(last)) and found.get("command") == "interfix.refactor" and found, "it is asked for"
    )
    argument = asked["arguments"][0]
    assert argument["instruction"] == "rename x to z"
    assert (argument["range"]["start"]["line"], argument["range"]["end"]["line"]) == (0, 1)


def test_the_field_can_be_left(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "x = 1‸\n")
    editor.press_keys(":Interfix edit<CR>")
    editor.wait_until(lambda: "What is to change?" in editor.read_screen(), "the field")
    editor.press_keys("no<Esc><Esc>")
    editor.wait_until(lambda: "What is to change?" not in editor.read_screen(), "it is gone")
    assert editor.read_buffer().replace("‸", "") == "x = 1"


def test_a_commit_message_is_put_into_the_commits_buffer_or_yanked(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "x = 1‸\n")
    editor.press_keys(":Interfix commit<CR>")
    count = editor.wait_until(lambda: editor.run_lua("return #require('fake_server').requests"), "it is asked for")
    send_answer(editor, count, {"message": "area: say it\n\nWhy."})
    editor.wait_until(lambda: "area: say it" in editor.read_screen(), "it is shown")
    assert editor.run_lua("return vim.fn.getreg('\"')") == "area: say it\n\nWhy."
