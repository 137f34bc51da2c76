"""Proxies of the environment: the way to other machines, and never to this one.

About `engine/remote/transport.py` with a proxy between.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from interfix.config.settings import BackendSettings
from interfix.errors import InterfixError
from tests.unit.engine.remote.fake_http_server import FakeHttpServer, HttpReply, sse_reply
from tests.unit.engine.remote.http2_server import Http2Server
from tests.unit.engine.remote.remote_requests import complete_text, open_remote_engine, serve_openai_model

WORDS = sse_reply({"choices": [{"text": "a + b", "finish_reason": "stop"}]})
ANY = "0.0.0.0"
"""Reaches this machine, and is no loopback address."""


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@asynccontextmanager
async def open_proxy(port: int, asked: list[str]) -> AsyncIterator[str]:
    """A proxy that lets everything through to one port; its address."""
    ways: list[asyncio.Task[None]] = []

    async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(1 << 16):
                target.write(data)
        finally:
            target.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[0])
        there, back = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        ways.extend((asyncio.create_task(copy(reader, back)), asyncio.create_task(copy(there, writer))))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def test_another_machine_is_reached_by_the_proxy_and_tls_goes_through_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    async with Http2Server(tmp_path, name="gpu.example") as server, open_proxy(server.port, asked) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        serving = BackendSettings(engine="openai", url="https://gpu.example", certificates=str(server.certificates))
        async with open_remote_engine("", tmp_path, serving=serving, proven=True) as remote:
            assert await complete_text(remote) == "a + b"
    assert asked == ["CONNECT gpu.example:443 HTTP/1.1"] * 2  # for short questions, and for answers
    assert {version for _, version in server.requests_by_version} == {"2", "1.1"}


async def test_what_the_environment_excepts_is_reached_directly(
    server: FakeHttpServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve_openai_model(server)
    server.routes["/v1/completions"] = WORDS
    async with FakeHttpServer() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", f"elsewhere.example,{ANY}")
        async with open_remote_engine(f"http://{ANY}:{server.port}", tmp_path, proven=True) as remote:
            assert await complete_text(remote) == "a + b"
        monkeypatch.delenv("NO_PROXY")
        serve_openai_model(proxy)
        proxy.routes["/v1/completions"] = WORDS
        async with open_remote_engine("http://gpu.example", tmp_path, proven=True) as remote:
            assert await complete_text(remote) == "a + b"
        assert proxy.connection_count


async def test_no_proxy_is_asked_for_this_machine(server: FakeHttpServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    serve_openai_model(server)
    server.routes["/v1/completions"] = WORDS
    async with open_remote_engine(server.url, tmp_path, proven=True) as remote:
        assert await complete_text(remote) == "a + b"


async def test_a_proxy_that_is_not_there_or_refuses_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://me:s3cr3t@127.0.0.1:9")
    async with open_remote_engine("https://gpu.example", tmp_path, proven=True) as remote:
        with pytest.raises(InterfixError, match="the proxy on the way to it does not answer") as caught:
            await complete_text(remote)
    assert "s3cr3t" not in str(caught.value)
    async with FakeHttpServer() as proxy:
        proxy.routes["443"] = HttpReply(status=407)
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        async with open_remote_engine("https://gpu.example", tmp_path, proven=True) as remote:
            with pytest.raises(InterfixError, match=r"the proxy on the way refuses: 407 X"):
                await complete_text(remote)
