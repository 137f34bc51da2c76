"""What the Neovim plugin does with answers, in a real Neovim. The server is scripted, so that it can be late and wrong."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from neovim_driver import Neovim
from programs import Program


@pytest.fixture
def neovim(program: Program, tmp_path: Path) -> Iterator[Neovim]:
    """A Neovim with the plugin, and no server yet."""
    neovim = Neovim(program, tmp_path, {})
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


def suggest(editor: Neovim, nth: int, *texts: str, columns: tuple[int, int] | None = None) -> None:
    """Let the server answer the nth request with insertions, or with texts for these columns (in bytes) of the first line."""
    command = {"title": "Accepted", "command": "interfix.accepted", "arguments": [{"id": "1"}]}
    items: list[dict[str, object]] = [{"insertText": text, "command": command} for text in texts]
    for item in items if columns else []:
        item["range"] = {side: {"line": 0, "character": at} for side, at in zip(("start", "end"), columns or (), strict=True)}
    answer(editor, nth, {"items": items})


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


def test_the_server_is_told_of_what_is_accepted_as_a_whole(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "x =‸\n")
    editor.keys("a ")
    asked(editor, 1)
    suggest(editor, 1, "compute(1)")
    shown(editor, "compute(1)")
    editor.keys("<Tab>")
    told = """
        for _, request in ipairs(require('scripted').requests) do
          if request.params.command == 'interfix.accepted' then return true end
        end
    """
    editor.until(lambda: editor.lua(told), "the server is told")


def test_a_suggestion_is_accepted_word_by_word(editor: Neovim, tmp_path: Path) -> None:
    editor.map("<C-f>", "accept-word")
    editor.open(tmp_path / "a.py", "x =‸\n")
    editor.keys("a ")
    asked(editor, 1)
    suggest(editor, 1, "grün(1,\n    2)")
    shown(editor, "grün(1,\n    2)")
    for text, rest in [
        ("x = grün‸", "(1,\n    2)"),
        ("x = grün(‸", "1,\n    2)"),
        ("x = grün(1‸", ",\n    2)"),
        ("x = grün(1,‸", "\n    2)"),
        ("x = grün(1,\n    2‸", ")"),
        ("x = grün(1,\n    2)‸", ""),
    ]:
        editor.keys("<C-f>")
        editor.until(lambda text=text: editor.text() == text, f"the text {text!r}")
        assert editor.ghost() == rest
    editor.keys("<Esc>u")
    editor.until(lambda: editor.text().replace("‸", "") == "x = grün(1,\n    2", "each word is an undo step")


def test_a_suggestion_is_accepted_line_by_line(editor: Neovim, tmp_path: Path) -> None:
    editor.map("<C-l>", "accept-line")
    editor.open(tmp_path / "a.py", "def f():‸\n\nend\n")
    editor.keys("a ")
    asked(editor, 1)
    suggest(editor, 1, "# one\n    two()\n\n    three()")
    shown(editor, "# one\n    two()\n\n    three()")
    editor.keys("<C-l>")
    shown(editor, "\n    two()\n\n    three()")
    editor.keys("<C-l>")
    shown(editor, "\n\n    three()")
    editor.keys("<C-l>")
    editor.until(lambda: editor.text() == "def f(): # one\n    two()\n\n    three()‸\n\nend", "all lines")


def test_typing_goes_on_from_a_word_that_was_accepted(editor: Neovim, tmp_path: Path) -> None:
    editor.map("<C-f>", "accept-word")
    editor.open(tmp_path / "a.py", "x =‸\n")
    editor.keys("a ")
    asked(editor, 1)
    suggest(editor, 1, "compute(1)")
    shown(editor, "compute(1)")
    editor.keys("<C-f>(")
    shown(editor, "1)")
    assert editor.lua("return #require('scripted').requests") == 1


def test_another_suggestion_can_be_asked_for_and_chosen(editor: Neovim, tmp_path: Path) -> None:
    editor.map("<C-n>", "next")
    editor.map("<C-p>", "previous")
    editor.open(tmp_path / "a.py", "x =‸\n")
    editor.keys("a ")
    asked(editor, 1)
    suggest(editor, 1, "one")
    shown(editor, "one")
    editor.keys("<C-n>")
    asked(editor, 2)
    assert editor.lua("return require('scripted').requests[2].params.context.triggerKind") == 1
    shown(editor, "one")
    suggest(editor, 2, "one", "other", "third")
    shown(editor, "other")
    assert "other (2/3)" in editor.screen()
    editor.keys("<C-n>")
    shown(editor, "third")
    editor.keys("<C-n>")
    shown(editor, "one")
    editor.keys("<C-p><C-p>")
    shown(editor, "other")
    editor.keys("o")
    shown(editor, "ther")
    editor.keys("<Tab>")
    editor.until(lambda: editor.text() == "x = other‸", "the one that was shown")


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


@pytest.mark.parametrize("leave", ["<Esc>", "<C-c>", "<Left>", "<C-o>:new<CR>"])
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
    suggest(editor, 1, "foo(1, 2)", columns=(6, 11))
    shown(editor, "1, 2")
    editor.keys("<Tab>")
    editor.until(lambda: editor.text() == "né = foo(1, 2)‸", "the cursor stands behind the item")


def test_an_item_that_would_change_text_behind_the_cursor_is_not_shown(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "foo(‸)\n")
    editor.keys("i")
    asked(editor, 1)
    suggest(editor, 1, "bar(1)", columns=(0, 5))
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


def edit(editor: Neovim, path: Path, *changes: tuple[int, str]) -> dict[str, object]:
    """A workspace edit that replaces whole lines of the current buffer's file."""
    version = editor.lua("return vim.lsp.util.buf_versions[vim.fn.bufadd(...)]", str(path))
    edits = [
        {"range": {"start": {"line": line, "character": 0}, "end": {"line": line + 1, "character": 0}}, "newText": text}
        for line, text in changes
    ]
    return {"documentChanges": [{"textDocument": {"uri": path.as_uri(), "version": version}, "edits": edits}]}


