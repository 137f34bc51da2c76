"""`textDocument/didOpen`, `didChange`, `didClose`, `didSave`: our documents follow the editor's."""

import logging

from lsprotocol import types

from interfix.lsp import converters
from interfix.lsp.session import Session
from interfix.syntax.document import Document

log = logging.getLogger(__name__)


def did_open(session: Session, params: types.DidOpenTextDocumentParams) -> None:
    """Keep the document from now on."""
    opened = params.text_document
    document = Document(opened.uri, opened.text, opened.version, opened.language_id, interactive=True)
    session.documents.open(document)
    snapshot = document.snapshot()
    session.gatherer.warm_up(snapshot, session.find_root(snapshot))
    session.watch_cursor(snapshot, len(snapshot.data))  # nobody has said yet where the cursor is


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
    if (snapshot := session.documents.close(params.text_document.uri)) is not None:
        session.forget_document(snapshot)


def did_save(session: Session, params: types.DidSaveTextDocumentParams) -> None:
    """The index follows what is on the disk; a settings file that was saved holds at once."""
    if not (path := session.locate_file(params.text_document.uri)):
        return
    session.workspaces.update_files([path])
    if session.is_settings_file(path):
        session.configure()
