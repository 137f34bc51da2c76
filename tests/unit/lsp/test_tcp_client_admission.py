"""One editor over a port: of this user, on this machine, speaking LSP from its first byte; a page in a browser is none."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator

import pytest

from interfix.errors import UsageError
from interfix.lsp import tcp_client_admission
from interfix.lsp.tcp_client_admission import accept_client

BODY = b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}'
LSP = b"Content-Length: %d\r\n\r\n%s" % (len(BODY), BODY)
POST = b"POST / HTTP/1.1\r\nHost: a\r\nOrigin: https://e.example\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s"
STRANGERS = {
    "a browser's POST": POST % (len(LSP), LSP),
    "a browser's form": POST.replace(b"text/plain", b"multipart/form-data; boundary=x") % (len(LSP), b"--x\r\n\r\n" + LSP),
    "a GET": b"GET /?Content-Length:%20 HTTP/1.1\r\nHost: x\r\n\r\n" + LSP,
    "a WebSocket": b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: eA==\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "another header": b"Content-Length: 5\r\nOrigin: https://evil.example\r\n\r\n{}",
    "no length": b"Content-Type: text/plain\r\n\r\n" + BODY,
    "a long header": b"Content-Type: " + b"x" * 5000 + b"\r\nContent-Length: 5\r\n\r\n",
    "an endless line": b"Content-Length: " + b"1" * 200_000,
    "an empty line first": b"\r\n" + LSP,
    "nothing": b"",
}


@contextlib.asynccontextmanager
async def start_listening(
    capsys: pytest.CaptureFixture[str],
) -> AsyncGenerator[tuple[int, asyncio.Task[tcp_client_admission.Streams]]]:
    accepting = asyncio.create_task(accept_client("127.0.0.1", 0))
    said = ""
    while "listening" not in said:
        await asyncio.sleep(0.01)
        said += capsys.readouterr().err
    try:
        yield int(said.strip().rpartition(":")[2]), accepting
    finally:
        accepting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            _, writer = await accepting
            writer.close()


async def exchange(port: int, data: bytes) -> bytes:
    """What comes back to somebody who sends this and nothing more."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    writer.write_eof()
    try:
        return await asyncio.wait_for(reader.read(), 20)
    except ConnectionError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize("stranger", STRANGERS)
async def test_a_stranger_is_turned_away_and_the_editor_served(stranger: str, capsys: pytest.CaptureFixture[str]) -> None:
    async with start_listening(capsys) as (port, accepting):
        assert await exchange(port, STRANGERS[stranger]) == b""
        assert not accepting.done()
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(LSP + LSP)
        reader, _ = await asyncio.wait_for(accepting, 20)
        assert await reader.readexactly(2 * len(LSP)) == LSP + LSP
        writer.close()
        assert await reader.read() == b""


async def test_who_says_nothing_keeps_nobody_waiting(capsys: pytest.CaptureFixture[str]) -> None:
    async with start_listening(capsys) as (port, accepting):
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(5)]
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        for each in (LSP[:7], LSP[7:]):
            writer.write(each)
            await writer.drain()
        reader, _ = await asyncio.wait_for(accepting, 20)
        assert await reader.readexactly(len(LSP)) == LSP
        for _, each in (*silent, (None, writer)):
            each.close()


async def test_another_users_process_is_turned_away(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp_client_admission, "_is_own", lambda _process: False)
    async with start_listening(capsys) as (port, accepting):
        assert await exchange(port, LSP) == b""
        assert not accepting.done()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "255.255.255.255"])
async def test_other_machines_are_not_listened_to(host: str) -> None:
    with pytest.raises(UsageError, match="other machines"):
        await accept_client(host, 0)