def offered(editor: Neovim, path: Path, *changes: tuple[int, str]) -> None:
    """Ask for a refactoring of all lines, and let the server answer with new texts for whole lines."""
    editor.keys(":%Interfix refactor call it  count<CR>")
    asked(editor, 1)
    answer(editor, 1, {"edit": edit(editor, path, *changes), "verdict": "parses · 2 hunks"})
    editor.until(lambda: "parses" in editor.screen(), "the preview")


def test_a_refactoring_is_previewed_and_applied_as_one_undo_step(editor: Neovim, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    editor.open(path, "‸x = 1\ny = 2\nz = 3\n")
    offered(editor, path, (0, "count = 1\nmore = 0\n"), (2, ""))
    [argument] = editor.lua("return require('scripted').requests[1].params.arguments")
    assert argument["instruction"] == "call it  count"
    expected = ["parses · 2 hunks", "", "[x] a.py:1", "- x = 1", "+ count = 1", "+ more = 0", "  y = 2", "  z = 3"]
    expected += ["", "[x] a.py:3", "  x = 1", "  y = 2", "- z = 3"]
    assert [line.replace(f"{tmp_path}/", "") for line in editor.api.current.buffer[:]] == expected
    editor.keys("a")
    editor.until(lambda: editor.api.current.buffer[:] == ["count = 1", "more = 0", "y = 2"], "the edit is applied")
    editor.keys("u")
    editor.until(lambda: editor.api.current.buffer[:] == ["x = 1", "y = 2", "z = 3"], "one undo takes all of it back")


def test_only_the_hunks_that_are_chosen_are_applied(editor: Neovim, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    editor.open(path, "‸x = 1\ny = 2\nz = 3\n")
    offered(editor, path, (0, "count = 1\n"), (2, "last = 3\n"))
    editor.keys("<Space>")
    editor.until(lambda: "[ ]" in editor.screen(), "the first hunk is not chosen any more")
    editor.keys("]c")
    assert editor.api.current.line.startswith("[x]")
    editor.keys("<CR>")
    editor.until(lambda: editor.api.current.buffer[:] == ["x = 1", "y = 2", "last = 3"], "the second hunk alone")


@pytest.mark.parametrize("keys", ["q", "<Space>]c<Space><CR>"])
def test_an_edit_that_is_not_wanted_changes_nothing(editor: Neovim, tmp_path: Path, keys: str) -> None:
    path = tmp_path / "a.py"
    editor.open(path, "‸x = 1\ny = 2\n")
    offered(editor, path, (0, "count = 1\n"), (1, ""))
    editor.keys(keys)
    editor.until(lambda: editor.api.current.buffer.name == str(path), "back in the file")
    assert editor.api.current.buffer[:] == ["x = 1", "y = 2"]


def test_an_edit_of_parts_of_lines_is_previewed_as_lines(editor: Neovim, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    editor.open(path, "‸é = foo(1)\n")
    editor.keys(":Interfix document<CR>")
    asked(editor, 1)
    span = {"start": {"line": 0, "character": 5}, "end": {"line": 0, "character": 8}}
    changes = {path.as_uri(): [{"range": span, "newText": "bar"}]}
    answer(editor, 1, {"edit": {"changes": changes}, "verdict": "parses"})
    editor.until(lambda: "- é = foo(1)" in editor.screen() and "+ é = bar(1)" in editor.screen(), "the lines")
    editor.keys("a")
    editor.until(lambda: editor.api.current.buffer[:] == ["é = bar(1)"], "the edit is applied")


def test_a_new_file_is_made_and_shown(editor: Neovim, tmp_path: Path) -> None:
    path, tests = tmp_path / "a.py", tmp_path / "tests" / "test_a.py"
    editor.open(path, "‸x = 1\n")
    editor.keys(":Interfix test<CR>")
    asked(editor, 1)
    start = {"line": 0, "character": 0}
    written = {"range": {"start": start, "end": start}, "newText": "def test_a():\n    pass\n"}
    changes = [
        {"kind": "create", "uri": tests.as_uri()},
        {"textDocument": {"uri": tests.as_uri(), "version": None}, "edits": [written]},
    ]
    answer(editor, 1, {"edit": {"documentChanges": changes}, "verdict": "new file"})
    editor.until(lambda: "+ def test_a():" in editor.screen(), "the preview")
    assert not tests.exists()
    editor.keys("a")
    editor.until(lambda: editor.api.current.buffer.name == str(tests), "the file is shown")
    assert editor.api.current.buffer[:2] == ["def test_a():", "    pass"]


def test_news_of_an_edit_are_shown_while_it_is_made_and_closing_ends_it(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "‸x = 1\n")
    editor.keys(":Interfix document<CR>")
    asked(editor, 1)
    editor.lua("require('scripted').stream(1, '64 tokens, 3 s')")
    editor.until(lambda: "64 tokens, 3 s" in editor.screen(), "the news")
    editor.keys("q")
    editor.until(lambda: editor.lua("return require('scripted').was_cancelled(1)"), "the request is cancelled")


def test_an_edit_of_text_that_moved_on_is_not_applied(editor: Neovim, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    editor.open(path, "‸x = 1\n")
    editor.keys(":1Interfix refactor call it count<CR>")
    asked(editor, 1)
    editor.keys("<C-w>wOnew = 0<Esc>")
    editor.until(lambda: editor.api.current.buffer[:] == ["new = 0", "x = 1"], "the user's own change")
    answer(editor, 1, {"edit": edit(editor, path, (0, "count = 1\n")), "verdict": "parses"})
    editor.until(lambda: "not applied" in editor.api.command_output("messages"), "the user is told")
    assert editor.api.current.buffer[:] == ["new = 0", "x = 1"]


def test_an_edit_of_text_that_moved_on_while_it_was_looked_at_is_not_applied(editor: Neovim, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    editor.open(path, "‸x = 1\n")
    offered(editor, path, (0, "count = 1\n"))
    editor.keys("<C-w>wOnew = 0<Esc><C-w>wa")
    editor.until(lambda: "nothing was applied" in editor.api.command_output("messages"), "the user is told")
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


def test_the_command_completes_its_words(editor: Neovim) -> None:
    words = editor.lua("return vim.fn.getcompletion('Interfix ', 'cmdline')")
    assert words == ["answer", "ask", "document", "explain", "fix", "menu", "refactor", "status", "test", "toggle", "why"]
    assert "python" in editor.lua("return vim.fn.getcompletion('Interfix toggle py', 'cmdline')")
    editor.keys(":Interfix sing<CR>")
    editor.until(lambda: "there is no command" in editor.api.command_output("messages"), "the message")


def test_a_question_is_asked_in_the_users_words(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "‸x = 1\n")
    editor.keys(":Interfix ask<CR>what is x?<CR>")
    asked(editor, 1)
    assert editor.lua("return require('scripted').requests[1].params.arguments[1].question") == "what is x?"
    answer(editor, 1, {"markdown": "One."})
    editor.until(lambda: editor.api.current.buffer[:] == ["One."], "the answer")


def test_to_fix_takes_what_any_server_reports_of_the_lines(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "‸é = y\nz = 1\n")
    editor.lua("""
        vim.diagnostic.set(vim.api.nvim_create_namespace('other'), 0, {
          { lnum = 0, col = 5, end_col = 6, message = 'undefined name', source = 'linter' },
          { lnum = 1, col = 0, message = 'elsewhere' },
        })
    """)
    editor.keys(":1Interfix fix<CR>")
    asked(editor, 1)
    [known] = editor.lua("return require('scripted').requests[1].params.arguments[1].diagnostics")
    assert (known["message"], known["source"]) == ("undefined name", "linter")
    assert known["range"] == {"start": {"line": 0, "character": 5}, "end": {"line": 0, "character": 6}}


def test_the_menu_lists_what_the_server_offers_and_previews_its_edits(editor: Neovim, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    editor.open(path, "‸x = 1\n")
    editor.lua(
        "vim.ui.select = function(items, options, done) _G.titles = vim.tbl_map(options.format_item, items); done(items[2]) end"
    )
    editor.keys(":1Interfix menu<CR>")
    asked(editor, 1)
    range = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 5}}
    argument = {"uri": path.as_uri(), "range": range}
    explain = {"title": "Interfix: explain", "command": {"title": "", "command": "interfix.explain", "arguments": [argument]}}
    simplify = {"title": "Interfix: Simplify", "data": {"command": "interfix.run", "arguments": {**argument, "name": "2-simplify"}}}
    answer(editor, 1, [explain, simplify])
    asked(editor, 2)
    assert editor.lua("return _G.titles") == ["explain", "Simplify"]
    assert editor.lua("return require('scripted').requests[2].params.arguments[1].name") == "2-simplify"
    answer(editor, 2, {"edit": edit(editor, path, (0, "y = 1\n")), "verdict": "parses"})
    editor.until(lambda: "+ y = 1" in editor.screen(), "the preview")


def test_suggestions_can_be_switched_off_and_on_for_a_language(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "x =‸\n")
    editor.keys("a ")
    asked(editor, 1)
    suggest(editor, 1, "compute(1)")
    shown(editor, "compute(1)")
    editor.keys("<Cmd>Interfix toggle python<CR>")
    shown(editor, "")
    assert editor.lua("return require('interfix').statusline()") == "Interfix: starting"
    editor.lua('require(\'scripted\').notify(\'interfix/status\', \'{"state": "ready", "message": "", "percent": null}\')')
    editor.until(lambda: editor.lua("return require('interfix').statusline()") == "Interfix: off", "the status")
    editor.keys("c")
    editor.until(lambda: editor.text() == "x = c‸", "typed")
    assert editor.lua("return #require('scripted').requests") == 1
    editor.keys("<Cmd>Interfix toggle python<CR>")
    asked(editor, 2)
    assert editor.lua("return require('interfix').statusline()") == "Interfix: ready"


def test_a_language_can_be_off_from_the_beginning(editor: Neovim, tmp_path: Path) -> None:
    editor.lua("require('interfix').setup({ off = { 'python' } })")
    editor.open(tmp_path / "a.py", "x =‸\n")
    editor.keys("a y")
    editor.until(lambda: editor.text() == "x = y‸", "typed")
    assert editor.lua("return #require('scripted').requests") == 0


def test_the_status_line_follows_the_server(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "‸\n")
    editor.lua("vim.o.laststatus = 2; vim.o.statusline = '%{v:lua.require\\'interfix\\'.statusline()}'")
    for status, text in [
        ({"state": "working", "message": "", "percent": None}, "Interfix: working"),
        ({"state": "downloading", "message": "a model", "percent": 34}, "Interfix: downloading 34%"),
        ({"state": "error", "message": "no model", "percent": None}, "Interfix: error"),
    ]:
        editor.lua("require('scripted').notify('interfix/status', ...)", json.dumps(status))
        editor.until(lambda text=text: text in editor.screen(), text)


def test_the_status_names_the_servers_that_compute_and_where_the_code_goes(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "‸\n")
    editor.keys(":Interfix status<CR>")
    asked(editor, 1)
    server = {"role": "base", "engine": "openai", "host": "models.example", "leaves": True, "model": "big", "problem": ""}
    engine = {"pid": 0, "memory_bytes": 0, "models": [], "notes": [], "servers": [server]}
    answer(editor, 1, {"version": "1", "models": "A sentence.", "engine": engine, "indexes": {}, "problems": []})
    editor.until(lambda: "A sentence." in editor.screen(), "the answer")
    assert editor.api.current.buffer[4:] == ["- base: big, by openai at models.example, code leaves this machine"]


@pytest.mark.parametrize("leave", ["<Esc>", "<C-c>"])
def test_what_the_server_has_to_say_waits_until_nobody_types(editor: Neovim, tmp_path: Path, leave: str) -> None:
    editor.open(tmp_path / "a.py", "‸\n")
    sentence = "The engine has stopped. " * 20
    editor.keys("ix")
    editor.until(lambda: editor.text() == "x‸", "typing")
    editor.lua("require('scripted').notify('window/showMessage', ...)", json.dumps({"type": 1, "message": sentence}))
    editor.keys("yz")
    editor.until(lambda: editor.text() == "xyz‸", "every key goes into the text")
    assert "The engine" not in editor.screen()
    editor.lua("vim.notify = function(message) _G.told = message end")
    editor.keys(leave)
    editor.until(lambda: editor.lua("return _G.told") == f"Interfix: {sentence}", "the message")


def starts(editor: Neovim) -> int:
    """How often a server was started so far."""
    return int(editor.lua("return require('scripted').starts"))


def killed(editor: Neovim) -> None:
    """Kill the server of the current file, and wait until another serves it."""
    before = starts(editor)
    editor.lua("require('scripted').die()")
    editor.until(lambda: starts(editor) == before + 1, "another server")
    editor.until(lambda: editor.lua("return #vim.lsp.get_clients({ bufnr = 0, name = 'interfix' }) == 1"), "it serves the file")


def test_a_server_that_dies_takes_its_suggestion_along_and_is_started_again(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "x =‸\n")
    editor.keys("a ")
    asked(editor, 1)
    suggest(editor, 1, "compute(1)")
    shown(editor, "compute(1)")
    killed(editor)
    assert editor.ghost() == ""
    editor.keys("y")
    editor.until(lambda: editor.text() == "x = y‸", "typing goes on")
    asked(editor, 2)


def test_a_server_that_keeps_dying_is_left_alone(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "a.py", "‸\n")
    for _ in range(3):
        killed(editor)
    before = starts(editor)
    editor.lua("require('scripted').die()")
    editor.until(lambda: "left alone" in editor.api.command_output("messages"), "the user is told")
    assert starts(editor) == before
