"""Each role where the settings say: a server, this machine, or this machine when the server cannot be reached."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import pytest
from loopback import Loopback, Reply, sse
from speaking import Proven, hole, openai, question

from interfix.config.settings import Models, Serving, Settings
from interfix.engine.protocol import ChatRequest, EngineStatus, InfillRequest
from interfix.engine.remote import engine, routing
from interfix.engine.remote.routing import Routed
from interfix.errors import BadUsage, RoleRefused, Unavailable
from interfix.models.choose import Chosen, chosen
from interfix.models.roles import BaseModel, InstructModel
from interfix.values import Finished, Role, Started, StreamEvent, Token


class Here:
    """The local engine: says so, and notes what it was asked."""

    text = "here"

    def __init__(self) -> None:
        self.asked: list[InfillRequest | ChatRequest] = []
        self.started = self.closed = False

    async def infill(self, request: InfillRequest | ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        self.asked.append(request)
        yield Started(request.model.name, 7, 0)
        yield Token(self.text, -0.1)
        yield Finished("end", 1, 1.0, 1.0)

    chat = infill

    async def status(self) -> EngineStatus:
        self.started = True
        return EngineStatus(version="0", pid=42, memory_bytes=0, clients=1, models=())

    async def close(self) -> None:
        self.closed = True


HERE = Chosen(BaseModel("here", "/here.gguf"), InstructModel("here", "/here.gguf"), "")


@pytest.fixture(autouse=True)
def local_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing, "chosen", lambda _: HERE)
    monkeypatch.setattr(engine.probe, "Proofs", Proven)


async def text(routed: Routed, request: InfillRequest | ChatRequest) -> str:
    stream = routed.infill(request) if isinstance(request, InfillRequest) else routed.chat(request)
    async with aclosing(stream):
        return "".join([event.text async for event in stream if isinstance(event, Token)])


def settings(tmp_path: Path, **roles: Serving) -> Settings:
    return Settings(models=Models(directory=str(tmp_path)), **roles)  # type: ignore[arg-type]


async def test_one_role_here_the_other_on_a_server(server: Loopback, tmp_path: Path) -> None:
    openai(server, name="qwen2.5-coder-7b-instruct")
    server.routes["/v1/chat/completions"] = sse({"choices": [{"delta": {"content": "There."}, "finish_reason": "stop"}]})
    here = Here()
    async with Routed(settings(tmp_path, instruct=Serving(engine="openai", url=server.url)), here) as routed:
        assert await text(routed, hole()) == here.text
        assert await text(routed, question()) == "There."
        status = await routed.status()
        assert [(told.role, told.host) for told in status.servers] == [(Role.INSTRUCT, "127.0.0.1")]
        assert status.pid == 42
    assert here.closed


async def test_with_both_on_servers_no_host_is_started(server: Loopback, tmp_path: Path) -> None:
    openai(server)
    here = Here()
    there = Serving(engine="openai", url=server.url)
    async with Routed(settings(tmp_path, base=there, instruct=there), here) as routed:
        assert (await routed.status()).pid == 0
    assert not here.started


async def test_the_local_engine_answers_with_its_own_model_while_the_server_cannot(server: Loopback, tmp_path: Path) -> None:
    openai(server)
    server.routes["/v1/completions"] = [*[Reply(status=503)] * 3, sse({"choices": [{"text": "there", "finish_reason": "stop"}]})]
    here = Here()
    there = Serving(engine="openai", url=server.url, fallback=True)
    async with Routed(settings(tmp_path, base=there), here) as routed:
        assert await text(routed, hole()) == here.text
        assert here.asked[-1].model == HERE.base
        assert await text(routed, hole()) == "there"


async def test_nobody_waits_for_a_server_that_loads_where_the_local_engine_can_answer(server: Loopback, tmp_path: Path) -> None:
    server.routes["/v1/models"] = Reply(('{"error": {"message": "Loading model"}}',), status=503)
    here = Here()
    there = Serving(engine="openai", url=server.url, fallback=True)
    async with Routed(settings(tmp_path, base=there, instruct=there), here) as routed:
        assert await text(routed, hole()) == here.text
        assert await text(routed, question()) == here.text


async def test_without_a_fallback_the_sentence_is_the_servers(tmp_path: Path) -> None:
    here = Here()
    async with Routed(settings(tmp_path, base=Serving(engine="openai", url="http://127.0.0.1:9")), here) as routed:
        with pytest.raises(Unavailable, match="cannot be reached"):
            await text(routed, hole())
    assert not here.asked


async def test_a_refused_model_is_no_reason_to_fall_back(server: Loopback, tmp_path: Path) -> None:
    openai(server, name="Qwen/Qwen2.5-7B")
    there = Serving(engine="openai", url=server.url, fallback=True)
    async with Routed(settings(tmp_path, base=there), Here()) as routed:
        with pytest.raises(RoleRefused):
            await text(routed, hole())


async def test_a_role_whose_settings_are_wrong_fails_alone(tmp_path: Path) -> None:
    here = Here()
    async with Routed(settings(tmp_path, base=Serving(engine="openai", url="nonsense")), here) as routed:
        with pytest.raises(BadUsage, match=r"base\.url"):
            await text(routed, hole())
        assert await text(routed, question()) == here.text
        assert "base.url" in (await routed.status()).servers[0].problem


def test_nothing_is_wanted_on_this_machine_for_a_role_that_a_server_computes(tmp_path: Path) -> None:
    there = Serving(engine="ollama", url="http://gpu.example:11434", model="codellama:7b-code")
    found = chosen(Models(directory=str(tmp_path)), {Role.BASE: there, Role.INSTRUCT: there})
    assert found.base == BaseModel("codellama:7b-code", "http://gpu.example:11434")
    assert found.instruct is None
    assert "codellama:7b-instruct" in found.refused[Role.INSTRUCT]
    assert "codellama:7b-code completes, on gpu.example (ollama)" in found.why
