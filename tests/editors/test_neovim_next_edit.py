"""Next edits in real Neovims with the real server: what is drawn, where the key goes, and when it stays the key it was."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editors.editor_binaries import EditorBinary
from tests.editors.neovim_driver import Neovim
from tests.isolated_home import INTERFIX_COMMAND

SHORT = """def mean(values):
    count‸ = len(values)
    if count == 0:
        raise ValueError
    print('mean of', count)
    result = sum(values)
    result = result / 1
    return result / count
"""
FILLER = "x = 0\n" * 120

_READ_DRAWN = """
local namespace, texts = vim.api.nvim_create_namespace('interfix.next_edit'), {}
for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })) do
  local details = mark[4]
  for _, chunk in ipairs(details.virt_text or {}) do
    texts[#texts + 1] = vim.trim(chunk[1])
  end
  for _, line in ipairs(details.virt_lines or {}) do
    texts[#texts + 1] = line[1][1]
  end
end
return texts
"""
_READ_INDEXES = """
local command = { command = 'interfix.status', arguments = {} }
local answer = vim.lsp.get_clients({ name = 'interfix' })[1]:request_sync('workspace/executeCommand', command, 5000, 0)
for _, index in pairs(answer and answer.result and answer.result.indexes or {}) do
  return index.ready
end
return false
"""


@pytest.fixture
def editor(neovim_binary: EditorBinary, tmp_path: Path, environment: dict[str, str]) -> Iterator[Neovim]:
    """Neovim with the real server, which suggests nothing at the cursor."""
    path = os.pathsep.join([str(Path(INTERFIX_COMMAND).parent), environment["PATH"]])
    settings = {"PATH": path, "INTERFIX_COMPLETION_ENABLED": "false"}
    editor = Neovim(neovim_binary, tmp_path, {**environment, **settings}, timeout_seconds=60)
    yield editor
    editor.close()


def start(editor: Neovim, folder: Path, text: str, next_edit: str = "insert") -> None:
    editor.run_lua("require('interfix').setup({ next_edit = ... })", next_edit)
    editor.open(folder / "code.py", text)


def read_drawn(editor: Neovim) -> list[str]:
    drawn: list[str] = editor.run_lua(_READ_DRAWN)
    return drawn


def rename(editor: Neovim) -> None:
    """Change the name before the cursor to total, as a person does."""
    editor.press_keys("i<C-w>total")
    editor.wait_until(lambda: read_drawn(editor), "a next edit is drawn")


def test_three_uses_are_renamed_by_three_tabs(editor: Neovim, tmp_path: Path) -> None:
    start(editor, tmp_path, SHORT)
    rename(editor)
    for use in range(3):
        editor.wait_until(lambda: read_drawn(editor) == ["total"], "the change is drawn")
        editor.press_keys("<Tab>")
        editor.wait_until(lambda use=use: editor.read_buffer().count("total") == use + 2, "it is taken")
    editor.wait_until(lambda: not read_drawn(editor), "nothing more is drawn")
    assert editor.read_buffer().replace("‸", "") == SHORT.replace("‸", "").replace("count", "total").rstrip("\n")
    editor.press_keys("<Esc>u")
    editor.wait_until(lambda: editor.read_buffer().replace("‸", "").count("count") == 1, "each is an undo step of its own")


def test_a_place_out_of_sight_is_told_gone_to_and_taken(editor: Neovim, tmp_path: Path) -> None:
    start(editor, tmp_path, f"count‸ = 1\n{FILLER}print(count)\n")
    rename(editor)
    assert read_drawn(editor) == ["⇥ line 122: count → total"]
    editor.press_keys("<Tab>")
    editor.wait_until(lambda: read_drawn(editor) == ["total"], "the change is drawn")
    assert editor.api.current.window.cursor[0] == 122
    editor.press_keys("<Tab>")
    editor.wait_until(lambda: editor.read_buffer().replace("‸", "").endswith("print(total)"), "it is taken")
    editor.press_keys("<Esc><C-o>")
    editor.wait_until(lambda: editor.api.current.window.cursor[0] == 1, "the jump list has the way back")


def test_a_place_in_another_file_is_told_gone_to_and_taken(editor: Neovim, tmp_path: Path) -> None:
    (tmp_path / ".interfix.toml").touch()
    (tmp_path / "report.py").write_text("from code import print_mean\n\nprint_mean([1, 2])\n")
    start(editor, tmp_path, "def print_mean‸(values):\n    print(sum(values) / len(values))\n")
    editor.wait_until(lambda: editor.run_lua(_READ_INDEXES), "the folder is indexed")
    editor.press_keys("i<C-w>show_mean")
    editor.wait_until(lambda: read_drawn(editor) == ["⇥ report.py:1: print_mean → show_mean"], "the hint is drawn")
    editor.press_keys("<Tab>")
    editor.wait_until(lambda: read_drawn(editor) == ["show_mean"], "the change is drawn")
    assert tuple(editor.api.current.window.cursor) == (1, len("from code import "))
    editor.press_keys("<Tab>")
    editor.wait_until(lambda: "import show_mean" in editor.read_buffer().replace("‸", ""), "it is taken")


def test_tab_stays_tab_where_nothing_is_shown_and_in_leading_white_space(editor: Neovim, tmp_path: Path) -> None:
    start(editor, tmp_path, "count‸ = 1\nif count:\n    pass\n")
    editor.run_lua("vim.o.expandtab, vim.o.shiftwidth, vim.o.softtabstop = true, 4, 4")
    rename(editor)
    editor.press_keys("<Down><Down><Home><Tab>")
    editor.wait_until(lambda: editor.read_buffer().endswith("\n    ‸    pass"), "it indents")
    editor.press_keys("<Esc>:%s/count/total/<CR>o<Tab>x")
    editor.wait_until(lambda: "\n        x" in editor.read_buffer(), "it indents the new line by one more")


def test_leaving_insert_mode_hides_it_unless_normal_mode_is_wanted(editor: Neovim, tmp_path: Path) -> None:
    start(editor, tmp_path, SHORT)
    rename(editor)
    editor.press_keys("<Esc>")
    editor.wait_until(lambda: not read_drawn(editor), "it is hidden")


def test_in_normal_mode_tab_takes_it_and_escape_leaves_it_for_good(editor: Neovim, tmp_path: Path) -> None:
    start(editor, tmp_path, SHORT, "all")
    editor.press_keys("^ciwtotal<Esc>")
    editor.wait_until(lambda: read_drawn(editor) == ["total"], "the change is drawn")
    editor.press_keys("<Tab>")
    editor.wait_until(lambda: editor.read_buffer().replace("‸", "").count("total") == 2, "it is taken")
    editor.wait_until(lambda: read_drawn(editor) == ["total"], "the next is drawn")
    editor.press_keys("<Esc>")
    editor.wait_until(lambda: not read_drawn(editor), "it is gone")
    assert editor.read_buffer().replace("‸", "").count("count") == 2


def test_lines_that_come_and_go_are_drawn_below_one_another(editor: Neovim, tmp_path: Path) -> None:
    start(editor, tmp_path, "a‸\nb\nc\n")
    draw = """
        local range, lines = ...
        local edit = { buf = vim.api.nvim_get_current_buf(), uri = '', label = '', range = range, lines = lines }
        require('interfix.next_edit_extmarks').draw_diff(edit)
    """
    for place, lines, drawn in (
        ((1, 0, 1, 1), ["x", "y"], ["x", "y"]),
        ((1, 0, 2, 0), ["x", ""], ["x"]),
        ((1, 0, 2, 0), [""], []),
        ((1, 0, 1, 0), ["new", ""], ["new"]),
        ((0, 1, 0, 1), ["", "new"], ["new"]),
    ):
        editor.run_lua(draw, list(place), lines)
        assert [text for text in read_drawn(editor) if text] == drawn


def test_a_suggestion_at_the_cursor_wins_whoever_draws_it(editor: Neovim, tmp_path: Path) -> None:
    start(editor, tmp_path, SHORT)
    rename(editor)
    editor.run_lua("_G.visible = require('interfix').visible; require('interfix').visible = function() return true end")
    editor.run_lua("vim.cmd.redraw()")
    editor.wait_until(lambda: not read_drawn(editor), "the next edit waits")
    editor.run_lua("require('interfix').visible = _G.visible; vim.cmd('redraw!')")
    editor.wait_until(lambda: read_drawn(editor), "it is drawn again")
