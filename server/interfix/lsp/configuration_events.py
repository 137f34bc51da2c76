"""`workspace/didChangeConfiguration`, `workspace/didChangeWorkspaceFolders`: settings and folders follow the editor's."""

from lsprotocol import types

from interfix.lsp import converters
from interfix.lsp.initialize import extract_settings
from interfix.lsp.session import Session
from interfix.syntax.document_key import make_document_key, make_path_key


def did_change_configuration(session: Session, params: types.DidChangeConfigurationParams) -> None:
    """Settings hold from the next request on; many editors send none along and want to be asked."""

    async def settle() -> None:
        pulled = await session.client.fetch_configuration()
        session.configure(pulled if pulled is not None else extract_settings(params.settings))

    session.spawn(settle())


def did_change_workspace_folders(session: Session, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """The first folder's settings file may now be another."""
    removed = {make_document_key(folder.uri) for folder in params.event.removed}
    added = [path for folder in params.event.added if (path := converters.to_path(folder.uri)) is not None]
    session.set_folders([*(path for path in session.folders if make_path_key(str(path)) not in removed), *added])
    session.configure()
