"""`workspace/didChangeWorkspaceFolders`: folders follow the editor's."""

from lsprotocol import types

from interfix.lsp import converters
from interfix.lsp.session import Session
from interfix.syntax.document_key import make_document_key, make_path_key


def did_change_workspace_folders(session: Session, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """The first folder's settings file may now be another."""
    removed = {make_document_key(folder.uri) for folder in params.event.removed}
    added = [path for folder in params.event.added if (path := converters.to_path(folder.uri)) is not None]
    session.set_folders([*(path for path in session.folders if make_path_key(str(path)) not in removed), *added])
    session.configure()
