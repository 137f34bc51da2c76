"""The benches of servers: everything that was asked is accounted for.

About `bench/server_load.py`, `bench/developer_demand.py` and `tests/bench/server_agreement.py`; it lies beside the fake server
whose fixtures it uses.
"""

import asyncio
from pathlib import Path

import msgspec
import pytest

from interfix.bench import developer_demand, server_load
from interfix.bench.simulated_clock import SimulatedClockLoop
from interfix.bench.time_budget import TimeBudget
from interfix.config.settings import BackendSettings, CompletionSettings, Settings
from interfix.engine.remote import engine
from interfix.errors import UnavailableError
from interfix.models.role_check import BaseModel
from tests.bench import server_agreement
from tests.unit.engine.remote.fake_http_server import FakeHttpServer, HttpReply, sse_reply
from tests.unit.engine.remote.remote_requests import AllProven, serve_openai_model

pytestmark = pytest.mark.bench

CODE = "".join(f"def step_{i}(value):\n    total = value * {i} + 1\n    return [total, {i}]\n\n\n" for i in range(30))


@pytest.fixture(autouse=True)
def all_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.server_role_probe, "ServerProbeStore", AllProven)
    monkeypatch.setattr("interfix.bench.typist.KEY_GAP_MS", 40)
    monkeypatch.setattr("interfix.bench.typist.MAX_PAUSE_MS", 80)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    for name in "abc":
        (root / f"{name}.py").write_text(CODE)
    return root


def make_settings(server: FakeHttpServer) -> Settings:
    return Settings(base=BackendSettings(engine="openai", url=server.url), completion=CompletionSettings(debounce_ms=5))


async def run_load(server: FakeHttpServer, project: Path) -> server_load.LoadReport:
    """Until the server was asked forty times."""
    files = [project / f"{name}.py" for name in "abc"]
    plan = server_load.TypingPlan(files, project, 1, 0.0)
    return await server_load._run(make_settings(server), plan, 2, lambda: server.count_requests("/v1/completions") >= 40)


async def test_every_request_is_answered_cancelled_or_failed(server: FakeHttpServer, project: Path) -> None:
    serve_openai_model(server)
    words = sse_reply({"choices": [{"text": "total"}]}, {"choices": [{"text": " = 1\n", "finish_reason": "stop"}]})
    slow = sse_reply({"choices": [{"text": "to"}]}, end="hangs", done=False)
    answers = iter([words, slow, HttpReply(status=401), words] * 1000)
    server.routes["/v1/completions"] = lambda _: next(answers)
    report = await run_load(server, project)
    assert report.users == 2
    assert report.keys > 10
    assert report.requests == report.answered + report.cancelled + report.failed >= 40
    assert report.answered
    assert report.cancelled
    assert report.failed == sum(report.reasons.values())
    assert all("does not accept the token" in reason for reason in report.reasons)
    assert report.requests >= server.count_requests("/v1/completions")


async def test_a_server_that_is_not_there_is_told_before_anybody_types(project: Path) -> None:
    nowhere = Settings(base=BackendSettings(engine="openai", url="http://127.0.0.1:9"))
    with pytest.raises(UnavailableError, match="nothing answers there"):
        await server_load._run(nowhere, server_load.TypingPlan([project / "a.py"], project, 1, 0.0), 1, lambda: True)


def measure_demand(project: Path, pace: developer_demand.ServerSpeed) -> developer_demand.DemandReport:
    """What half a minute of typing asks of a server of that pace."""
    loop = SimulatedClockLoop()
    plan = server_load.TypingPlan(*server_load.choose_files(project), 1, 0.0)

    async def run() -> developer_demand.DemandReport:
        async with FakeHttpServer() as server:
            serve_openai_model(server)
            pieces = [{"choices": [{"text": word}]} for word in ("total", " =", " 1", "\n")]
            end = {"choices": [{"text": "", "finish_reason": "stop"}], "usage": {"prompt_tokens": 50}}
            server.routes["/v1/completions"] = sse_reply(*pieces, end)
            return await developer_demand._run(loop, make_settings(server), pace, plan, 0.5, TimeBudget())

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(run())


def test_demand_depends_on_the_seed_and_the_pace_alone(project: Path) -> None:
    fast, slow = developer_demand.ServerSpeed(10, 1), developer_demand.ServerSpeed(400, 50)
    report, again, slower = measure_demand(project, fast), measure_demand(project, fast), measure_demand(project, slow)
    assert report == again
    assert report.minutes == slower.minutes == 0.5
    assert report.keys == slower.keys > 100
    assert report.requests > 10
    assert report.answered / report.requests > slower.answered / slower.requests
    assert report.written_a_minute > slower.written_a_minute > 0
    assert report.prompt_tokens == report.read_tokens


async def test_agreement_tells_the_cases_that_differ(
    server: FakeHttpServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Same:
        """The local engine of this test: the same server without its fault."""

        async def __aenter__(self) -> engine.RemoteEngine:
            self._engine = engine.RemoteEngine(engine.Role.BASE, make_settings(server).base, tmp_path)
            return self._engine

        async def __aexit__(self, *_: object) -> None:
            await self._engine.close()

    monkeypatch.setattr(server_agreement, "create_local_engine", Same)
    serve_openai_model(server)
    texts = iter(["1 + 2\n", "1 + 2\n", "a\n", "b\n"])
    server.routes["/v1/completions"] = lambda _: sse_reply({"choices": [{"text": next(texts), "finish_reason": "stop"}]})
    one = server_agreement.InfillCase(id="one", prefix="x = ", suffix="\n", language="python", kind="line", path="one.py")
    cases = [one, msgspec.structs.replace(one, id="two", path="two.py")]
    report = await server_agreement._run(cases, BaseModel("here", str(tmp_path / "here.gguf")), make_settings(server))
    assert (report.cases, report.same, report.agreement) == (2, 1, 0.5)
    assert [(pair.id, pair.local, pair.server) for pair in report.differing] == [("two", "a", "b")]
    assert report.differing[0].parting == "'a\\n' here, 'b\\n' there"
    assert report.kinds == {"line": (2, 1)}
