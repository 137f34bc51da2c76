"""What the Neovim plugin says when something is missing, in a real Neovim: one right message, none that has to be dismissed."""

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.editors.editor_binaries import EditorBinary
from tests.editors.neovim_driver import Neovim

SCRIPTS = {
    "the Python of the server is gone": "#!{gone}/bin/python3\nimport sys\n",
    "the Python of the server is gone, long path": "#!/bin/sh\n'''exec' \"{gone}/bin/python3\" \"$0\" \"$@\"\n' '''\nimport sys\n",
    "the Python of the server is gone, env": "#!/usr/bin/env python-that-is-gone\nimport sys\n",
    "the server failed (exit code 3)": "#!/bin/sh\necho 'No module named interfix' >&2\nexit 3\n",
}


@pytest.fixture
def start(neovim_binary: EditorBinary, tmp_path: Path) -> Iterator[Callable[[str | None], Neovim]]:
    """Starts a Neovim whose only `interfix` is this script, or none, and opens a Python file."""
    editors: list[Neovim] = []

    def open_editor(script: str | None) -> Neovim:
        programs = tmp_path / "programs"
        programs.mkdir()
        if script is not None:
            (programs / "interfix").write_text(script)
            (programs / "interfix").chmod(0o755)
        (tmp_path / "a.py").write_text("x = 1\n")
        editor = Neovim(neovim_binary, tmp_path, {"PATH": os.pathsep.join([str(programs), "/usr/bin", "/bin"])})
        editors.append(editor)
        editor.run_lua("vim.o.columns = 80; vim.o.lines = 24; vim.o.showcmd = true; vim.o.ruler = true")
        editor.run_lua("require('interfix').setup()")
        editor.api.command(f"edit {tmp_path / 'a.py'}")
        return editor

    yield open_editor
    for editor in editors:
        editor.close()


def read_messages(editor: Neovim) -> list[str]:
    """What the plugin, or Neovim's client, has said so far."""
    return [line for line in str(editor.api.command_output("messages")).splitlines() if re.search("interfix", line, re.IGNORECASE)]


def run_health_check(editor: Neovim) -> str:
    editor.api.command("checkhealth interfix")
    return "\n".join(editor.api.current.buffer[:])


def assert_one_message(editor: Neovim, tmp_path: Path, text: str) -> None:
    """Exactly one message with this text, for two files, which fits the screen and waits for no key."""
    editor.wait_until(lambda: any(text in line for line in read_messages(editor)), text)
    (tmp_path / "b.py").write_text("y = 1\n")
    editor.api.command(f"edit {tmp_path / 'b.py'}")
    editor.run_lua("vim.wait(100)")
    [message] = [line for line in read_messages(editor) if "written" not in line and line[-1:] != "B"]
    assert len(message) < 80
    assert not editor.api.api.get_mode()["blocking"]


def test_a_server_that_is_missing(start: Callable[[str | None], Neovim], tmp_path: Path) -> None:
    editor = start(None)
    assert_one_message(editor, tmp_path, 'no program "interfix"')
    assert "uv tool install interfix" in run_health_check(editor)


@pytest.mark.parametrize("said", SCRIPTS)
def test_a_server_that_cannot_start(start: Callable[[str | None], Neovim], tmp_path: Path, said: str) -> None:
    editor = start(SCRIPTS[said].format(gone=tmp_path / "gone"))
    if "exit code" in said:
        editor.wait_until(lambda: any(said in line for line in read_messages(editor)), said)
        assert len([line for line in read_messages(editor) if line.startswith("Interfix")]) == 1  # besides Neovim's own
        assert not editor.api.api.get_mode()["blocking"]
        page = run_health_check(editor)
        assert "exit code 3: No module named interfix" in page
    else:
        assert_one_message(editor, tmp_path, said.partition(",")[0])
        page = run_health_check(editor)
        assert "uv tool install --reinstall interfix" in page
    assert re.search(r"not attached to .*a\.py", page)
    assert "with a filetype is open" not in page


def test_the_health_check_survives_a_program_that_is_none(start: Callable[[str | None], Neovim]) -> None:
    page = run_health_check(start("\x7fELF and no more"))
    assert "cannot be started" in page or "exit code" in page
    assert "stack traceback" not in page


def test_the_command_says_what_is_missing(start: Callable[[str | None], Neovim]) -> None:
    editor = start(None)
    editor.wait_until(lambda: read_messages(editor), "the first message")
    editor.press_keys(":Interfix explain<CR>")
    editor.wait_until(lambda: len(read_messages(editor)) == 2, "the message")
    assert 'no program "interfix"' in read_messages(editor)[-1]


@pytest.fixture
def editor(neovim_binary: EditorBinary, tmp_path: Path) -> Iterator[Neovim]:
    """A Neovim with fake_server.lua as its server and a Python file open."""
    neovim = Neovim(neovim_binary, tmp_path, {})
    neovim.run_lua("vim.o.columns = 80; vim.o.lines = 24")
    neovim.run_lua("package.path = ... .. '/?.lua;' .. package.path", str(Path(__file__).parent))
    neovim.run_lua("require('interfix').setup({ default_keys = true, lsp = { cmd = require('fake_server').start } })")
    neovim.open(tmp_path / "a.py", "‸x = 1\n")
    yield neovim
    neovim.close()


def send_status(editor: Neovim, state: str, percent: int | None = None) -> None:
    status = {"state": state, "message": "a model: 3 of 9 MB", "percent": percent}
    editor.run_lua("require('fake_server').notify('interfix/status', ...)", json.dumps(status))


