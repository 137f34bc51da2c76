"""The replay's typist in a real Visual Studio Code, its list of words open, beside a server that knows what is to come."""

import os
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="playwright is not installed, so no browser can be driven")

from tests.editors.oracle_typing import check_typing, install_oracle
from tests.editors.vscode_typing import open_vscode_typing


def test_what_is_drawn_is_taken_and_the_text_is_as_meant(workspace: Path, tmp_path: Path) -> None:
    window = open_vscode_typing(tmp_path / "editor", {**os.environ, **install_oracle(tmp_path)}, workspace)
    check_typing(window, workspace)


def test_a_file_is_opened_with_the_cursor_behind_tabs(workspace: Path, tmp_path: Path) -> None:
    before, after = "package main\n\nfunc main() {\n\tif true {\n\t\tx := 1;\t", "\n\t}\n}\n"
    with open_vscode_typing(tmp_path / "editor", {**os.environ, **install_oracle(tmp_path)}, workspace) as surface:
        surface.open_file(workspace / "main.go", before, after)
        assert surface.read_text() == (before, after)
