"""How long it takes from a key in Neovim to the ghost text on the screen, beside what the server needed of it.

Types into a real Neovim with the real server; what is left when the server's answer is taken off is the client's own share.
"""

import argparse
import json
import os
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.editors.editor_binaries import find_neovim_011, find_neovim_012
from tests.editors.neovim_driver import Neovim
from tests.isolated_home import INTERFIX_COMMAND, open_home, small_model_settings

TEXT = """def evens(numbers: list[int]) -> list[int]:
    found = []
‸
"""
TYPED_KEYS = "wirtdp"
"""Each begins another statement than the one that is suggested, so that the server has to answer."""
CLOCK_LUA = """
-- Three moments of a suggestion, ns: the key, the request and its reply on the wire, and the redraw that shows it.
_G.times, _G.now = {}, {}
local client = vim.lsp.get_clients({ bufnr = 0, name = 'interfix' })[1]
local request = client.rpc.request
client.rpc.request = function(method, params, callback, answered)
  if method ~= 'textDocument/inlineCompletion' then
    return request(method, params, callback, answered)
  end
  _G.now.asked = vim.uv.hrtime()
  return request(method, params, function(...)
    _G.now.answered = vim.uv.hrtime()
    return callback(...)
  end, answered)
end
vim.api.nvim_create_autocmd('InsertCharPre', { callback = function() _G.now = { key = vim.uv.hrtime() } end })
vim.api.nvim_set_decoration_provider(vim.api.nvim_create_namespace('clock'), {
  on_end = function()
    if not _G.now.answered or _G.now.shown then
      return
    end
    for _, name in ipairs({ 'interfix.ghost', 'nvim.lsp.inline_completion' }) do
      if #vim.api.nvim_buf_get_extmarks(0, vim.api.nvim_create_namespace(name), 0, -1, { limit = 1 }) > 0 then
        _G.now.shown = vim.uv.hrtime()
        table.insert(_G.times, { _G.now.shown - _G.now.key, _G.now.answered - _G.now.asked })
      end
    end
  end,
})
"""


def measure_keystrokes(editor: Neovim, folder: Path, strokes: int) -> tuple[list[float], list[float]]:
    """Times of keystrokes that brought a suggestion, ms: until it was drawn, and of that the server's."""
    editor.open(folder / "mean.py", TEXT)
    editor.run_lua(CLOCK_LUA)
    editor.press_keys("i    ")
    editor.wait_until(lambda: editor.run_lua("return #_G.times") > 0, "the first suggestion")
    for stroke in range(strokes):
        editor.run_lua("_G.now = {}")
        editor.press_keys(TYPED_KEYS[stroke % len(TYPED_KEYS)])
        editor.wait_until(lambda: editor.run_lua("return _G.now.answered ~= nil"), "an answer")
        editor.run_lua("vim.cmd.redraw()")
        editor.press_keys("<BS>")
        editor.wait_until(lambda: str(editor.api.current.line).strip() == "", "the key is taken back")
    times = [(total / 1e6, server / 1e6) for total, server in editor.run_lua("return _G.times")[1:]]
    return [total for total, _ in times], [server for _, server in times]


def main() -> None:
    """Print a table and a JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--strokes", type=int, default=40)
    strokes = parser.parse_args().strokes
    settings = {
        "INTERFIX_COMPLETION_THRESHOLD": "0",
        "INTERFIX_COMPLETION_DEBOUNCE_MS": "0",
        "INTERFIX_STATISTICS_ENABLED": "false",
    }
    report = {}
    with open_home(small_model_settings()) as environment, TemporaryDirectory() as place:
        environment |= {**settings, "PATH": os.pathsep.join([str(Path(INTERFIX_COMMAND).parent), environment["PATH"]])}
        for name, program, ghost in (
            ("0.11", find_neovim_011, "own"),
            ("0.12", find_neovim_012, "own"),
            ("0.12 built-in", find_neovim_012, "builtin"),
        ):
            folder = Path(place, name)
            folder.mkdir()
            editor = Neovim(program(), folder, environment, timeout_seconds=120.0)
            editor.run_lua("require('interfix').setup({ ghost = ... })", ghost)
            totals, servers = measure_keystrokes(editor, folder, strokes)
            editor.close()
            own = [total - server for total, server in zip(totals, servers, strict=True)]
            report[name] = {
                "shown": len(totals),
                "total_ms": median(totals),
                "server_ms": median(servers),
                "client_ms": median(own),
            }
            figures = "  ".join(f"{key} {value:.1f}" for key, value in report[name].items())
            print(f"Neovim {name:14} {figures}")
    print(json.dumps(report))


if __name__ == "__main__":
    main()
