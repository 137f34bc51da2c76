"""What the host makes of a client's calls: whoever wants an answer comes before what is measured and read while nobody asks."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from interfix.config.settings import EngineSettings
from interfix.engine import ipc_messages
from interfix.engine.decode_loop import Steps
from interfix.engine.host import ClientConnection, EngineHost
from interfix.engine.protocol import ChatRequest, EngineRequest, InfillRequest
from interfix.errors import UnavailableError
from interfix.inference_types import ChatMessage
from interfix.models.role_check import BaseModel, InstructModel

INFILL = InfillRequest(BaseModel("b", "/b.gguf"), "file:///a.py", (), prompt_budget=0, max_tokens=4)
CHAT = ChatRequest(InstructModel("i", "/i.gguf"), (ChatMessage("user", "Why?"),), max_tokens=4)


class Reply:
    """The way back to a client."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()

    def is_closing(self) -> bool:
        return False

    def write(self, frame: bytes) -> None:
        if b"failure" in frame or b"end" in frame:
            self.ended.set()

    def close(self) -> None:
        pass


class Trial:
    """A trial under way."""

    def __init__(self) -> None:
        self.interrupted = 0

    def interrupt(self) -> None:
        self.interrupted += 1


def fail(_request: EngineRequest) -> Callable[[], Steps]:
    def run() -> Steps:
        raise UnavailableError("There is no such model.")
        yield None

    return run


@pytest.mark.parametrize("request_", [INFILL, CHAT], ids=["completion", "chat"])
async def test_a_request_ends_the_trial_under_way_and_counts_until_it_has_its_answer(
    monkeypatch: pytest.MonkeyPatch, request_: Any
) -> None:
    host, trial, reply = EngineHost(EngineSettings()), Trial(), Reply()
    monkeypatch.setattr(host, "make_steps", fail)
    host.idle_tuner._process = trial  # type: ignore[assignment]
    connection = ClientConnection(host, reply)  # type: ignore[arg-type]
    connection.handle(ipc_messages.StartCall(id=1, request=request_))
    assert (trial.interrupted, host.idle_tuner._request_count) == (1, 1)
    host._scheduler.start()
    await reply.ended.wait()
    assert host.idle_tuner._request_count == 0
    assert host.idle_tuner._models == ["/b.gguf"] * (request_ is INFILL), "who completes is tuned for"
    host.upkeep.close()
    await asyncio.to_thread(host._scheduler.close)


async def test_on_battery_nothing_is_read_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    host, reply = EngineHost(EngineSettings()), Reply()
    monkeypatch.setattr("interfix.engine.host.runs_on_battery", lambda: True)
    connection = ClientConnection(host, reply)  # type: ignore[arg-type]
    connection.handle(ipc_messages.StartCall(id=1, request=replace(INFILL, max_tokens=0, is_ahead=True)))
    await reply.ended.wait()
    assert host._scheduler._list_jobs() == []
    connection.handle(ipc_messages.StartCall(id=2, request=INFILL))
    assert len(host._scheduler._list_jobs()) == 1, "who asks is answered"
    host._scheduler.start()
    connection.close()
    host.upkeep.close()
    await asyncio.to_thread(host._scheduler.close)
