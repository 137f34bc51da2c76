"""The ways in which the plugin's README says it can be installed, each in a Neovim that."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editors.editor_binaries import EditorBinary
from tests.editors.neovim_driver import PLUGIN_DIR, Neovim

README = (PLUGIN_DIR / "README.md").read_text()


@pytest.fixture
def neovim(neovim_binary: EditorBinary, tmp_path: Path) -> Iterator[Neovim]:
    neovim = Neovim(neovim_binary, tmp_path, {}, plugin=None)
    yield neovim
    neovim.close()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A clone with the plugin where it is in ours."""
    folder = tmp_path / "interfix"
    shutil.copytree(PLUGIN_DIR, folder / "editors/neovim", ignore=shutil.ignore_patterns("tags"))
    for command in (["init", "--quiet"], ["add", "--all"], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "all"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


def read_recipe(heading: str, nth: int = 0) -> str:
    """The Lua that the README gives under a heading."""
    section = re.search(rf"^### {re.escape(heading)}\n(.*?)(?=^##)", README, re.MULTILINE | re.DOTALL)
    assert section, f"the README has no {heading}"
    return re.findall(r"```lua\n(.*?)```", section[1], re.DOTALL)[nth]


def assert_plugin_works(neovim: Neovim, plugin: Path) -> None:
    """The command, the mappings, the client's configuration and the help come from the plugin, and all its modules load."""
    assert neovim.run_lua("return vim.fn.exists(':Interfix')") == 2
    assert "Interfix" in neovim.run_lua("return vim.fn.maparg('<Plug>(interfix-accept)', 'i', false, true).desc")
    assert neovim.run_lua("return vim.lsp.is_enabled('interfix') and vim.lsp.config.interfix.cmd") == ["interfix", "serve"]
    for module in plugin.glob("lua/interfix/*.lua"):
        if module.stem not in ("builtin_completion", "init"):
            neovim.run_lua("require(...)", f"interfix.{module.stem}")
    neovim.api.command(f"helptags {plugin / 'doc'}")
    assert neovim.run_lua("return vim.fn.getcompletion('interfix-install', 'help')") == ["interfix-install"]


def test_with_nothing_but_neovim(neovim: Neovim, repository: Path) -> None:
    neovim.run_lua(read_recipe("By itself").replace("/path/to/interfix", str(repository)))
    neovim.api.command("runtime! plugin/interfix.lua")  # as at the end of a start
    assert_plugin_works(neovim, repository / "editors/neovim")


def test_with_the_package_manager_of_neovim_0_12(neovim: Neovim, repository: Path) -> None:
    if not neovim.run_lua("return vim.pack ~= nil"):
        pytest.skip("this Neovim has no package manager")
    neovim.run_lua(read_recipe("vim.pack").replace("https://github.com/interfix/interfix.git", f"file://{repository}"))
    [installed] = neovim.run_lua("return vim.tbl_map(function(plugin) return plugin.path end, vim.pack.get())")
    assert_plugin_works(neovim, Path(installed) / "editors/neovim")


def test_with_what_lazy_nvim_calls_late(neovim: Neovim, repository: Path) -> None:
    neovim.run_lua(f"local plugin = {read_recipe('lazy.nvim', 1)}\nplugin.config({{ dir = ... }}, {{}})", str(repository))
    assert_plugin_works(neovim, repository / "editors/neovim")
