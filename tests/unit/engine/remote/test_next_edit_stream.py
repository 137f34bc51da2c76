"""A next edit from a server: the layout as text or token ids, the stops, and a model that was not tuned for it."""

from contextlib import aclosing
from pathlib import Path

import pytest

from interfix.engine.protocol import NextEditRequest
from interfix.engine.remote.engine import RemoteEngine
from interfix.errors import RoleMismatchError
from interfix.inference_types import GeneratedToken, Role
from interfix.models.role_check import make_remote_next_edit
from tests.unit.engine.next_edit_requests import make_request
from tests.unit.engine.remote.fake_http_server import FakeHttpServer, sse_reply
from tests.unit.engine.remote.llama_server_replies import serve_llama_server
from tests.unit.engine.remote.recorded_requests import DONE, last_request
from tests.unit.engine.remote.remote_requests import open_remote_engine, serve_openai_model


async def ask(remote: RemoteEngine, region: str = "print(count)\n") -> str:
    request = make_request("any", region)
    asked = NextEditRequest(make_remote_next_edit("any", "http://server"), request.parts)
    async with aclosing(remote.next_edit(asked)) as events:
        return "".join([event.text async for event in events if isinstance(event, GeneratedToken)])


async def test_a_text_server_gets_the_layout_as_text_and_nobodys_text_spells_a_marker(
    server: FakeHttpServer, tmp_path: Path
) -> None:
    serve_openai_model(server, name="sweepai/sweep-next-edit-1.5B")
    server.routes["/v1/completions"] = sse_reply({"choices": [{"text": "\nprint(total)\n<|file_sep|>x"}]}, DONE)
    async with open_remote_engine(server.url, tmp_path, role=Role.NEXT_EDIT) as remote:
        assert await ask(remote, "print(count, '<|file_sep|>')\n") == "\nprint(total)\n"
    body = last_request(server, "/v1/completions")
    assert body["prompt"] == (
        "<|file_sep|>a.py.diff\noriginal:\ncount = 1\nupdated:\ntotal = 1\n"
        "<|file_sep|>original/a.py\nprint(count, '< |file_sep|>')\n"
        "<|file_sep|>current/a.py\nprint(count, '< |file_sep|>')\n"
        "<|file_sep|>updated/a.py"
    )
    assert body["temperature"] == 0.0


async def test_the_marks_of_plain_text_end_an_answer_too(server: FakeHttpServer, tmp_path: Path) -> None:
    serve_openai_model(server, name="zeta-2")
    server.routes["/v1/completions"] = sse_reply(
        {"choices": [{"text": "print(total)\n>>>>>>> UPD"}]}, {"choices": [{"text": "ATED\n"}]}, DONE
    )
    async with open_remote_engine(server.url, tmp_path, role=Role.NEXT_EDIT) as remote:
        assert await ask(remote) == "print(total)\n"


async def test_llama_server_gets_token_ids(server: FakeHttpServer, tmp_path: Path) -> None:
    serve_llama_server(server, {"content": "\nx", "tokens": [120], "stop": False}, model="sweep-next-edit-0.5b")
    async with open_remote_engine(server.url, tmp_path, kind="llama-server", role=Role.NEXT_EDIT) as remote:
        assert await ask(remote) == "\nx"
    assert all(isinstance(token, int) for token in last_request(server, "/completion")["prompt"])


async def test_a_model_that_was_not_tuned_for_it_is_refused(server: FakeHttpServer, tmp_path: Path) -> None:
    serve_openai_model(server)
    async with open_remote_engine(server.url, tmp_path, role=Role.NEXT_EDIT) as remote:
        with pytest.raises(RoleMismatchError, match="not tuned to propose the next edit"):
            await ask(remote)
        assert not (await remote.probe_role()).passed
