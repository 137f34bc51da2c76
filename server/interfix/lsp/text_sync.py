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
    session.documents[opened.uri] = document
    session.gatherer.warm_up(document.snapshot(), session.find_root(document.snapshot()))


def did_change(session: Session, params: types.DidChangeTextDocumentParams) -> None:
    """Apply the edits, in order."""
    changed = params.text_document
    if (document := session.documents.get(changed.uri)) is None:
        log.warning("a change to a document that is not open")
        return
    edits = converters.convert_edits(params.content_changes)
    before = document.snapshot()
    session.record_change(before, edits, document.apply(edits, changed.version, session.encoding))


def did_close(session: Session, params: types.DidCloseTextDocumentParams) -> None:
    """Forget the document."""
    session.forget_document(params.text_document.uri)


def did_save(session: Session, params: types.DidSaveTextDocumentParams) -> None:
    """The index follows what is on the disk; a settings file that was saved holds at once."""
    path = converters.to_path(params.text_document.uri)
    if path is None:
        return
    session.workspaces.update_files([path])
    if session.is_settings_file(path):
        session.configure()
