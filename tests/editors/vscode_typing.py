"""A real Visual Studio Code that is typed into."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from interfix.bench.acceptance_policy import AcceptGranularity
from tests.editors.vscode_driver import TAB_WIDTH, Window, open_vscode
from tests.editors.vscode_install import find_vsix, name_vscode_version

_PROBE = Path(__file__).with_name("vscode_text_probe")
_KEYS = {"Backspace": "Backspace", "Delete": "Delete", "Down": "ArrowDown", "Home": "Home", "Right": "ArrowRight"}
_ACCEPT_KEYS = {
    AcceptGranularity.WHOLE: "Tab",
    AcceptGranularity.LINE: "Control+Alt+ArrowRight",
    AcceptGranularity.WORD: "Control+ArrowRight",
}
_READY_ICONS = ("check", "error")
"""How the status begins of a server that has started; without a model for explanations it is not content."""
_LIST_SECONDS = 0.5


class VSCodeTyping:
    """A window with the extension and the editor's default settings, its completion list of words included."""

    def __init__(self, window: Window, probe: Path) -> None:
        self._window = window
        self._probe = probe
        self._has_tabs = False

    @property
    def name(self) -> str:
        """The editor and its version."""
        return f"VS Code {name_vscode_version()}"

    def open_file(self, path: Path, before: str, after: str) -> None:
        """Open a file of the workspace with the cursor between two texts, ready to be typed into."""
        self._has_tabs = "\n\t" in before + after
        self._window.open(str(path.relative_to(self._window.workspace)), f"{before}‸{after}")
        self._window.wait_until(lambda: self._read_probe() == (str(path), before, after), "the cursor is in the file")
        self._window.wait_until(lambda: self._window.read_status().startswith(_READY_ICONS), "the server is ready")

    def close_file(self) -> None:
        """Close the file in front, and leave it on the disk as it was."""
        self._window.press_keys("Escape", "Escape")
        self._window.run_command("View: Revert and Close Editor")
        self._window.wait_until(lambda: not self._window.read_active_tab(), "the file is closed")

    def type_character(self, character: str) -> None:
        """Press the key of a character, Enter for `\\n`; the editor does with it what it does."""
        if character == "\n":
            self._window.press_keys("Enter")
        elif character == "\t":
            self.insert_verbatim(character)  # the key is for suggestions
        else:
            self._window.type_text(character)

    def press_key(self, key: str) -> None:
        """Press one of: Backspace, Delete, Down, Home, Right."""
        self._window.press_keys(_KEYS[key])

    def insert_verbatim(self, text: str) -> None:
        """Put a text in as it is, as a paste does."""
        self._window.page.keyboard.insert_text(text)

    def take_suggestion(self, granularity: AcceptGranularity) -> None:
        """Press the key that takes a suggestion."""
        self._window.press_keys(_ACCEPT_KEYS[granularity])

    def close_list(self) -> bool:
        """Close an open completion list; whether one was open."""
        if not self._window.read_selected_completion():
            return False
        self._window.press_keys("Escape")
        self._window.poll(lambda: not self._window.read_selected_completion(), _LIST_SECONDS)
        return True

    def read_text(self) -> tuple[str, str]:
        """The text before the cursor and after it."""
        _, before, after = self._read_probe()
        return before, after

    def read_ghost(self, line: str) -> str:
        """The suggestion on the screen behind `line`, which is what stands before the cursor on its line; empty where none is."""
        before, ghost = self._window.read_suggestion()
        if not ghost or "".join(before.split()) != "".join(line.split()):
            return ""
        first, *more = ghost.split("\n")
        return "\n".join([first, *map(self._restore_tabs, more)])

    def take_screenshot(self, path: Path) -> None:
        """Keep a picture of the window."""
        self._window.page.screenshot(path=path.with_suffix(".png"))

    def _restore_tabs(self, line: str) -> str:
        if not self._has_tabs:
            return line
        text = line.lstrip(" ")
        tabs, spaces = divmod(len(line) - len(text), TAB_WIDTH)
        return "\t" * tabs + " " * spaces + text

    def _read_probe(self) -> tuple[str, str, str]:
        try:
            noted = json.loads(self._probe.read_text("utf-8"))
        except FileNotFoundError:
            return "", "", ""
        return noted["path"], noted["before"], noted["after"]


@contextmanager
def open_vscode_typing(folder: Path, environment: Mapping[str, str], workspace: Path) -> Iterator[VSCodeTyping]:
    """A window on a workspace that ends with the block; `folder` is for the editor's own files."""
    folder.mkdir(parents=True, exist_ok=True)
    probe = folder / "text.json"
    with open_vscode(folder / "code", {**environment, "TEST_TEXT_PROBE": str(probe)}, find_vsix()) as code:
        code.install_extension(_PROBE)
        with code.launch_window(workspace) as window:
            yield VSCodeTyping(window, probe)
