"""What a client does when its host is lost: restarts it once for a request, and counts what dies of a model."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from interfix.engine import crash_guard, host_lifecycle, ipc_messages
from interfix.engine.client import HostEngine
from interfix.engine.protocol import EngineStatus, InfillRequest
from interfix.errors import UnavailableError
from interfix.inference_types import Segment, SegmentKind
from interfix.masking import mask
from interfix.models.role_check import BaseModel


class DyingHosts:
    """Hosts that greet whoever connects and die of the first call."""

    def __init__(self) -> None:
        self.calls = 0
        self._servers: list[asyncio.Server] = []

    async def find_or_start(self) -> host_lifecycle.HostConnection:
        return await self._connect()

    async def _connect(self) -> host_lifecycle.HostConnection:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._servers.append(server)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
        return reader, writer, 10_000 + len(self._servers)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while message := await ipc_messages.read_message(reader, ipc_messages.client_decoder):
            if isinstance(message, ipc_messages.StartCall):
                self.calls += 1
                break
        writer.close()

    def close(self) -> None:
        for server in self._servers:
            server.close()


@pytest.fixture
async def hosts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DyingHosts]:
    hosts = DyingHosts()
    monkeypatch.setattr(host_lifecycle, "find_or_start_host", hosts.find_or_start)
    monkeypatch.setattr(crash_guard, "runtime_dir", lambda: tmp_path)
    monkeypatch.setattr(crash_guard, "RESTART_DELAYS", (0.0, 0.0, 0.0))
    yield hosts
    hosts.close()


async def test_a_request_restarts_a_host_once_though_others_restart_it_too(hosts: DyingHosts) -> None:
    engine = HostEngine()
    request = InfillRequest(
        BaseModel("m", "/m.gguf"), "file:///a.py", (Segment(SegmentKind.PREFIX, mask("x = ")),), prompt_budget=100, max_tokens=4
    )

    async def keep_connected() -> None:
        """As a status line does that asks again and again: to the request, no host seems to be its own."""
        while True:
            await engine._connect()
            await asyncio.sleep(0)

    others = asyncio.create_task(keep_connected())
    await asyncio.sleep(0.05)
    for count in range(1, crash_guard.MAX_CRASHES + 1):
        with pytest.raises(UnavailableError, match="starts again"):
            _ = [event async for event in engine.infill(request)]
        assert hosts.calls <= 2 * count
    with pytest.raises(UnavailableError, match="in a row"):
        _ = [event async for event in engine.infill(request)]
    others.cancel()
    await engine.close()


async def test_what_the_host_has_to_tell_comes_to_whoever_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    async def greet_watchers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while message := await ipc_messages.read_message(reader, ipc_messages.client_decoder):
            if isinstance(message, ipc_messages.WatchNotices):
                writer.write(ipc_messages.encode_frame(ipc_messages.Notice("It reads faster now.")))
            elif isinstance(message, ipc_messages.StatusQuery):
                status = EngineStatus("1", 1, 0, 1, ())
                writer.write(ipc_messages.encode_frame(ipc_messages.StatusReply(message.id, status)))

    server = await asyncio.start_server(greet_watchers, "127.0.0.1", 0)

    async def connect() -> host_lifecycle.HostConnection:
        return *await asyncio.open_connection(*server.sockets[0].getsockname()[:2]), 1

    monkeypatch.setattr(host_lifecycle, "find_or_start_host", connect)
    told: list[ipc_messages.Notice] = []
    watching, other = HostEngine(), HostEngine()
    watching.on_notice = told.append
    for engine in (other, watching):
        await engine.status()
        await engine.close()
    server.close()
    assert told == [ipc_messages.Notice("It reads faster now.")]
