"""Ghost text beside completion menus, in a real Neovim: its own, and those of plugins with their default settings."""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest

from tests.editors.editor_binaries import EditorBinary, EditorUnavailable
from tests.editors.neovim_driver import Neovim
from tests.editors.plugin_sources import fetch_plugin


class Menu(msgspec.Struct, frozen=True):
    """How a menu is set up, as its own page says, and opened."""

    setup: str
    plugins: tuple[str, ...] = ()
    opening_keys: str = ""
    """What is pressed after the beginning of a word; nothing where the menu opens by itself."""
    ready: str = "return true"


MENUS = {
    "builtin": Menu("vim.o.completeopt = 'menuone,noselect'", opening_keys="<C-n>"),
    "builtin, entry put in": Menu("vim.o.completeopt = 'menuone,popup'", opening_keys="<C-n>"),
    "mini.completion": Menu("require('mini.completion').setup()", ("mini.nvim",)),
    "blink.cmp": Menu("require('blink.cmp').setup({ fuzzy = { implementation = 'lua' } })", ("blink.cmp",)),
    "nvim-cmp": Menu(
        """
        local cmp = require('cmp')
        cmp.setup({
          mapping = cmp.mapping.preset.insert({ ['<CR>'] = cmp.mapping.confirm({ select = true }) }),
          sources = { { name = 'buffer' } },
        })
        """,
        ("nvim-cmp", "cmp-buffer"),
    ),
    "coc.nvim": Menu(
        "vim.g.coc_data_home, vim.g.coc_start_at_startup = vim.fn.stdpath('data'), 1; vim.fn['coc#rpc#start_server']()",
        ("coc.nvim",),
        ready="return vim.fn['coc#rpc#ready']() and vim.g.coc_service_initialized == 1",
    ),
}
KEYS = ("<CR>", "<C-e>", "<C-y>", "<Esc>", "<C-n>", "<C-n><CR>", "<C-n><C-y>", "<Down>", "<C-p>", "<BS>")
"""What a menu may do something with."""
SUGGESTIONS = {"comp": "any.name()", "compute": " + 1", "zeb": "ra + 1"}
SERVER = """
-- Suggests at once what goes on from the word before the cursor.
local suggestions = ...
local start = require('fake_server').start
return function(dispatchers)
  local client = start(dispatchers)
  local request = client.request
  client.request = function(method, params, callback, answered)
    if method ~= 'textDocument/inlineCompletion' then
      return request(method, params, callback, answered)
    end
    local word = vim.api.nvim_get_current_line():sub(1, params.position.character):match('%w*$')
    vim.schedule(function()
      callback(nil, { items = suggestions[word] and { { insertText = suggestions[word] } } or {} })
    end)
    return request(method, params, function() end, answered)
  end
  return client
end
"""
TEXT = "compute = 1\nx =‸\n"
IS_OPEN = "return require('interfix.completion_menu').is_open()"


@pytest.fixture(params=MENUS)
def menu(request: pytest.FixtureRequest) -> Menu:
    return MENUS[request.param]


@pytest.fixture
def start(neovim_binary: EditorBinary, tmp_path: Path) -> Iterator[Callable[[Menu], Neovim]]:
    """Starts a Neovim with a menu and the scripted server, and a file open."""
    with ExitStack() as editors:

        def open_editor(menu: Menu) -> Neovim:
            try:
                sources = [fetch_plugin(name, tmp_path) for name in menu.plugins]
            except EditorUnavailable as missing:
                pytest.skip(str(missing))
            if "coc.nvim" in menu.plugins and not shutil.which("node"):
                pytest.skip("coc.nvim needs Node.js")
            editor = Neovim(neovim_binary, tmp_path, {})
            editors.callback(editor.close)
            editor.run_lua("package.path = ... .. '/?.lua;' .. package.path", str(Path(__file__).parent))
            for source in sources:
                editor.run_lua("vim.opt.runtimepath:append(...)", str(source))
                editor.api.command("runtime! plugin/*.vim plugin/*.lua after/plugin/*.lua")
            editor.run_lua(menu.setup)
            editor.wait_until(lambda: editor.run_lua(menu.ready), "the menu's plugin is ready")
            editor.run_lua("local code, texts = ...; _G.server = assert(loadstring(code))(texts)", SERVER, SUGGESTIONS)
            editor.run_lua("require('interfix').setup({ ghost = 'own', lsp = { cmd = _G.server } })")
            editor.open(tmp_path / "a.py", TEXT)
            return editor

        yield open_editor


