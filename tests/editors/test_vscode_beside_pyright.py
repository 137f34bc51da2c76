"""Interfix in a real Visual Studio Code beside a real language server, whose list is open at nearly every word."""

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="playwright is not installed, so no browser can be driven")

from tests.editors.vscode_driver import VSCode, Window
from tests.editors.vscode_install import fetch_pyright, install_pyright_extension
from tests.isolated_home import ALWAYS_SHOWN

BOX = """class Box:
    def __init__(self, left, right, top, bottom):
        self.left = left
        self.right = right
        self.top = top
        self.bottom = bottom

    def width(self):
        return self.right - self.left

    def height(self):
        return‸


box = Box(1, 2, 3, 4)
print(box.width(), box.height())
"""


@pytest.fixture(scope="module")
def environment_settings() -> dict[str, str]:
    return {"TEST_PYRIGHT": str(fetch_pyright()), **ALWAYS_SHOWN}


@pytest.fixture(scope="module")
def window(code: VSCode, workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    extension = install_pyright_extension(tmp_path_factory.mktemp("extension") / "pyright")
    with code.launch_window(workspace, extensionDevelopmentPath=code.locate_remote(extension)) as window:
        window.open("warm.py", BOX)
        window.wait_until(lambda: window.read_status() == "check Interfix", "the server is ready")
        window.type_text(" ")
        window.await_ghost()
        yield window


def read_last_line(window: Window) -> str:
    return window.read_text().partition("height(self):\n")[2].split("\n")[0].strip()


def test_ghost_text_stands_beside_the_language_servers_list(window: Window) -> None:
    window.open("box.py", BOX)
    window.type_text(" self.", delay_ms=60)
    window.wait_until(window.read_selected_completion, "the members are listed")
    window.type_text("b", delay_ms=60)
    window.wait_until(lambda: window.read_selected_completion() == "bottom", "the member is selected")
    window.wait_until(lambda: window.read_ghost().startswith("ottom"), "the suggestion goes on from it")
    window.wait_until(lambda: window.read_ghost() != "ottom", "and says more than the list does")
    window.take_screenshot("vscode-language-server-and-suggestion")
    window.press_keys("Tab")
    window.wait_until(lambda: not window.read_selected_completion(), "the list's entry is taken")
    assert read_last_line(window) == "return self.bottom"
    window.await_ghost("the rest is suggested still")
    window.press_keys("Tab")
    window.wait_until(lambda: not window.read_ghost(), "it is taken")
    assert read_last_line(window).startswith("return self.bottom")
    assert len(read_last_line(window)) > len("return self.bottom")


def test_coming_back_to_an_entry_shows_its_suggestion_again(window: Window) -> None:
    window.open("other.py", BOX)
    window.type_text(" self.", delay_ms=60)
    window.wait_until(window.read_selected_completion, "the members are listed")

    def go_to_entry_with_suggestion() -> str:
        name = window.read_selected_completion()
        if window.poll(lambda: window.read_ghost().startswith(name) and window.read_ghost() != name, 4.0):
            return name
        window.press_keys("ArrowDown")
        window.wait_until(lambda: window.read_selected_completion() != name, "the next entry")
        return ""

    name = window.wait_until(go_to_entry_with_suggestion, "an entry that a suggestion goes on from")
    first = window.read_ghost()
    window.press_keys("ArrowDown")
    window.wait_until(lambda: window.read_selected_completion() != name, "another entry")
    window.press_keys("ArrowUp")
    window.wait_until(
        lambda: window.read_selected_completion() == name and window.read_ghost() == first, "the suggestion of before"
    )
    window.press_keys("Enter")
    window.wait_until(lambda: not window.read_selected_completion(), "Enter takes the entry")
    assert read_last_line(window) == f"return self.{name}"
