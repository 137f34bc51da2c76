"""A real Neovim that is typed into."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from interfix.bench.acceptance_policy import AcceptGranularity
from tests.editors.editor_binaries import EditorBinary
from tests.editors.neovim_driver import Neovim

_KEYS = {"Backspace": "<BS>", "Delete": "<Del>", "Down": "<Down>", "Home": "<Home>", "Right": "<Right>"}
_NAMED_CHARACTERS = {"\n": "<CR>", "<": "<lt>", "\\": "<Bslash>", "\t": "<C-V><Tab>"}
"""Characters that are not written as they are in Vim's notation; a Tab is for suggestions."""
_ACCEPT_KEYS = {AcceptGranularity.WHOLE: "<Tab>", AcceptGranularity.LINE: "<M-l>", AcceptGranularity.WORD: "<M-f>"}
_TEXT_LUA = """
local lines = vim.api.nvim_buf_get_lines(0, 0, -1, true)
local row, column = unpack(vim.api.nvim_win_get_cursor(0))
local line = lines[row]
local before = vim.list_slice(lines, 1, row - 1)
before[#before + 1] = line:sub(1, column)
local after = vim.list_slice(lines, row + 1)
table.insert(after, 1, line:sub(column + 1))
if vim.bo.endofline then
  after[#after + 1] = ''
end
return { table.concat(before, '\\n'), table.concat(after, '\\n') }
"""


class NeovimTyping:
    """Neovim with the plugin as its page sets it up: only the keys that it leaves to the user are mapped."""

    def __init__(self, editor: Neovim, workspace: Path) -> None:
        self._editor = editor
        editor.api.command(f"cd {workspace}")
        editor.run_lua("require('interfix').setup()")
        for granularity in (AcceptGranularity.LINE, AcceptGranularity.WORD):
            editor.map_key(_ACCEPT_KEYS[granularity], f"accept-{granularity}")

    @property
    def name(self) -> str:
        """The editor and its version."""
        version = self._editor.run_lua("return vim.version()")
        return f"Neovim {version['major']}.{version['minor']}.{version['patch']}"

    def open_file(self, path: Path, before: str, after: str) -> None:
        """Open a file of the workspace with the cursor between two texts, in Insert mode."""
        self._editor.open(path, f"{before}‸{after}")
        is_at_end = not after.partition("\n")[0]
        self._editor.press_keys("A" if is_at_end else "i")
        self._editor.wait_until(lambda: self._editor.api.api.get_mode()["mode"] == "i", "Insert mode")

    def close_file(self) -> None:
        """Close the file in front, and leave it on the disk as it was."""
        self._editor.press_keys("<Esc>")
        self._editor.wait_until(lambda: self._editor.api.api.get_mode()["mode"] == "n", "Normal mode")
        self._editor.api.command("bwipeout!")

    def type_character(self, character: str) -> None:
        """Press the key of a character, Enter for `\\n`; the editor does with it what it does."""
        self._editor.press_keys(_NAMED_CHARACTERS.get(character, character))

    def press_key(self, key: str) -> None:
        """Press one of: Backspace, Delete, Down, Home, Right."""
        self._editor.press_keys(_KEYS[key])

    def insert_verbatim(self, text: str) -> None:
        """Put a text in as it is, as a paste does."""
        self._editor.api.api.paste(text, False, -1)

    def take_suggestion(self, granularity: AcceptGranularity) -> None:
        """Press the key that takes a suggestion."""
        self._editor.press_keys(_ACCEPT_KEYS[granularity])

    def close_list(self) -> bool:
        """Close an open completion list; whether one was open."""
        is_open = bool(self._editor.run_lua("return vim.fn.pumvisible() == 1"))
        if is_open:
            self._editor.press_keys("<C-E>")
        return is_open

    def read_text(self) -> tuple[str, str]:
        """The text before the cursor and after it."""
        before, after = self._editor.run_lua(_TEXT_LUA)
        return before, after

    def read_ghost(self, line: str) -> str:
        """The suggestion on the screen behind `line`, which is what stands before the cursor on its line; empty where none is."""
        if self._editor.read_line_before_cursor() != line:
            return ""
        first, *more = self._editor.read_ghost().split("\n")
        # It covers with spaces what stands right of the cursor where it goes on below.
        return "\n".join([first.rstrip() if more else first, *more])

    def take_screenshot(self, path: Path) -> None:
        """Keep the lines of the screen, as text."""
        path.with_suffix(".txt").write_text(self._editor.read_screen() + "\n" + self._editor.read_ghost())


@contextmanager
def open_neovim_typing(
    binary: EditorBinary, folder: Path, environment: Mapping[str, str], workspace: Path
) -> Iterator[NeovimTyping]:
    """A Neovim on a workspace that ends with the block; `folder` is for its own files."""
    folder.mkdir(parents=True, exist_ok=True)
    editor = Neovim(binary, folder, {**os.environ, **environment}, timeout_seconds=60.0)
    try:
        yield NeovimTyping(editor, workspace)
    finally:
        editor.close()