def test_a_download_is_told_from_its_start_to_its_end(editor: Neovim) -> None:
    for percent in (0, 10, 34, 40, 99):
        send_status(editor, "downloading", percent)
    send_status(editor, "ready")
    editor.wait_until(lambda: len(read_messages(editor)) == 4, "four messages")
    told = ["downloading", "downloaded 34%", "downloaded 99%", "the model is there"]
    assert [line.partition(".")[0] for line in read_messages(editor)] == [f"Interfix: {each}" for each in told]


def test_a_download_that_fails_is_told(editor: Neovim) -> None:
    send_status(editor, "downloading", 3)
    send_status(editor, "error")
    editor.wait_until(lambda: len(read_messages(editor)) == 2, "two messages")
    assert read_messages(editor)[1].startswith("Interfix: the download failed. a model")


@pytest.mark.parametrize("length", [60, 79, 80, 81, 200, 700])
def test_a_message_of_any_length_waits_for_no_key(editor: Neovim, length: int) -> None:
    text = ("word " * 200)[:length].strip()
    editor.run_lua("require('fake_server').notify('window/showMessage', ...)", json.dumps({"type": 2, "message": text}))
    editor.wait_until(lambda: read_messages(editor), "the message")
    rows = -(-len(f"Interfix: {text}") // 80)
    # What a screen would ask about does not show without one; what keeps it from asking does.
    assert editor.run_lua("return vim.o.cmdheight") >= rows
    assert not editor.api.api.get_mode()["blocking"]
    editor.press_keys("ix")
    editor.wait_until(lambda: editor.read_buffer() == "x‸x = 1", "the keys go into the text")
    editor.wait_until(lambda: editor.run_lua("return vim.o.cmdheight") == 1, "the command line is as high as before")


@pytest.mark.parametrize("length", [20, 45, 60, 120])
def test_what_a_typed_command_says_waits_for_no_key(editor: Neovim, length: int) -> None:
    for word in ("x" * length, "y" * length):  # the second comes while the command line is still as high as the first needed
        editor.press_keys(f":Interfix {word}<CR>")
        editor.wait_until(lambda said=word: said in "".join(read_messages(editor)), "the message")
        editor.run_lua("vim.wait(50)")
        assert not editor.api.api.get_mode()["blocking"]


def test_the_command_tells_how_the_server_has_failed(start: Callable[[str | None], Neovim]) -> None:
    editor = start("#!/bin/sh\nkill -SEGV $$\n")
    editor.wait_until(lambda: "(signal 11)" in "".join(read_messages(editor)), "the first message")
    editor.press_keys(":Interfix explain<CR>")
    editor.wait_until(lambda: "".join(read_messages(editor)).count("the server failed (signal 11)") == 2, "the same again")
    assert "ended with signal 11" in run_health_check(editor)


def test_the_menu_without_arguments_has_every_command(editor: Neovim) -> None:
    editor.run_lua("vim.ui.select = function(items, options) _G.titles = vim.tbl_map(options.format_item, items) end")
    editor.press_keys(":Interfix<CR>")
    editor.wait_until(lambda: editor.run_lua("return #require('fake_server').requests") == 1, "the request")
    editor.run_lua("require('fake_server').answer(1, ...)", json.dumps([]))
    editor.wait_until(lambda: editor.run_lua("return _G.titles"), "the menu")
    words = set(editor.run_lua("return vim.fn.getcompletion('Interfix ', 'cmdline')")) - {"menu"}
    titles = editor.run_lua("return _G.titles")
    assert len(titles) == len(words)
    assert {"Ask…", "Refactor: say how…"} <= set(titles)


def test_every_action_has_a_key(editor: Neovim) -> None:
    plugs = editor.run_lua("return vim.fn.getcompletion('<Plug>(interfix', 'mapping')")
    read_mappings = "return vim.tbl_map(function(each) return each.rhs or '' end, vim.api.nvim_get_keymap(...))"
    keys = set(editor.run_lua(read_mappings, "i"))
    assert set(plugs) - keys <= {"<Plug>(interfix-accept)", "<Plug>(interfix-original-key)"}
    words = editor.run_lua("return vim.fn.getcompletion('Interfix ', 'cmdline')")
    for mode in "nx":
        mapped = editor.run_lua(read_mappings, mode)
        assert [word for word in words if word != "menu" and not any(f"Interfix {word}" in rhs for rhs in mapped)] == []


def test_the_page_why_is_aligned_and_its_prompt_coloured(editor: Neovim) -> None:
    part = {"kind": "prefix", "source": "", "path": "", "line": 0, "tokens": 7, "kept": True, "why": ""}
    parts = [part, {**part, "source": "imported", "path": "größe/modul.py", "line": 41, "tokens": 1203, "why": "cut | to fit"}]
    report = {
        "model": "m",
        "prompt": "x = ```1",
        "prompt_tokens": 1210,
        "budget": 2000,
        "context_ms": 3.0,
        "parts": parts,
        "left": [],
        "verdict": {"summary": "Not shown: 6% sure.", "change": "Ask for it.", "said_in_place": "    a + b", "line": 3},
    }
    editor.press_keys(":Interfix why<CR>")
    editor.wait_until(lambda: editor.run_lua("return #require('fake_server').requests") == 1, "the request")
    editor.run_lua("require('fake_server').answer(1, ...)", json.dumps(report))
    editor.wait_until(lambda: "imported" in "\n".join(editor.api.current.buffer[:]), "the page")
    lines = editor.api.current.buffer[:]
    table = [line for line in lines if line.startswith("|")]
    assert len({len(line) for line in table}) == 1
    assert lines[:7] == ["# Not shown: 6% sure. (line 4)", "", "Ask for it.", "", "The model said:", "", "```python"]
    assert lines[7] == "    a + b", "in its column"
    assert lines[lines.index("x = ```1") - 1] == "````python"
