"""`http_api/server.py` and `http_api/endpoint.py` on a real port: slow, broken, malicious and vanishing clients."""

import asyncio
import gc
import json
import random
from typing import Any

import httpx
import pytest

from interfix.errors import UsageError
from interfix.http_api import endpoint, server
from interfix.http_api.endpoint import MAX_ACTIVE_REQUESTS, MAX_BODY_BYTES
from interfix.http_api.server import open_socket
from tests.fake_engine import FakeEngine
from tests.http_client import listen, make_app, make_socket_client, open_connection

BODY = {"input_prefix": "a = ", "input_suffix": "\n"}
HEAD = b"POST /infill HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n"


def make_request(body: dict[str, Any]) -> bytes:
    text = json.dumps(body).encode()
    return HEAD % len(text) + text


async def ask(port: int, **body: Any) -> httpx.Response:
    async with make_socket_client(base_url=f"http://127.0.0.1:{port}") as client:
        return await client.post("/infill", json={**BODY, **body})


@pytest.mark.parametrize("stream", [False, True])
async def test_nothing_is_computed_for_a_client_that_has_gone(stream: bool) -> None:
    engine = FakeEngine("abcdefghi" * 10)
    engine.token_gate = asyncio.Event()
    async with listen(make_app(engine)) as port:
        _, writer = await open_connection(port)
        writer.write(make_request({**BODY, "stream": stream}))
        await engine.has_written.wait()
        writer.close()
        assert await engine.endings.get() == "closed"
        assert len(engine.sent_pieces) < 30


async def test_fifty_at_once_are_all_answered() -> None:
    async with listen(make_app(FakeEngine("return 1"))) as port:
        answers = await asyncio.gather(*(ask(port, stream=n % 2 == 0) for n in range(50)))
    assert {answer.status_code for answer in answers} == {200}


async def test_connections_that_drop_at_any_byte_leave_nothing_behind() -> None:
    engine = FakeEngine("return 1\n    x = 2\n")
    rng = random.Random(7)
    request = make_request({**BODY, "stream": True})
    async with listen(make_app(engine)) as port:
        for _ in range(200):
            reader, writer = await open_connection(port)
            writer.write(request[: rng.randrange(len(request) + 1)])
            if rng.random() < 0.5:
                await writer.drain()
            if rng.random() < 0.2:
                await asyncio.wait((asyncio.ensure_future(reader.read(20)),), timeout=0.01)
            writer.transport.abort() if rng.random() < 0.5 else writer.close()
        assert (await ask(port)).status_code == 200
        tasks = [task for task in asyncio.all_tasks() if "BoundedProtocol" in repr(task) or "HttpEndpoint" in repr(task)]
        if tasks:
            await asyncio.wait(tasks, timeout=30)
    assert engine.ended_count == len(engine.requests)


async def test_a_head_that_does_not_come_to_its_end_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.05)
    async with listen(make_app(FakeEngine("x"))) as port:
        for begun in (b"", b"POST /inf", b"POST /infill HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: 1\r\n"):
            reader, writer = await open_connection(port)
            writer.write(begun)
            assert await asyncio.wait_for(reader.read(), 30) == b""
            writer.close()


