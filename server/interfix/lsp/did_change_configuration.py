"""`workspace/didChangeConfiguration`: settings follow the editor's."""

from lsprotocol import types

from interfix.lsp.initialize import extract_settings
from interfix.lsp.session import Session


def did_change_configuration(session: Session, params: types.DidChangeConfigurationParams) -> None:
    """Settings hold from the next request on; many editors send none along and want to be asked."""

    async def settle() -> None:
        pulled = await session.client.fetch_configuration()
        session.configure(pulled if pulled is not None else extract_settings(params.settings))

    session.spawn(settle())
