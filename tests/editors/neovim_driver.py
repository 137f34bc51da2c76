"""Drives a real, headless Neovim as a user would: keys in, what the screen shows out."""

import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pynvim

from tests.editors.editor_binaries import EditorBinary

PLUGIN_DIR = Path(__file__).parents[2] / "editors/neovim"
"""A plain checkout of the plugin."""

_INIT = """
vim.o.swapfile = false
vim.o.shadafile = 'NONE'
vim.o.ruler = false
vim.o.showcmd = false
vim.o.laststatus = 0
vim.g.loaded_python3_provider = 0 -- looked for at every Python file, for seconds
"""


class Neovim:
    """One editor process with the plugin on its runtime path and no other configuration, data or state."""

    def __init__(
        self,
        program: EditorBinary,
        folder: Path,
        environment: Mapping[str, str],
        timeout_seconds: float = 20.0,
        plugin: Path | None = PLUGIN_DIR,
    ) -> None:
        """`folder` is for its files; `wait` the seconds after which an awaited state counts as never reached."""
        init = folder / "init.lua"
        init.write_text((f"vim.opt.runtimepath:append({str(plugin)!r})\n" if plugin else "") + _INIT)
        own = {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
        self._wait = timeout_seconds
        with patch.dict(os.environ, {**own, **environment, **program.environment}):
            self.api = pynvim.attach("child", argv=[*program.command, "--embed", "--headless", "--clean", "-u", str(init)])

    def close(self) -> None:
        """Quit without saving."""
        with suppress(EOFError):  # how the end of the process shows
            self.api.command("qall!")
        self.api.close()

    def run_lua(self, code: str, *arguments: Any) -> Any:
        """Run a chunk; `...` in it are the arguments. An AssertionError tells what Neovim wants to be seen first."""
        if self.api.api.get_mode()["blocking"]:
            self.api.input("<CR>")
            raise AssertionError(f"Neovim waits for a key: {self.api.command_output('messages')}")
        return self.api.exec_lua(code, *arguments)

    def open(self, path: Path, text: str) -> None:
        """Write the file, edit it with the cursor at the ‸, and wait until the client is attached."""
        before, after = text.split("‸")
        path.write_text(before + after)
        self.api.command(f"edit {path}")
        self.wait_until(
            lambda: self.run_lua("return #vim.lsp.get_clients({ bufnr = 0, name = 'interfix' }) == 1"), "the client is attached"
        )
        line = before.rsplit("\n", 1)[-1]
        self.api.current.window.cursor = (before.count("\n") + 1, len(line.encode()))

    def map_key(self, key: str, action: str) -> None:
        """Map a key to one of the plugin's actions in Insert mode, as its help says."""
        self.run_lua("vim.keymap.set('i', ...)", key, f"<Plug>(interfix-{action})")

    def press_keys(self, keys: str) -> None:
        """Press keys, in Vim's notation."""
        self.api.input(keys)

    def read_buffer(self) -> str:
        """The buffer with the cursor as ‸."""
        lines = list(self.api.current.buffer[:])
        row, column = self.api.current.window.cursor
        line = lines[row - 1].encode()
        lines[row - 1] = line[:column].decode() + "‸" + line[column:].decode()
        return "\n".join(lines)

    def read_line_before_cursor(self) -> str:
        """What stands before the cursor on its line."""
        line: str = self.run_lua("return vim.api.nvim_get_current_line():sub(1, vim.api.nvim_win_get_cursor(0)[2])")
        return line

    def read_screen(self) -> str:
        """The lines on the screen as they are drawn, without those that are empty or only filled up."""
        rows = self.run_lua("""
            vim.cmd.redraw()
            local rows = {}
            for row = 1, vim.o.lines do
              local cells = {}
              for column = 1, vim.o.columns do
                cells[column] = vim.fn.screenstring(row, column)
              end
              rows[row] = table.concat(cells)
            end
            return rows
        """)
        return "\n".join(row.rstrip() for row in rows if row.strip(" ~"))

    def read_ghost(self) -> str:
        """The suggestion shown now, whoever draws it; empty where there is none."""
        ghost: str = self.run_lua("""
            local text = {}
            for _, name in ipairs({ 'interfix.ghost', 'nvim.lsp.inline_completion' }) do
              local namespace = vim.api.nvim_create_namespace(name)
              for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })) do
                text[#text + 1] = mark[4].virt_text[1][1]
                for _, line in ipairs(mark[4].virt_lines or {}) do
                  text[#text + 1] = line[1][1]
                end
              end
            end
            return table.concat(text, '\\n')
        """)
        return ghost

    def wait_until(self, condition: Callable[[], Any], what: str) -> Any:
        """Wait for the condition and return its value; an AssertionError tells what never came about."""
        end = time.monotonic() + self._wait
        while time.monotonic() < end:
            if value := condition():
                return value
            time.sleep(0.01)
        raise AssertionError(f"never came about: {what}\n{self.read_screen()}\n{self.api.command_output('messages')}")
