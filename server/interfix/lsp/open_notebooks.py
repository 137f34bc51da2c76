"""The notebooks that the client has open: which cells they have, in which order, and what stands around a cell.

A client tells of a notebook with `notebookDocument/*`, or only opens its cells as text documents; then their order is that of their
URIs, which VS Code numbers.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from interfix.lsp.open_documents import OpenDocuments
from interfix.syntax.document_key import (
    DocumentKey,
    find_key_of_whole,
    find_real_path,
    is_part_of_file,
    make_document_key,
    make_path_key,
    parse_file_path,
)
from interfix.syntax.languages import Language
from interfix.syntax.notebook_script import NotebookCell, NotebookScript, place_cell, write_script
from interfix.syntax.snapshot import Snapshot

_MARKUP_LANGUAGES = frozenset({"markdown"})


class OpenCell(msgspec.Struct, frozen=True):
    """A cell, as its notebook lists it."""

    uri: str
    """Its document's, as the client spells it."""
    is_markup: bool
    """It is no code."""


@dataclass
class _Notebook:
    uri: str
    cells: list[OpenCell] = field(default_factory=list)
    is_synchronised: bool = False
    """Whether the client tells of it, and so of its cells' order."""
    scripts: dict[str, NotebookScript] = field(default_factory=dict)
    """By the language's id."""


