"""HTTP/1.1 by hand, so that it can go wrong in every way: a test says what each path answers, and when it breaks off."""

import asyncio
import json
import ssl
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import urlsplit

import msgspec

Body = dict[str, Any]


class HttpReply(msgspec.Struct, frozen=True):
    """One answer."""

    events: tuple[str | bytes, ...] = ()
    """Pieces of the body, each a chunk of its own."""
    status: int = 200
    """The status code."""
    type: str = "application/json"
    """The content type."""
    headers: dict[str, str] = {}
    """Further headers."""
    end: str = "whole"
    """whole, closes (whole, and then the connection is closed without a word), reset (it breaks off behind the events) or hangs
    (nothing more comes)."""


def json_reply(value: Any) -> HttpReply:
    """A JSON answer."""
    return HttpReply((json.dumps(value),))


def sse_reply(*events: Any, end: str = "whole", done: bool = True) -> HttpReply:
    """Server-sent events."""
    pieces = [f"data: {json.dumps(event)}\n\n" for event in events]
    return HttpReply((*pieces, "data: [DONE]\n\n") if done else tuple(pieces), type="text/event-stream", end=end)


def ndjson_reply(*events: Any, end: str = "whole") -> HttpReply:
    """One JSON object a line."""
    return HttpReply(tuple(json.dumps(event) + "\n" for event in events), type="application/x-ndjson", end=end)


ReplyFunction = Callable[[Body], HttpReply]


class FakeHttpServer:
    """Answers `routes`; each entry is a reply, a function of the request, or a list of replies of which the last one stays."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.routes: dict[str, HttpReply | ReplyFunction | list[HttpReply]] = {}
        self.requests: list[tuple[str, Body]] = []
        """Path and body of every request."""
        self.request_headers: list[dict[str, str]] = []
        """Of every request, names in lower case."""
        self.connection_count = 0
        """How many were opened."""
        self.client_closed = asyncio.Event()
        """A client has closed a connection whose answer was not over."""
        self._context = context
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._context)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        return f"{'https' if self._context else 'http'}://127.0.0.1:{self.port}"

    def count_requests(self, path: str) -> int:
        """How often a path was asked."""
        return sum(request_path == path for request_path, _ in self.requests)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connection_count += 1
        try:
            while await self._answer(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *rest = head.strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
        data = await reader.readexactly(int(headers.get("content-length", 0)))
        path = urlsplit(first.split()[1]).path
        body = json.loads(data) if data else {}
        self.requests.append((path, body))
        self.request_headers.append(headers)
        reply = self._reply(path, body)
        writer.write(f"HTTP/1.1 {reply.status} X\r\nContent-Type: {reply.type}\r\nTransfer-Encoding: chunked\r\n".encode())
        writer.write("".join(f"{name}: {value}\r\n" for name, value in reply.headers.items()).encode() + b"\r\n")
        for event in reply.events:
            data = event.encode() if isinstance(event, str) else event
            writer.write(b"%x\r\n%s\r\n" % (len(data), data))
            await writer.drain()
        if reply.end == "reset":
            writer.transport.abort()
            return False
        if reply.end == "hangs":
            assert await reader.read() == b""  # the client goes first
            self.client_closed.set()
            return False
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return reply.end == "whole"

    def _reply(self, path: str, body: Body) -> HttpReply:
        route = self.routes.get(path, HttpReply(status=404))
        if isinstance(route, list):
            return route.pop(0) if len(route) > 1 else route[0]
        return route(body) if callable(route) else route
