"""The script of a notebook: what stands where, and positions that stay true however its cells change."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from interfix.syntax.document import Document
from interfix.syntax.document_key import DocumentKey
from interfix.syntax.languages import load_languages
from interfix.syntax.notebook_script import (
    NotebookCell,
    NotebookScript,
    get_script_key,
    join_cells,
    place_cell,
    write_script,
)
from interfix.syntax.snapshot import Snapshot

PYTHON = load_languages().find_by_folder("python")
assert PYTHON is not None
TEXTS = st.text(alphabet="ab(:\né𝔘\r", max_size=12)


def make_script() -> NotebookScript:
    assert PYTHON is not None
    return NotebookScript("file:///lab.ipynb", "/lab.ipynb", DocumentKey("file:///lab.ipynb"), PYTHON)


def place(texts: list[tuple[str, bool]], index: int, script: NotebookScript) -> Snapshot:
    assert PYTHON is not None
    cells = [NotebookCell(text.encode(), is_markup) for text, is_markup in texts]
    snapshot = Document("vscode-notebook-cell:/lab.ipynb#W0s", texts[index][0], 0, "python").snapshot()
    return replace(snapshot, cell_place=place_cell(cells, index, script, PYTHON))


def test_what_is_no_cell_is_its_own_script() -> None:
    snapshot = Document("file:///a.py", "x = 1\n").snapshot()
    assert join_cells(snapshot, 3) == (snapshot, 3)
    assert get_script_key(snapshot) == snapshot.key


def test_a_script_is_in_the_percent_format() -> None:
    snapshot = place([("# Lab\n\nIt works.", True), ("x = 1", False), ("y = 2\n", False)], 1, make_script())
    script, offset = join_cells(snapshot, 5)
    assert script.text == "# %% [markdown]\n# # Lab\n#\n# It works.\n\n# %%\nx = 1\n\n# %%\ny = 2\n"
    assert script.data[:offset].endswith(b"x = 1")
    assert script.key == get_script_key(snapshot) == "file:///lab.ipynb#python"
    assert not script.broken


@given(st.lists(st.lists(st.tuples(TEXTS, st.booleans()), min_size=1, max_size=5), min_size=1, max_size=4), st.data())
def test_a_position_leads_to_the_same_text(versions: list[list[tuple[str, bool]]], data: st.DataObject) -> None:
    script = make_script()
    for texts in versions:
        index = data.draw(st.integers(0, len(texts) - 1))
        texts[index] = (texts[index][0], False)
        snapshot = place(texts, index, script)
        joined, start = join_cells(snapshot, 0)
        assert joined.data[start : start + len(snapshot.data)] == snapshot.data
        assert (
            str(joined.tree and joined.tree.root_node)
            == str((fresh := Document("file:///lab.ipynb", joined.text, 0, "python").snapshot().tree) and fresh.root_node)
            or joined.broken
        )


@given(st.lists(st.tuples(st.text(alphabet="ab\n", max_size=8), st.booleans()), min_size=1, max_size=6), st.data())
def test_the_whole_script_is_the_one_that_a_cell_is_joined_to(texts: list[tuple[str, bool]], data: st.DataObject) -> None:
    assert PYTHON is not None
    index = data.draw(st.integers(0, len(texts) - 1))
    texts[index] = (texts[index][0], False)
    whole = write_script([NotebookCell(text.encode(), is_markup) for text, is_markup in texts], PYTHON)
    joined, _ = join_cells(place(texts, index, make_script()), 0)
    assert joined.data.rstrip(b"\n") == whole.rstrip(b"\n")


def test_of_a_huge_notebook_the_cells_nearby_are_kept() -> None:
    many = [(f"a{i} = '{'x' * 1000}'", False) for i in range(2000)]
    joined, offset = join_cells(place(many, 1000, make_script()), 0)
    assert len(joined.data) < 520_000
    assert b"a999 = " in joined.data[:offset]
    assert b"a1001 = " in joined.data[offset:]
    assert b"a0 = " not in joined.data
