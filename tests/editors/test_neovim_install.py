"""The ways in which the plugin's README says it can be installed, each in a Neovim that knows nothing of it yet."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from neovim_driver import PLUGIN, Neovim
from programs import Program

README = (PLUGIN / "README.md").read_text()


@pytest.fixture
def neovim(program: Program, tmp_path: Path) -> Iterator[Neovim]:
    neovim = Neovim(program, tmp_path, {}, plugin=None)
    yield neovim
    neovim.close()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A clone with the plugin where it is in ours."""
    folder = tmp_path / "interfix"
    shutil.copytree(PLUGIN, folder / "editors/neovim", ignore=shutil.ignore_patterns("tags"))
    for command in (["init", "--quiet"], ["add", "--all"], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "all"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


def recipe(heading: str, nth: int = 0) -> str:
    """The Lua that the README gives under a heading."""
    found = re.search(rf"^### {re.escape(heading)}\n(.*?)(?=^##)", README, re.MULTILINE | re.DOTALL)
    assert found, f"the README has no {heading}"
    return re.findall(r"```lua\n(.*?)```", found[1], re.DOTALL)[nth]


def works(neovim: Neovim, plugin: Path) -> None:
    """The command, the mappings, the client's configuration and the help come from the plugin, and all its modules load."""
    assert neovim.lua("return vim.fn.exists(':Interfix')") == 2
    assert "Interfix" in neovim.lua("return vim.fn.maparg('<Plug>(interfix-accept)', 'i', false, true).desc")
    assert neovim.lua("return vim.lsp.is_enabled('interfix') and vim.lsp.config.interfix.cmd") == ["interfix", "serve"]
    for module in plugin.glob("lua/interfix/*.lua"):
        if module.stem not in ("builtin", "init"):
            neovim.lua("require(...)", f"interfix.{module.stem}")
    neovim.api.command(f"helptags {plugin / 'doc'}")
    assert neovim.lua("return vim.fn.getcompletion('interfix-install', 'help')") == ["interfix-install"]


def test_with_nothing_but_neovim(neovim: Neovim, repository: Path) -> None:
    neovim.lua(recipe("By itself").replace("/path/to/interfix", str(repository)))
    neovim.api.command("runtime! plugin/interfix.lua")  # as at the end of a start
    works(neovim, repository / "editors/neovim")


def test_with_the_package_manager_of_neovim_0_12(neovim: Neovim, repository: Path) -> None:
    if not neovim.lua("return vim.pack ~= nil"):
        pytest.skip("this Neovim has no package manager")
    neovim.lua(recipe("vim.pack").replace("https://example.org/interfix.git", f"file://{repository}"))
    [installed] = neovim.lua("return vim.tbl_map(function(plugin) return plugin.path end, vim.pack.get())")
    works(neovim, Path(installed) / "editors/neovim")


def test_with_what_lazy_nvim_calls_late(neovim: Neovim, repository: Path) -> None:
    neovim.lua(f"local plugin = {recipe('lazy.nvim', 1)}\nplugin.config({{ dir = ... }}, {{}})", str(repository))
    works(neovim, repository / "editors/neovim")
