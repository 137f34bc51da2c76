"""Interfix in a real Visual Studio Code with a real Pyright beside it: a member that only Pyright knows is suggested."""

import json
import shutil
import subprocess
from collections.abc import Iterator

import pytest

pytest.importorskip("playwright", reason="playwright is not installed, so no browser can be driven")

from tests.editors.vscode_driver import VSCode, Window, launch_chromium
from tests.editors.vscode_install import fetch_pyright, find_vsix, install_pyright_extension
from tests.isolated_home import ALWAYS_SHOWN, INTERFIX_COMMAND, make_home

MEMBERS = ("quagga_count", "zebra_note", "okapi")
"""No model would think of them: where one of them is suggested, it was told."""
EXISTING = (*MEMBERS, "__")
"""What a suggestion may begin with; every object has the last. No model would write either by itself here."""
LIBRARY = "class Account:\n    __slots__ = ()\n" + "".join(f"    def {name}(self) -> int: ...\n" for name in MEMBERS)
TEXT = """from ledger import Account


def describe(account: Account) -> str:
    value = accoun‸
    return str(value)
"""


@pytest.fixture(scope="module")
def window(model_settings: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    """Both servers, in a project that uses a library whose files are not in the workspace."""
    home, environment = make_home(model_settings)
    environment |= {"TEST_PYRIGHT": str(fetch_pyright()), **ALWAYS_SHOWN}
    library, workspace = tmp_path_factory.mktemp("library"), tmp_path_factory.mktemp("workspace")
    (library / "ledger.pyi").write_text(LIBRARY)
    (workspace / "pyrightconfig.json").write_text(json.dumps({"extraPaths": [str(library)]}))
    code = VSCode(tmp_path_factory.mktemp("code"), environment, find_vsix())
    code.configure({"interfix.server.command": INTERFIX_COMMAND})
    extension = install_pyright_extension(tmp_path_factory.mktemp("extension") / "pyright")
    remote = f"vscode-remote://{code.address.removeprefix('http://')}{extension}"
    try:
        with launch_chromium() as browser:
            window = code.open_window(browser.new_page(), workspace, extensionDevelopmentPath=remote)
            window.open("report.py", TEXT)
            window.wait_until(lambda: window.read_status() == "check Interfix", "the server is ready")
            yield window
    finally:
        code.close()
        subprocess.run([INTERFIX_COMMAND, "stop"], env=environment, check=True, capture_output=True)
        shutil.rmtree(home)


def test_a_member_that_only_the_language_server_knows_is_suggested(window: Window) -> None:
    window.type_text("t.", delay_ms=60)
    window.wait_until(lambda: window.read_selected_completion() in MEMBERS, "Pyright lists the members")
    window.press_keys("Escape")
    window.wait_until(lambda: not window.read_selected_completion(), "the list is closed")

    def ask_until_it_exists() -> bool:
        """The editor asks all its servers for the names; a suggestion that came before their list is asked for again."""
        window.run_command("Trigger Inline Suggestion")
        return bool(window.poll(lambda: window.read_ghost().startswith(EXISTING), 5.0))

    window.wait_until(ask_until_it_exists, "a member that exists")
    window.take_screenshot("vscode-guided-by-language-server")
    window.run_command("Interfix: Why This Suggestion")
    window.wait_until(lambda: "The language server told which names exist." in window.read_rendered_page(), "the verdict tells it")
