"""What registries and package managers read: one version and one address everywhere, and files in the form they want."""

import json
import re
import subprocess
import tarfile
import tomllib
from pathlib import Path

import pytest

from tests.editors.editor_binaries import EditorBinary
from tests.editors.neovim_driver import PLUGIN_DIR, Neovim
from tests.editors.vscode_install import EXTENSION_DIR

yaml = pytest.importorskip("yaml", reason="PyYAML is not installed, so recipes and workflows cannot be read")

ROOT = PLUGIN_DIR.parents[1]
MANIFEST = json.loads((EXTENSION_DIR / "package.json").read_text())
RECIPE = yaml.safe_load((PLUGIN_DIR / "mason/package.yaml").read_text())
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
ADDRESS = MANIFEST["repository"]["url"].removesuffix(".git")


def test_the_version_is_the_same_everywhere() -> None:
    lock = json.loads((EXTENSION_DIR / "package-lock.json").read_text())
    assert {MANIFEST["version"], lock["version"], lock["packages"][""]["version"], RECIPE["source"]["id"].partition("@")[2]} == {
        VERSION
    }


def test_the_address_is_the_same_everywhere() -> None:
    pages = [*EXTENSION_DIR.glob("*.md"), *PLUGIN_DIR.glob("*.md"), PLUGIN_DIR / "lspconfig/interfix.lua"]
    text = "\n".join(path.read_text() for path in [*pages, EXTENSION_DIR / "package.json", PLUGIN_DIR / "mason/package.yaml"])
    found = set(re.findall(r"https://[\w.]+/[\w-]+/interfix(?=[./\s'\"#)]|$)", text))
    assert found == {ADDRESS}
    assert "example.org" not in text


def test_the_marketplaces_get_what_they_show() -> None:
    assert "private" not in MANIFEST
    wanted = ("publisher", "license", "icon", "categories", "keywords", "repository", "bugs", "homepage")
    assert [key for key in wanted if not MANIFEST.get(key)] == []
    assert f"## {VERSION}" in (EXTENSION_DIR / "CHANGELOG.md").read_text()
    assert (EXTENSION_DIR / MANIFEST["icon"]).read_bytes().startswith(b"\x89PNG")
    assert len(MANIFEST["keywords"]) <= 30  # the Marketplace refuses more


def test_the_recipe_for_mason_has_what_its_registry_wants() -> None:
    assert {"name", "description", "homepage", "licenses", "languages", "categories", "source", "bin"} <= set(RECIPE)
    assert RECIPE["neovim"]["lspconfig"] == (PLUGIN_DIR / "lspconfig/interfix.lua").stem


def test_the_entry_for_nvim_lspconfig_is_a_configuration(neovim_binary: EditorBinary, tmp_path: Path) -> None:
    neovim = Neovim(neovim_binary, tmp_path, {}, plugin=None)
    try:
        config = neovim.run_lua(
            "local entry = dofile(...); vim.lsp.config('interfix', entry); return vim.lsp.config.interfix.cmd",
            str(PLUGIN_DIR / "lspconfig/interfix.lua"),
        )
        assert config == ["interfix", "serve"]
    finally:
        neovim.close()


def test_the_tarball_of_the_plugin_works(neovim_binary: EditorBinary, tmp_path: Path) -> None:
    made = subprocess.run([PLUGIN_DIR / "package", tmp_path], check=True, capture_output=True, text=True).stdout.strip()
    with tarfile.open(made) as archive:
        archive.extractall(tmp_path, filter="data")
    plugin = tmp_path / f"interfix.nvim-{VERSION}"
    assert (plugin / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()
    neovim = Neovim(neovim_binary, tmp_path, {}, plugin=None)
    try:
        neovim.run_lua("vim.opt.runtimepath:append(...); vim.lsp.enable('interfix')", str(plugin))
        neovim.api.command("runtime! plugin/interfix.lua")
        assert neovim.run_lua("return vim.fn.exists(':Interfix')") == 2
        loaded = {path.relative_to(plugin).as_posix() for path in plugin.rglob("*.lua")}
        assert loaded == {
            path.relative_to(PLUGIN_DIR).as_posix()
            for name in ("lsp", "lua", "plugin")
            for path in (PLUGIN_DIR / name).rglob("*.lua")
        }
    finally:
        neovim.close()


def test_the_release_publishes_what_was_tested_and_only_for_a_tag() -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())["jobs"]
    tests = {name for name in jobs if not name.startswith("publish-")}
    for name in jobs.keys() - tests:
        assert set(jobs[name]["needs"]) == tests
        assert jobs[name]["if"] == "startsWith(github.ref, 'refs/tags/v')"
    actions = {step["uses"].partition("/")[0] for job in jobs.values() for step in job["steps"] if "uses" in step}
    assert actions == {"actions"}
