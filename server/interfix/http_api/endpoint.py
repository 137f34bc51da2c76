"""One route: reads a bounded body, answers, and ends the answer with its client.

What arrives is never logged: of an error that nobody foresaw, its kind and its place are.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any, TypeVar

import msgspec
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from interfix.config.log_files import describe_origin
from interfix.errors import InterfixError
from interfix.http_api.errors import HttpError, build_error, to_http_error
from interfix.http_api.replies import JsonReply, LineStream, Reply, SseStream, frame_value, send_error, send_json
from interfix.system.digit_parsing import parse_whole_number

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 8 * 2**20
"""Bytes of a request's body at most."""
BODY_SECONDS = 20.0
"""How long a body may take to arrive, s."""
SEND_SECONDS = 60.0
"""How long a client may take to read one piece of an answer, s."""
MAX_ACTIVE_REQUESTS = 128
"""Requests answered at once; one more is told to come again."""

T = TypeVar("T")


class ClientRequest(msgspec.Struct, frozen=True):
    """What a handler is given."""

    body: bytes
    """The whole body."""
    headers: Headers
    """The headers."""
    path: str
    """The path, as the client wrote it."""

    def decode(self, kind: type[T]) -> T:
        """The body as a struct. Raises `HttpError` where it is none: of what is wrong, only the place is told."""
        try:
            return msgspec.json.decode(self.body or b"{}", type=kind)
        except msgspec.ValidationError as error:
            raise HttpError(400, f"A field of the request is wrong: {error}.", _find_field(str(error))) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise HttpError(400, "The body is no JSON, or is nested too deeply.") from None


Handler = Callable[[ClientRequest], Awaitable[Reply]]


class RequestLimit:
    """Counts the requests under way."""

    def __init__(self, most: int = MAX_ACTIVE_REQUESTS) -> None:
        self._most = most
        self._active = 0

    def __enter__(self) -> None:
        if self._active >= self._most:
            raise HttpError(503, f"{self._most} requests are being answered; ask again in a moment.")
        self._active += 1

    def __exit__(self, *_: object) -> None:
        self._active -= 1


class HttpEndpoint:
    """An ASGI application that answers one route with a handler."""

    def __init__(self, handler: Handler, limit: RequestLimit, *, plain_errors: bool = False) -> None:
        """`plain_errors`: an error is told as Ollama tells it."""
        self._handler = handler
        self._limit = limit
        self._plain_errors = plain_errors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = _Exchange(send)
        try:
            body = await read_body(receive, Headers(scope=scope))
            with self._limit:
                request = ClientRequest(body, Headers(scope=scope), scope["path"])
                await _run_while_connected(self._answer(request, exchange), receive)
        except HttpError as error:
            if not exchange.has_begun:
                await self._refuse(exchange.send, error)
        except (TimeoutError, _ClientGone):
            log.info("a client has gone")

    async def _answer(self, request: ClientRequest, exchange: "_Exchange") -> None:
        """Send the answer, or the error that comes in its place; in a stream that has begun, as its last object."""
        reply: Reply | None = None
        try:
            reply = await self._handler(request)
            if isinstance(reply, JsonReply):
                await send_json(exchange.send, reply.value, reply.status)
            else:
                await _send_stream(exchange, reply)
        except (HttpError, InterfixError) as error:
            await self._fail(exchange, reply, to_http_error(error) if isinstance(error, InterfixError) else error)
        except (TimeoutError, asyncio.CancelledError):
            raise
        except Exception as error:
            log.error("a request failed: %s at %s", type(error).__name__, describe_origin(error))
            log.debug("a request failed", exc_info=error)
            await self._fail(exchange, reply, HttpError(500, f"Interfix failed ({type(error).__name__}); its log says where."))

    async def _fail(self, exchange: "_Exchange", reply: Reply | None, error: HttpError) -> None:
        if not exchange.has_begun:
            await self._refuse(exchange.send, error)
        elif isinstance(reply, SseStream | LineStream):
            value = frame_value(reply, self._describe(error))
            await exchange.send({"type": "http.response.body", "body": value})

    async def _refuse(self, send: Send, error: HttpError) -> None:
        if self._plain_errors:
            await send_json(send, self._describe(error), error.status)
        else:
            await send_error(send, error)

    def _describe(self, error: HttpError) -> dict[str, Any]:
        return {"error": error.message} if self._plain_errors else build_error(error.status, error.message, error.param)


class _ClientGone(Exception):
    """Nobody reads the answer any more."""


class _Exchange:
    """The way to a client: whether anything was sent, and a limit on how long it may take to read."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.has_begun = False

    async def send(self, message: Message) -> None:
        self.has_begun = True
        async with asyncio.timeout(SEND_SECONDS):
            await self._send(message)


async def read_body(receive: Receive, headers: Headers) -> bytes:
    """The whole body. Raises `HttpError` where it is too long or too slow, `_ClientGone` where the client leaves over it."""
    too_long = HttpError(413, f"The body is longer than {MAX_BODY_BYTES >> 20} MB; send less context.")
    if (parse_whole_number(headers.get("content-length", ""), MAX_BODY_BYTES + 1) or 0) > MAX_BODY_BYTES:
        raise too_long
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise _ClientGone
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > MAX_BODY_BYTES:
                    raise too_long
                if not message.get("more_body", False):
                    return b"".join(parts)
    except TimeoutError:
        raise HttpError(408, f"The body did not arrive within {BODY_SECONDS:.0f} s.") from None


async def _run_while_connected(work: Awaitable[None], receive: Receive) -> None:
    """Do the work, and end it when the client has gone. Raises `_ClientGone` then."""
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_wait_for_disconnect(receive))
    try:
        await asyncio.wait((task, gone), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise _ClientGone
        await task
    finally:
        for each in (task, gone):
            each.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await each


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send_stream(exchange: _Exchange, reply: SseStream | LineStream) -> None:
    """The head goes out with the first object, so that a request refused before it is told so by its status."""
    kind = b"text/event-stream; charset=utf-8" if isinstance(reply, SseStream) else b"application/x-ndjson"
    headers = [(b"content-type", kind), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]
    async with aclosing(reply.values) as values:
        async for value in values:
            if not exchange.has_begun:
                await exchange.send({"type": "http.response.start", "status": 200, "headers": headers})
            await exchange.send({"type": "http.response.body", "body": frame_value(reply, value), "more_body": True})
    if not exchange.has_begun:
        await exchange.send({"type": "http.response.start", "status": 200, "headers": headers})
    last = b"data: [DONE]\n\n" if isinstance(reply, SseStream) and reply.is_openai else b""
    await exchange.send({"type": "http.response.body", "body": last})


def _find_field(message: str) -> str | None:
    """The field that msgspec's message names behind `$.`."""
    _, mark, field_path = message.partition("`$.")
    return field_path.rstrip("`") if mark else None
