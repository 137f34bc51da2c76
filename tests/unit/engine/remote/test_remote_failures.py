"""Everything that goes wrong between here and a server: one sentence each, nothing that hangs, and well again by itself.

About all of `engine/remote/`.
"""

import asyncio
import logging
import socket
import ssl
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import msgspec
import pytest
import trustme

from interfix.config.settings import BackendSettings
from interfix.engine.remote import circuit_breaker, response_bytes
from interfix.engine.remote import engine as remote_engine
from interfix.engine.remote.engine import RemoteEngine
from interfix.engine.remote.server_address import resolve_endpoint
from interfix.engine.remote.transport import Timeouts, Transport
from interfix.errors import InterfixError, UnavailableError, UsageError
from interfix.inference_types import GeneratedToken, Role
from tests.unit.engine.remote.fake_http_server import FakeHttpServer, HttpReply, json_reply, sse_reply
from tests.unit.engine.remote.remote_requests import (
    chat_request,
    complete_text,
    infill_request,
    open_remote_engine,
    serve_openai_model,
)

WORDS = sse_reply({"choices": [{"text": "a + b", "finish_reason": "stop"}]})
SHORT_TIMEOUTS = Timeouts(next_event=0.05)
SHORTEST_TIMEOUTS = Timeouts(first_event=0.05)


async def failure_sentence(remote: RemoteEngine) -> str:
    with pytest.raises(InterfixError) as caught:
        await complete_text(remote)
    said = str(caught.value)
    assert said.count("\n") == 0
    assert "base" in said
    assert "Traceback" not in said
    return said


def find_unused_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


async def test_nothing_listens(tmp_path: Path) -> None:
    async with open_remote_engine(f"http://127.0.0.1:{find_unused_port()}", tmp_path) as remote:
        assert "cannot be reached: nothing answers there" in await failure_sentence(remote)


@pytest.mark.parametrize(
    ("reply", "patience"),
    [
        (sse_reply({"choices": [{"text": "a"}]}, end="hangs", done=False), SHORT_TIMEOUTS),
        (HttpReply((": ping\n\n", "da"), type="text/event-stream", end="hangs"), SHORTEST_TIMEOUTS),
    ],
)
async def test_a_slow_drip_does_not_hold_a_request(
    server: FakeHttpServer, tmp_path: Path, reply: HttpReply, patience: Timeouts
) -> None:
    serve_openai_model(server)
    server.routes["/v1/completions"] = reply
    async with open_remote_engine(server.url, tmp_path, proven=True, patience=patience) as remote:
        assert "has said nothing for" in await failure_sentence(remote)


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (sse_reply({"choices": [{"text": "a"}]}, end="reset", done=False), "broke off"),
        (HttpReply(("<html>", "a page"), type="text/html"), "what is no openai answer"),
        (HttpReply(("data: {half\n\n",), type="text/event-stream"), "what is no openai answer"),
        (HttpReply(status=429, headers={"Retry-After": "60"}), "too much to do (429)"),
        (
            HttpReply(('{"error": {"message": "out of memory."}}',), status=500),
            "failed (500): out of memory; its own log says more",
        ),
        (HttpReply(status=401), "does not accept the token (401); look at base.token"),
        (HttpReply(('{"detail": [{"input": "secret code"}]}',), status=422), "refused the request (422)."),
        (sse_reply({"error": {"message": "x"}}), "stopped in the middle of its answer"),
        (sse_reply(done=False), "ended its answer before it was complete"),
        (sse_reply(7), "what is no openai answer"),
        (sse_reply({"choices": "none"}), "what is no openai answer"),
        (sse_reply({"choices": [{"text": ["a"]}]}), "what is no openai answer"),
        (HttpReply((b"data: \xff\xfe{\n\n",), type="text/event-stream"), "what is no openai answer"),
        (HttpReply(("data: " + "[" * 100_000 + "\n\n",), type="text/event-stream"), "what is no openai answer"),
        (HttpReply(('{"error": 7}',), status=500), "failed (500); its own log says more"),
        (HttpReply(status=302, headers={"Location": "http://a:b"}), "broke off"),
    ],
)
async def test_each_fault_is_a_sentence(server: FakeHttpServer, tmp_path: Path, reply: HttpReply, says: str) -> None:
    serve_openai_model(server)
    server.routes["/v1/completions"] = lambda body: reply if body.get("stream") else json_reply({"usage": {}})
    async with open_remote_engine(server.url, tmp_path, proven=True) as remote:
        assert says in await failure_sentence(remote)


