"""The language server put together: its parts, its routing table, its two transports."""

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
from lsprotocol import types

from interfix.config.settings_loader import resolve_settings
from interfix.engine.client import HostEngine, create_local_engine
from interfix.engine.ipc_messages import Notice
from interfix.engine.protocol import Engine
from interfix.lsp import server_log_file
from interfix.lsp.client import EditorClient
from interfix.lsp.code_action import code_action
from interfix.lsp.code_action_resolve import code_action_resolve
from interfix.lsp.completion import completion, resolve_item
from interfix.lsp.did_change_configuration import did_change_configuration
from interfix.lsp.did_change_workspace_folders import did_change_workspace_folders
from interfix.lsp.execute_command import execute_command
from interfix.lsp.initialize import initialize, initialized
from interfix.lsp.inline_completion import inline_completion
from interfix.lsp.jsonrpc import LspServer
from interfix.lsp.next_edit import DID_FOCUS, DID_SHOW, NEXT_EDIT, did_focus, did_show_inline_edit, next_edit
from interfix.lsp.notebook_sync import did_change_notebook, did_close_notebook, did_open_notebook, did_save_notebook
from interfix.lsp.session import Session
from interfix.lsp.shutdown_and_progress_cancel import cancel_progress, exit_server, shutdown
from interfix.lsp.stdio import StdoutWriter, claim_stdio
from interfix.lsp.tcp_client_admission import accept_client
from interfix.lsp.text_sync import did_change, did_close, did_open, did_save

log = logging.getLogger(__name__)


class Route(msgspec.Struct, frozen=True):
    """One LSP method."""

    method: str
    """Its name in LSP."""
    handler: Callable[[Session, Any], Any]
    """Decodes the parameters before the next message is read, and returns the reply or a coroutine of it, which runs as a task."""


ROUTES = (
    Route(types.INITIALIZE, initialize),
    Route(types.INITIALIZED, initialized),
    Route(types.SHUTDOWN, shutdown),
    Route(types.EXIT, exit_server),
    Route(types.TEXT_DOCUMENT_DID_OPEN, did_open),
    Route(types.TEXT_DOCUMENT_DID_CHANGE, did_change),
    Route(types.TEXT_DOCUMENT_DID_SAVE, did_save),
    Route(types.TEXT_DOCUMENT_DID_CLOSE, did_close),
    Route(types.NOTEBOOK_DOCUMENT_DID_OPEN, did_open_notebook),
    Route(types.NOTEBOOK_DOCUMENT_DID_CHANGE, did_change_notebook),
    Route(types.NOTEBOOK_DOCUMENT_DID_SAVE, did_save_notebook),
    Route(types.NOTEBOOK_DOCUMENT_DID_CLOSE, did_close_notebook),
    Route(types.TEXT_DOCUMENT_INLINE_COMPLETION, inline_completion),
    Route(NEXT_EDIT, next_edit),
    Route(DID_SHOW, did_show_inline_edit),
    Route(DID_FOCUS, did_focus),
    Route(types.TEXT_DOCUMENT_COMPLETION, completion),
    Route(types.COMPLETION_ITEM_RESOLVE, resolve_item),
    Route(types.TEXT_DOCUMENT_CODE_ACTION, code_action),
    Route(types.CODE_ACTION_RESOLVE, code_action_resolve),
    Route(types.WORKSPACE_EXECUTE_COMMAND, execute_command),
    Route(types.WORKSPACE_DID_CHANGE_CONFIGURATION, did_change_configuration),
    Route(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, did_change_workspace_folders),
    Route(types.WINDOW_WORK_DONE_PROGRESS_CANCEL, cancel_progress),
)
"""Every method the server takes."""


def serve(tcp_address: tuple[str, int] | None) -> int:
    """Serve one client over standard input and output, or over a loopback port; returns the exit code.

    Raises `UsageError` where the address cannot be listened on.
    """
    server_log_file.start_logging(resolve_settings().settings.logs.level)
    with contextlib.suppress(KeyboardInterrupt):
        return asyncio.run(_serve_stdio() if tcp_address is None else _serve_tcp(*tcp_address))
    return 1


async def serve_client(reader: asyncio.StreamReader, writer: StdoutWriter | asyncio.StreamWriter, engine: Engine) -> int:
    """One client from its first message to its last; the exit code."""
    server = LspServer()
    session = Session(EditorClient(server), engine)
    if isinstance(engine, HostEngine):
        engine.on_notice = partial(_handle_notice, session)
    for route in ROUTES:
        server.feature(route.method)(partial(route.handler, session))
    if sys.platform != "win32":
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop, 1)
    try:
        return await server.run(reader, writer)
    finally:
        await session.close()
        log.info("the session has ended")


async def _serve_stdio() -> int:
    reader, writer = claim_stdio()
    try:
        return await serve_client(reader, writer, create_local_engine())
    finally:
        writer.close()


def _handle_notice(session: Session, notice: Notice) -> None:
    """The host has measured a model: the user is told of a new setup, and the models are chosen by what was measured. Or it has
    trouble, which is told once, as the server's own would be."""
    if notice.topic and notice.text:
        session.client.notify_once(notice.topic, notice.text, types.MessageType.Warning)
    elif notice.topic:
        session.client.clear_topic(notice.topic)
    elif notice.text:
        session.client.show_info(notice.text)
    else:
        session.reload_models()


async def _serve_tcp(host: str, port: int) -> int:
    reader, writer = await accept_client(host, port)
    try:
        return await serve_client(reader, writer, create_local_engine())
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
