"""Neovim 0.12's own inline completion with the plugin beside it. The server is scripted, as in test_neovim_client.py."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editors.editor_binaries import EditorUnavailable, find_neovim_012
from tests.editors.fake_server_control import send_suggestions, wait_for_answers, wait_for_ghost, wait_for_requests
from tests.editors.neovim_driver import Neovim

COLUMN = 4
"""Where what is suggested begins, in bytes: behind `x = `."""


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Neovim]:
    """A user who has switched Neovim's own inline completion on."""
    try:
        editor = Neovim(find_neovim_012(), tmp_path, {})
    except EditorUnavailable as missing:
        pytest.skip(str(missing))
    editor.run_lua("package.path = ... .. '/?.lua;' .. package.path", str(Path(__file__).parent))
    editor.run_lua("vim.lsp.inline_completion.enable()")
    editor.run_lua("vim.lsp.config('interfix', { cmd = require('fake_server').start }); vim.lsp.enable('interfix')")
    yield editor
    editor.close()


def request_suggestion(editor: Neovim, path: Path, text: str) -> None:
    """Open a file and have something suggested behind `x = `."""
    editor.open(path, "x =‸\n")
    editor.press_keys("a ")
    wait_for_requests(editor, 1)
    send_suggestions(editor, 1, text, columns=(COLUMN, COLUMN))
    wait_for_ghost(editor, text)


def test_neovim_draws_what_is_suggested_and_tab_accepts_it(editor: Neovim, tmp_path: Path) -> None:
    request_suggestion(editor, tmp_path / "a.py", "compute(1)")
    namespaces = editor.api.api.get_namespaces()
    assert not editor.api.current.buffer.api.get_extmarks(namespaces.get("interfix.ghost", 0), 0, -1, {})
    editor.press_keys("<Tab>")
    editor.wait_until(lambda: editor.read_buffer() == "x = compute(1)‸", "accepted")
    last = "return require('fake_server').requests[#require('fake_server').requests].params.command"
    editor.wait_until(lambda: editor.run_lua(last) == "interfix.accepted", "the server is told")


def test_only_what_is_not_typed_yet_is_inserted(editor: Neovim, tmp_path: Path) -> None:
    request_suggestion(editor, tmp_path / "a.py", "compute(1)")
    editor.press_keys("comp<Tab>")
    editor.wait_until(lambda: editor.read_buffer() == "x = compute(1)‸", "the rest")


def test_nothing_is_inserted_that_no_longer_fits(editor: Neovim, tmp_path: Path) -> None:
    request_suggestion(editor, tmp_path / "a.py", "compute(1)")
    editor.press_keys("zz<Tab>")
    wait_for_answers(editor)
    editor.wait_until(lambda: editor.read_buffer() == "x = zz‸", "only what was typed")


def test_it_is_accepted_word_by_word(editor: Neovim, tmp_path: Path) -> None:
    editor.map_key("<C-f>", "accept-word")
    request_suggestion(editor, tmp_path / "a.py", "compute(1)")
    editor.press_keys("<C-f>")
    editor.wait_until(lambda: editor.read_buffer() == "x = compute‸", "a word")


def test_dismissing_takes_it_away(editor: Neovim, tmp_path: Path) -> None:
    editor.map_key("<C-e>", "dismiss")
    request_suggestion(editor, tmp_path / "a.py", "compute(1)")
    editor.press_keys("<C-e>")
    wait_for_ghost(editor, "")


def test_a_language_that_is_switched_off_is_not_asked_about(editor: Neovim, tmp_path: Path) -> None:
    request_suggestion(editor, tmp_path / "a.py", "compute(1)")
    editor.press_keys("<Cmd>Interfix toggle python<CR>")
    editor.wait_until(lambda: not editor.run_lua("return vim.lsp.inline_completion.is_enabled({ bufnr = 0 })"), "switched off")
    assert editor.read_ghost() == ""
