"""What the Neovim plugin tells of the names that the buffer's other language servers offer; those are scripted, Neovim is real."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.editors.editor_binaries import EditorBinary
from tests.editors.neovim_driver import Neovim

OTHER = """
    local encoding, answer, delay = ...
    vim.lsp.start({ name = 'other', cmd = function()
      local stopped = false
      return {
        request = function(method, params, callback)
          if method == 'initialize' then
            callback(nil, { capabilities = { completionProvider = {}, positionEncoding = encoding } })
          elseif method == 'textDocument/completion' then
            _G.position = params.position
            if delay >= 0 then vim.defer_fn(function() callback(nil, answer) end, delay) end
          else callback(nil, vim.NIL) end
          return true, 1
        end,
        notify = function() return true end,
        is_closing = function() return stopped end,
        terminate = function() stopped = true end,
      }
    end }, { bufnr = 0 })
"""
ASK = """
    local line, character = ...
    _G.reply = nil
    coroutine.wrap(function()
      _G.reply = require('interfix.member_names').on_request(nil, {
        textDocument = { uri = vim.uri_from_bufnr(0) }, position = { line = line, character = character },
      }, { client_id = vim.lsp.get_clients({ name = 'interfix' })[1].id })
    end)()
"""


@pytest.fixture
def editor(neovim_binary: EditorBinary, tmp_path: Path) -> Iterator[Neovim]:
    """A Neovim whose `interfix` client talks to fake_server.lua."""
    neovim = Neovim(neovim_binary, tmp_path, {})
    neovim.run_lua("package.path = ... .. '/?.lua;' .. package.path", str(Path(__file__).parent))
    neovim.run_lua("require('interfix').setup({ ghost = 'own', lsp = { cmd = require('fake_server').start } })")
    neovim.open(tmp_path / "a.py", "grün = client.‸\n")
    neovim.wait_until(lambda: neovim.run_lua("return #vim.lsp.get_clients({ name = 'interfix', bufnr = 0 }) == 1"), "attached")
    yield neovim
    neovim.close()


def ask(editor: Neovim, answer: Any, delay: int = 0, encoding: str = "utf-16") -> Any:
    editor.run_lua(OTHER, encoding, answer, delay)
    editor.wait_until(
        lambda: editor.run_lua("return #vim.lsp.get_clients({ name = 'other', bufnr = 0 }) == 1"), "the other attached"
    )
    character = len("grün = client.".encode())
    editor.run_lua(ASK, 0, character)
    editor.wait_until(lambda: editor.run_lua("return _G.reply ~= nil"), "answered")
    return editor.run_lua("return _G.reply ~= vim.NIL and _G.reply or nil")


def test_the_names_of_the_other_servers_are_told(editor: Neovim) -> None:
    items = [
        {"label": "send(…)", "insertText": "send", "kind": 2, "detail": "-> Reply"},
        {"label": "close", "insertText": "close($0)", "insertTextFormat": 2, "kind": 2, "labelDetails": {"detail": "()"}},
    ]
    told = ask(editor, {"isIncomplete": True, "items": items}, 20)
    assert told == {"names": ["send", "close"], "kinds": [2, 2], "details": ["-> Reply", "()"], "incomplete": True}
    assert editor.run_lua("return _G.position") == {"line": 0, "character": len("grün = client.")}


def test_a_plain_list_is_understood(editor: Neovim) -> None:
    assert ask(editor, [{"label": "send"}])["names"] == ["send"]


def test_a_server_that_never_answers_holds_nothing_up(editor: Neovim) -> None:
    editor.run_lua("require('interfix.member_names').timeout_ms = 50")
    assert ask(editor, [], -1) is None


def test_a_list_that_comes_after_a_second_is_told(editor: Neovim) -> None:
    assert ask(editor, [{"label": "send"}], 1500)["names"] == ["send"]


def test_without_another_server_there_is_nothing_to_tell(editor: Neovim) -> None:
    editor.run_lua(ASK, 0, 0)
    assert editor.run_lua("return _G.reply == vim.NIL")


def test_thousands_of_entries_are_bounded(editor: Neovim) -> None:
    told = ask(editor, [{"label": f"n{i}"} for i in range(12_000)])
    assert len(told["names"]) == 10_001
