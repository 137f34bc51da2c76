"""Notebooks over LSP: a cell sees the others of its language, whatever happens to them, and is edited under its own URI."""

from pathlib import Path
from typing import Any

import pytest

from interfix.engine.protocol import InfillRequest
from interfix.inference_types import SegmentKind
from tests.fake_engine import FakeEngine
from tests.unit.lsp.fake_editor import INLINE_CAPABILITIES, FakeEditor, LspError, range_change

CODE, MARKUP = 2, 1
CAPABILITIES = {**INLINE_CAPABILITIES, "notebookDocument": {"synchronization": {}}}


class FakeNotebook:
    """A notebook in an editor that synchronises it."""

    def __init__(self, editor: FakeEditor, path: Path) -> None:
        self.editor = editor
        self.uri = path.as_uri()
        self._path = path
        self._version = 1

    def cell_uri(self, number: int) -> str:
        return f"vscode-notebook-cell:{self._path}#W{number}sZmlsZQ%3D%3D"

    def cell(self, number: int, kind: int = CODE) -> dict[str, Any]:
        return {"kind": kind, "document": self.cell_uri(number), "metadata": {"outputs": "sk-not-an-output"}}

    def document(self, number: int, text: str, language: str = "python") -> dict[str, Any]:
        return {"uri": self.cell_uri(number), "languageId": language, "version": 1, "text": text}

    def open(self, *texts: tuple[int, str, str]) -> None:
        cells = [self.cell(i, MARKUP if language == "markdown" else CODE) for i, _, language in texts]
        notebook = {"uri": self.uri, "notebookType": "jupyter-notebook", "version": 1, "cells": cells}
        documents = [self.document(*each) for each in texts]
        self.editor.notify("notebookDocument/didOpen", {"notebookDocument": notebook, "cellTextDocuments": documents})

    def change(self, **cells: Any) -> None:
        self._version += 1
        identifier = {"uri": self.uri, "version": self._version}
        self.editor.notify("notebookDocument/didChange", {"notebookDocument": identifier, "change": {"cells": cells}})

    def splice(self, start: int, deleted: int, *cells: dict[str, Any], **documents: Any) -> None:
        self.change(structure={"array": {"start": start, "deleteCount": deleted, "cells": list(cells)}, **documents})

    async def read_prompt(self, number: int, line: int, character: int) -> tuple[str, str]:
        """What the model is shown of the notebook before and behind a place in a cell."""
        await self.editor.request_suggestions(line, character, uri=self.cell_uri(number))
        request = self.editor.engine.requests[-1]
        assert isinstance(request, InfillRequest)
        shown = {
            kind: "".join(each.text for each in request.segments if each.kind is kind)
            for kind in (SegmentKind.PREFIX, SegmentKind.SUFFIX)
        }
        return shown[SegmentKind.PREFIX], shown[SegmentKind.SUFFIX]


