"""Each role where the settings say: a server, this machine, or this machine when the server cannot be reached."""

from contextlib import aclosing
from pathlib import Path

import pytest

from interfix.config.settings import BackendSettings, ModelSettings, Settings
from interfix.engine.protocol import ChatRequest, InfillRequest
from interfix.engine.remote import engine, router
from interfix.engine.remote.router import EngineRouter
from interfix.errors import RoleMismatchError, UnavailableError, UsageError
from interfix.inference_types import GeneratedToken, Role
from interfix.models.model_selection import ModelSelection, select_models
from interfix.models.role_check import BaseModel, InstructModel
from tests.fake_engine import FakeEngine
from tests.unit.engine.remote.fake_http_server import FakeHttpServer, HttpReply, sse_reply
from tests.unit.engine.remote.remote_requests import AllProven, chat_request, infill_request, serve_openai_model

LOCAL_ANSWER = ModelSelection(BaseModel("here", "/here.gguf"), InstructModel("here", "/here.gguf"), "")


@pytest.fixture(autouse=True)
def local_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(router, "select_models", lambda _: LOCAL_ANSWER)
    monkeypatch.setattr(engine.server_role_probe, "ServerProbeStore", AllProven)


async def collect_text(routed: EngineRouter, request: InfillRequest | ChatRequest) -> str:
    stream = routed.infill(request) if isinstance(request, InfillRequest) else routed.chat(request)
    async with aclosing(stream):
        return "".join([event.text async for event in stream if isinstance(event, GeneratedToken)])


def make_settings(tmp_path: Path, **roles: BackendSettings) -> Settings:
    return Settings(models=ModelSettings(directory=str(tmp_path)), **roles)  # type: ignore[arg-type]


async def test_one_role_here_the_other_on_a_server(server: FakeHttpServer, tmp_path: Path) -> None:
    serve_openai_model(server, name="qwen2.5-coder-7b-instruct")
    server.routes["/v1/chat/completions"] = sse_reply({"choices": [{"delta": {"content": "There."}, "finish_reason": "stop"}]})
    here = FakeEngine("here")
    async with EngineRouter(make_settings(tmp_path, instruct=BackendSettings(engine="openai", url=server.url)), here) as routed:
        assert await collect_text(routed, infill_request()) == "here"
        assert await collect_text(routed, chat_request()) == "There."
        status = await routed.status()
        assert [(told.role, told.host) for told in status.servers] == [(Role.INSTRUCT, "127.0.0.1")]
        assert status.pid == 42
    assert here.is_closed


async def test_with_both_on_servers_no_host_is_started(server: FakeHttpServer, tmp_path: Path) -> None:
    serve_openai_model(server)
    here = FakeEngine("here")
    there = BackendSettings(engine="openai", url=server.url)
    async with EngineRouter(make_settings(tmp_path, base=there, instruct=there), here) as routed:
        assert (await routed.status()).pid == 0
    assert not here.status_count


async def test_the_local_engine_answers_with_its_own_model_while_the_server_cannot(server: FakeHttpServer, tmp_path: Path) -> None:
    serve_openai_model(server)
    server.routes["/v1/completions"] = [
        *[HttpReply(status=503)] * 3,
        sse_reply({"choices": [{"text": "there", "finish_reason": "stop"}]}),
    ]
    here = FakeEngine("here")
    there = BackendSettings(engine="openai", url=server.url, fallback=True)
    async with EngineRouter(make_settings(tmp_path, base=there), here) as routed:
        assert await collect_text(routed, infill_request()) == "here"
        assert here.requests[-1].model == LOCAL_ANSWER.base
        assert await collect_text(routed, infill_request()) == "there"


async def test_nobody_waits_for_a_server_that_loads_where_the_local_engine_can_answer(
    server: FakeHttpServer, tmp_path: Path
) -> None:
    server.routes["/v1/models"] = HttpReply(('{"error": {"message": "Loading model"}}',), status=503)
    here = FakeEngine("here")
    there = BackendSettings(engine="openai", url=server.url, fallback=True)
    async with EngineRouter(make_settings(tmp_path, base=there, instruct=there), here) as routed:
        assert await collect_text(routed, infill_request()) == "here"
        assert await collect_text(routed, chat_request()) == "here"


async def test_without_a_fallback_the_sentence_is_the_servers(tmp_path: Path) -> None:
    here = FakeEngine("here")
    async with EngineRouter(
        make_settings(tmp_path, base=BackendSettings(engine="openai", url="http://127.0.0.1:9")), here
    ) as routed:
        with pytest.raises(UnavailableError, match="cannot be reached"):
            await collect_text(routed, infill_request())
    assert not here.requests


async def test_a_refused_model_is_no_reason_to_fall_back(server: FakeHttpServer, tmp_path: Path) -> None:
    serve_openai_model(server, name="Qwen/Qwen2.5-7B")
    there = BackendSettings(engine="openai", url=server.url, fallback=True)
    async with EngineRouter(make_settings(tmp_path, base=there), FakeEngine("here")) as routed:
        with pytest.raises(RoleMismatchError):
            await collect_text(routed, infill_request())


async def test_a_role_whose_settings_are_wrong_fails_alone(tmp_path: Path) -> None:
    here = FakeEngine("here")
    async with EngineRouter(make_settings(tmp_path, base=BackendSettings(engine="openai", url="nonsense")), here) as routed:
        with pytest.raises(UsageError, match=r"base\.url"):
            await collect_text(routed, infill_request())
        assert await collect_text(routed, chat_request()) == "here"
        assert "base.url" in (await routed.status()).servers[0].problem


def test_nothing_is_wanted_on_this_machine_for_a_role_that_a_server_computes(tmp_path: Path) -> None:
    there = BackendSettings(engine="ollama", url="http://gpu.example:11434", model="codellama:7b-code")
    found = select_models(ModelSettings(directory=str(tmp_path)), {Role.BASE: there, Role.INSTRUCT: there})
    assert found.base == BaseModel("codellama:7b-code", "http://gpu.example:11434")
    assert found.instruct is None
    assert "codellama:7b-instruct" in found.refused[Role.INSTRUCT]
    assert "codellama:7b-code completes, on gpu.example (ollama)" in found.why
