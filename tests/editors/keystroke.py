"""How long it takes from a key in Neovim to the ghost text on the screen, beside what the server needed of it.

Types into a real Neovim with the real server; what is left when the server's answer is taken off is the client's own share.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1]))

from neovim_driver import Neovim
from programs import neovim_011, neovim_012

from home import INTERFIX, make_home, small_model

TEXT = """def evens(numbers: list[int]) -> list[int]:
    found = []
‸
"""
KEYS = "wirtdp"
"""Each begins another statement than the one that is suggested, so that the server has to answer."""
CLOCK = """
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


def measured(editor: Neovim, folder: Path, strokes: int) -> tuple[list[float], list[float]]:
    """Times of keystrokes that brought a suggestion, ms: until it was drawn, and of that the server's."""
    editor.open(folder / "mean.py", TEXT)
    editor.lua(CLOCK)
    editor.keys("i    ")
    editor.until(lambda: editor.lua("return #_G.times") > 0, "the first suggestion")
    for stroke in range(strokes):
        editor.lua("_G.now = {}")
        editor.keys(KEYS[stroke % len(KEYS)])
        editor.until(lambda: editor.lua("return _G.now.answered ~= nil"), "an answer")
        editor.lua("vim.cmd.redraw()")
        editor.keys("<BS>")
        editor.until(lambda: str(editor.api.current.line).strip() == "", "the key is taken back")
    times = [(total / 1e6, server / 1e6) for total, server in editor.lua("return _G.times")[1:]]
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
    home, environment = make_home(small_model())
    environment |= {**settings, "PATH": os.pathsep.join([str(Path(INTERFIX).parent), environment["PATH"]])}
    report = {}
    for name, program, ghost in (
        ("0.11", neovim_011, "own"),
        ("0.12", neovim_012, "own"),
        ("0.12 built-in", neovim_012, "builtin"),
    ):
        folder = home / name
        folder.mkdir()
        editor = Neovim(program(), folder, environment, wait=120.0)
        editor.lua("require('interfix').setup({ ghost = ... })", ghost)
        totals, servers = measured(editor, folder, strokes)
        editor.close()
        own = [total - server for total, server in zip(totals, servers, strict=True)]
        report[name] = {"shown": len(totals), "total_ms": median(totals), "server_ms": median(servers), "client_ms": median(own)}
        figures = "  ".join(f"{key} {value:.1f}" for key, value in report[name].items())
        print(f"Neovim {name:14} {figures}")
    subprocess.run([INTERFIX, "stop"], env=environment, check=True, capture_output=True)
    shutil.rmtree(home)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