def is_open(editor: Neovim) -> bool:
    return bool(editor.run_lua(IS_OPEN))


def open_menu(editor: Neovim, menu: Menu) -> str:
    """Type the beginning of a word; returns what stands there once the menu is open."""
    editor.press_keys("a ")
    for letter in "comp":
        editor.press_keys(letter)
        editor.wait_until(lambda typed=letter: editor.api.current.line.endswith(typed), "the letter")
    editor.press_keys(menu.opening_keys)
    editor.wait_until(lambda: is_open(editor), "the menu is open")
    return str(editor.api.current.line).removeprefix("x = ")


def wait_for_rest(editor: Neovim) -> tuple[str, str, bool]:
    """Text, mode and whether the menu is open, once they have stayed the same for half a second."""
    seen: list[tuple[str, str, bool]] = []

    def is_at_rest() -> bool:
        seen.append((editor.read_buffer(), str(editor.api.api.get_mode()["mode"]), is_open(editor)))
        time.sleep(0.05)
        return len(seen) > 10 and len(set(seen[-10:])) == 1

    editor.wait_until(is_at_rest, "nothing changes any more")
    return seen[-1]


def test_it_is_shown_beside_the_open_menu_and_tab_takes_it(start: Callable[[Menu], Neovim], menu: Menu) -> None:
    editor = start(menu)
    word = open_menu(editor, menu)
    editor.wait_until(lambda: editor.read_ghost() == SUGGESTIONS[word], "ghost text")
    wait_for_rest(editor)
    assert is_open(editor)
    assert editor.read_ghost() == SUGGESTIONS[word]
    assert f"x = {word}{SUGGESTIONS[word]}" in editor.read_screen()
    editor.press_keys("<Tab>")
    wait_for_rest(editor)
    assert editor.api.current.line == f"x = {word}{SUGGESTIONS[word]}"
    assert not is_open(editor)


def test_it_goes_on_from_the_entry_that_a_key_puts_in(start: Callable[[Menu], Neovim], menu: Menu) -> None:
    editor = start(menu)
    for _ in range(2 if open_menu(editor, menu) == "comp" else 0):
        editor.press_keys("<C-n>")  # where the only entry is selected already, the first goes past it
        if wait_for_rest(editor)[0].endswith("compute‸"):
            break
    assert editor.api.current.line == "x = compute"
    editor.wait_until(lambda: editor.read_ghost() == " + 1", "ghost text")
    editor.press_keys("<Tab>")
    wait_for_rest(editor)
    assert editor.api.current.line == "x = compute + 1"


def test_the_menus_keys_do_what_they_do_without_a_suggestion(start: Callable[[Menu], Neovim], menu: Menu) -> None:
    editor = start(menu)
    found: dict[bool, dict[str, tuple[str, str, bool]]] = {True: {}, False: {}}
    for is_on in (False, True):
        assert editor.run_lua("return require('interfix').toggle()") is is_on
        for keys in KEYS:
            editor.press_keys("<Esc>")
            editor.run_lua("vim.api.nvim_buf_set_lines(0, 1, -1, true, { 'x =' }); vim.api.nvim_win_set_cursor(0, { 2, 2 })")
            wait_for_rest(editor)
            word = open_menu(editor, menu)
            shown = SUGGESTIONS[word] if is_on else ""
            editor.wait_until(lambda text=shown: editor.read_ghost() == text, "ghost text, where it is on")
            wait_for_rest(editor)
            editor.press_keys(keys)
            found[is_on][keys] = wait_for_rest(editor)
    assert found[True] == found[False]


