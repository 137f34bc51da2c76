"""Neovim while somebody types fast into a long file: every key arrives, nothing blocks the editor, nothing stale is ever drawn.

`TEST_TYPING_KEYS` sets how many keys are typed (3,600 are a minute of sixty a second).
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editors.editor_binaries import EditorBinary
from tests.editors.neovim_driver import Neovim

KEYS = int(os.environ.get("TEST_TYPING_KEYS", "400"))
LINES = 50_000
WATCH = """
-- At every redraw: whatever ghost text there is was made for the very text before it.
_G.drawn, _G.stale = 0, {}
vim.api.nvim_set_decoration_provider(vim.api.nvim_create_namespace('watch'), {
  on_win = function(_, _, buf)
    local namespace = vim.api.nvim_create_namespace('interfix.ghost')
    for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(buf, namespace, 0, -1, { details = true })) do
      _G.drawn = _G.drawn + 1
      local line = vim.api.nvim_buf_get_lines(buf, mark[2], mark[2] + 1, false)[1]
      if mark[4].virt_text[1][1] ~= '#' .. line or mark[3] ~= #line then
        table.insert(_G.stale, line .. '|' .. mark[4].virt_text[1][1])
      end
    end
  end,
})
-- The processor time that Neovim takes at a stretch, between two ticks of its loop: for so long it does not listen to keys.
_G.stalls = {}
local timer, before = vim.uv.new_timer(), nil
timer:start(5, 5, function()
  local usage = vim.uv.getrusage()
  local now = (usage.utime.sec + usage.stime.sec) * 1e3 + (usage.utime.usec + usage.stime.usec) / 1e3
  table.insert(_G.stalls, now - (before or now))
  before = now
end)
"""
SERVER = """
-- Suggests after a moment, for each text something else, and answers the cancelled, too.
local scripted = require('fake_server')
local start = scripted.start
return function(dispatchers)
  local client = start(dispatchers)
  local request, notify, lines = client.request, client.notify, {}
  client.notify = function(method, params)
    if method == 'textDocument/didChange' then
      _G.changes = (_G.changes or 0) + #params.contentChanges
    end
    return notify(method, params)
  end
  client.request = function(method, params, callback, answered)
    if method ~= 'textDocument/inlineCompletion' then
      return request(method, params, callback, answered)
    end
    local at, buf = params.position, vim.uri_to_bufnr(params.textDocument.uri)
    local text = vim.api.nvim_buf_get_lines(buf, at.line, at.line + 1, false)[1]
    vim.defer_fn(function()
      callback(nil, { items = { { insertText = '#' .. text } } })
    end, #text % 7 * 10)
    return request(method, params, function() end, answered)
  end
  return client
end
"""


@pytest.fixture
def editor(neovim_binary: EditorBinary, tmp_path: Path) -> Iterator[Neovim]:
    editor = Neovim(neovim_binary, tmp_path, {}, timeout_seconds=100.0)
    editor.run_lua("package.path = ... .. '/?.lua;' .. package.path", str(Path(__file__).parent))
    editor.run_lua("require('interfix').setup({ lsp = { cmd = assert(loadstring(...))() } })", SERVER)
    yield editor
    editor.close()


def test_fast_typing_in_a_long_file_is_smooth_and_shows_nothing_stale(editor: Neovim, tmp_path: Path) -> None:
    half = "".join(f"value_{n} = {n}\n" for n in range(LINES // 2))
    editor.open(tmp_path / "long.py", f"{half}‸\n{half}")
    editor.run_lua(WATCH)
    editor.press_keys("i")
    words = "abcdefghij klmnopqrst uvwxyz"
    text = "".join(words[n % len(words)] for n in range(KEYS))
    for character in text:
        editor.press_keys(character)
        editor.run_lua("vim.cmd.redraw()")
    editor.wait_until(lambda: editor.read_ghost() == f"#{text}", "the last suggestion")
    stalls = sorted(editor.run_lua("return _G.stalls"))
    print(f"{KEYS} keys, {len(stalls)} ticks: median {stalls[len(stalls) // 2]:.1f}, worst {stalls[-1]:.0f} ms of processor time")
    assert editor.api.current.line == text
    assert editor.run_lua("return _G.stale") == []
    assert editor.run_lua("return _G.drawn") > 0
    assert editor.run_lua("return _G.changes") >= KEYS
    assert stalls[-1] < 200
