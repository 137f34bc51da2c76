"""A real server that speaks HTTP/2 over TLS on the loopback interface, and notes what becomes of each stream."""

import asyncio
import json
import socket
from collections import Counter
from pathlib import Path
from typing import Any, Self

import trustme
from hypercorn.asyncio import serve
from hypercorn.config import Config

TEXT_CHUNK = {"choices": [{"text": "a"}]}
FINAL_CHUNK = {"choices": [{"text": " + b", "finish_reason": "stop"}]}


class Http2Server:
    """Serves one model. A prompt with `silent` in it gets no answer, one with `endless` no end of it, any other `a + b`."""

    def __init__(
        self, folder: Path, protocols: tuple[str, ...] = ("h2", "http/1.1"), name: str = "127.0.0.1", max_requests: int = 1000
    ) -> None:
        """It closes a connection after `max_requests`."""
        self.certificates = folder / "authority.pem"
        self.requests_by_version: Counter[tuple[str, str]] = Counter()
        """Requests by path and version of HTTP."""
        self.peers: set[Any] = set()
        """Every connection that a request came by."""
        self.stream_cancelled = asyncio.Event()
        """A stream was closed by the client before its end."""
        self.spare_opened = asyncio.Event()
        """A request without an answer came, which only opens a connection."""
        self._running = 0
        self._ended = asyncio.Condition()
        self.request_pending = asyncio.Event()
        """A request is there that is not answered to the end."""
        self._over = asyncio.Event()
        self._config = Config()
        self._config.alpn_protocols = list(protocols)
        self._config.loglevel = "CRITICAL"
        self._config.keep_alive_max_requests = max_requests
        authority, key = trustme.CA(), folder / "server.pem"
        authority.cert_pem.write_to_path(self.certificates)
        authority.issue_cert(name).private_key_and_cert_chain_pem.write_to_path(key)
        self._config.certfile = self._config.keyfile = str(key)

    async def __aenter__(self) -> Self:
        listening = socket.create_server(("127.0.0.1", 0))
        self.port = listening.getsockname()[1]
        self.url = f"https://127.0.0.1:{self.port}"
        self._config.bind = [f"fd://{listening.detach()}"]
        self._task = asyncio.create_task(serve(self._app, self._config, shutdown_trigger=self._over.wait))  # type: ignore[arg-type]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._over.set()
        await self._task

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        if scope["method"] == "HEAD":
            self.spare_opened.set()
        else:
            self.requests_by_version[(scope["path"], scope["http_version"])] += 1
        self.peers.add(scope["client"])
        body, more = b"", True
        while more:
            event = await receive()
            body, more = body + event.get("body", b""), event.get("more_body", False)
        if b"silent" in body:
            await self._hold(receive)
            return
        kind = b"text/event-stream" if b'"stream":true' in body else b"application/json"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
        if scope["path"] == "/v1/models":
            await _write(send, json.dumps({"data": [{"id": "qwen2.5-coder-7b", "owned_by": "sglang"}]}), last=True)
            return
        await _write(send, f"data: {json.dumps(TEXT_CHUNK)}\n\n")
        if b"endless" in body:
            await self._hold(receive)
            return
        await _write(send, f"data: {json.dumps(FINAL_CHUNK)}\n\ndata: [DONE]\n\n", last=True)

    async def _hold(self, receive: Any) -> None:
        self.request_pending.set()
        self._running += 1
        assert (await receive())["type"] == "http.disconnect"
        self.stream_cancelled.set()
        async with self._ended:
            self._running -= 1
            self._ended.notify_all()

    async def all_ended(self) -> None:
        """Wait until nothing is computed any more."""
        async with self._ended:
            await self._ended.wait_for(lambda: self._running == 0)


async def _write(send: Any, text: str, *, last: bool = False) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": not last})
