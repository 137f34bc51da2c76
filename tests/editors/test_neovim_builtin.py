"""Neovim 0.12's own inline completion with the plugin beside it. The server is scripted, as in test_neovim_client.py."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from neovim_driver import Neovim
from programs import Missing, neovim_012
from test_neovim_client import answered, asked, shown, suggest

COLUMN = 4
"""Where what is suggested begins, in bytes: behind `x = `."""


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Neovim]:
    """A user who has switched Neovim's own inline completion on."""
    try:
        editor = Neovim(neovim_012(), tmp_path, {})
    except Missing as missing:
        pytest.skip(str(missing))
    editor.lua("package.path = ... .. '/?.lua;' .. package.path", str(Path(__file__).parent))
    editor.lua("vim.lsp.inline_completion.enable()")
    editor.lua("vim.lsp.config('interfix', { cmd = require('scripted').start }); vim.lsp.enable('interfix')")
    yield editor
    editor.close()


def suggested(editor: Neovim, path: Path, text: str) -> None:
    """Open a file and have something suggested behind `x = `."""
    editor.open(path, "x =‸\n")
    editor.keys("a ")
    asked(editor, 1)
    suggest(editor, 1, text, columns=(COLUMN, COLUMN))
    shown(editor, text)


def test_neovim_draws_what_is_suggested_and_tab_accepts_it(editor: Neovim, tmp_path: Path) -> None:
    suggested(editor, tmp_path / "a.py", "compute(1)")
    namespaces = editor.api.api.get_namespaces()
    assert not editor.api.current.buffer.api.get_extmarks(namespaces.get("interfix.ghost", 0), 0, -1, {})
    editor.keys("<Tab>")
    editor.until(lambda: editor.text() == "x = compute(1)‸", "accepted")
    last = "return require('scripted').requests[#require('scripted').requests].params.command"
    editor.until(lambda: editor.lua(last) == "interfix.accepted", "the server is told")


def test_only_what_is_not_typed_yet_is_inserted(editor: Neovim, tmp_path: Path) -> None:
    suggested(editor, tmp_path / "a.py", "compute(1)")
    editor.keys("comp<Tab>")
    editor.until(lambda: editor.text() == "x = compute(1)‸", "the rest")


def test_nothing_is_inserted_that_no_longer_fits(editor: Neovim, tmp_path: Path) -> None:
    suggested(editor, tmp_path / "a.py", "compute(1)")
    editor.keys("zz<Tab>")
    answered(editor)
    editor.until(lambda: editor.text() == "x = zz‸", "only what was typed")


def test_it_is_accepted_word_by_word(editor: Neovim, tmp_path: Path) -> None:
    editor.map("<C-f>", "accept-word")
    suggested(editor, tmp_path / "a.py", "compute(1)")
    editor.keys("<C-f>")
    editor.until(lambda: editor.text() == "x = compute‸", "a word")


def test_dismissing_takes_it_away(editor: Neovim, tmp_path: Path) -> None:
    editor.map("<C-e>", "dismiss")
    suggested(editor, tmp_path / "a.py", "compute(1)")
    editor.keys("<C-e>")
    shown(editor, "")


def test_a_language_that_is_switched_off_is_not_asked_about(editor: Neovim, tmp_path: Path) -> None:
    suggested(editor, tmp_path / "a.py", "compute(1)")
    editor.keys("<Cmd>Interfix toggle python<CR>")
    editor.until(lambda: not editor.lua("return vim.lsp.inline_completion.is_enabled({ bufnr = 0 })"), "switched off")
    assert editor.ghost() == ""
