"""The first start in a real Visual Studio Code: a missing server is installed, and no workspace is read that is not trusted."""

import os
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.editors import lsp_proxy

pytest.importorskip("playwright", reason="playwright is not installed, so no browser can be driven")

from tests.editors.vscode_driver import Window, open_vscode
from tests.editors.vscode_install import build_extension, find_vsix, require_tool
from tests.isolated_home import ALWAYS_SHOWN, INTERFIX_COMMAND

UV = """#!/bin/sh
# Stands for uv: notes what it is asked for, and makes an environment with the server of the tests.
[ "$1" = --version ] && { echo "uv 0.13.0"; exit; }
echo "$@" >> "$(dirname "$0")/asked"
for last; do :; done
[ "$1" = venv ] && { mkdir -p "$last/bin"; ln -s "$(command -v true)" "$last/bin/python"; exit; }
echo "Building interfix"
ln -s INTERFIX "$4/bin/interfix"
"""

FAILING_UV = """#!/bin/sh
# The real uv. At the first attempt the index refuses to talk, and what was made is ruined; then nobody knows its certificate; after
# that all is at hand.
case "$1" in --version|venv) exec UV "$@"; esac
echo "$UV_SYSTEM_CERTS" >> FOLDER/attempts
online() { env -u UV_OFFLINE -u UV_INDEX -u UV_FIND_LINKS UV_NO_CACHE=1 UV_HTTP_RETRIES=0 UV_DEFAULT_INDEX="$@"; }
case $(wc -l < FOLDER/attempts) in
  1) online http://127.0.0.1:9/simple UV "$@"; code=$?; rm "$4/pyvenv.cfg"; ln -sf /nowhere "$4/bin/python"; exit $code ;;
  2) online https://127.0.0.1:PORT/simple UV "$@" ;;
  *) exec UV "$@" ;;
esac
"""


@contextmanager
def serve_unknown_certificate(folder: Path) -> Iterator[int]:
    """A server on this machine with a certificate that nobody has vouched for; its port."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", key, "-out", certificate]
    subprocess.run([require_tool("openssl", "no certificate can be made"), *made], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture
def bare_environment(isolated_environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """An environment of a user who has no `interfix`."""
    places = [place for place in isolated_environment["PATH"].split(os.pathsep) if not (Path(place) / "interfix").exists()]
    (tmp_path / "home").mkdir()
    return {**isolated_environment, "PATH": os.pathsep.join(places), "HOME": str(tmp_path / "home")}


@contextmanager
def open_editor_window(folder: Path, environment: dict[str, str], *, trust: bool = False) -> Iterator[Window]:
    """A window of an editor of its own."""
    (folder / "workspace").mkdir()
    with (
        open_vscode(folder / "code", environment, find_vsix(), ask_for_trust=trust) as code,
        code.launch_window(folder / "workspace") as window,
    ):
        yield window


def test_a_server_that_is_missing_is_installed_when_the_user_wants_it(bare_environment: dict[str, str], tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "uv").write_text(UV.replace("INTERFIX", INTERFIX_COMMAND))
    (programs / "uv").chmod(0o755)
    with open_editor_window(
        tmp_path, {**bare_environment, "PATH": os.pathsep.join([str(programs), bare_environment["PATH"]])}
    ) as window:
        window.wait_until(lambda: window.read_status() == "warning Interfix", "it says that it has no server")
        window.wait_until(lambda: "Interfix needs its server" in window.read_notifications(), "the user is asked")
        assert not (programs / "asked").exists()
        window.click_button("Install")
        window.wait_until(lambda: window.read_status() == "check Interfix", "the server that was installed is ready")
    made, installed = (programs / "asked").read_text().splitlines()
    assert made.startswith("venv --python >=3.11 ")
    assert installed.endswith(".whl")
    assert [option in installed for option in ("--no-config", "--constraints")] == [True, True]


def fill_uv_cache(uv: str, folder: Path) -> str:
    """Where uv has all of the server at hand, since the tests' own environment was made."""
    server = build_extension() / "server"
    [wheel] = server.glob("*.whl")
    subprocess.run([uv, "venv", "--quiet", folder], check=True)
    pinned = ["--no-config", "--constraints", server / "constraints.txt"]
    tried = subprocess.run(
        [uv, "pip", "install", "--dry-run", "--offline", "--python", folder, *pinned, wheel], capture_output=True
    )
    if tried.returncode:
        pytest.skip(f"uv would have to fetch: {tried.stderr.decode()}")
    return subprocess.run([uv, "cache", "dir"], check=True, capture_output=True, text=True).stdout.strip()


