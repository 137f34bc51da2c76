"""The Visual Studio Code extension as a package: what is in it, what it may do, and that its settings are the server's."""

import json
import re
import runpy
import zipfile

import pytest

from interfix.lsp.execute_command import COMMAND_HANDLERS
from tests.editors.vscode_install import EXTENSION_DIR, build_extension, find_vsix

MANIFEST = json.loads((EXTENSION_DIR / "package.json").read_text())


BUNDLES = {"dist/extension.js", "dist/clientFeaturesBundle.js"}


def test_it_holds_the_bundle_the_server_and_what_the_marketplace_shows() -> None:
    with zipfile.ZipFile(find_vsix()) as package:
        names = {name.removeprefix("extension/") for name in package.namelist() if name.startswith("extension/")}
    (wheel,) = (name for name in names if name.endswith(".whl"))
    assert wheel.startswith("server/interfix-")
    steps = {step["media"]["markdown"] for step in MANIFEST["contributes"]["walkthroughs"][0]["steps"]}
    assert names - {wheel} == {
        *BUNDLES,
        *("icon.png", "LICENSE.txt", "package.json", "readme.md", "changelog.md"),
        *("server/constraints.txt", "media/suggestion.png", "media/refactoring.png", "media/next-edit.png", *steps),
    }


def test_it_is_small() -> None:
    with zipfile.ZipFile(find_vsix()) as package:
        sizes = {each.filename: each.compress_size for each in package.infolist()}
    server = sum(size for name, size in sizes.items() if name.endswith(".whl"))
    assert 0 < server < 1_500_000, "the server grows with what it can do, but it is a download of seconds"
    assert sum(sizes.values()) - server < 350_000


@pytest.mark.parametrize("name", sorted(BUNDLES))
def test_it_has_no_way_to_the_network(name: str) -> None:
    modules = r"""require\(["'](?:node:)?(?:https?|http2|tls|dgram|dns)["']\)"""
    assert re.findall(rf"{modules}|\bfetch\(|XMLHttpRequest|WebSocket", (build_extension() / name).read_text()) == []


def test_what_the_editor_loads_when_it_starts_is_without_the_clients_library() -> None:
    assert (build_extension() / "dist/extension.js").stat().st_size < 30_000


def test_its_settings_are_the_servers() -> None:
    written = runpy.run_path(str(EXTENSION_DIR / "scripts/settings.py"))
    assert MANIFEST["contributes"]["configuration"] == written["configuration"](), "run editors/vscode/scripts/settings.py"


def test_a_workspace_can_set_nothing() -> None:
    sections = MANIFEST["contributes"]["configuration"]
    scopes = {key: value["scope"] for section in sections for key, value in section["properties"].items()}
    assert scopes["interfix.server.command"] == "machine"
    assert set(scopes.values()) == {"machine", "application"}


def test_no_command_is_called_as_one_of_the_servers() -> None:
    # The client's library registers each command that the server lists; a name that is taken keeps the server from starting.
    own = {command["command"] for command in MANIFEST["contributes"]["commands"]}
    assert own.isdisjoint(COMMAND_HANDLERS)


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((EXTENSION_DIR / "package-lock.json").read_text())
    assert [path for path, package in lock["packages"].items() if "resolved" in package] == []
    assert all("integrity" in package for path, package in lock["packages"].items() if path)
