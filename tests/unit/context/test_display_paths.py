"""What a model is shown as the name of a text: what it is the code of, never the container it lies in."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from interfix.context.display_paths import make_display_path, make_prompt_path
from interfix.context.window_segments import build_window
from interfix.inference_types import SegmentKind
from interfix.syntax.document import Document, open_file
from interfix.syntax.document_key import DocumentKey
from interfix.syntax.languages import load_languages
from interfix.syntax.notebook_script import NotebookCell, NotebookScript, join_cells, place_cell

PYTHON = load_languages().find_by_folder("python")
IDS = sorted({language_id for language in load_languages() for language_id in language.ids})
ROOT = Path("/lab")


def make_cell_uri(path: str) -> str:
    return f"vscode-notebook-cell:{path}#W0sZmlsZQ%3D%3D"


@given(st.from_regex(r"(/lab/)?[a-z]{1,4}([.][a-z]{1,3})?[.](ipynb|dib|interactive)", fullmatch=True), st.sampled_from(IDS))
@example("/lab/analysis.ipynb", "python")
def test_a_cell_is_named_like_a_source_file_of_its_language(path: str, language_id: str) -> None:
    snapshot = Document(make_cell_uri(path), "x\n", language_id=language_id).snapshot()
    name = make_prompt_path(snapshot, ROOT)
    assert load_languages().find_by_path(name) is load_languages().find_by_id(language_id)
    assert name.rpartition(".")[0] == Path(path).stem, "and else as it is called"


@pytest.mark.parametrize(
    ("uri", "language_id", "name"),
    [
        (make_cell_uri("/lab/sub/analysis.ipynb"), "python", "sub/analysis.py"),
        (make_cell_uri("/lab/analysis.ipynb"), "julia", "analysis.jl"),
        (make_cell_uri("/lab/analysis.ipynb"), "r", "analysis.R"),
        (make_cell_uri("/lab/analysis.ipynb"), "markdown", "analysis.md"),
        (make_cell_uri("/lab/analysis.ipynb"), "of no kernel", "analysis.ipynb"),
        (make_cell_uri("/lab/marimo.py"), "python", "marimo.py"),
        (make_cell_uri("Untitled-1.ipynb"), "python", "Untitled-1.py"),
        ("vscode-notebook-cell:Interactive-1.interactive#W0sdW50aXRsZWQ%3D", "python", "Interactive-1.py"),
        ("file:///lab/analysis.ipynb", "python", "analysis.py"),  # as plugins of Vim show its code
        ("file:///lab/analysis.ipynb", "json", "analysis.ipynb"),  # as it lies on the disk
        ("file:///lab/report.qmd", "quarto", "report.qmd"),
        ("file:///lab/report.Rmd", "rmd", "report.Rmd"),
        ("file:///lab/tool", "python", "tool"),
        ("file:///lab/shapes.h", "c", "shapes.h"),
        ("file:///lab/lib.pyi", "python", "lib.pyi"),
        ("untitled:Untitled-1", "julia", "Untitled-1.jl"),
        ("untitled:Untitled-1", "cpp", "Untitled-1.cpp"),
        ("untitled:Untitled-1", "plaintext", "Untitled-1"),
    ],
)
def test_the_name_tells_what_the_text_is(uri: str, language_id: str, name: str) -> None:
    snapshot = Document(uri, "x = 1\n", language_id=language_id).snapshot()
    assert make_prompt_path(snapshot, ROOT) == name


def test_the_joined_cells_are_one_source_file() -> None:
    assert PYTHON is not None
    script = NotebookScript("vscode-interactive:/Interactive-1.interactive", "", DocumentKey("lab"), PYTHON)
    cell = Document(make_cell_uri("/lab/analysis.ipynb"), "total = ", language_id="python").snapshot()
    script_of_file = NotebookScript("file:///lab/analysis.ipynb", "/lab/analysis.ipynb", DocumentKey("lab"), PYTHON)
    place = place_cell([NotebookCell(b"x = 1\n"), NotebookCell(cell.data)], 1, script_of_file, PYTHON)
    joined, offset = join_cells(replace(cell, cell_place=place), len(cell.data))
    paths = {segment.path for segment in build_window(joined, offset, ROOT) if segment.kind is SegmentKind.PREFIX}
    assert paths == {"analysis.py"}
    assert make_prompt_path(script.update(b"x = 1\n"), ROOT) == "Interactive-1.py"


@pytest.mark.parametrize(("kernel", "ending"), [("python", ".py"), ("julia", ".jl"), ("R", ".R"), ("scala", ".scala")])
def test_a_notebook_on_the_disk_is_shown_as_its_code(tmp_path: Path, kernel: str, ending: str) -> None:
    file = tmp_path / "analysis.ipynb"
    cell = {"cell_type": "code", "source": "x = 1"}
    file.write_text(json.dumps({"nbformat": 4, "metadata": {"language_info": {"name": kernel}}, "cells": [cell]}))
    snapshot = open_file(file).snapshot()
    assert make_prompt_path(snapshot, tmp_path) == f"analysis{ending}"
    assert make_display_path(snapshot, tmp_path) == "analysis.ipynb", "by which sources know the file"
