"""`bench load`, `demand` and `agreement` against servers that a test makes up: everything that was asked is accounted for."""

import asyncio
from pathlib import Path

import msgspec
import pytest
from loopback import Loopback, Reply, sse
from speaking import Proven, openai

from interfix.bench import agreement, demand, load
from interfix.bench.standing import Standing
from interfix.config.settings import Completion, Serving, Settings
from interfix.engine.remote import engine
from interfix.errors import Unavailable
from interfix.models.roles import BaseModel

CODE = "".join(f"def step_{i}(value):\n    total = value * {i} + 1\n    return [total, {i}]\n\n\n" for i in range(30))


@pytest.fixture(autouse=True)
def proven(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.probe, "Proofs", Proven)
    monkeypatch.setattr("interfix.bench.typist.GAP_MS", 40)
    monkeypatch.setattr("interfix.bench.typist.LONGEST_PAUSE_MS", 80)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    for name in "abc":
        (root / f"{name}.py").write_text(CODE)
    return root


def settings(server: Loopback) -> Settings:
    return Settings(base=Serving(engine="openai", url=server.url), completion=Completion(debounce_ms=5))


async def run(server: Loopback, project: Path) -> load.Report:
    """Until the server was asked forty times."""
    files = [project / f"{name}.py" for name in "abc"]
    return await load._run(settings(server), 2, 40, 1, 0.0, files, project, lambda: server.count("/v1/completions") >= 40)


async def test_every_request_is_answered_cancelled_or_failed(server: Loopback, project: Path) -> None:
    openai(server)
    words = sse({"choices": [{"text": "total"}]}, {"choices": [{"text": " = 1\n", "finish_reason": "stop"}]})
    slow = sse({"choices": [{"text": "to"}]}, end="hangs", done=False)
    answers = iter([words, slow, Reply(status=401), words] * 1000)
    server.routes["/v1/completions"] = lambda _: next(answers)
    report = await run(server, project)
    assert report.users == 2
    assert report.keys > 10
    assert report.requests == report.answered + report.cancelled + report.failed >= 40
    assert report.answered
    assert report.cancelled
    assert report.failed == sum(report.reasons.values())
    assert all("does not accept the token" in reason for reason in report.reasons)
    assert report.requests >= server.count("/v1/completions")


async def test_a_server_that_is_not_there_is_told_before_anybody_types(project: Path) -> None:
    nowhere = Settings(base=Serving(engine="openai", url="http://127.0.0.1:9"))
    with pytest.raises(Unavailable, match="nothing answers there"):
        await load._run(nowhere, 1, 1.0, 1, 0.0, [project / "a.py"], project)


def counted(project: Path, pace: demand.Pace) -> demand.Report:
    """What half a minute of typing asks of a server of that pace."""
    loop = Standing()

    async def run() -> demand.Report:
        async with Loopback() as server:
            openai(server)
            pieces = [{"choices": [{"text": word}]} for word in ("total", " =", " 1", "\n")]
            end = {"choices": [{"text": "", "finish_reason": "stop"}], "usage": {"prompt_tokens": 50}}
            server.routes["/v1/completions"] = sse(*pieces, end)
            return await demand._run(loop, settings(server), pace, 0.5, 1, 0.0, project)

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(run())


def test_demand_depends_on_the_seed_and_the_pace_alone(project: Path) -> None:
    fast, slow = demand.Pace(10, 1), demand.Pace(400, 50)
    report, again, slower = counted(project, fast), counted(project, fast), counted(project, slow)
    assert report == again
    assert report.minutes == slower.minutes == 0.5
    assert report.keys == slower.keys > 100
    assert report.requests > 10
    assert report.answered / report.requests > slower.answered / slower.requests
    assert report.written_a_minute > slower.written_a_minute > 0
    assert report.prompt_tokens == report.read_tokens


async def test_agreement_tells_the_cases_that_differ(server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Same:
        """The local engine of this test: the same server without its fault."""

        async def __aenter__(self) -> engine.RemoteEngine:
            self._engine = engine.RemoteEngine(engine.Role.BASE, settings(server).base, tmp_path)
            return self._engine

        async def __aexit__(self, *_: object) -> None:
            await self._engine.close()

    monkeypatch.setattr(agreement, "local_engine", Same)
    openai(server)
    texts = iter(["1 + 2\n", "1 + 2\n", "a\n", "b\n"])
    server.routes["/v1/completions"] = lambda _: sse({"choices": [{"text": next(texts), "finish_reason": "stop"}]})
    one = agreement.Case(id="one", prefix="x = ", suffix="\n", language="python", kind="line", path="one.py")
    cases = [one, msgspec.structs.replace(one, id="two", path="two.py")]
    report = await agreement._run(cases, BaseModel("here", str(tmp_path / "here.gguf")), settings(server))
    assert (report.cases, report.same, report.agreement) == (2, 1, 0.5)
    assert [(pair.id, pair.local, pair.server) for pair in report.differing] == [("two", "a", "b")]
    assert report.differing[0].parting == "'a\\n' here, 'b\\n' there"
    assert report.kinds == {"line": (2, 1)}
