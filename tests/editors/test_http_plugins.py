"""llama.vim and minuet-ai.nvim, from their own sources, in a real Neovim against `http_api/app.py`."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pynvim
import pytest

from tests.editors.editor_binaries import EditorBinary, EditorUnavailable
from tests.editors.http_plugin_driver import open_neovim, serve_in_thread
from tests.editors.plugin_sources import fetch_plugin
from tests.fake_engine import FakeEngine

CODE = [
    "import os",
    "",
    "",
    "def area(width, height):",
    "    ",
    "",
    "",
    "print(area(2, 3))",
]
ANSWER = "return width * height"
WAIT_SECONDS = 30


def get_plugin(name: str, folder: Path) -> Path:
    try:
        return fetch_plugin(name, folder)
    except EditorUnavailable as missing:
        pytest.skip(str(missing))


def wait_until(condition: Callable[[], Any], what: str) -> Any:
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError(f"never came about: {what}")


def read_ghost(editor: pynvim.Nvim) -> str:
    """All virtual text of the buffer, whoever draws it."""
    return str(
        editor.exec_lua("""
            local text = {}
            for _, namespace in pairs(vim.api.nvim_get_namespaces()) do
              for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })) do
                for _, piece in ipairs(mark[4].virt_text or {}) do text[#text + 1] = piece[1] end
                for _, line in ipairs(mark[4].virt_lines or {}) do text[#text + 1] = line[1][1] end
              end
            end
            return table.concat(text, '\\n')
        """)
    )


def type_in(editor: pynvim.Nvim, folder: Path, keys: str) -> None:
    path = folder / "code.py"
    path.write_text("\n".join(CODE) + "\n")
    editor.command(f"edit {path}")
    editor.current.window.cursor = (5, 4)
    editor.input("A")
    for key in keys:
        editor.input(key)
        editor.eval("1")


def close(editor: pynvim.Nvim) -> None:
    with suppress(EOFError):
        editor.command("qall!")
    editor.close()


def test_llama_vim_shows_what_is_suggested(neovim_binary: EditorBinary, tmp_path: Path) -> None:
    plugin = get_plugin("llama.vim", tmp_path)
    with serve_in_thread(FakeEngine(ANSWER)) as (port, log):
        setup = f"vim.g.llama_config = {{ endpoint_fim = 'http://127.0.0.1:{port}/infill', show_info = 0 }}"
        editor = open_neovim(neovim_binary, tmp_path, plugin, setup)
        try:
            type_in(editor, tmp_path, "r")
            wait_until(lambda: "eturn width * height" in read_ghost(editor), "the suggestion")
            editor.input("<Tab>")
            wait_until(lambda: "width * height" in editor.current.buffer[4], "the suggestion in the text")
        finally:
            close(editor)
    path, body = log.requests[0]
    assert path == "/infill"
    assert body["input_suffix"].startswith("\n")


def test_minuet_shows_what_is_suggested(neovim_binary: EditorBinary, tmp_path: Path) -> None:
    plugin = get_plugin("minuet-ai.nvim", tmp_path)
    with serve_in_thread(FakeEngine(ANSWER)) as (port, log):
        editor = open_neovim(neovim_binary, tmp_path, plugin, "")
        try:
            editor.exec_lua(
                """
                require('minuet').setup({
                  provider = 'openai_fim_compatible', n_completions = 1, throttle = 0, debounce = 0,
                  virtualtext = { auto_trigger_ft = { '*' }, keymap = { accept = '<A-a>' } },
                  provider_options = { openai_fim_compatible = {
                    api_key = 'TERM', name = 'Interfix', model = 'any', stream = true,
                    end_point = ... .. '/v1/completions' } } })
                """,
                f"http://127.0.0.1:{port}",
            )
            editor.command("let $TERM = 'xterm'")
            type_in(editor, tmp_path, "r")
            wait_until(lambda: "width * height" in read_ghost(editor), "the suggestion")
        finally:
            close(editor)
    path, body = log.requests[0]
    assert path == "/v1/completions"
    assert body["suffix"].startswith("\n")
