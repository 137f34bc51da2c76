"""The Visual Studio Code extension builds, with nothing but npm, into one small file that holds what it should."""

import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

EXTENSION = Path(__file__).parents[2] / "editors/vscode"
NPM = shutil.which("npm")


@pytest.fixture(scope="module")
def vsix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, built from a copy of the sources so that nothing built before is in it."""
    if NPM is None:
        pytest.skip("npm is not installed, so the Visual Studio Code extension cannot be built here")
    folder = tmp_path_factory.mktemp("vscode") / "vscode"
    shutil.copytree(EXTENSION, folder, ignore=shutil.ignore_patterns("node_modules", "dist", "*.vsix"))
    for arguments in (["ci"], ["run", "package"]):
        done = subprocess.run([NPM, *arguments], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, f"npm {' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
    return folder / "interfix.vsix"


def test_it_holds_the_bundle_and_what_the_marketplace_shows(vsix: Path) -> None:
    with zipfile.ZipFile(vsix) as package:
        names = {name.removeprefix("extension/").lower() for name in package.namelist() if name.startswith("extension/")}
        manifest = json.loads(package.read("extension/package.json"))
    assert names == {"dist/extension.js", "icon.png", "license.txt", "package.json", "readme.md"}
    assert f"extension/{manifest['main'].removeprefix('./')}" == "extension/dist/extension.js"


def test_it_is_small(vsix: Path) -> None:
    assert vsix.stat().st_size < 1_000_000


def test_a_workspace_cannot_choose_the_program_that_is_run() -> None:
    manifest = json.loads((EXTENSION / "package.json").read_text())
    properties = manifest["contributes"]["configuration"]["properties"]
    assert properties["interfix.server.command"]["scope"] == "machine"


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((EXTENSION / "package-lock.json").read_text())
    assert [path for path, package in lock["packages"].items() if "resolved" in package] == []
    assert all("integrity" in package for path, package in lock["packages"].items() if path)