def test_what_the_extension_brings_is_installed_to_the_end_and_suggests(bare_environment: dict[str, str], tmp_path: Path) -> None:
    uv = require_tool("uv", "no server can be installed")
    kept = fill_uv_cache(uv, tmp_path / "tried")
    environment = {
        **bare_environment,
        "UV_CACHE_DIR": kept,
        "UV_OFFLINE": "1",
        **ALWAYS_SHOWN,
    }
    (tmp_path / "programs").mkdir()
    (tmp_path / "programs/uv").symlink_to(uv)
    with open_editor_window(
        tmp_path, {**environment, "PATH": os.pathsep.join([str(tmp_path / "programs"), bare_environment["PATH"]])}
    ) as window:
        window.wait_until(lambda: "Interfix needs its server" in window.read_notifications(), "the user is asked")
        window.click_button("Install")
        window.wait_until(lambda: "installing the server" in window.read_notifications(), "it is being installed")
        window.wait_until(lambda: window.read_status() == "check Interfix", "the server that was installed is ready")
        window.wait_until(lambda: "installing the server" not in window.read_notifications(), "nothing is being installed any more")
        window.open("box.py", "def area(width, height):\n    return‸\n")
        window.type_text(" ")
        if not window.poll(window.read_ghost, 20.0):
            window.run_command("Trigger Inline Suggestion")
        window.await_ghost()


def test_a_failed_installation_says_why_and_succeeds_at_the_next_try(bare_environment: dict[str, str], tmp_path: Path) -> None:
    uv = require_tool("uv", "no server can be installed")
    environment = {**bare_environment, "UV_CACHE_DIR": fill_uv_cache(uv, tmp_path / "tried"), "UV_OFFLINE": "1"}
    programs = tmp_path / "programs"
    programs.mkdir()
    with serve_unknown_certificate(tmp_path) as port:
        script = FAILING_UV.replace("UV ", f"{uv} ").replace("FOLDER", str(programs)).replace("PORT", str(port))
        (programs / "uv").write_text(script)
        (programs / "uv").chmod(0o755)
        path = os.pathsep.join([str(programs), bare_environment["PATH"]])
        with open_editor_window(tmp_path, {**environment, "PATH": path}) as window:
            window.wait_until(lambda: "Interfix needs its server" in window.read_notifications(), "the user is asked")
            window.click_button("Install")
            window.wait_until(lambda: "could not be installed" in window.read_notifications(), "it fails")
            told = window.read_notifications()
            assert "Failed to fetch: " in told
            assert "Connection refused" in told
            assert "hint" not in told
            assert "`" not in told
            window.click_button("Try Again")
            window.wait_until(lambda: window.read_status() == "check Interfix", "the server that was installed is ready")
    assert (programs / "attempts").read_text().splitlines() == ["", "", "1"], "the last one with the system's certificates"


def test_what_is_lacking_to_install_it_is_told(bare_environment: dict[str, str], tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("uv", "python3", "python"):
        (programs / name).write_text("#!/bin/sh\necho 'no space left on the device' >&2\nexit 1\n")
        (programs / name).chmod(0o755)
    with open_editor_window(
        tmp_path, {**bare_environment, "PATH": os.pathsep.join([str(programs), bare_environment["PATH"]])}
    ) as window:
        window.wait_until(lambda: "Interfix needs its server" in window.read_notifications(), "the user is asked")
        window.click_button("Install")
        window.wait_until(
            lambda: "could not be installed: no space left on the device" in window.read_notifications(), "the reason is told"
        )
        assert "Try Again" in window.read_notifications()
        assert window.read_status() == "warning Interfix"


def test_a_workspace_is_read_only_once_it_is_trusted(environment: dict[str, str], tmp_path: Path) -> None:
    listened = lsp_proxy.listen(environment, tmp_path / "programs")

    def trusted() -> list[object]:
        """What the server was told, time and again."""
        heard = lsp_proxy.read_messages(Path(listened["TEST_WIRETAP"]))
        told = [each["message"]["params"] for each in heard if not each["server"] and "params" in each["message"]]
        settings = [each.get("initializationOptions") or each.get("settings") for each in told if isinstance(each, dict)]
        return [each["interfix"].get("context", {}).get("trusted", True) for each in settings if each]

    with open_editor_window(tmp_path, listened, trust=True) as window:
        window.page.get_by_text("Restricted Mode").first.wait_for()
        window.wait_until(lambda: window.read_status() == "check Interfix", "the server is ready all the same")
        assert trusted()
        assert not any(trusted())
        window.click_button("Yes, I trust the authors")
        window.wait_until(lambda: trusted()[-1] is True, "the server is told that the workspace is trusted")
