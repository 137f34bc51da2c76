"""Interfix in a real Neovim with a real Pyright beside it: a member that the model cannot know is named right."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editors.editor_binaries import EditorBinary
from tests.editors.neovim_driver import Neovim
from tests.editors.vscode_install import fetch_pyright, require_tool
from tests.isolated_home import ALWAYS_SHOWN, INTERFIX_COMMAND

MEMBERS = ("quagga_count", "zebra_note", "okapi")
EXISTING = (*MEMBERS, "__")
"""What a suggestion may begin with; every object has the last. No model would write either by itself here."""
LIBRARY = "class Account:\n    __slots__ = ()\n" + "".join(f"    def {name}(self) -> int: ...\n" for name in MEMBERS)
TEXT = """from ledger import Account


def describe(account: Account) -> str:
    value = account‸
    return str(value)
"""
WARM = """
    local client = vim.lsp.get_clients({ name = 'pyright', bufnr = 0 })[1]
    if not client or not client.initialized then return false end
    local params = { textDocument = { uri = vim.uri_from_bufnr(0) }, position = { line = 3, character = 12 } }
    local reply = client:request_sync('textDocument/hover', params, 5000, 0)
    return reply ~= nil and reply.result ~= nil and reply.result ~= vim.NIL
"""


@pytest.fixture
def editor(
    neovim_binary: EditorBinary, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]
) -> Iterator[Neovim]:
    """Both servers, in a project that uses a library whose files are not in the workspace."""
    node, pyright = require_tool("node", "Pyright cannot run"), str(fetch_pyright())
    library = tmp_path_factory.mktemp("library")
    (library / "ledger.pyi").write_text(LIBRARY)
    (tmp_path / "pyrightconfig.json").write_text(json.dumps({"extraPaths": [str(library)]}))
    (tmp_path / ".git").mkdir()
    path = os.pathsep.join([str(Path(INTERFIX_COMMAND).parent), environment["PATH"]])
    settings = {**ALWAYS_SHOWN, "PATH": path}
    neovim = Neovim(neovim_binary, tmp_path_factory.mktemp("neovim"), {**environment, **settings}, timeout_seconds=150.0)
    neovim.run_lua("vim.lsp.enable('interfix')")
    neovim.run_lua(
        """
        local node, pyright = ...
        vim.lsp.config('pyright', { cmd = { node, pyright, '--stdio' }, filetypes = { 'python' }, root_markers = { '.git' } })
        vim.lsp.enable('pyright')
        """,
        node,
        pyright,
    )
    neovim.map_key("<C-t>", "trigger")
    yield neovim
    neovim.close()


def test_a_member_that_only_the_language_server_knows_is_suggested(editor: Neovim, tmp_path: Path) -> None:
    editor.open(tmp_path / "report.py", TEXT)
    editor.wait_until(lambda: editor.run_lua(WARM), "Pyright has read the project")
    editor.press_keys("a.")
    editor.wait_until(editor.read_ghost, "ghost text")
    asked = 0.0

    def ask_until_it_exists() -> bool:
        """Pyright's first list may come later than a suggestion waits for it; asked again too soon, no answer would be finished."""
        nonlocal asked
        if editor.read_ghost().startswith(EXISTING):
            return True
        if time.monotonic() > asked + 60.0:
            asked = time.monotonic()
            editor.press_keys("<C-t>")
        return False

    editor.wait_until(ask_until_it_exists, "a member that exists")