class Notebooks:
    """Changed by one thread; the sources of context look scripts up from others."""

    def __init__(self, documents: OpenDocuments) -> None:
        self._documents = documents
        self._notebooks: dict[DocumentKey, _Notebook] = {}
        self._homes: dict[DocumentKey, DocumentKey] = {}
        """By a cell's document: its notebook."""
        self._lock = threading.Lock()

    def open(self, uri: str, cells: Sequence[OpenCell]) -> None:
        """The client has opened a notebook; its cells' documents are open."""
        key = _make_notebook_key(uri)
        self._notebooks[key] = _Notebook(uri, is_synchronised=True)
        self.splice(uri, 0, 0, cells)

    def splice(self, uri: str, start: int, delete_count: int, cells: Sequence[OpenCell]) -> bool:
        """Some cells of a notebook stand in place of others; False where it is not open. What lies outside of it is its end."""
        key = _make_notebook_key(uri)
        if (notebook := self._notebooks.get(key)) is None:
            return False
        start = min(max(start, 0), len(notebook.cells))
        notebook.cells[start : start + max(delete_count, 0)] = cells
        self._assign(key, notebook)
        return True

    def update_cells(self, uri: str, cells: Sequence[OpenCell]) -> None:
        """Some cells of a notebook are of another kind now."""
        if (notebook := self._notebooks.get(_make_notebook_key(uri))) is not None:
            by_uri = {cell.uri: cell for cell in cells}
            notebook.cells[:] = [by_uri.get(cell.uri, cell) for cell in notebook.cells]

    def list_cells(self, uri: str) -> Sequence[OpenCell]:
        """The cells of a notebook, in order; none where it is not open."""
        notebook = self._notebooks.get(_make_notebook_key(uri))
        return tuple(notebook.cells) if notebook is not None else ()

    def close(self, uri: str) -> Sequence[DocumentKey]:
        """Forget a notebook; the keys of its scripts."""
        return self._forget(_make_notebook_key(uri))

    def add_document(self, snapshot: Snapshot, language_id: str) -> None:
        """A text document was opened: it may be a cell of a notebook of which the client does not tell."""
        if not is_part_of_file(snapshot.uri) or snapshot.key in self._homes:
            return
        key = find_key_of_whole(snapshot.key)
        notebook = self._notebooks.setdefault(key, _Notebook(snapshot.uri.partition("#")[0]))
        others = [cell for cell in notebook.cells if self._find_cell_key(cell) != snapshot.key]
        notebook.cells = sorted(
            [*others, OpenCell(snapshot.uri, language_id in _MARKUP_LANGUAGES)], key=lambda cell: cell.uri.partition("#")[2]
        )
        self._assign(key, notebook)

    def remove_document(self, snapshot: Snapshot) -> Sequence[DocumentKey]:
        """A text document was closed, by itself; the keys of the scripts of a notebook that has gone with it."""
        home = self._homes.get(snapshot.key)
        notebook = self._notebooks.get(home) if home is not None else None
        if home is None or notebook is None or notebook.is_synchronised:
            return ()
        notebook.cells = [cell for cell in notebook.cells if cell.uri != snapshot.uri]
        self._assign(home, notebook)
        return self._forget(home) if not notebook.cells else ()

    def place(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with its place among the cells of its notebook, if it is one and its language is known."""
        home = self._homes.get(snapshot.key)
        notebook = self._notebooks.get(home) if home is not None else None
        if home is None or notebook is None or snapshot.language is None:
            return snapshot
        cells, own = self._collect(notebook, snapshot.language, snapshot)
        if own is None:
            return snapshot
        script = self._find_script(home, notebook, snapshot.language, snapshot.path)
        return replace(snapshot, cell_place=place_cell(cells, own, script, snapshot.language))

    def find_script(self, path: Path) -> Snapshot | None:
        """The code of the notebook at a path, in the language of its first cell of code; None where it is not open."""
        file_key = make_path_key(find_real_path(str(path)))
        for home, notebook in list(self._notebooks.items()):
            if not notebook.cells or self._find_file_key(notebook) != file_key:
                continue
            snapshots = (document.snapshot() for cell in list(notebook.cells) if (document := self._documents.find(cell.uri)))
            language = next((snapshot.language for snapshot in snapshots if snapshot.language), None)
            if language is not None:
                cells, _ = self._collect(notebook, language)
                return self._find_script(home, notebook, language, str(path)).update(write_script(cells, language))
        return None

    def _forget(self, key: DocumentKey) -> Sequence[DocumentKey]:
        self._homes = {cell: home for cell, home in self._homes.items() if home != key}
        notebook = self._notebooks.pop(key, None)
        return [script.key for script in notebook.scripts.values()] if notebook is not None else ()

    def _collect(
        self, notebook: _Notebook, language: Language, own: Snapshot | None = None
    ) -> tuple[list[NotebookCell], int | None]:
        """The cells in a language and the markdown between them, as they are now, and which of them is one's own."""
        cells: list[NotebookCell] = []
        position = None
        for cell in list(notebook.cells):
            if (document := self._documents.find(cell.uri)) is None:
                continue
            snapshot = document.snapshot()
            if own is not None and snapshot.key == own.key:
                position = len(cells)
                cells.append(NotebookCell(own.data))
            elif cell.is_markup:
                cells.append(NotebookCell(snapshot.data, is_markup=True))
            elif snapshot.language == language:
                cells.append(NotebookCell(snapshot.data))
        return cells, position

    def _assign(self, key: DocumentKey, notebook: _Notebook) -> None:
        """Remember which cells are the notebook's."""
        self._homes = {cell: home for cell, home in self._homes.items() if home != key}
        self._homes |= dict.fromkeys(map(self._find_cell_key, notebook.cells), key)

    def _find_cell_key(self, cell: OpenCell) -> DocumentKey:
        document = self._documents.find(cell.uri)
        return document.snapshot().key if document is not None else make_document_key(cell.uri)

    def _find_script(self, home: DocumentKey, notebook: _Notebook, language: Language, path: str) -> NotebookScript:
        with self._lock:
            script = notebook.scripts.get(language.id)
            if script is None:
                script = notebook.scripts[language.id] = NotebookScript(notebook.uri, path, home, language)
            return script

    @staticmethod
    def _find_file_key(notebook: _Notebook) -> DocumentKey | None:
        path = parse_file_path(notebook.uri) or parse_file_path(notebook.cells[0].uri)
        return make_path_key(find_real_path(path)) if path else None


def _make_notebook_key(uri: str) -> DocumentKey:
    return make_document_key(uri, find_real_path)
