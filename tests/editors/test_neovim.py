"""Interfix in a real Neovim, with the real server and the real small model: what a user types, and what they see."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from neovim_driver import Neovim

from home import INTERFIX

MEAN = '''def mean(values: list[float]) -> float:
    """Arithmetic mean of the values."""
    return‸


def total(values: list[float]) -> float:
    return sum(values)
'''


@pytest.fixture
def editor(tmp_path: Path, environment: dict[str, str]) -> Iterator[Neovim]:
    """A Neovim with a plain checkout of the plugin, the client enabled as its help says, and `interfix` on the PATH.

    However unsure the small model is, it shows what it has.
    """
    path = os.pathsep.join([str(Path(INTERFIX).parent), environment["PATH"]])
    settings = {"INTERFIX_COMMANDS_MAX_TOKENS": "128", "INTERFIX_COMPLETION_THRESHOLD": "0"}
    editor = Neovim(tmp_path, {**environment, **settings, "PATH": path}, wait=200.0)
    editor.lua("vim.lsp.enable('interfix')")
    yield editor
    editor.close()


def test_a_suggestion_appears_after_typing_and_tab_accepts_it(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "mean.py", MEAN)
    editor.keys("a ")
    ghost = editor.until(editor.ghost, "ghost text")
    assert f"    return {ghost}" in editor.screen()
    editor.keys("<Tab>")
    accepted = MEAN.rstrip().replace("‸", f" {ghost}‸")
    editor.until(lambda: editor.text() == accepted, "the ghost text is in the buffer")


def test_leaving_insert_mode_takes_the_suggestion_away(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "mean.py", MEAN)
    editor.keys("a ")
    editor.until(editor.ghost, "ghost text")
    editor.keys("<Esc>")
    editor.until(lambda: not editor.ghost(), "nothing is shown in Normal mode")
    assert MEAN.rstrip().replace("‸", " ") == editor.text().replace("‸", "")


def test_tab_indents_where_nothing_is_shown(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "notes.txt", "‸\n")
    editor.lua("vim.keymap.set('i', '<C-e>', '<Plug>(interfix-dismiss)'); vim.bo.expandtab = false")
    editor.keys("i<C-e><Tab>x")
    editor.until(lambda: editor.text() == "\tx‸", "a tab and no suggestion")


def test_an_explanation_streams_and_ends(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "mean.py", MEAN.replace("return‸", "return sum(values) / len(values)‸"))
    editor.lua("""
        local handler = vim.lsp.config.interfix.handlers['$/progress']
        _G.kinds = {}
        for _, client in ipairs(vim.lsp.get_clients({ name = 'interfix' })) do
          client.handlers['$/progress'] = function(err, params, context)
            table.insert(_G.kinds, params.value.kind)
            return handler(err, params, context)
          end
        end
    """)
    editor.keys(":1,3Interfix explain<CR>")
    editor.until(lambda: "Interfix explains" in editor.screen(), "the window")
    editor.until(lambda: "end" in editor.lua("return _G.kinds"), "the end of the stream")
    assert editor.lua("return _G.kinds").count("report") > 3
    answer = editor.until(lambda: "\n".join(editor.api.current.buffer[:]).strip(), "the answer")
    assert "mean" in answer


def test_a_refactoring_is_applied_and_undone_at_once(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "mean.py", MEAN.replace("return‸", "return sum(values) / len(values)‸"))
    before = editor.api.current.buffer[:]
    editor.keys(":1,3Interfix refactor rename the parameter values to numbers<CR>")
    editor.until(lambda: editor.api.command_output("messages"), "the verdict")
    after = editor.api.current.buffer[:]
    assert after[2] == "    return sum(numbers) / len(numbers)"
    assert after[3:] == before[3:]
    editor.keys("u")
    editor.until(lambda: editor.api.current.buffer[:] == before, "one undo takes it back")