async def test_a_body_that_does_not_come_to_its_end_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "BODY_SECONDS", 0.05)
    engine = FakeEngine("x")
    async with listen(make_app(engine)) as port:
        reader, writer = await open_connection(port)
        writer.write(HEAD % 1000 + b'{"input_prefix"')
        assert b"408" in (await asyncio.wait_for(reader.read(100), 30)).split(b"\r\n")[0]
        writer.close()
    assert engine.requests == []


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_that_is_too_long_is_refused(announced: bool) -> None:
    engine = FakeEngine("x")

    async def send_parts() -> Any:
        for _ in range(MAX_BODY_BYTES // 2**20 + 1):
            yield b" " * 2**20

    content = b" " * (MAX_BODY_BYTES + 1) if announced else send_parts()
    async with listen(make_app(engine)) as port, make_socket_client() as client:
        answer = await client.post(f"http://127.0.0.1:{port}/infill", content=content)
    assert answer.status_code == 413
    assert engine.requests == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b'{"input_prefix": "\xff"}',
        b'{"input_prefix": "\\ud800", "input_suffix": ""}',
        b'{"input_prefix": "", "input_suffix": "", "temperature": NaN}',
        b'{"input_prefix": "", "input_suffix": "", "temperature": 1e999}',
        b'{"input_prefix": "", "input_suffix": "", "n_predict": 1e99}',
        b'{"input_prefix": "", "input_suffix": "", "n_predict": 99999999999999999999999}',
        b'{"input_prefix": "", "input_suffix": "", "seed": 99999999999999999999999}',
        b'{"x": ' + b"[" * 1_000_000,
        b'{"x": ' + b'{"a":' * 200_000 + b"1" + b"}" * 200_000 + b"}",
        b'{"input_extra": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
    ids=range(16),
)
async def test_what_is_no_request_gets_an_error_object(body: bytes) -> None:
    engine = FakeEngine("x")
    async with listen(make_app(engine)) as port, make_socket_client() as client:
        answer = await client.post(f"http://127.0.0.1:{port}/infill", content=body)
        assert answer.status_code == 400
        assert answer.json()["error"]["type"] == "invalid_request_error"
        assert (await client.get(f"http://127.0.0.1:{port}/health")).status_code == 200
    assert engine.requests == []


@pytest.mark.parametrize(
    "head",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"POST /infill HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /infill HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /infill HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\nContent-Length: 2\r\n\r\n{}",
        b"POST /infill HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    ],
    ids=["tls", "negative length", "smuggling", "two hosts", "no host", "long line"],
)
async def test_what_is_no_http_is_turned_away(head: bytes) -> None:
    engine = FakeEngine("x")
    async with listen(make_app(engine)) as port:
        reader, writer = await open_connection(port)
        writer.write(head)
        status = (await asyncio.wait_for(reader.readline(), 30))[:12]
        assert status[9:10] in (b"", b"4")
        writer.close()
        assert (await ask(port)).status_code == 200
    assert len(engine.requests) == 1


async def test_more_requests_than_there_may_be_are_told_to_come_again() -> None:
    engine = FakeEngine("x")
    engine.request_gate = asyncio.Event()
    async with listen(make_app(engine)) as port:
        waiting = [asyncio.create_task(ask(port)) for _ in range(MAX_ACTIVE_REQUESTS)]
        while len(engine.requests) < MAX_ACTIVE_REQUESTS:
            await engine.asked_models.get()
        refused = await ask(port)
        engine.request_gate.set()
        answers = await asyncio.gather(*waiting)
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "1"
    assert {answer.status_code for answer in answers} == {200}


async def test_what_fails_unforeseen_is_one_sentence_and_no_text_of_the_request_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    engine = FakeEngine("x")
    engine.failure = RuntimeError("the secret_name of somebody")
    with caplog.at_level("INFO"):
        async with listen(make_app(engine)) as port:
            answer = await ask(port, input_prefix="secret_name = ")
    assert answer.status_code == 500
    assert "RuntimeError" in answer.json()["error"]["message"]
    assert "Traceback" not in answer.text
    assert "secret_name" not in caplog.text
    gc.collect()


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_other_machines_are_not_served_without_a_token(host: str) -> None:
    with pytest.raises(UsageError, match=r"http\.token"):
        open_socket(host, 0, has_token=False)


def test_a_port_that_is_taken_is_said_so() -> None:
    with open_socket("127.0.0.1", 0, has_token=False) as taken, pytest.raises(UsageError, match="Choose another port"):
        open_socket("127.0.0.1", taken.getsockname()[1], has_token=False)
