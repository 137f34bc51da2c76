"""With a real server that speaks HTTP/2 over TLS: what goes over which version, and a closed stream ends the work.

About `engine/remote/transport.py`.
"""

import asyncio
from contextlib import aclosing
from pathlib import Path

import msgspec

from interfix.config.settings import BackendSettings
from interfix.engine.protocol import InfillRequest
from interfix.engine.remote.engine import RemoteEngine
from interfix.inference_types import GeneratedToken
from tests.effort import scale_examples
from tests.unit.engine.remote.http2_server import Http2Server
from tests.unit.engine.remote.remote_requests import complete_text, infill_request, open_remote_engine


def make_serving(server: Http2Server) -> BackendSettings:
    return BackendSettings(engine="openai", url=server.url, certificates=str(server.certificates))


def make_request(name: str, before: str) -> InfillRequest:
    return msgspec.structs.replace(infill_request(before), document=f"file:///{name}.py")


async def read_first_token(remote: RemoteEngine, request: InfillRequest) -> None:
    """Read so far and close."""
    async with aclosing(remote.infill(request)) as events:
        async for event in events:
            if isinstance(event, GeneratedToken):
                return


async def test_short_questions_come_over_one_connection_of_http2_and_answers_over_http1(tmp_path: Path) -> None:
    async with (
        Http2Server(tmp_path) as server,
        open_remote_engine("", tmp_path, serving=make_serving(server), proven=True) as remote,
    ):
        assert await asyncio.gather(*(complete_text(remote, make_request(f"{i}", "x = ")) for i in range(5))) == ["a + b"] * 5
        assert {path for path, version in server.requests_by_version if version == "2"} == {"/v1/models"}
        assert {path for path, version in server.requests_by_version if version == "1.1"} == {"/v1/completions"}
        before = len(server.peers)
        assert await complete_text(remote, make_request("later", "x = ")) == "a + b"
        assert len(server.peers) == before


async def test_a_closed_stream_ends_the_work_and_leaves_the_others_their_connection(tmp_path: Path) -> None:
    async with (
        Http2Server(tmp_path) as server,
        open_remote_engine("", tmp_path, serving=make_serving(server), proven=True) as remote,
    ):
        beside = asyncio.create_task(complete_text(remote, make_request("beside", "x = ")))
        await read_first_token(remote, make_request("closed", "endless = "))
        await asyncio.wait_for(server.stream_cancelled.wait(), 5)
        assert await beside == "a + b"
        assert await complete_text(remote, make_request("later", "x = ")) == "a + b"


async def test_after_a_closed_stream_the_next_finds_a_connection(tmp_path: Path) -> None:
    async with (
        Http2Server(tmp_path) as server,
        open_remote_engine("", tmp_path, serving=make_serving(server), proven=True) as remote,
    ):
        await read_first_token(remote, infill_request("endless = "))
        await asyncio.wait_for(server.spare_opened.wait(), 5)
        await asyncio.gather(*remote._transport._background)
        before = len(server.peers)
        assert await complete_text(remote) == "a + b"
        assert len(server.peers) == before


async def test_many_closed_streams_use_nothing_up_and_none_is_computed_on(tmp_path: Path) -> None:
    async with (
        Http2Server(tmp_path) as server,
        open_remote_engine("", tmp_path, serving=make_serving(server), proven=True) as remote,
    ):
        for _ in range(scale_examples(30)):
            await read_first_token(remote, infill_request("endless = "))
        assert await complete_text(remote) == "a + b"
        await asyncio.wait_for(server.all_ended(), 5)


async def test_what_is_cancelled_before_anything_has_come_ends_too(tmp_path: Path) -> None:
    async with (
        Http2Server(tmp_path) as server,
        open_remote_engine("", tmp_path, serving=make_serving(server), proven=True) as remote,
    ):
        waiting = asyncio.create_task(complete_text(remote, infill_request("silent = ")))
        await server.request_pending.wait()
        waiting.cancel()
        await asyncio.wait((waiting,))
        await asyncio.wait_for(server.stream_cancelled.wait(), 5)
        assert await complete_text(remote) == "a + b"


async def test_a_question_that_nobody_waits_for_any_more_is_read_to_its_end(tmp_path: Path) -> None:
    async with (
        Http2Server(tmp_path) as server,
        open_remote_engine("", tmp_path, serving=make_serving(server), proven=True) as remote,
    ):
        transport = remote._transport
        for _ in range(120):
            asked = asyncio.create_task(transport.request_json("/v1/models", dict[str, object]))
            await asyncio.sleep(0)
            asked.cancel()
            await asyncio.wait((asked,))
        await asyncio.gather(*transport._background)
        assert await transport.request_json("/v1/models", dict[str, object])
        assert server.requests_by_version[("/v1/models", "2")] == 121
    assert len(server.peers) == 1


async def test_a_connection_that_the_server_has_closed_meanwhile_is_nobodys_failure(tmp_path: Path) -> None:
    async with (
        Http2Server(tmp_path, max_requests=3) as server,
        open_remote_engine("", tmp_path, serving=make_serving(server), proven=True) as remote,
    ):
        for _ in range(12):
            assert await complete_text(remote) == "a + b"
        assert remote._transport.circuit_breaker._failures == 0
    assert len(server.peers) > 3


async def test_a_server_without_it_is_spoken_to_as_before(tmp_path: Path) -> None:
    async with (
        Http2Server(tmp_path, protocols=("http/1.1",)) as server,
        open_remote_engine("", tmp_path, serving=make_serving(server), proven=True) as remote,
    ):
        assert await complete_text(remote) == "a + b"
        await read_first_token(remote, infill_request("endless = "))
        await asyncio.wait_for(server.stream_cancelled.wait(), 5)
    assert {version for _, version in server.requests_by_version} == {"1.1"}
