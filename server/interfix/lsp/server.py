"""The language server put together: its parts, its routing table, its two transports. Every decision is made elsewhere."""

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Any

import msgspec
from lsprotocol import types

from interfix.config.load import load
from interfix.engine.client import local_engine
from interfix.engine.protocol import Engine
from interfix.lsp import logs
from interfix.lsp.client import Client
from interfix.lsp.code_action import code_action
from interfix.lsp.code_action_resolve import code_action_resolve
from interfix.lsp.completion import completion, resolve
from interfix.lsp.execute_command import execute_command
from interfix.lsp.initialize import initialize, initialized
from interfix.lsp.inline_completion import inline_completion
from interfix.lsp.lifecycle import cancel_progress, leave, shutdown
from interfix.lsp.protocol import Server
from interfix.lsp.session import Session
from interfix.lsp.stdio import Outgoing, private_stdio
from interfix.lsp.tcp_listener import accept_client
from interfix.lsp.text_sync import did_change, did_close, did_open, did_save
from interfix.lsp.workspace import did_change_configuration, did_change_workspace_folders

log = logging.getLogger(__name__)


class Latency(StrEnum):
    """How long the user may notice a method, and with it how it runs."""

    AT_ONCE = "at once"
    """Done before the next message is read, in order; milliseconds."""
    KEYSTROKE = "keystroke"
    """A task; the user is typing: a newer one for the document ends the older, whose answer is empty."""
    PATIENT = "patient"
    """A task; the user asked for it and watches its progress; seconds, until done or cancelled."""


class Route(msgspec.Struct, frozen=True):
    """One LSP method."""

    method: str
    """Its name in LSP."""
    latency: Latency
    """Its class."""
    handle: Callable[[Session, Any], Any]
    """Decodes at once and returns the reply, or its making."""


ROUTES = (
    Route(types.INITIALIZE, Latency.AT_ONCE, initialize),
    Route(types.INITIALIZED, Latency.AT_ONCE, initialized),
    Route(types.SHUTDOWN, Latency.AT_ONCE, shutdown),
    Route(types.EXIT, Latency.AT_ONCE, leave),
    Route(types.TEXT_DOCUMENT_DID_OPEN, Latency.AT_ONCE, did_open),
    Route(types.TEXT_DOCUMENT_DID_CHANGE, Latency.AT_ONCE, did_change),
    Route(types.TEXT_DOCUMENT_DID_SAVE, Latency.AT_ONCE, did_save),
    Route(types.TEXT_DOCUMENT_DID_CLOSE, Latency.AT_ONCE, did_close),
    Route(types.TEXT_DOCUMENT_INLINE_COMPLETION, Latency.KEYSTROKE, inline_completion),
    Route(types.TEXT_DOCUMENT_COMPLETION, Latency.KEYSTROKE, completion),
    Route(types.COMPLETION_ITEM_RESOLVE, Latency.AT_ONCE, resolve),
    Route(types.TEXT_DOCUMENT_CODE_ACTION, Latency.AT_ONCE, code_action),
    Route(types.CODE_ACTION_RESOLVE, Latency.PATIENT, code_action_resolve),
    Route(types.WORKSPACE_EXECUTE_COMMAND, Latency.PATIENT, execute_command),
    Route(types.WORKSPACE_DID_CHANGE_CONFIGURATION, Latency.AT_ONCE, did_change_configuration),
    Route(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, Latency.AT_ONCE, did_change_workspace_folders),
    Route(types.WINDOW_WORK_DONE_PROGRESS_CANCEL, Latency.AT_ONCE, cancel_progress),
)
"""Every method the server takes."""


def serve(tcp: tuple[str, int] | None) -> int:
    """Serve one client over standard input and output, or over a loopback port; returns the exit code.

    Raises `BadUsage` where the address cannot be listened on.
    """
    logs.start(load().settings.logs.level)
    with contextlib.suppress(KeyboardInterrupt):
        return asyncio.run(_over_stdio() if tcp is None else _over_tcp(*tcp))
    return 1


async def converse(reader: asyncio.StreamReader, writer: Outgoing | asyncio.StreamWriter, engine: Engine) -> int:
    """One client from its first message to its last; the exit code."""
    server = Server()
    session = Session(Client(server), engine)
    for route in ROUTES:
        server.feature(route.method)(partial(route.handle, session))
    if sys.platform != "win32":
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop, 1)
    try:
        return await server.run(reader, writer)
    finally:
        await session.close()
        log.info("the session has ended")


async def _over_stdio() -> int:
    reader, writer = private_stdio()
    try:
        return await converse(reader, writer, local_engine())
    finally:
        writer.close()


async def _over_tcp(host: str, port: int) -> int:
    reader, writer = await accept_client(host, port)
    try:
        return await converse(reader, writer, local_engine())
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
