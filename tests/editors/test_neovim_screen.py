"""Neovim in a terminal, as a user sees it, with the real server and model; the screens are kept in build/captures."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.editors.editor_binaries import EditorUnavailable, find_neovim_012
from tests.editors.neovim_driver import PLUGIN_DIR
from tests.editors.terminal_driver import Terminal
from tests.isolated_home import ALWAYS_SHOWN, INTERFIX_COMMAND

INIT = """
vim.opt.runtimepath:append({plugin!r})
vim.g.loaded_python3_provider = 0
vim.o.shadafile, vim.o.swapfile, vim.o.number, vim.o.termguicolors = 'NONE', false, true, true
vim.o.statusline = "%f %= %{{v:lua.require'interfix'.statusline()}} "
vim.lsp.enable('interfix')
"""
TEXT = '''def evens(numbers: list[int]) -> list[int]:
    """The even ones of the numbers."""
    found = []

    return found


def mean(values: list[float]) -> float:
    """Arithmetic mean of the values."""
    return sum(values) / len(values)
'''


def test_what_a_user_sees(tmp_path: Path, environment: dict[str, str]) -> None:
    try:
        program = find_neovim_012()
    except EditorUnavailable as missing:
        pytest.skip(str(missing))
    init, file = tmp_path / "init.lua", tmp_path / "numbers.py"
    init.write_text(INIT.format(plugin=str(PLUGIN_DIR)))
    file.write_text(TEXT)
    path = os.pathsep.join([str(Path(INTERFIX_COMMAND).parent), environment["PATH"]])
    settings = {**ALWAYS_SHOWN, "INTERFIX_COMMANDS_MAX_TOKENS": "128", "PATH": path}
    environment = {**environment, **settings}
    # Neovim's screen would start its other half by its own name, which the unpacked one does not go by.
    socket = ("--listen", str(tmp_path / "socket"))
    arguments = ("--headless", *socket, "--clean", "-u", str(init), "numbers.py")
    inner = subprocess.Popen([*program.command, *arguments], cwd=tmp_path, env={**environment, **program.environment})
    while not Path(socket[1]).exists() and inner.poll() is None:
        time.sleep(0.01)
    terminal = Terminal(program, ("--server", socket[1], "--remote-ui"), environment, timeout_seconds=250.0)
    try:
        terminal.wait_for_text("Interfix: ready")
        terminal.press_keys("4GS    ")
        terminal.wait_until(lambda screen: screen.splitlines()[3].strip(" 4"), "ghost text")
        terminal.capture("neovim-ghost-text")
        terminal.press_keys("\033u")
        terminal.press_keys(":8,10Interfix explain\r")
        terminal.wait_for_text("Interfix explains")
        terminal.wait_until(
            lambda screen: "Interfix: ready" in screen and "mean" in screen.split("Interfix explains")[1], "the answer"
        )
        terminal.capture("neovim-explanation")
        terminal.press_keys("q:8,10Interfix refactor rename the parameter values to numbers\r")
        terminal.wait_for_text("[x] numbers.py:")
        terminal.capture("neovim-preview")
    finally:
        terminal.close()
        inner.terminate()
        inner.wait()
