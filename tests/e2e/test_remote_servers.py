"""Real servers with the real small model, llama.cpp's own and llama-cpp-python's: what they suggest, and what a cancel does."""

import os
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import pytest

from interfix.config import paths
from interfix.config.settings import BackendSettings
from interfix.engine.protocol import ChatRequest, InfillRequest
from interfix.engine.remote.engine import RemoteEngine
from interfix.engine.remote.transport import Timeouts
from interfix.inference_types import (
    ChatMessage,
    GeneratedToken,
    GenerationEnd,
    GenerationEvent,
    GenerationStart,
    Role,
    Segment,
    SegmentKind,
)
from interfix.models.catalog import find_entry
from interfix.models.role_check import make_remote_base, make_remote_instruct
from tests.isolated_home import INTERFIX_COMMAND, SMALL_MODEL
from tests.reference_servers import python_server, server_path

BEFORE = "def add(a: int, b: int) -> int:\n    return "
AFTER = "\n\n\nprint(add(1, 2))\n"
GENEROUS_TIMEOUTS = Timeouts(first_event=600.0, next_event=120.0, whole_answer=120.0)
READY_SECONDS = 240


@pytest.fixture(scope="module")
def weights(model_settings: dict[str, str]) -> Path:
    return Path(model_settings["INTERFIX_MODELS_DIRECTORY"]) / find_entry(SMALL_MODEL).file


@pytest.fixture(scope="module", autouse=True)
def isolated_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is proved in one test holds for the others, and for nobody else."""
    folder = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths, "state_dir", lambda: folder)
        yield


@contextmanager
def run_server(command: list[str], health: str, **environment: str) -> Iterator[str]:
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
    binary = server_path()
    if binary is None:
        pytest.skip("there is no prebuilt llama-server for this system")
    command = [str(binary), "-m", str(weights), "--host", "127.0.0.1", "--port", "PORT", "-c", "4096", "-np", "1", "-t", "1"]
    with run_server([*command, "--flash-attn", "off"], "/health") as url:
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
    with run_server([*command, *more], "/v1/models") as url:
        yield url


@pytest.fixture(params=["llama-server", "openai"])
def serving(request: pytest.FixtureRequest) -> BackendSettings:
    """Each kind with the server that speaks it."""
    name = {"llama-server": "llamacpp", "openai": "llama_cpp_python"}[request.param]
    return BackendSettings(engine=request.param, url=request.getfixturevalue(name))


@asynccontextmanager
async def open_engine(serving: BackendSettings, role: Role, models: Path) -> AsyncIterator[RemoteEngine]:
    engine = RemoteEngine(role, serving, models, timeouts=GENEROUS_TIMEOUTS)
    try:
        yield engine
    finally:
        await engine.close()


def infill_request(after: str = AFTER, tokens: int = 8, document: str = "file:///a.py") -> InfillRequest:
    segments = (Segment(SegmentKind.PREFIX, BEFORE), Segment(SegmentKind.SUFFIX, after))
    return InfillRequest(make_remote_base("any", ""), document, segments, 256, tokens)


async def collect_text(engine: RemoteEngine, request: InfillRequest | ChatRequest) -> tuple[str, list[GenerationEvent]]:
    stream = engine.infill(request) if isinstance(request, InfillRequest) else engine.chat(request)
    async with aclosing(stream):
        events = [event async for event in stream]
    return "".join(event.text for event in events if isinstance(event, GeneratedToken)), events


async def test_a_server_is_recognised_proven_and_completes(serving: BackendSettings, weights: Path) -> None:
    async with open_engine(serving, Role.BASE, weights.parent) as engine:
        outcome = await engine.probe_role()
        assert outcome.passed, outcome.says
        status = await engine.read_server_status()
        assert (status.family, status.leaves, status.problem) == ("qwen-coder", False, "")
        assert "tokeniser" in status.counted or "local file" in status.counted
        written, (started, *_, finished) = await collect_text(engine, infill_request())
        assert written.strip().startswith("a + b")
        assert isinstance(started, GenerationStart)
        assert isinstance(finished, GenerationEnd)
        assert 20 < started.prompt_tokens < 40


async def test_it_answers_in_turns_and_ends_by_itself(serving: BackendSettings, weights: Path) -> None:
    async with open_engine(serving, Role.INSTRUCT, weights.parent) as engine:
        messages = (ChatMessage("system", "Answer with one number."), ChatMessage("user", "What is 2 + 2?"))
        written, (*_, finished) = await collect_text(engine, ChatRequest(make_remote_instruct("any", ""), messages, 64))
        assert "4" in written
        assert isinstance(finished, GenerationEnd)
        assert finished.reason == "end"


async def test_closing_the_stream_stops_the_computing(llamacpp: str, weights: Path) -> None:
    """Its only slot is busy with a long answer: it must be free again long before the thousands of tokens are written."""
    async with open_engine(BackendSettings(engine="llama-server", url=llamacpp), Role.BASE, weights.parent) as engine:
        await engine.probe_role()
        async with aclosing(engine.infill(infill_request(after="", tokens=3000))) as events:
            async for event in events:
                if isinstance(event, GeneratedToken):
                    break
        async with httpx.AsyncClient(base_url=llamacpp, timeout=60, trust_env=False) as client:
            while (slot := (await client.get("/slots")).json()[0])["is_processing"]:
                pass
        assert slot["next_token"][0]["n_decoded"] < 1000


async def test_what_is_cached_is_told(llamacpp: str, weights: Path) -> None:
    async with open_engine(BackendSettings(engine="llama-server", url=llamacpp), Role.BASE, weights.parent) as engine:
        await collect_text(engine, infill_request(document="file:///cached.py"))
        _, (started, *_) = await collect_text(engine, infill_request(document="file:///cached.py"))
        assert isinstance(started, GenerationStart)
        assert started.reused_tokens > started.prompt_tokens / 2


def test_the_command_line_starts_no_host_for_a_server(llamacpp: str, environment: dict[str, str], tmp_path: Path) -> None:
    serving = {"ENGINE": "llama-server", "URL": llamacpp}
    roles = {f"INTERFIX_{role}_{name}": value for role in ("BASE", "INSTRUCT") for name, value in serving.items()}
    home = {**environment, **roles, "XDG_RUNTIME_DIR": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
    file = tmp_path / "a.py"
    file.write_text(BEFORE + AFTER)

    def interfix(*arguments: str) -> str:
        return subprocess.run(
            [INTERFIX_COMMAND, *arguments], env=home, capture_output=True, text=True, check=True, timeout=280
        ).stdout

    assert interfix("complete", f"{file}:2:12").strip() == "a + b"
    assert "on this machine (127.0.0.1), qwen2.5-coder-0.5b-instruct" in interfix("status")
    assert "No engine" not in interfix("status")
    assert not list(tmp_path.glob("**/*.sock"))
