"""Notebooks and untitled files in a real Visual Studio Code, whose extensions run on a remote host, with the real server."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.isolated_home import ALWAYS_SHOWN, INTERFIX_COMMAND, make_home

pytest.importorskip("playwright", reason="playwright is not installed, so no browser can be driven")

from tests.editors import lsp_proxy
from tests.editors.vscode_driver import VSCode, Window, launch_chromium
from tests.editors.vscode_install import find_vsix

FIRST = "%matplotlib inline\nfrom shapes import Box\n\ndef area(box: Box) -> float:\n    return box.width * box.height\n"
SECOND = "box = Box(2, 3)\nprint("
SHAPES = "class Box:\n    def __init__(self, width, height):\n        self.width = width\n        self.height = height\n"
OUTPUT = "sk-live-4eC39HqLyjWDarjtT1zdp7dc"


@pytest.fixture(scope="module")
def environment(model_settings: dict[str, str]) -> Iterator[dict[str, str]]:
    """A home with an `interfix` on the PATH that is listened to. However unsure the small model is, it shows what it has."""
    home, environment = make_home(model_settings)
    log = lsp_proxy.install(home / "bin")
    path = os.pathsep.join([str(home / "bin"), environment["PATH"]])
    yield {**environment, "PATH": path, "TEST_WIRETAP": str(log), **ALWAYS_SHOWN}
    subprocess.run([INTERFIX_COMMAND, "stop"], env=environment, check=True, capture_output=True)
    shutil.rmtree(home)


@pytest.fixture(scope="module")
def window(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    code = VSCode(tmp_path_factory.mktemp("code"), environment, find_vsix())
    workspace = tmp_path_factory.mktemp("workspace")
    (workspace / "shapes.py").write_text(SHAPES)
    cells = [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# Shapes"]},
        write_cell("b", FIRST, [{"output_type": "stream", "name": "stdout", "text": [OUTPUT]}]),
        write_cell("c", SECOND, []),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (workspace / "lab.ipynb").write_text(json.dumps(notebook))
    try:
        with launch_chromium() as browser:
            window = code.open_window(browser.new_page(), workspace)
            window.wait_until(lambda: window.read_status() == "check Interfix", "the server is ready")
            yield window
    finally:
        code.close()


def write_cell(identifier: str, text: str, outputs: list[dict[str, Any]]) -> dict[str, Any]:
    lines = text.splitlines(keepends=True)
    cell = {"cell_type": "code", "execution_count": None, "id": identifier, "metadata": {}}
    return {**cell, "outputs": outputs, "source": lines}


def read_messages(environment: dict[str, str], method: str) -> list[dict[str, Any]]:
    """The parameters of what was sent under a method, in order."""
    messages = [each["message"] for each in lsp_proxy.read_messages(Path(environment["TEST_WIRETAP"]))]
    return [message["params"] for message in messages if message.get("method") == method]


def test_a_cell_gets_ghost_text_that_knows_the_cells_above_it(window: Window, environment: dict[str, str]) -> None:
    window.open_notebook("lab.ipynb")
    window.enter_cell(1)
    window.press_keys("Control+End")
    window.type_text("area(")
    window.await_ghost("ghost text in the second cell of code")
    window.take_screenshot("vscode-notebook")
    (opened,) = read_messages(environment, "notebookDocument/didOpen")
    assert [cell["kind"] for cell in opened["notebookDocument"]["cells"]] == [1, 2, 2]
    assert OUTPUT not in json.dumps(opened)
    cells = {document["uri"] for document in opened["cellTextDocuments"]}
    # The window is remote: cells have the host's name, and lie in files of this machine all the same.
    assert all(uri.startswith("vscode-notebook-cell://127.0.0.1") for uri in cells)
    assert not {each["textDocument"]["uri"] for each in read_messages(environment, "textDocument/didOpen")} & cells
    assert {each["textDocument"]["uri"] for each in read_messages(environment, "textDocument/inlineCompletion")} <= cells
    window.press_keys("Escape")
    window.enter_cell(1)
    window.run_command("Interfix: Why This Suggestion")
    page = window.wait_until(window.read_rendered_page, "the prompt is shown")
    for shown in ("# Shapes", "def area(box: Box)", "box = Box(2, 3)", "shapes.py"):
        assert shown in page, page


def test_an_untitled_file_gets_suggestions_with_the_workspaces_context(window: Window, environment: dict[str, str]) -> None:
    window.run_command("File: New Untitled Text File")
    window.run_command("Change Language Mode")
    window.page.get_by_placeholder("Select Language Mode").fill("python")
    window.pick_entry("Python")
    window.wait_until(lambda: window.page.locator(".part.statusbar").get_by_text("Python", exact=True).count(), "it is Python")
    window.type_text("from shapes import Box\n\nbox = Box(")
    window.await_ghost()
    opened = [each["textDocument"] for each in read_messages(environment, "textDocument/didOpen")]
    assert ("untitled:Untitled-1", "python") in {(each["uri"], each["languageId"]) for each in opened}
    window.run_command("Interfix: Why This Suggestion")
    page = window.wait_until(window.read_rendered_page, "the prompt is shown")
    assert "shapes.py" in page
    assert "def __init__(self, width, height)" in page
