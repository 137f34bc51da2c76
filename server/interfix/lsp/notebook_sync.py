"""`notebookDocument/didOpen`, `didChange`, `didSave`, `didClose`: our cells follow the editor's. Outputs are no part of them."""

import logging
from collections.abc import Iterable

from lsprotocol import types

from interfix.lsp import text_sync
from interfix.lsp.open_notebooks import OpenCell
from interfix.lsp.session import Session

log = logging.getLogger(__name__)

SYNC_OPTIONS = types.NotebookDocumentSyncOptions([types.NotebookDocumentFilterWithNotebook("*")], save=True)
"""All cells of all notebooks: the markdown between them says what the code is for."""


def did_open_notebook(session: Session, params: types.DidOpenNotebookDocumentParams) -> None:
    """Keep the notebook and the documents of its cells from now on."""
    notebook = params.notebook_document
    for document in params.cell_text_documents:
        text_sync.open_document(session, document)
    session.notebooks.open(notebook.uri, _convert_cells(notebook.cells))
    first = session.documents.find(params.cell_text_documents[0].uri) if params.cell_text_documents else None
    if first is not None:
        session.gatherer.warm_up(session.notebooks.place(first.snapshot()), session.find_root(first.snapshot()))


def did_change_notebook(session: Session, params: types.DidChangeNotebookDocumentParams) -> None:
    """Cells were put in, moved or taken out, have become markdown or code, or have another text: in this order."""
    uri, cells = params.notebook_document.uri, params.change.cells
    if cells is None:
        return
    if (structure := cells.structure) is not None:
        for closed in structure.did_close or ():
            text_sync.close_document(session, closed.uri)
        for document in structure.did_open or ():
            text_sync.open_document(session, document)
        array = structure.array
        if not session.notebooks.splice(uri, array.start, array.delete_count, _convert_cells(array.cells or ())):
            log.warning("a change to a notebook that is not open")
    session.notebooks.update_cells(uri, _convert_cells(cells.data or ()))
    for content in cells.text_content or ():
        text_sync.did_change(session, types.DidChangeTextDocumentParams(content.document, content.changes))


def did_save_notebook(session: Session, params: types.DidSaveNotebookDocumentParams) -> None:
    """The index follows what is on the disk."""
    if path := session.locate_file(params.notebook_document.uri):
        session.workspaces.update_files([path])


def did_close_notebook(session: Session, params: types.DidCloseNotebookDocumentParams) -> None:
    """Forget the notebook and its cells, whichever of them the client names."""
    uri = params.notebook_document.uri
    uris = [document.uri for document in params.cell_text_documents]
    for cell in dict.fromkeys([*uris, *(cell.uri for cell in session.notebooks.list_cells(uri))]):
        text_sync.close_document(session, cell)
    for key in session.notebooks.close(uri):
        session.gatherer.drop_document(key)


def _convert_cells(cells: Iterable[types.NotebookCell]) -> list[OpenCell]:
    return [OpenCell(cell.document, cell.kind is types.NotebookCellKind.Markup) for cell in cells]
