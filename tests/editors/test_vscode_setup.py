"""The first start in a real Visual Studio Code: a missing server is installed, and no workspace is read that is not trusted."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="playwright is not installed, so no browser can be driven")

import wiretap
from vscode_driver import VSCode, Window, chromium
from vscode_program import extension, tool, vsix

from home import INTERFIX

UV = """#!/bin/sh
# Stands for uv: notes what it is asked for, and makes an environment with the server of the tests.
[ "$1" = --version ] && { echo "uv 0.13.0"; exit; }
echo "$@" >> "$(dirname "$0")/asked"
for last; do :; done
[ "$1" = venv ] && { mkdir -p "$last/bin"; ln -s "$(command -v true)" "$last/bin/python"; exit; }
echo "Building interfix"
ln -s INTERFIX "$4/bin/interfix"
"""


@pytest.fixture
def bare(own_environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """An environment of a user who has no `interfix`."""
    places = [place for place in own_environment["PATH"].split(os.pathsep) if not (Path(place) / "interfix").exists()]
    (tmp_path / "home").mkdir()
    return {**own_environment, "PATH": os.pathsep.join(places), "HOME": str(tmp_path / "home")}


@contextmanager
def opened(folder: Path, environment: dict[str, str], *, trust: bool = False) -> Iterator[Window]:
    """A window of an editor of its own."""
    code = VSCode(folder / "code", environment, vsix(), trust=trust)
    (folder / "workspace").mkdir()
    try:
        with chromium() as browser:
            yield code.window(browser.new_page(), folder / "workspace")
    finally:
        code.close()


def test_a_server_that_is_missing_is_installed_when_the_user_wants_it(bare: dict[str, str], tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "uv").write_text(UV.replace("INTERFIX", INTERFIX))
    (programs / "uv").chmod(0o755)
    with opened(tmp_path, {**bare, "PATH": os.pathsep.join([str(programs), bare["PATH"]])}) as window:
        window.until(lambda: window.status() == "warning Interfix", "it says that it has no server")
        window.until(lambda: "Interfix needs its server" in window.notifications(), "the user is asked")
        assert not (programs / "asked").exists()
        window.press("Install")
        window.until(lambda: window.status() == "check Interfix", "the server that was installed is ready")
    made, installed = (programs / "asked").read_text().splitlines()
    assert made.startswith("venv --python >=3.11 ")
    assert installed.endswith(".whl")
    assert [option in installed for option in ("--no-config", "--constraints")] == [True, True]


def cached(uv: str, folder: Path) -> str:
    """Where uv has all of the server at hand, since the tests' own environment was made."""
    server = extension() / "server"
    [wheel] = server.glob("*.whl")
    subprocess.run([uv, "venv", "--quiet", folder], check=True)
    pinned = ["--no-config", "--constraints", server / "constraints.txt"]
    tried = subprocess.run(
        [uv, "pip", "install", "--dry-run", "--offline", "--python", folder, *pinned, wheel], capture_output=True
    )
    if tried.returncode:
        pytest.skip(f"uv would have to fetch: {tried.stderr.decode()}")
    return subprocess.run([uv, "cache", "dir"], check=True, capture_output=True, text=True).stdout.strip()


def test_what_the_extension_brings_is_installed_to_the_end_and_suggests(bare: dict[str, str], tmp_path: Path) -> None:
    uv = tool("uv", "no server can be installed")
    kept = cached(uv, tmp_path / "tried")
    environment = {**bare, "UV_CACHE_DIR": kept, "UV_OFFLINE": "1", "INTERFIX_COMPLETION_THRESHOLD": "0"}
    (tmp_path / "programs").mkdir()
    (tmp_path / "programs/uv").symlink_to(uv)
    with opened(tmp_path, {**environment, "PATH": os.pathsep.join([str(tmp_path / "programs"), bare["PATH"]])}) as window:
        window.until(lambda: "Interfix needs its server" in window.notifications(), "the user is asked")
        window.press("Install")
        window.until(lambda: "installing the server" in window.notifications(), "it is being installed")
        window.until(lambda: window.status() == "check Interfix", "the server that was installed is ready")
        window.until(lambda: "installing the server" not in window.notifications(), "nothing is being installed any more")
        window.open("box.py", "def area(width, height):\n    return‸\n")
        window.type(" ")
        window.until(window.ghost, "ghost text")


def test_what_is_lacking_to_install_it_is_told(bare: dict[str, str], tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("uv", "python3", "python"):
        (programs / name).write_text("#!/bin/sh\necho 'no space left on the device' >&2\nexit 1\n")
        (programs / name).chmod(0o755)
    with opened(tmp_path, {**bare, "PATH": os.pathsep.join([str(programs), bare["PATH"]])}) as window:
        window.until(lambda: "Interfix needs its server" in window.notifications(), "the user is asked")
        window.press("Install")
        window.until(lambda: "could not be installed: no space left on the device" in window.notifications(), "the reason is told")
        assert "Try Again" in window.notifications()
        assert window.status() == "warning Interfix"


def test_a_workspace_is_read_only_once_it_is_trusted(environment: dict[str, str], tmp_path: Path) -> None:
    log = wiretap.install(tmp_path / "programs")
    path = os.pathsep.join([str(tmp_path / "programs"), environment["PATH"]])

    def trusted() -> list[object]:
        """What the server was told, time and again."""
        told = [each["message"]["params"] for each in wiretap.heard(log) if not each["server"] and "params" in each["message"]]
        settings = [each.get("initializationOptions") or each.get("settings") for each in told if isinstance(each, dict)]
        return [each["interfix"].get("context", {}).get("trusted", True) for each in settings if each]

    with opened(tmp_path, {**environment, "PATH": path}, trust=True) as window:
        window.page.get_by_text("Restricted Mode").first.wait_for()
        window.until(lambda: window.status() == "check Interfix", "the server is ready all the same")
        assert trusted()
        assert not any(trusted())
        window.command("Workspaces: Manage Workspace Trust")
        window.page.locator(".workspace-trust-editor").wait_for()
        window.page.locator(".workspace-trust-editor .monaco-button", has_text="Trust").first.click()
        window.until(lambda: trusted()[-1] is True, "the server is told that the workspace is trusted")