@pytest.fixture
async def notebook(editor: FakeEditor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeNotebook:
    monkeypatch.setenv("INTERFIX_CONTEXT_LIMIT_MS", "20000")
    reply = await editor.initialize(CAPABILITIES, workspaceFolders=[{"uri": tmp_path.as_uri(), "name": "lab"}])
    assert reply["capabilities"]["notebookDocumentSync"] == {"notebookSelector": [{"notebook": "*"}], "save": True}
    return FakeNotebook(editor, tmp_path / "lab.ipynb")


async def test_a_cell_sees_the_cells_around_it(notebook: FakeNotebook) -> None:
    notebook.open((0, "import os\n", "python"), (1, "Price it.", "markdown"), (2, "x = \n", "python"), (3, "print(x)", "python"))
    before, after = await notebook.read_prompt(2, 0, 4)
    assert before == "# %%\nimport os\n\n# %% [markdown]\n# Price it.\n\n# %%\nx = "
    assert after == "\n\n# %%\nprint(x)\n"


async def test_cells_in_another_language_are_no_part_of_it(notebook: FakeNotebook) -> None:
    notebook.open((0, "select 1\n", "sql"), (1, "x = ", "python"))
    assert await notebook.read_prompt(1, 0, 4) == ("# %%\nx = ", "")


async def test_modules_beside_the_notebook_are_shown(notebook: FakeNotebook, engine: FakeEngine, tmp_path: Path) -> None:
    (tmp_path / "items.py").write_text("def price(amount):\n    return 2 * amount\n")
    notebook.open((0, "from items import price\n", "python"), (1, "total = price()", "python"))
    await notebook.read_prompt(1, 0, 14)
    request = engine.requests[-1]
    assert isinstance(request, InfillRequest)
    assert [each.path for each in request.segments if each.kind is SegmentKind.FILE] == ["items.py"]


async def test_cells_are_put_in_moved_and_taken_out(notebook: FakeNotebook) -> None:
    notebook.open((0, "a = 1\n", "python"), (1, "x = ", "python"))
    notebook.splice(1, 0, notebook.cell(2), didOpen=[notebook.document(2, "b = 2\n")])
    assert await notebook.read_prompt(1, 0, 4) == ("# %%\na = 1\n\n# %%\nb = 2\n\n# %%\nx = ", "")
    notebook.splice(0, 3, notebook.cell(1), notebook.cell(2), notebook.cell(0))
    assert await notebook.read_prompt(1, 0, 4) == ("# %%\nx = ", "\n\n# %%\nb = 2\n\n# %%\na = 1\n")
    notebook.splice(1, 1, didClose=[{"uri": notebook.cell_uri(2)}])
    assert await notebook.read_prompt(1, 0, 4) == ("# %%\nx = ", "\n\n# %%\na = 1\n")
    with pytest.raises(LspError, match="is not open"):
        await notebook.read_prompt(2, 0, 0)


async def test_a_cell_becomes_markdown_and_code_again(notebook: FakeNotebook) -> None:
    notebook.open((0, "a = 1\n", "python"), (1, "x = ", "python"))
    gone = [{"uri": notebook.cell_uri(0)}]
    notebook.splice(0, 1, notebook.cell(0, MARKUP), didClose=gone, didOpen=[notebook.document(0, "a = 1\n", "markdown")])
    assert await notebook.read_prompt(1, 0, 4) == ("# %% [markdown]\n# a = 1\n\n# %%\nx = ", "")
    notebook.change(data=[notebook.cell(0, CODE)])
    notebook.splice(0, 1, notebook.cell(0), didClose=gone, didOpen=[notebook.document(0, "a = 1\n")])
    assert await notebook.read_prompt(1, 0, 4) == ("# %%\na = 1\n\n# %%\nx = ", "")


async def test_typing_in_one_cell_is_seen_in_the_next(notebook: FakeNotebook) -> None:
    notebook.open((0, "a = 1\n", "python"), (1, "x = ", "python"))
    edit = range_change((0, 4), (0, 5), "'é'")
    notebook.change(textContent=[{"document": {"uri": notebook.cell_uri(0), "version": 2}, "changes": [edit]}])
    assert (await notebook.read_prompt(1, 0, 4))[0] == "# %%\na = 'é'\n\n# %%\nx = "
    edit = range_change((0, 5), (0, 6), "è")
    notebook.change(textContent=[{"document": {"uri": notebook.cell_uri(0), "version": 3}, "changes": [edit]}])
    assert (await notebook.read_prompt(1, 0, 4))[0] == "# %%\na = 'è'\n\n# %%\nx = "


async def test_magics_do_not_hide_suggestions(notebook: FakeNotebook, editor: FakeEditor) -> None:
    notebook.open((0, "%matplotlib inline\n!pip install x\n", "python"), (1, "%%time\nx = \n?x", "python"))
    (item,) = await editor.request_suggestions(1, 4, uri=notebook.cell_uri(1))
    assert item["insertText"] == "1 + 2"


async def test_a_suggestion_ends_where_the_next_cell_begins(notebook: FakeNotebook, engine: FakeEngine) -> None:
    engine.answers = ["1 + 2\n\n# %%\nprint(x)\n"] * 3
    notebook.open((0, "x = ", "python"), (1, "y = 1", "python"))
    (item,) = await notebook.editor.request_suggestions(0, 4, uri=notebook.cell_uri(0))
    assert item["insertText"] == "1 + 2"


async def test_an_edit_is_addressed_to_the_cell(notebook: FakeNotebook, engine: FakeEngine) -> None:
    engine.answers = ["```python\ndef half(n):\n    return n / 2\n```\n"] * 3
    notebook.open((0, "import os\n", "python"), (1, "%%time\ndef half(n):\n    return n // 2\n", "python"))
    place = {"start": {"line": 1, "character": 0}, "end": {"line": 2, "character": 17}}
    params = notebook.editor.command_params("refactor", uri=notebook.cell_uri(1), range=place, instruction="true division")
    reply = await notebook.editor.request("workspace/executeCommand", params)
    assert list(reply["edit"]["changes"]) == [notebook.cell_uri(1)]


async def test_tests_for_a_cell_are_refused_with_a_reason(notebook: FakeNotebook) -> None:
    notebook.open((0, "def half(n):\n    return n // 2\n", "python"))
    place = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}
    params = notebook.editor.command_params("test", uri=notebook.cell_uri(0), range=place)
    with pytest.raises(LspError, match="cannot import a notebook"):
        await notebook.editor.request("workspace/executeCommand", params)


async def test_cells_that_are_opened_as_text_documents_are_a_notebook_too(editor: FakeEditor, notebook: FakeNotebook) -> None:
    for number, text in ((1, "x = "), (0, "a = 1\n"), (2, "print(x)")):
        editor.open(text, notebook.cell_uri(number))
    assert await notebook.read_prompt(1, 0, 4) == ("# %%\na = 1\n\n# %%\nx = ", "\n\n# %%\nprint(x)\n")
    editor.notify("textDocument/didClose", {"textDocument": {"uri": notebook.cell_uri(0)}})
    assert await notebook.read_prompt(1, 0, 4) == ("# %%\nx = ", "\n\n# %%\nprint(x)\n")


