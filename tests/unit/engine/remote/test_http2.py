"""Over HTTP/2 and TLS, with a real server: one connection for all, and a closed stream ends the work without closing it."""

import asyncio
from contextlib import aclosing
from pathlib import Path

import msgspec
from multiplexed import Multiplexed
from speaking import engine, filled, hole

from interfix.config.settings import Serving
from interfix.engine.protocol import InfillRequest
from interfix.engine.remote.engine import RemoteEngine
from interfix.values import Token


def serving(server: Multiplexed) -> Serving:
    return Serving(engine="openai", url=server.url, certificates=str(server.certificates))


def in_document(name: str, before: str) -> InfillRequest:
    return msgspec.structs.replace(hole(before), document=f"file:///{name}.py")


async def first_token(remote: RemoteEngine, request: InfillRequest) -> None:
    """Read so far and close."""
    async with aclosing(remote.infill(request)) as events:
        async for event in events:
            if isinstance(event, Token):
                return


async def test_answers_come_over_one_connection_of_http2(tmp_path: Path) -> None:
    async with Multiplexed(tmp_path) as server, engine("", tmp_path, serving=serving(server), proven=True) as remote:
        assert await asyncio.gather(*(filled(remote, in_document(f"{i}", "x = ")) for i in range(5))) == ["a + b"] * 5
    assert set(server.spoken) == {"2"}
    assert len(server.peers) == 1


async def test_a_closed_stream_ends_the_work_and_leaves_the_others_their_connection(tmp_path: Path) -> None:
    async with Multiplexed(tmp_path) as server, engine("", tmp_path, serving=serving(server), proven=True) as remote:
        beside = asyncio.create_task(filled(remote, in_document("beside", "x = ")))
        await first_token(remote, in_document("closed", "endless = "))
        await asyncio.wait_for(server.cancelled.wait(), 5)
        assert await beside == "a + b"
        assert await filled(remote, in_document("later", "x = ")) == "a + b"
    assert len(server.peers) == 1


async def test_many_closed_streams_use_nothing_up(tmp_path: Path) -> None:
    """More than a connection may have open at once."""
    async with Multiplexed(tmp_path) as server, engine("", tmp_path, serving=serving(server), proven=True) as remote:
        for _ in range(120):
            await first_token(remote, hole("endless = "))
        assert await filled(remote) == "a + b"
    assert len(server.peers) == 1


async def test_what_is_cancelled_before_anything_has_come_is_reset_too(tmp_path: Path) -> None:
    async with Multiplexed(tmp_path) as server, engine("", tmp_path, serving=serving(server), proven=True) as remote:
        waiting = asyncio.create_task(filled(remote, hole("silent = ")))
        await server.computing.wait()
        waiting.cancel()
        await asyncio.wait((waiting,))
        await asyncio.wait_for(server.cancelled.wait(), 5)
        assert await filled(remote) == "a + b"
    assert len(server.peers) == 1


async def test_a_connection_that_the_server_has_closed_meanwhile_is_nobodys_failure(tmp_path: Path) -> None:
    async with (
        Multiplexed(tmp_path, requests=3) as server,
        engine("", tmp_path, serving=serving(server), proven=True) as remote,
    ):
        for _ in range(12):
            assert await filled(remote) == "a + b"
        assert remote._transport.breaker._failures == 0
    assert len(server.peers) > 3


async def test_a_server_without_it_is_spoken_to_as_before(tmp_path: Path) -> None:
    async with (
        Multiplexed(tmp_path, protocols=("http/1.1",)) as server,
        engine("", tmp_path, serving=serving(server), proven=True) as remote,
    ):
        assert await filled(remote) == "a + b"
        await first_token(remote, hole("endless = "))
        await asyncio.wait_for(server.cancelled.wait(), 5)
    assert set(server.spoken) == {"1.1"}
