"""Plugins that speak HTTP, in a real Neovim, against the HTTP server over an engine that says what a test wants."""

import asyncio
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pynvim
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.editors.editor_binaries import EditorBinary
from tests.fake_engine import FakeEngine
from tests.http_client import listen, make_app


class RequestLog:
    """Keeps what a plugin sends."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.requests: list[tuple[str, dict[str, Any]]] = []
        """Path and body of each request."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        parts: list[bytes] = []

        async def listen_in() -> Message:
            message = await receive()
            parts.append(message.get("body", b""))
            if message["type"] == "http.request" and not message.get("more_body"):
                self.requests.append((scope["path"], json.loads(b"".join(parts) or b"{}")))
            return message

        await self._app(scope, listen_in, send)


@contextmanager
def serve_in_thread(engine: FakeEngine) -> Iterator[tuple[int, RequestLog]]:
    """The HTTP server in a thread of its own; its port, and what it is asked."""
    log = RequestLog(make_app(engine))
    started: threading.Event = threading.Event()
    ports: list[int] = []
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def run() -> None:
        async with listen(log) as port:
            ports.append(port)
            started.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),), daemon=True)
    thread.start()
    started.wait()
    try:
        yield ports[0], log
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def open_neovim(binary: EditorBinary, folder: Path, plugin: Path, setup: str) -> pynvim.Nvim:
    """A Neovim with a plugin, set up by Lua code, and nothing else of the user's."""
    init = folder / "init.lua"
    init.write_text(f"vim.o.swapfile = false\nvim.o.shadafile = 'NONE'\n{setup}\nvim.opt.runtimepath:append({str(plugin)!r})\n")
    environment = {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
    command = [*binary.command, "--embed", "--headless", "--clean", "-u", str(init)]
    before = dict(os.environ)
    os.environ.update({**environment, **binary.environment})
    try:
        return pynvim.attach("child", argv=command)
    finally:
        os.environ.clear()
        os.environ.update(before)
