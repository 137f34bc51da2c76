"""A real Visual Studio Code to measure, with the real server and model listened to, and a control beside the extension."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from tests.editors import lsp_proxy
from tests.editors.vscode_driver import VSCode, Window, open_vscode
from tests.editors.vscode_install import find_vsix
from tests.isolated_home import ALWAYS_SHOWN, open_home, small_model_settings

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
    with open_home(small_model_settings()) as environment, TemporaryDirectory() as place:
        folder = Path(place)
        control = folder / "control.jsonl"
        environment = {**lsp_proxy.listen(environment, folder / "bin"), **ALWAYS_SHOWN, "TEST_CONTROL": str(control)}
        (folder / "workspace").mkdir()
        with open_vscode(folder / "code", environment, find_vsix()) as code:
            code.configure({"interfix.completion.notIn": ["plaintext", "log"]})
            with code.launch_window(folder / "workspace", extensionDevelopmentPath=code.locate_remote(_CONTROL)) as window:
                window.open("warm.py", BOX_CODE.format("one", "two", "three", "four"))
                window.wait_until(lambda: window.read_status() == "check Interfix", "the server is ready")
                window.press_keys("Enter")
                window.await_ghost()
                window.press_keys("Escape")
                window.run_command("View: Revert and Close Editor")
                yield Measurement(code, window, environment, Path(environment["TEST_WIRETAP"]), control)
