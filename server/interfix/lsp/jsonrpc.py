"""pygls' JSON-RPC made to keep its promises: one reply a request, in order, cancellable.

pygls' own handlers are left out altogether: they split lines where LSP does not, start a command that a cancel cannot reach, and
raise `SystemExit` in the middle of the loop. What stays is framing, conversion and the book of requests under way.
"""

import asyncio
import inspect
import logging
import threading
from concurrent.futures import Future
from typing import Any

import psutil
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.io_ import run_async
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, default_converter

from interfix import __version__
from interfix.config.log_files import describe_origin
from interfix.lsp.client_process_end import wait_for_exit
from interfix.lsp.converters import to_error_response

log = logging.getLogger(__name__)


class JsonRpcProtocol(LanguageServerProtocol):
    """Messages in, replies out."""

    def __init__(self, server: Any, converter: Any) -> None:
        super().__init__(server, converter)
        self.is_initialized = False

    @property
    def is_shut_down(self) -> bool:
        """Whether the client has asked for the end."""
        return self._shutdown

    def refuse_further_requests(self) -> None:
        """Cancel what is under way, each with its reply, and take nothing but `exit` from now on."""
        self._shutdown = True
        for future in list(self._request_futures.values()):
            future.cancel()

    def _register_builtin_features(self) -> None:
        """None: every method stands in the routing table."""

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Convert a message; a request that cannot be is answered, which pygls would leave out.

        JSON-RPC lets a message leave its parameters out, which pygls' shape for methods that LSP does not have forbids. Clients
        leave out the empty ones of `initialized`, too.
        """
        method = data.get("method")
        if method == types.INITIALIZED and data.get("params") is None:
            data = {**data, "params": {}}
        elif isinstance(method, str) and "params" not in data and self.get_message_type(method) is None:
            data = {**data, "params": None}
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "id" in data and "method" in data:
                sentence = f"The parameters of {data['method']} are not what LSP says they are."
                self._send_response(data["id"], error=types.ResponseError(error.code, sentence))
            raise

    def handle_message(self, message: Any) -> None:
        """Pass a message on, unless the life cycle forbids it now."""
        method, msg_id = getattr(message, "method", None), getattr(message, "id", None)
        if method is None or method == types.EXIT:
            super().handle_message(message)
        elif self._shutdown:
            self._refuse(msg_id, types.ErrorCodes.InvalidRequest, f"The server is shutting down and takes no {method}.")
        elif not self.is_initialized and method != types.INITIALIZE:
            self._refuse(msg_id, types.ErrorCodes.ServerNotInitialized, f"{method} came before initialize.")
        elif self.is_initialized and method == types.INITIALIZE:
            self._refuse(msg_id, types.ErrorCodes.InvalidRequest, "The server is initialized already.")
        else:
            super().handle_message(message)

    def _refuse(self, msg_id: Any, code: types.ErrorCodes, sentence: str) -> None:
        if msg_id is not None:
            self._send_response(msg_id, error=types.ResponseError(code, sentence))

    def _execute_handler(
        self, msg_id: Any, handler: Any, callback: Any, args: tuple[Any, ...] | None = None, kwargs: dict[str, Any] | None = None
    ) -> None:
        """Run a handler, and what it returns as a task if it can be awaited.

        So the plain part of a handler sees the documents as they are when its message arrives, whatever arrives next.
        """
        done: Future[Any] = Future()
        try:
            result = handler(*(args or ()), **(kwargs or {}))
        except Exception as error:
            done.set_exception(error)
        else:
            if inspect.isawaitable(result):
                task: Any = asyncio.ensure_future(result)
                self._request_futures[msg_id] = task
                task.add_done_callback(callback)
                return
            done.set_result(result)
        callback(done)

    def _send_handler_result(self, future: Any, *, msg_id: Any) -> None:
        self._request_futures.pop(msg_id, None)
        if future.cancelled():
            cancelled = types.ResponseError(types.LSPErrorCodes.RequestCancelled, "The request was cancelled.")
            self._send_response(msg_id, error=cancelled)
        elif (error := future.exception()) is not None:
            self._send_response(msg_id, error=to_error_response(error))
        else:
            self._send_response(msg_id, result=future.result())

    def _check_handler_result(self, future: Any) -> None:
        if not future.cancelled() and (error := future.exception()) is not None:
            to_error_response(error)

    def _handle_response(self, msg_id: Any, result: Any = None, error: types.ResponseError | None = None) -> None:
        """Take the client's reply; one that nobody waits for any more is dropped, where pygls would raise."""
        future = self._request_futures.get(msg_id)
        if future is not None and future.done():
            del self._request_futures[msg_id]
            return
        super()._handle_response(msg_id, result, error)


class _HeaderReader:
    """Spells the header as pygls wants it: names may be in any case, as in HTTP, with or without a space behind the colon."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self.readexactly = reader.readexactly
        self._reader = reader

    async def readline(self) -> bytes:
        line = await self._reader.readline()
        name, _, value = line.partition(b":")
        return b"Content-Length: %b\r\n" % value.strip() if name.strip().lower() == b"content-length" else line


class LspServer(LanguageServer):
    """One connection with one client, until it ends."""

    protocol: JsonRpcProtocol

    def __init__(self) -> None:
        super().__init__("interfix", __version__, protocol_cls=JsonRpcProtocol, converter_factory=default_converter)
        self._exit_code: asyncio.Future[int] | None = None

    async def run(self, reader: asyncio.StreamReader, writer: Any) -> int:
        """Answer messages until `stop`, or until the client's stream ends; the exit code: 0 only after a proper shutdown."""
        self._exit_code = asyncio.get_running_loop().create_future()
        self.protocol.set_writer(writer)
        reading = asyncio.create_task(self._read(reader))
        try:
            ends: list[asyncio.Future[Any]] = [reading, self._exit_code]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            return self._exit_code.result() if self._exit_code.done() else 1
        finally:
            self.protocol.refuse_further_requests()
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    def stop(self, code: int) -> None:
        """End `run`."""
        if self._exit_code is not None and not self._exit_code.done():
            self._exit_code.set_result(code)

    async def watch_process(self, process: psutil.Process) -> None:
        """End `run` when a process, the client's, has ended."""
        await wait_for_exit(process)
        log.warning("the client's process %d is gone", process.pid)
        self.stop(1)

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Log only: telling the client of a broken connection breaks on it again."""
        log.error("%s: %s at %s", source.__name__, type(error).__name__, describe_origin(error))

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            await run_async(threading.Event(), _HeaderReader(reader), self.protocol, log, self.report_server_error)
        except (asyncio.IncompleteReadError, ConnectionError, ValueError) as error:
            log.error("the client's stream broke off: %s", type(error).__name__)
