"""Listens for one editor on a loopback port: of this user, and speaking LSP from its first byte.

Every program of the machine can reach a loopback port, a page in a browser too: it may send a POST whose body is an `initialize`.
So the other side has to be a process of the same user, and its first header one of LSP's, which no browser sends.
"""

import asyncio
import ipaddress
import logging
import os
import re
import socket
from collections.abc import Iterator

import psutil

from interfix.errors import UsageError
from interfix.output.console_output import write_message

log = logging.getLogger(__name__)

HEADER_SECONDS = 10.0
"""How long a connection may take to send its first header."""
MAX_HEADER_BYTES = 1024
"""Bytes of a message's header at most."""
_HEADER = re.compile(rb"(?:Content-Type:[^\r\n]*\r\n)?Content-Length: *\d+\r\n(?:Content-Type:[^\r\n]*\r\n)?\r\n", re.IGNORECASE)

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def accept_client(host: str, port: int) -> Streams:
    """Wait for the editor; whoever else connects is turned away, and the wait goes on.

    Raises `UsageError` for an address that is not this machine's own or cannot be listened on.
    """
    accepted: asyncio.Future[Streams] = asyncio.get_running_loop().create_future()

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        why = await _find_refusal(writer)
        head = b"" if why else await _read_header(reader)
        why = why or ("" if head else "it does not speak LSP")
        if why or accepted.done():
            log.warning("a connection was turned away: %s", why or "another client is served")
            writer.close()
        else:
            accepted.set_result((_prepend_data(head, reader), writer))

    try:
        listening = await asyncio.start_server(greet, await _resolve_loopback(host), port)
    except OSError as error:
        raise UsageError(f"Cannot listen on {host}:{port}: {error.strerror}.") from error
    write_message(f"listening on {':'.join(map(str, listening.sockets[0].getsockname()[:2]))}", error=True)
    try:
        return await accepted
    finally:
        listening.close()


async def _resolve_loopback(host: str) -> list[str]:
    resolved = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in resolved))
    if not all(ipaddress.ip_address(address.partition("%")[0]).is_loopback for address in addresses):
        raise UsageError(
            f"{host} can be reached from other machines, and whoever connects is served. Listen on 127.0.0.1, and have ssh forward "
            "the port: ssh -L 4711:127.0.0.1:4711 HOST."
        )
    return addresses


async def _read_header(reader: asyncio.StreamReader) -> bytes:
    """The first message's header; empty where what comes is none."""
    try:
        async with asyncio.timeout(HEADER_SECONDS):
            line = await reader.readline()
            head = line
            while line not in (b"\r\n", b"") and line.lower().startswith(b"content-") and len(head) <= MAX_HEADER_BYTES:
                line = await reader.readline()
                head += line
    except (TimeoutError, ValueError, OSError):
        return b""
    return head if len(head) <= MAX_HEADER_BYTES and _HEADER.fullmatch(head) else b""


async def _find_refusal(writer: asyncio.StreamWriter) -> str:
    """Why the other side is not to be served; empty where it is."""
    theirs, ours = writer.get_extra_info("peername"), writer.get_extra_info("sockname")
    if not theirs or not ours or not ipaddress.ip_address(theirs[0]).is_loopback:
        return "it does not come from this machine"
    if not await asyncio.to_thread(_same_user, tuple(theirs[:2]), tuple(ours[:2])):
        return "no process of this user has the other end"
    return ""


def _same_user(theirs: tuple[str, int], ours: tuple[str, int]) -> bool:
    """Whether a process of this user has the other end of a connection."""
    return (theirs, ours) in _list_own_connections()


def _list_own_connections() -> Iterator[tuple[tuple[object, ...], tuple[object, ...]]]:
    """The two ends of every TCP connection of this user's processes, their own first."""
    for process in psutil.process_iter():
        try:
            if _is_own(process):
                for each in process.net_connections("tcp"):
                    yield tuple(each.laddr), tuple(each.raddr)
        except (psutil.Error, OSError):
            continue


def _is_own(process: psutil.Process) -> bool:
    if hasattr(os, "getuid"):
        return process.uids().effective == os.getuid()
    return process.username() == psutil.Process().username()


def _prepend_data(head: bytes, reader: asyncio.StreamReader) -> asyncio.StreamReader:
    """A stream that begins with what has been read of another already."""
    whole = asyncio.StreamReader()
    whole.feed_data(head)

    async def pump() -> None:
        try:
            while data := await reader.read(1 << 16):
                whole.feed_data(data)
        except OSError as error:
            log.info("the client's connection broke off: %s", type(error).__name__)
        whole.feed_eof()

    task = asyncio.create_task(pump())
    _PUMPS.add(task)
    task.add_done_callback(_PUMPS.discard)
    return whole


_PUMPS: set[asyncio.Task[None]] = set()
