"""A real Visual Studio Code to measure, with the real server and model listened to, and a control beside the extension."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from tests.editors import lsp_proxy
from tests.editors.vscode_driver import VSCode, Window, launch_chromium
from tests.editors.vscode_install import find_vsix
from tests.isolated_home import INTERFIX_COMMAND, make_home, small_model_settings

BOX_CODE = """class Box:
    def __init__(self, {0}, {1}, {2}, {3}):‸


box = Box(1, 2, 3, 4)
print(box.{0}, box.{1}, box.{2}, box.{3})
"""
"""A place where even the small model has something to suggest; four words are to be filled in."""
_CONTROL = Path(__file__).with_name("vscode_control")
"""An extension that does as little as one can."""


class Measurement(msgspec.Struct, frozen=True):
    """What is measured, and what is heard of it."""

    editor: VSCode
    """The editor."""
    window: Window
    """A window of it, with the engine warm."""
    environment: dict[str, str]
    """Where it lives."""
    log: Path
    """What editor and server say to each other."""
    control_log: Path
    """What the control notes."""

    def read_notes(self, what: str, after: float, before: float = float("inf")) -> list[dict[str, Any]]:
        """The control's notes of a kind between two moments, ms since 1970."""
        notes = (json.loads(line) for line in self.control_log.read_text().splitlines())
        return [note for note in notes if note["what"] == what and after < note["at"] < before]


@contextmanager
def open_measurement() -> Iterator[Measurement]:
    """An editor in a home of its own, of which nothing is left. Interfix suggests nothing in `.txt` and `.log` files."""
    home, environment = make_home(small_model_settings())
    log, control = lsp_proxy.install(home / "bin"), home / "control.jsonl"
    path = os.pathsep.join([str(home / "bin"), environment["PATH"]])
    settings = {"INTERFIX_COMPLETION_THRESHOLD": "0", "INTERFIX_COMPLETION_TIME_MS": "0"}
    environment |= {"PATH": path, **settings, "TEST_CONTROL": str(control)}
    code = VSCode(home / "code", environment, find_vsix())
    code.configure({"interfix.completion.notIn": ["plaintext", "log"]})
    try:
        with launch_chromium() as browser:
            (home / "workspace").mkdir()
            remote = f"vscode-remote://{code.address.removeprefix('http://')}{_CONTROL}"
            window = code.open_window(browser.new_page(), home / "workspace", extensionDevelopmentPath=remote)
            window.open("warm.py", BOX_CODE.format("one", "two", "three", "four"))
            window.wait_until(lambda: window.read_status() == "check Interfix", "the server is ready")
            window.press_keys("Enter")
            window.wait_until(window.read_ghost, "ghost text")
            window.press_keys("Escape")
            window.run_command("View: Revert and Close Editor")
            yield Measurement(code, window, environment, log, control)
    finally:
        code.close()
        subprocess.run([INTERFIX_COMMAND, "stop"], env=environment, check=True, capture_output=True)
        shutil.rmtree(home)