async def test_an_answer_without_an_end_is_not_read_to_it(
    server: FakeHttpServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(response_bytes, "MAX_ANSWER_BYTES", 100_000)
    serve_openai_model(server)
    async with open_remote_engine(server.url, tmp_path, proven=True) as remote:
        for kind, status in (("text/event-stream", 200), ("text/html", 500)):
            server.routes["/v1/completions"] = HttpReply(("x" * 1000,) * 200, type=kind, status=status, end="hangs")
            assert "answers without an end" in await failure_sentence(remote)


@pytest.mark.parametrize(
    "pieces",
    [
        [b'data:{"choices": [{"text": "gr\xc3', b'\xb6\xc3\x9fer", "finish_reason": "stop"}]}\n\n'],
        [b": ping\n\nid: 1\nevent: x\n", b'data: {"choices":\r\ndata: [{"text": "gr\xc3\xb6\xc3\x9fer"}]}\r', b"\n\r\n"],
        [bytes((each,)) for each in 'data: {"choices": [{"text": "größer"}]}\n\n: ping\n\n'.encode()],
    ],
)
async def test_events_may_be_cut_anywhere_and_mixed_with_others(
    server: FakeHttpServer, tmp_path: Path, pieces: list[bytes]
) -> None:
    serve_openai_model(server)
    last = b'id: 2\n\ndata: {"choices": [{"finish_reason": "stop"}]}\n\ndata:[DONE]\n\n'
    server.routes["/v1/completions"] = HttpReply((*pieces, last), type="text/event-stream")
    async with open_remote_engine(server.url, tmp_path, proven=True) as remote:
        assert await complete_text(remote) == "größer"


async def test_answers_that_are_complete_leave_their_connection_to_the_next(server: FakeHttpServer, tmp_path: Path) -> None:
    serve_openai_model(server)
    server.routes["/v1/completions"] = WORDS
    async with open_remote_engine(server.url, tmp_path, proven=True) as remote:
        for _ in range(3):
            await complete_text(remote)
    assert server.connection_count == 1


async def test_a_connection_that_the_server_has_closed_meanwhile_is_nobodys_failure(server: FakeHttpServer, tmp_path: Path) -> None:
    serve_openai_model(server)
    server.routes["/v1/completions"] = msgspec.structs.replace(WORDS, end="closes")
    async with open_remote_engine(server.url, tmp_path, proven=True) as remote:
        for _ in range(5):
            assert await complete_text(remote) == "a + b"
        assert remote._transport.circuit_breaker._failures == 0
    assert server.count_requests("/v1/completions") == 5


async def test_a_server_that_asks_to_be_left_alone_is(
    server: FakeHttpServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve_openai_model(server)
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    now = [100.0]
    async with open_remote_engine(server.url, tmp_path, proven=True) as remote:
        monkeypatch.setattr(remote._transport, "circuit_breaker", circuit_breaker.CircuitBreaker(lambda: now[0]))
        for after, seconds in (("60", 60), (later, 90), ("86400", circuit_breaker.MAX_PAUSE_SECONDS)):
            server.routes["/v1/completions"] = HttpReply(status=429, headers={"Retry-After": after})
            await failure_sentence(remote)
            asked = len(server.requests)
            now[0] += seconds - 5
            assert "too much to do (429)" in await failure_sentence(remote)
            assert len(server.requests) == asked
            now[0] += 5
        server.routes["/v1/completions"] = WORDS
        assert await complete_text(remote) == "a + b"


LOADING = HttpReply(('{"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}}',), status=503)
"""As llama-server answers every question until its model is there."""


async def test_a_server_that_loads_its_model_is_told_of_and_not_given_up(server: FakeHttpServer, tmp_path: Path) -> None:
    server.routes["/v1/models"] = LOADING
    server.routes["/v1/completions"] = WORDS
    async with open_remote_engine(server.url, tmp_path, proven=True) as remote:
        for _ in range(circuit_breaker.FAILURE_THRESHOLD + 1):
            assert "is still loading its model" in await failure_sentence(remote)
            assert "is still loading its model" in (await remote.read_server_status()).problem
        assert server.count_requests("/v1/models") == 2 * circuit_breaker.FAILURE_THRESHOLD + 2
        serve_openai_model(server)
        server.routes["/v1/completions"] = [LOADING, WORDS]
        await failure_sentence(remote)
        assert await complete_text(remote) == "a + b"
        assert (await remote.read_server_status()).problem == ""


async def test_a_question_waits_for_the_model(server: FakeHttpServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_engine, "LOADING_RETRY_SECONDS", 0.001)
    serve_openai_model(server, name="qwen2.5-coder-7b-instruct")
    server.routes["/v1/models"] = [LOADING, LOADING, LOADING, server.routes["/v1/models"]]  # type: ignore[list-item]
    server.routes["/v1/chat/completions"] = [
        LOADING,
        sse_reply({"choices": [{"delta": {"content": "Yes."}, "finish_reason": "stop"}]}),
    ]
    async with open_remote_engine(server.url, tmp_path, role=Role.INSTRUCT, proven=True) as remote:
        assert await complete_text(remote, chat_request()) == "Yes."


async def test_nobody_is_sent_on_with_the_token(server: FakeHttpServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAM_TOKEN", "s3cr3t")
    async with FakeHttpServer() as elsewhere:
        serve_openai_model(server)
        serve_openai_model(elsewhere)
        there = f"http://localhost:{elsewhere.port}/v1/completions"
        server.routes["/v1/completions"] = HttpReply(status=307, headers={"Location": there})
        serving = BackendSettings(engine="openai", url=server.url, token="env:TEAM_TOKEN")
        async with open_remote_engine("", tmp_path, serving=serving, proven=True) as remote:
            assert "sends us on to localhost (307), which is not followed; set base.url" in await failure_sentence(remote)
        assert not elsewhere.connection_count


async def test_a_server_that_does_not_end_is_ended(server: FakeHttpServer, tmp_path: Path) -> None:
    serve_openai_model(server)
    server.routes["/v1/completions"] = sse_reply(*[{"choices": [{"text": f"{i} "}]} for i in range(100)], end="hangs", done=False)
    async with open_remote_engine(server.url, tmp_path, proven=True) as remote:
        assert await complete_text(remote) == "".join(f"{i} " for i in range(16))


async def test_what_passes_by_itself_is_asked_again_while_nothing_has_come(server: FakeHttpServer, tmp_path: Path) -> None:
    serve_openai_model(server)
    server.routes["/v1/completions"] = [HttpReply(status=503), HttpReply(status=429, headers={"Retry-After": "0"}), WORDS]
    async with open_remote_engine(server.url, tmp_path, proven=True) as remote:
        assert await complete_text(remote) == "a + b"
    assert server.count_requests("/v1/completions") == 3


async def test_what_has_begun_is_not_asked_again(server: FakeHttpServer, tmp_path: Path) -> None:
    serve_openai_model(server)
    server.routes["/v1/completions"] = sse_reply({"choices": [{"text": "a"}]}, end="reset", done=False)
    async with open_remote_engine(server.url, tmp_path, proven=True) as remote:
        await failure_sentence(remote)
    assert server.count_requests("/v1/completions") == 1


async def test_a_server_that_keeps_failing_is_left_alone_and_comes_back(
    server: FakeHttpServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve_openai_model(server)
    server.routes["/v1/completions"] = HttpReply(status=500)
    now = [100.0]
    async with open_remote_engine(server.url, tmp_path, proven=True) as remote:
        monkeypatch.setattr(remote._transport, "circuit_breaker", circuit_breaker.CircuitBreaker(lambda: now[0]))
        for _ in range(circuit_breaker.FAILURE_THRESHOLD):
            assert "failed (500)" in await failure_sentence(remote)
        asked = len(server.requests)
        assert "has failed 3 times and is asked again in 5 s" in await failure_sentence(remote)
        assert "asked again in" in (await remote.read_server_status()).problem
        assert len(server.requests) == asked
        now[0] += circuit_breaker.PAUSE_SECONDS[0]
        server.routes["/v1/completions"] = WORDS
        assert await complete_text(remote) == "a + b"
        assert (await remote.read_server_status()).problem == ""


async def test_a_server_that_comes_back_with_another_model_is_recognised_anew(server: FakeHttpServer, tmp_path: Path) -> None:
    serve_openai_model(server)
    server.routes["/v1/completions"] = [WORDS, HttpReply(status=404), WORDS]
    async with open_remote_engine(server.url, tmp_path, proven=True) as remote:
        await complete_text(remote)
        await failure_sentence(remote)
        serve_openai_model(server, name="codellama-7b")
        await complete_text(remote)
        assert (await remote.read_server_status()).model == "codellama-7b"


async def test_closing_the_stream_closes_the_connection(server: FakeHttpServer, tmp_path: Path) -> None:
    serve_openai_model(server)
    server.routes["/v1/completions"] = sse_reply({"choices": [{"text": "a"}]}, end="hangs", done=False)
    async with open_remote_engine(server.url, tmp_path, proven=True) as remote:
        async with aclosing(remote.infill(infill_request())) as events:
            async for event in events:
                if isinstance(event, GeneratedToken):
                    break
        await asyncio.wait_for(server.client_closed.wait(), 5)


async def test_a_stream_that_is_closed_while_it_waits_closes_the_connection_and_another_answers(
    server: FakeHttpServer, tmp_path: Path
) -> None:
    serve_openai_model(server)
    server.routes["/v1/completions"] = [sse_reply({"choices": [{"text": "a"}]}, end="hangs", done=False), WORDS]
    async with open_remote_engine(server.url, tmp_path, proven=True) as remote:
        begun = asyncio.Event()

        async def older() -> None:
            async with aclosing(remote.infill(infill_request())) as stream:
                async for event in stream:
                    if isinstance(event, GeneratedToken):
                        begun.set()

        first = asyncio.create_task(older())
        await begun.wait()
        first.cancel()
        assert await complete_text(remote) == "a + b"
        await asyncio.wait_for(server.client_closed.wait(), 5)


async def test_a_certificate_nobody_vouches_for_is_refused_and_a_private_authority_is_taken(tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    certificates = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(certificates)
    async with FakeHttpServer(context) as server:
        serve_openai_model(server)
        server.routes["/v1/completions"] = WORDS
        async with open_remote_engine(server.url, tmp_path, proven=True) as remote:
            assert "shows a certificate that is not trusted" in await failure_sentence(remote)
        trusting = BackendSettings(engine="openai", url=server.url, certificates=str(certificates))
        async with open_remote_engine(server.url, tmp_path, serving=trusting, proven=True) as remote:
            assert await complete_text(remote) == "a + b"


def test_a_file_without_certificates_is_named(tmp_path: Path) -> None:
    serving = BackendSettings(engine="openai", url="https://gpu.example", certificates=str(tmp_path / "none.pem"))
    with pytest.raises(UsageError, match=r"base\.certificates names .*none\.pem"):
        RemoteEngine(Role.BASE, serving, tmp_path)


async def test_a_token_goes_with_each_request_and_nowhere_else(
    server: FakeHttpServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TEAM_TOKEN", "s3cr3t")
    caplog.set_level(logging.DEBUG)
    serve_openai_model(server)
    server.routes["/v1/completions"] = HttpReply(status=500)
    serving = BackendSettings(engine="openai", url=server.url, token="env:TEAM_TOKEN")
    async with open_remote_engine(server.url, tmp_path, serving=serving, proven=True) as remote:
        said = await failure_sentence(remote)
        status = str(await remote.read_server_status())
    assert {headers["authorization"] for headers in server.request_headers} == {"Bearer s3cr3t"}
    assert "s3cr3t" not in said + status + caplog.text


@pytest.mark.parametrize(
    ("token", "says"),
    [
        ("env:NO_SUCH_VARIABLE", "refers to the variable NO_SUCH_VARIABLE, which is not set"),
        ("sk-1234567890", "says where a token is kept, not the token"),
        ("keyring:interfix", "says where a token is kept"),
    ],
)
def test_a_token_that_is_not_there_is_told_without_telling_it(tmp_path: Path, token: str, says: str) -> None:
    with pytest.raises((UsageError, UnavailableError), match=says) as caught:
        RemoteEngine(Role.BASE, BackendSettings(engine="openai", url="https://gpu.example", token=token), tmp_path)
    assert "sk-1234567890" not in str(caught.value)


def test_a_token_may_be_in_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = pytest.importorskip("keyring")
    monkeypatch.setattr(keyring, "get_password", lambda service, user: f"{user} of {service}")
    serving = BackendSettings(engine="openai", url="http://127.0.0.1:1", token="keyring:interfix/team")
    transport = Transport(resolve_endpoint(Role.BASE, serving), serving)
    assert transport._stream_client.headers["Authorization"] == "Bearer team of interfix"


@pytest.mark.parametrize(
    ("url", "leaves"),
    [
        ("http://localhost:8000", False),
        ("http://127.0.0.1:1", False),
        ("http://[::1]:1", False),
        ("https://gpu.example/v1", True),
        ("http://10.0.0.7", True),
    ],
)
def test_code_leaves_the_machine_for_every_host_but_this(url: str, leaves: bool) -> None:
    assert resolve_endpoint(Role.BASE, BackendSettings(engine="openai", url=url)).is_remote is leaves


@pytest.mark.parametrize(
    "url", ["gpu.example", "ftp://gpu.example", "https://", "https://me:s3cr3t@gpu.example", "https://x?key=s3cr3t"]
)
def test_an_address_that_is_none_is_told_without_telling_it(url: str) -> None:
    with pytest.raises(UsageError, match=r"base\.(url|token)") as caught:
        resolve_endpoint(Role.BASE, BackendSettings(engine="openai", url=url))
    assert "s3cr3t" not in str(caught.value)
