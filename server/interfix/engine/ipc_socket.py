"""The addresses of the user's engine hosts, and how other users are kept out.

A Unix socket in a folder that only this user may enter; on Windows a loopback port, with a secret in a file of the user's own. The
file's name holds the identity of the code, so that hosts of different installations live side by side.
"""

import asyncio
import secrets
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from interfix.config.paths import runtime_dir
from interfix.config.private_files import write_private_file
from interfix.engine.host_code_hash import identify_host

ConnectionHandler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
StreamPair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def locate_lock_file() -> Path:
    """Held while a host is being started."""
    return runtime_dir() / f"engine-{identify_host()}.lock"


async def listen(handler: ConnectionHandler) -> tuple[asyncio.Server, str]:
    """Take the address; returns the server and the secret that a client must present: none where the socket's rights suffice."""
    if sys.platform != "win32":
        path = _locate_address()
        path.unlink(missing_ok=True)
        server = await asyncio.start_unix_server(handler, path)
        path.chmod(0o600)
        return server, ""
    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    secret = secrets.token_hex(32)
    port = server.sockets[0].getsockname()[1]
    write_private_file(_locate_address(), f"{port} {secret}".encode())
    return server, secret


def list_addresses() -> list[Path]:
    """The addresses of all hosts of this user, of whatever code; a host that crashed may have left one behind."""
    return sorted(runtime_dir().glob(f"engine*{_SUFFIX}"))


async def connect(address: Path | None = None) -> tuple[StreamPair, str]:
    """Streams to the host at an address, by default that of this code, and the secret to present.

    Raises `OSError` where none listens.
    """
    path = address or _locate_address()
    if sys.platform != "win32":
        return await asyncio.open_unix_connection(path), ""
    try:
        port, secret = path.read_text().split()
    except ValueError as error:
        raise ConnectionRefusedError("the port file is damaged") from error
    return await asyncio.open_connection("127.0.0.1", int(port)), secret


def is_own(address: Path) -> bool:
    """Whether it is the address of hosts that run this code."""
    return address.name == _locate_address().name


def read_inode() -> int:
    """Identifies the socket file, so that a host notices when another one has taken its place; 0 where there is none."""
    try:
        return _locate_address().stat().st_ino
    except OSError:
        return 0


def release() -> None:
    """Give the address up."""
    _locate_address().unlink(missing_ok=True)


_SUFFIX = ".port" if sys.platform == "win32" else ".sock"


def _locate_address() -> Path:
    return runtime_dir() / f"engine-{identify_host()}{_SUFFIX}"