async def test_a_notebook_that_is_closed_leaves_nothing(editor: FakeEditor, notebook: FakeNotebook) -> None:
    notebook.open((0, "a = 1\n", "python"), (1, "x = ", "python"))
    editor.notify("notebookDocument/didClose", {"notebookDocument": {"uri": notebook.uri}, "cellTextDocuments": []})
    with pytest.raises(LspError, match="is not open"):
        await notebook.read_prompt(1, 0, 4)


@pytest.mark.parametrize(
    "cells",
    [
        {"structure": {"array": {"start": 7, "deleteCount": 9}}},
        {"structure": {"array": {"start": 0, "deleteCount": 0, "cells": [{"kind": 2, "document": "nowhere:1"}]}}},
        {"structure": {"array": {"start": 0, "deleteCount": 0}, "didClose": [{"uri": "nowhere:1"}]}},
        {"data": [{"kind": 2, "document": "nowhere:1"}]},
        {"textContent": [{"document": {"uri": "nowhere:1", "version": 1}, "changes": [{"text": "a"}]}]},
        {"structure": {"array": {"start": -4, "deleteCount": -1}}},
        {"structure": "none"},
    ],
)
async def test_a_change_that_makes_no_sense_is_passed_over(notebook: FakeNotebook, cells: dict[str, Any]) -> None:
    notebook.open((0, "a = 1\n", "python"), (1, "x = ", "python"))
    notebook.change(**cells)
    assert await notebook.read_prompt(1, 0, 4) == ("# %%\na = 1\n\n# %%\nx = ", "")


async def test_a_notebook_that_is_not_open_is_passed_over(notebook: FakeNotebook, editor: FakeEditor) -> None:
    notebook.splice(0, 0, notebook.cell(0))
    editor.notify("notebookDocument/didSave", {"notebookDocument": {"uri": notebook.uri}})
    editor.notify("notebookDocument/didClose", {"notebookDocument": {"uri": notebook.uri}, "cellTextDocuments": []})
    notebook.open((0, "x = ", "python"))
    assert await notebook.read_prompt(0, 0, 4) == ("# %%\nx = ", "")


async def test_a_huge_notebook_shows_what_is_near(notebook: FakeNotebook) -> None:
    cells = [(i, f"a{i} = '{'x' * 2000}'\n", "python") for i in range(300)]
    notebook.open(*cells, (300, "x = ", "python"))
    before, _ = await notebook.read_prompt(300, 0, 4)
    assert before.endswith("\n# %%\nx = ")
    assert "a299 = " in before


async def test_a_file_that_is_asked_about_sees_an_open_notebook_as_code(notebook: FakeNotebook, tmp_path: Path) -> None:
    (tmp_path / "lab.ipynb").write_text('{"cells": [], "outputs": "sk-output"}')
    notebook.open((0, "def price(amount):\n    return 2\n", "python"))
    edit = range_change((1, 11), (1, 12), "3 * amount")
    notebook.change(textContent=[{"document": {"uri": notebook.cell_uri(0), "version": 2}, "changes": [edit]}])
    cart = (tmp_path / "cart.py").as_uri()
    notebook.editor.open("total = \n", cart)
    await notebook.editor.request_suggestions(0, 8, uri=cart)
    request = notebook.editor.engine.requests[-1]
    assert isinstance(request, InfillRequest)
    (shown,) = [each.text for each in request.segments if each.kind is SegmentKind.FILE]
    assert shown == "# %%\ndef price(amount):\n    return 3 * amount\n"


@pytest.mark.parametrize("automatic", [False, True])
@pytest.mark.parametrize(
    ("text", "answer", "shown"),
    [
        ("", "%matplotlib inline\n", "%matplotlib inline"),
        ("", "!pip install pandas\n", "!pip install pandas"),
        ("%", "load_ext autoreload\n", "load_ext autoreload"),
        ("import os\n", "%timeit os.getcwd()\n", "%timeit os.getcwd()"),
        ("files = ", "!ls *.csv\n", "!ls *.csv"),
        ("if True:\n    ", "!mkdir -p data\n", "!mkdir -p data"),
        ("os.", "path?\n", "path?"),
        ("%%bash\nls ", "-la\n", "-la"),
        ("%%time\n", "x = 1\n", "x = 1"),
        ("df", ".head()\n", ".head()"),
    ],
)
async def test_a_suggestion_with_a_magic_is_shown_whole(
    notebook: FakeNotebook, engine: FakeEngine, text: str, answer: str, shown: str, automatic: bool
) -> None:
    engine.answers = [answer]
    notebook.open((0, "import os\nimport pandas as pd\ndf = pd.DataFrame()\n", "python"), (1, text, "python"), (2, "df", "python"))
    line, character = text.count("\n"), len(text.rpartition("\n")[2])
    params = notebook.editor.inline_params(line, character, uri=notebook.cell_uri(1), automatic=automatic)
    reply = await notebook.editor.request("textDocument/inlineCompletion", params)
    assert [item["insertText"] for item in reply["items"]] == [shown]
