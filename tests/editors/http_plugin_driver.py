"""Plugins that speak HTTP, in a real Neovim, against the HTTP server over an engine that says what a test wants."""

import asyncio
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pynvim
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.editors.editor_binaries import EditorBinary, EditorUnavailable
from tests.fake_engine import FakeEngine
from tests.http_client import listen, make_app

REPOSITORIES = {
    "llama.vim": "https://github.com/ggml-org/llama.vim",
    "minuet-ai.nvim": "https://github.com/milanglacier/minuet-ai.nvim",
}
"""Where the plugins' sources are; `TEST_PLUGINS_DIRECTORY` names a folder that has them by these names."""
FETCH_SECONDS = 60


def fetch_plugin(name: str, folder: Path) -> Path:
    """A checkout of a plugin. Raises `EditorUnavailable` where it cannot be had."""
    if (named := os.environ.get("TEST_PLUGINS_DIRECTORY")) and (Path(named) / name).is_dir():
        return Path(named) / name
    command = ["git", "clone", "--quiet", "--depth", "1", REPOSITORIES[name], str(folder / name)]
    try:
        subprocess.run(
            command, check=True, capture_output=True, timeout=FETCH_SECONDS, env={**os.environ, "GIT_TERMINAL_PROMPT": "0"}
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise EditorUnavailable(
            f"{name} cannot be fetched ({type(error).__name__}); TEST_PLUGINS_DIRECTORY may name a copy."
        ) from error
    return folder / name


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
