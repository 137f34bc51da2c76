"""What a command says while it waits: nothing at first, then each stage on a line of standard error."""

import asyncio

import pytest

from interfix.cli.wait_notice import StageEngine, WaitNotice
from interfix.engine.protocol import InfillRequest
from interfix.models.role_check import BaseModel
from tests.fake_engine import FakeEngine

REQUEST = InfillRequest(BaseModel("m", "/m.gguf"), "file:///a.py", (), 100, 10)


async def run(notice: WaitNotice, engine: FakeEngine) -> None:
    async with notice:
        stream = StageEngine(engine, notice).infill(REQUEST)
        async for _ in stream:
            await asyncio.sleep(0)


async def test_who_is_quick_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    await run(WaitNotice(quiet_seconds=3600), FakeEngine("a + b"))
    assert capsys.readouterr().err == ""


async def test_who_is_slow_says_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    engine = FakeEngine("a + b")
    engine.request_gate = asyncio.Event()
    notice = WaitNotice(quiet_seconds=0)
    running = asyncio.create_task(run(notice, engine))
    await engine.asked_models.get()
    await asyncio.sleep(0.01)
    engine.request_gate.set()
    await running
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "interfix: loading the model …"
    assert lines[1].startswith("interfix: reading ")
    assert lines[2] == "interfix: writing …"
    assert len(lines) == 3