def test_typing_on_keeps_it_in_every_frame(start: Callable[[Menu], Neovim], menu: Menu) -> None:
    editor = start(menu)
    if menu.opening_keys:
        pytest.skip("Neovim's own menu has put its entry in, or goes at the next letter")
    open_menu(editor, menu)
    editor.wait_until(lambda: editor.read_ghost() == "any.name()", "ghost text")
    editor.api.ui_attach(80, 24, rgb=True, ext_linegrid=True)
    wait_for_rest(editor)
    for letter in "any":
        editor.press_keys(letter)
        wait_for_rest(editor)
    frames = read_frames(editor, row=1)
    assert set(frames[frames.index("x = company.name()") :]) == {"x = company.name()"}


def read_frames(editor: Neovim, row: int) -> list[str]:
    """What stood in a row of the screen at each moment at which Neovim had drawn all."""
    editor.run_lua("vim.schedule(function() vim.rpcnotify(1, 'all') end)")
    cells, frames = [" "] * 80, list[str]()
    while (message := editor.api.next_message())[1] != "all":
        for event, *calls in message[2] if message[1] == "redraw" else ():
            if event == "flush":
                frames.append("".join(cells).rstrip())
            for _, at_row, column, drawn, *_ in calls if event == "grid_line" else ():
                for text, *style in drawn if at_row == row else ():
                    times = style[1] if len(style) > 1 else 1
                    cells[column : column + times] = [text] * times
                    column += times
    return frames


def test_a_completion_that_finds_nothing_leaves_it(start: Callable[[Menu], Neovim], menu: Menu) -> None:
    editor = start(menu)
    editor.press_keys("a zeb" + menu.opening_keys)
    editor.wait_until(lambda: editor.read_ghost() == "ra + 1", "ghost text")
    wait_for_rest(editor)
    assert editor.read_ghost() == "ra + 1"
    editor.press_keys("<Tab>")
    wait_for_rest(editor)
    assert editor.api.current.line == "x = zebra + 1"


def test_blink_may_have_mapped_the_key_first(start: Callable[[Menu], Neovim]) -> None:
    menu = MENUS["blink.cmp"]
    early = Menu(f"{menu.setup} vim.cmd('edit b.py | startinsert')", menu.plugins, ready="return vim.fn.maparg('<Tab>', 'i') ~= ''")
    editor = start(early)
    editor.press_keys("<Esc>")
    open_menu(editor, menu)
    editor.wait_until(lambda: editor.read_ghost() == "any.name()", "ghost text")
    editor.press_keys("<Tab>")
    wait_for_rest(editor)
    assert editor.api.current.line == "x = company.name()"


@pytest.mark.parametrize(
    ("description", "commands", "taken"),
    [
        ("vim.snippet.jump if active, otherwise <Tab>", [], True),
        ("blink.cmp", ["snippet_forward", "fallback"], True),
        ("blink.cmp", ["select_and_accept", "fallback"], False),
        ("mine", [], False),
    ],
)
def test_a_key_that_serves_the_menu_is_left_to_it(
    start: Callable[[Menu], Neovim], description: str, commands: list[str], taken: bool
) -> None:
    """Through the functions that blink.cmp makes public, with a menu of our own behind them."""
    standin = f"""
        package.loaded['blink.cmp'] = {{ is_menu_visible = function() return true end }}
        package.loaded['blink.cmp.config'] = {{ keymap = {{}} }}
        package.loaded['blink.cmp.keymap'] = {{ get_mappings = function() return {{ ['<Tab>'] = ... }} end }}
        vim.keymap.set('i', '<Tab>', '!', {{ desc = {json.dumps(description)} }})
    """.replace("...", "{" + ", ".join(map(json.dumps, commands)) + "}")
    editor = start(Menu(standin))
    editor.press_keys("a comp")
    editor.wait_until(lambda: editor.read_ghost() == "any.name()", "ghost text")
    editor.press_keys("<Tab>")
    editor.wait_until(lambda: editor.api.current.line == ("x = company.name()" if taken else "x = comp!"), "the key's effect")
