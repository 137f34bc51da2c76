"""`textDocument/didOpen`, `didChange`, `didClose`, `didSave`: our documents follow the editor's."""

import logging

from lsprotocol import types

from interfix.lsp import converters
from interfix.lsp.cursor_read_ahead import watch_cursor
from interfix.lsp.session import Session
from interfix.syntax.document import Document
from interfix.syntax.snapshot import Snapshot

log = logging.getLogger(__name__)


def did_open(session: Session, params: types.DidOpenTextDocumentParams) -> None:
    """Keep the document from now on."""
    snapshot = open_document(session, params.text_document)
    session.notebooks.add_document(snapshot, params.text_document.language_id)
    placed = session.notebooks.place(snapshot)
    session.gatherer.warm_up(placed, session.find_root(snapshot))
    watch_cursor(session, placed, len(placed.data))  # nobody has said yet where the cursor is


def did_change(session: Session, params: types.DidChangeTextDocumentParams) -> None:
    """Apply the edits, in order."""
    changed = params.text_document
    if (document := session.documents.find(changed.uri)) is None:
        log.warning("a change to a document that is not open")
        return
    edits = converters.convert_edits(params.content_changes)
    session.edit_document(document, edits, changed.version)


def did_close(session: Session, params: types.DidCloseTextDocumentParams) -> None:
    """Forget the document."""
    close_document(session, params.text_document.uri)


def did_save(session: Session, params: types.DidSaveTextDocumentParams) -> None:
    """The index follows what is on the disk; a settings file that was saved holds at once."""
    if not (path := session.locate_file(params.text_document.uri)):
        return
    session.workspaces.update_files([path])
    if session.is_settings_file(path):
        session.configure()


def open_document(session: Session, opened: types.TextDocumentItem) -> Snapshot:
    """Keep a document from now on."""
    document = Document(opened.uri, opened.text, opened.version, opened.language_id, interactive=True)
    session.documents.open(document)
    return document.snapshot()


def close_document(session: Session, uri: str) -> None:
    """Forget a document, if it is open."""
    if (snapshot := session.documents.close(uri)) is not None:
        session.forget_document(snapshot)
        for key in session.notebooks.remove_document(snapshot):
            session.gatherer.drop_document(key)
