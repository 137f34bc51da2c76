"""Real servers with the real small model, llama.cpp's own and llama-cpp-python's: what they suggest, and what a cancel does."""

import os
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import pytest

from home import INTERFIX, MODEL
from interfix.config import paths
from interfix.config.settings import Serving
from interfix.engine.protocol import ChatRequest, InfillRequest
from interfix.engine.remote.engine import RemoteEngine
from interfix.engine.remote.transport import Patience
from interfix.models.catalog import entry
from interfix.models.roles import served_base, served_instruct
from interfix.values import Finished, Message, Role, Segment, SegmentKind, Started, StreamEvent, Token
from llamaserver import llama_server, python_server

BEFORE = "def add(a: int, b: int) -> int:\n    return "
AFTER = "\n\n\nprint(add(1, 2))\n"
PATIENT = Patience(first=600.0, next=120.0, answer=120.0)
READY_SECONDS = 240


@pytest.fixture(scope="module")
def weights(models: dict[str, str]) -> Path:
    return Path(models["INTERFIX_MODELS_DIRECTORY"]) / entry(MODEL).file


@pytest.fixture(scope="module", autouse=True)
def own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is proved in one test holds for the others, and for nobody else."""
    folder = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths, "state_dir", lambda: folder)
        yield


@contextmanager
def running(command: list[str], health: str, **environment: str) -> Iterator[str]:
    """A server process from when it answers until the end of the tests; its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
    full = [part.replace("PORT", str(port)) for part in command]
    process = subprocess.Popen(full, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(process, url + health)
        yield url
    finally:
        process.kill()
        process.wait()


def _wait(process: "subprocess.Popen[bytes]", url: str) -> None:
    transport = httpx.HTTPTransport(retries=0)
    with httpx.Client(transport=transport, timeout=10, trust_env=False) as client:
        for _ in range(READY_SECONDS * 10):
            assert process.poll() is None, "the server has ended"
            try:
                if client.get(url).is_success:
                    return
            except httpx.TransportError:
                pass
            try:
                process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
    raise AssertionError(f"{url} did not answer")


@pytest.fixture(scope="module")
def llamacpp(weights: Path) -> Iterator[str]:
    binary = llama_server()
    if binary is None:
        pytest.skip("there is no prebuilt llama-server for this system")
    command = [str(binary), "-m", str(weights), "--host", "127.0.0.1", "--port", "PORT", "-c", "4096", "-np", "1", "-t", "1"]
    with running([*command, "--flash-attn", "off"], "/health") as url:
        yield url


@pytest.fixture(scope="module")
def llama_cpp_python(weights: Path) -> Iterator[str]:
    command = [*python_server(), "--model", str(weights), "--host", "127.0.0.1", "--port", "PORT"]
    more = [
        "--n_ctx",
        "2048",
        "--model_alias",
        "qwen2.5-coder-0.5b-instruct",
        "--n_threads",
        "1",
        "--n_threads_batch",
        "1",
        "--flash_attn",
        "false",
    ]
    with running([*command, *more], "/v1/models") as url:
        yield url


@pytest.fixture(params=["llama-server", "openai"])
def served(request: pytest.FixtureRequest) -> Serving:
    """Each kind with the server that speaks it."""
    name = {"llama-server": "llamacpp", "openai": "llama_cpp_python"}[request.param]
    return Serving(engine=request.param, url=request.getfixturevalue(name))


@asynccontextmanager
async def connected(serving: Serving, role: Role, models: Path) -> AsyncIterator[RemoteEngine]:
    engine = RemoteEngine(role, serving, models, patience=PATIENT)
    try:
        yield engine
    finally:
        await engine.close()


def hole(after: str = AFTER, tokens: int = 8, document: str = "file:///a.py") -> InfillRequest:
    segments = (Segment(SegmentKind.PREFIX, BEFORE), Segment(SegmentKind.SUFFIX, after))
    return InfillRequest(served_base("any", ""), document, segments, 256, tokens)


async def text(engine: RemoteEngine, request: InfillRequest | ChatRequest) -> tuple[str, list[StreamEvent]]:
    stream = engine.infill(request) if isinstance(request, InfillRequest) else engine.chat(request)
    async with aclosing(stream):
        events = [event async for event in stream]
    return "".join(event.text for event in events if isinstance(event, Token)), events


async def test_a_server_is_recognised_proven_and_completes(served: Serving, weights: Path) -> None:
    async with connected(served, Role.BASE, weights.parent) as engine:
        outcome = await engine.prove()
        assert outcome.passed, outcome.says
        status = await engine.server_status()
        assert (status.family, status.leaves, status.problem) == ("qwen-coder", False, "")
        assert "tokeniser" in status.counted or "local file" in status.counted
        written, (started, *_, finished) = await text(engine, hole())
        assert written.strip().startswith("a + b")
        assert isinstance(started, Started)
        assert isinstance(finished, Finished)
        assert 20 < started.prompt_tokens < 40


async def test_it_answers_in_turns_and_ends_by_itself(served: Serving, weights: Path) -> None:
    async with connected(served, Role.INSTRUCT, weights.parent) as engine:
        messages = (Message("system", "Answer with one number."), Message("user", "What is 2 + 2?"))
        written, (*_, finished) = await text(engine, ChatRequest(served_instruct("any", ""), messages, 64))
        assert "4" in written
        assert isinstance(finished, Finished)
        assert finished.reason == "end"


async def test_closing_the_stream_stops_the_computing(llamacpp: str, weights: Path) -> None:
    """Its only slot is busy with a long answer: it must be free again long before the thousands of tokens are written."""
    async with connected(Serving(engine="llama-server", url=llamacpp), Role.BASE, weights.parent) as engine:
        await engine.prove()
        async with aclosing(engine.infill(hole(after="", tokens=3000))) as events:
            async for event in events:
                if isinstance(event, Token):
                    break
        async with httpx.AsyncClient(base_url=llamacpp, timeout=60, trust_env=False) as client:
            while (slot := (await client.get("/slots")).json()[0])["is_processing"]:
                pass
        assert slot["next_token"][0]["n_decoded"] < 1000


async def test_what_is_cached_is_told(llamacpp: str, weights: Path) -> None:
    async with connected(Serving(engine="llama-server", url=llamacpp), Role.BASE, weights.parent) as engine:
        await text(engine, hole(document="file:///cached.py"))
        _, (started, *_) = await text(engine, hole(document="file:///cached.py"))
        assert isinstance(started, Started)
        assert started.reused_tokens > started.prompt_tokens / 2


def test_the_command_line_starts_no_host_for_a_server(llamacpp: str, environment: dict[str, str], tmp_path: Path) -> None:
    serving = {"ENGINE": "llama-server", "URL": llamacpp}
    roles = {f"INTERFIX_{role}_{name}": value for role in ("BASE", "INSTRUCT") for name, value in serving.items()}
    home = {**environment, **roles, "XDG_RUNTIME_DIR": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
    file = tmp_path / "a.py"
    file.write_text(BEFORE + AFTER)

    def interfix(*arguments: str) -> str:
        return subprocess.run([INTERFIX, *arguments], env=home, capture_output=True, text=True, check=True, timeout=280).stdout

    assert interfix("complete", f"{file}:2:12").strip() == "a + b"
    assert "on this machine (127.0.0.1), qwen2.5-coder-0.5b-instruct" in interfix("status")
    assert "No engine" not in interfix("status")
    assert not list(tmp_path.glob("**/*.sock"))
