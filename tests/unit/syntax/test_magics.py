"""IPython's magics are no syntax errors, and what only looks like one is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interfix.syntax.document import Document
from interfix.syntax.injections import get_embedded_at
from interfix.syntax.languages import load_languages
from interfix.syntax.magics import find_magic_cells, has_cell_marks, hide_magics
from interfix.syntax.snapshot import Snapshot

CELL_URI = "vscode-notebook-cell:/lab/x.ipynb#W0sZmlsZQ%3D%3D"
PYTHON = load_languages().find_by_folder("python")
assert PYTHON is not None

# From IPython's own documentation of each form, and from notebooks as people write them.
MAGICS = [
    "%matplotlib inline",
    "%%time\nx = 1",
    "\n%%timeit -n 10\nx = sum(range(10))\n",
    "!pip install -q 'pandas>=2' \\\n    numpy",
    "!!ls",
    "?str.join",
    "??open",
    "str.join?",
    "open??",
    "np.*load*?",
    "files = !ls *.py",
    "ip, port = %sx hostname",
    "if True:\n    !ls {folder}\n    x = 1",
    "for each in (1, 2):\n    %timeit each\n",
    "try:\n    import a\nexcept ImportError:\n    %pip install a\n",
    "%%bash\nfor f in *; do echo $f; done",
    "%%html\n<b>it's</b>",
    "%%cypher\nMATCH (n) RETURN n",
    "%%writefile run.sh\nif true; then echo 'é'; fi",
    "x = 1; y = 2\n%load_ext autoreload\n%autoreload 2\nz = 3",
    "# a comment\n!ls",
    "# %% [markdown]\n# It's prose: (\n# %%\n!ls\n",
]

PLAIN = [
    "x = (a\n     % b)\n",
    "x = a \\\n    % b\n",
    "text = '''\n%s of %s\n!ls\nwhy?\n'''\n",
    'text = """\n%%bash\n"""\n',
    "x = 'it!' != y\n",
    "x = 5 % 2\n",
    "d = {\n    'a': 1,\n    # what?\n}\n",
    "x = f'{a!r}'\n",
    "x == y  # really?\n",
]


def read(text: str) -> Snapshot:
    return Document(CELL_URI, text, 0, "python").snapshot()


@pytest.mark.parametrize("text", MAGICS)
def test_a_magic_is_no_fault(text: str) -> None:
    assert not read(text).broken
    assert Document("file:///a.py", text, 0, "python").snapshot().broken == (not has_cell_marks(text.encode()))


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_python_is_left_alone(text: str) -> None:
    assert hide_magics(text.encode(), PYTHON) == text.encode()


def test_a_fault_beside_a_magic_is_still_one() -> None:
    assert read("%matplotlib inline\nx = = 1\n").broken
    assert read("%%time\nx = = 1\n").broken


@given(st.lists(st.sampled_from([*MAGICS, *PLAIN, "x = 1", "# %%", "(", '"""', "é", "\r", "\r\n", "\\"]), max_size=8))
def test_every_byte_and_line_stays_where_it_is(pieces: list[str]) -> None:
    data = "\n".join(pieces).encode()
    hidden = hide_magics(data, PYTHON)
    assert len(hidden) == len(data)
    assert [i for i, byte in enumerate(hidden) if byte in b"\r\n"] == [i for i, byte in enumerate(data) if byte in b"\r\n"]


@given(st.lists(st.sampled_from([*MAGICS, *PLAIN, "x = 1\n", "", "%", "%%", "(", ")"]), min_size=2, max_size=8), st.data())
def test_a_tree_that_was_edited_is_that_of_the_text(pieces: list[str], data: st.DataObject) -> None:
    snapshot = read(pieces[0])
    for piece in pieces[1:]:
        _ = snapshot.tree
        size = len(snapshot.data)
        start = data.draw(st.integers(0, size))
        end = data.draw(st.integers(start, size))
        if any(0 < i < size and snapshot.data[i] & 0xC0 == 0x80 for i in (start, end)):
            continue
        fresh = read(snapshot.replace_range(start, end, piece).text)
        if fresh.broken or snapshot.broken:
            snapshot = fresh  # what is parsed on from a broken tree may be another than a new one
            continue
        snapshot = snapshot.replace_range(start, end, piece)
        assert snapshot.tree is not None
        assert fresh.tree is not None
        assert str(snapshot.tree.root_node) == str(fresh.tree.root_node)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("%%bash\necho ‸", "bash"),
        ("%%script bash\necho ‸", "bash"),
        ("%%js\nlet x = ‸", "javascript"),
        ("%%writefile a/run.rs\nfn main() {‸}", "rust"),
        ("%%time\nx = ‸", "python"),
        ("%%cypher\nMATCH ‸", "python"),
        ("!echo ‸", "python"),
        ("%%bash‸\necho", "python"),
    ],
)
def test_a_cell_is_in_the_language_of_its_magic(text: str, language: str) -> None:
    before, after = text.split("‸")
    found = get_embedded_at(read(before + after), len(before.encode())).language
    assert found is not None
    assert found.id == language


def test_a_cell_magic_is_the_first_line_of_its_cell() -> None:
    text = b"x = 1\n%%bash\n# %%\n\n%%sh -x\nls\n# %% second\n%%time\n"
    assert [(each.name, each.argument, text[slice(*each.body)]) for each in find_magic_cells(text)] == [
        ("sh", "-x", b"ls\n"),
        ("time", "", b""),
    ]
