"""Interfix in a real Neovim, with the real server and the real small model: what a user types, and what they see."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.editors.editor_binaries import EditorBinary
from tests.editors.neovim_driver import Neovim
from tests.isolated_home import ALWAYS_SHOWN, INTERFIX_COMMAND

MEAN = '''def mean(values: list[float]) -> float:
    """Arithmetic mean of the values."""
    return‸


def total(values: list[float]) -> float:
    return sum(values)
'''
LOOP = '''def evens(numbers: list[int]) -> list[int]:
    """The even ones of the numbers."""
    found = []
‸
'''
WHOLE = MEAN.replace("return‸", "return sum(values) / len(values)‸")
STATUS = "return require('interfix').statusline()"


@pytest.fixture(scope="module")
def shared_editor(
    neovim_binary: EditorBinary, tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]
) -> Iterator[Neovim]:
    """A Neovim with a plain checkout of the plugin, the client enabled as its help says, and `interfix` on the PATH.

    However unsure the small model is, it shows what it has. All tests use the one, as a user does all day.
    """
    path = os.pathsep.join([str(Path(INTERFIX_COMMAND).parent), environment["PATH"]])
    settings = {"INTERFIX_COMMANDS_MAX_TOKENS": "96", **ALWAYS_SHOWN}
    editor = Neovim(
        neovim_binary, tmp_path_factory.mktemp("neovim"), {**environment, **settings, "PATH": path}, timeout_seconds=250.0
    )
    editor.run_lua("vim.lsp.enable('interfix')")
    yield editor
    editor.close()


@pytest.fixture
def editor(shared_editor: Neovim) -> Neovim:
    """It, in Normal mode and without a file."""
    shared_editor.press_keys("<Esc><Esc>")
    shared_editor.wait_until(lambda: shared_editor.api.api.get_mode()["mode"] == "n", "Normal mode")
    shared_editor.api.command("autocmd! User InterfixStatus")
    shared_editor.api.command("silent! only! | %bwipeout! | messages clear")
    return shared_editor


def type_and_read(editor: Neovim, keys: str = "a ") -> str:
    """Press keys and return the ghost text that comes."""
    editor.press_keys(keys)
    return str(editor.wait_until(editor.read_ghost, "ghost text"))


def list_servers(editor: Neovim) -> list[psutil.Process]:
    """The language servers that this Neovim runs."""
    children = psutil.Process(editor.run_lua("return vim.fn.getpid()")).children()
    return [child for child in children if "serve" in child.cmdline()]


def find_engine(editor: Neovim) -> int:
    """The process that computes."""
    return int(
        editor.run_lua("""
            local client = vim.lsp.get_clients({ bufnr = 0, name = 'interfix' })[1]
            local params = { command = 'interfix.status', arguments = { vim.empty_dict() } }
            return client:request_sync('workspace/executeCommand', params, 60000).result.engine.pid
        """)
    )


def test_a_suggestion_appears_after_typing_and_tab_accepts_it(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "mean.py", MEAN)
    ghost = type_and_read(editor)
    assert f"    return {ghost}" in editor.read_screen()
    editor.press_keys("<Tab>")
    accepted = MEAN.rstrip().replace("‸", f" {ghost}‸")
    editor.wait_until(lambda: editor.read_buffer() == accepted, "the ghost text is in the buffer")


def read_line(editor: Neovim) -> str:
    """The line of the cursor, without its indentation."""
    return str(editor.api.current.line).strip()


def test_words_are_accepted_one_by_one_and_typing_on_keeps_the_rest(editor: Neovim, tmp_path: Path) -> None:
    editor.map_key("<C-f>", "accept-word")
    editor.open(tmp_path / "evens.py", LOOP)
    ghost = type_and_read(editor, "i    ")
    editor.press_keys("<C-f>")
    word = str(editor.wait_until(lambda: read_line(editor), "a word"))
    assert ghost.startswith(word)
    assert len(word) < len(ghost)
    assert editor.read_ghost() == ghost[len(word) :]
    editor.press_keys(ghost[len(word)].replace("<", "<lt>"))
    editor.wait_until(lambda: editor.read_ghost() == ghost[len(word) + 1 :], "the rest goes on as it is typed")


def test_lines_are_accepted_one_by_one(editor: Neovim, tmp_path: Path) -> None:
    editor.map_key("<C-l>", "accept-line")
    editor.open(tmp_path / "evens.py", LOOP)
    ghost = type_and_read(editor, "i    ")
    first = ghost.lstrip("\n").partition("\n")[0]
    editor.press_keys("<C-l>")
    editor.wait_until(lambda: editor.read_buffer().partition("‸")[0].endswith(f"    {first}"), "the first line")
    assert editor.read_ghost() == ghost[len(first) :] or "\n" not in ghost


def test_typing_on_ends_what_was_asked_before(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "mean.py", MEAN)
    editor.run_lua("""
        _G.ends = {}
        vim.api.nvim_create_autocmd('LspRequest', {
          callback = function(args)
            local request = args.data.request
            if request.method == 'textDocument/inlineCompletion' then
              _G.ends[args.data.request_id] = _G.ends[args.data.request_id] == 'cancel' and 'cancel' or request.type
            end
          end,
        })
    """)
    for key in "a sum(va":
        editor.press_keys(key)
    ghost = editor.wait_until(editor.read_ghost, "ghost text")
    ends = editor.run_lua("return vim.tbl_values(_G.ends)")
    # One that the server has ended by itself may be answered before its cancellation arrives; none is left over.
    assert set(ends) <= {"complete", "cancel"}
    assert editor.run_lua("return _G.ends[vim.fn.max(vim.tbl_keys(_G.ends))]") == "complete", "the newest brought the text"
    assert f"return sum(va{ghost}" in editor.read_screen()


def test_leaving_insert_mode_takes_the_suggestion_away(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "mean.py", MEAN)
    type_and_read(editor)
    editor.press_keys("<Esc>")
    editor.wait_until(lambda: not editor.read_ghost(), "nothing is shown in Normal mode")
    assert MEAN.rstrip().replace("‸", " ") == editor.read_buffer().replace("‸", "")


def test_tab_indents_where_nothing_is_shown(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "notes.txt", "‸\n")
    editor.map_key("<C-e>", "dismiss")
    editor.run_lua("vim.bo.expandtab = false")
    editor.press_keys("i<C-e><Tab>x")
    editor.wait_until(lambda: editor.read_buffer() == "\tx‸", "a tab and no suggestion")


def test_suggestions_are_switched_off_and_on_for_a_language(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "mean.py", MEAN)
    type_and_read(editor)
    editor.press_keys("<Cmd>Interfix toggle python<CR>")
    editor.wait_until(lambda: not editor.read_ghost(), "nothing is shown")
    editor.wait_until(lambda: editor.run_lua(STATUS) == "Interfix: off", "the status says so")
    editor.press_keys("<Cmd>Interfix toggle python<CR>")
    editor.wait_until(editor.read_ghost, "ghost text")


def test_an_explanation_streams_and_the_status_tells_of_it(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "mean.py", WHOLE)
    editor.wait_until(lambda: editor.run_lua(STATUS) == "Interfix: ready", "ready")
    editor.run_lua("""
        _G.states, _G.grown = {}, {}
        vim.api.nvim_create_autocmd('User', {
          pattern = 'InterfixStatus',
          callback = function() table.insert(_G.states, require('interfix.server_status').get(vim.fn.bufnr('mean.py')).state) end,
        })
    """)
    editor.press_keys(":1,3Interfix explain<CR>")
    editor.wait_until(lambda: "Interfix explains" in editor.read_screen(), "the window")
    editor.run_lua("vim.api.nvim_buf_attach(0, false, { on_lines = function() table.insert(_G.grown, 1) end })")
    editor.wait_until(lambda: editor.run_lua("return _G.states[#_G.states] == 'ready' and #_G.states > 1"), "the end")
    assert "working" in editor.run_lua("return _G.states")
    assert editor.run_lua("return #_G.grown") > 3
    assert "mean" in "\n".join(editor.api.current.buffer[:])


def test_a_refactoring_is_previewed_applied_and_undone_at_once(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "mean.py", WHOLE)
    before = editor.api.current.buffer[:]
    editor.press_keys(":1,3Interfix refactor rename the parameter values to numbers<CR>")
    editor.wait_until(lambda: "[x]" in editor.read_screen(), "the preview")
    assert "+     return sum(numbers) / len(numbers)" in editor.api.current.buffer[:]
    editor.press_keys("a")
    editor.wait_until(lambda: editor.api.current.buffer[2] == "    return sum(numbers) / len(numbers)", "the edit")
    assert editor.api.current.buffer[3:] == before[3:]
    editor.press_keys("u")
    editor.wait_until(lambda: editor.api.current.buffer[:] == before, "one undo takes it back")


def test_why_shows_the_prompt_and_status_what_serves_the_file(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "mean.py", MEAN)
    editor.press_keys(":Interfix why<CR>")
    editor.wait_until(lambda: "def total" in "\n".join(editor.api.current.buffer[:]), "the prompt")
    assert "<|fim_prefix|>" in "\n".join(editor.api.current.buffer[:])
    editor.press_keys("q:Interfix status<CR>")
    editor.wait_until(lambda: "qwen2.5-coder-0.5b" in "\n".join(editor.api.current.buffer[:]), "the model")


def test_the_engine_is_killed_and_comes_back_without_a_key_lost(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "evens.py", LOOP)
    type_and_read(editor, "i    ")
    pid = find_engine(editor)
    os.kill(pid, signal.SIGKILL)
    editor.press_keys("if x:<CR>    f")  # what was not suggested, so that the engine is needed
    editor.wait_until(lambda: read_line(editor) == "f", "every key")
    type_and_read(editor, "<BS>")
    assert find_engine(editor) != pid


def test_the_server_is_killed_and_comes_back_without_a_key_lost(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "evens.py", LOOP)
    type_and_read(editor, "i    ")
    serving = "return vim.tbl_map(function(client) return client.id end, vim.lsp.get_clients({ bufnr = 0, name = 'interfix' }))"
    before = editor.run_lua(serving)
    for server in list_servers(editor):
        server.kill()
    editor.press_keys("for ")
    editor.wait_until(lambda: read_line(editor) == "for", "every key")
    editor.wait_until(lambda: (now := editor.run_lua(serving)) and now != before, "another server")
    editor.wait_until(editor.read_ghost, "ghost text again")


def test_a_server_that_hangs_holds_nothing_up(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "mean.py", MEAN)
    type_and_read(editor)
    stopped = list_servers(editor)
    for server in stopped:
        server.suspend()
    try:
        rest = "[value for value in values if value > 0]"
        editor.press_keys(rest)
        editor.wait_until(lambda: editor.read_buffer() == MEAN.replace("return‸", f"return {rest}‸").rstrip(), "every key")
        assert editor.read_ghost() == ""
    finally:
        for server in stopped:
            server.resume()


def test_the_health_check_finds_everything_in_order(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "mean.py", MEAN)
    editor.api.command("checkhealth interfix")
    report = "\n".join(editor.api.current.buffer[:])
    for heading in ("Neovim", "The server", "The client"):
        assert heading in report
    assert "ERROR" not in report
    assert "attached to" in report
