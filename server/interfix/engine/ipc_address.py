"""Where the user's engine host listens, and how nobody else talks to it. Knows no message.

A Unix socket in a folder that only this user may enter; on Windows a loopback port, with a secret in a file of the user's own.
"""

import asyncio
import os
import secrets
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from interfix.config.paths import runtime_dir

ConnectionHandler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
StreamPair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def locate_lock_file() -> Path:
    """Held while a host is being started."""
    return runtime_dir() / "engine.lock"


async def listen(handler: ConnectionHandler) -> tuple[asyncio.Server, str]:
    """Take the address; returns the server and the secret that a client must present: none where the socket's rights suffice."""
    if sys.platform != "win32":
        path = _locate_socket()
        path.unlink(missing_ok=True)
        server = await asyncio.start_unix_server(handler, path)
        path.chmod(0o600)
        return server, ""
    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    secret = secrets.token_hex(32)
    port = server.sockets[0].getsockname()[1]
    partial = _locate_port_file().with_suffix(".partial")
    partial.write_text(f"{port} {secret}")
    partial.replace(_locate_port_file())
    return server, secret


async def connect() -> tuple[StreamPair, str]:
    """Streams to the host and the secret to present. Raises `OSError` where none listens."""
    if sys.platform != "win32":
        return await asyncio.open_unix_connection(_locate_socket()), ""
    try:
        port, secret = _locate_port_file().read_text().split()
    except ValueError as error:
        raise ConnectionRefusedError("the port file is damaged") from error
    return await asyncio.open_connection("127.0.0.1", int(port)), secret


def read_inode() -> int:
    """Identifies the socket file, so that a host notices when another one has taken its place; 0 where there is none."""
    try:
        return os.stat(_locate_socket() if sys.platform != "win32" else _locate_port_file()).st_ino  # noqa: PTH116
    except OSError:
        return 0


def release() -> None:
    """Give the address up."""
    (_locate_socket() if sys.platform != "win32" else _locate_port_file()).unlink(missing_ok=True)


def _locate_socket() -> Path:
    return runtime_dir() / "engine.sock"


def _locate_port_file() -> Path:
    return runtime_dir() / "engine.port"
