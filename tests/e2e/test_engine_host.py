"""The real engine host with the real model: shared, cancelled, killed, replaced; and what splicing the KV cache gives."""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import msgspec
import psutil
import pytest

from interfix.config.paths import runtime_dir
from interfix.config.settings import ModelSettings
from interfix.engine import client, crash_guard, host_lifecycle, ipc_messages, ipc_socket
from interfix.engine.client import HostEngine, create_local_engine, find_running_engine, stop_hosts
from interfix.engine.host_code_hash import identify_host
from interfix.engine.protocol import ChatRequest, InfillRequest, KvReuse
from interfix.errors import RoleMismatchError, UnavailableError, UsageError
from interfix.guided_decoding_names import KnownType, NameGuide
from interfix.inference_types import (
    ChatMessage,
    GeneratedToken,
    GenerationEnd,
    GenerationEvent,
    GenerationStart,
    Sampling,
    Segment,
    SegmentKind,
)
from interfix.models.model_selection import select_models
from interfix.models.role_check import BaseModel, InstructModel

BEFORE = "def add(a: int, b: int) -> int:\n    return "
AFTER = "\n\n\nprint(add(1, 2))\n"

SOURCE = Path(ipc_messages.__file__).read_text("utf-8")
LINE = "        (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))\n"


@pytest.fixture
async def engine(isolated_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HostEngine]:
    for name, value in isolated_environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("INTERFIX_ENGINE_LINGER_SECONDS", "30")
    async with create_local_engine() as engine:
        yield engine
    await stop_hosts()


@pytest.fixture
def base(model_settings: dict[str, str]) -> BaseModel:
    model = select_models(_settings(model_settings)).base
    assert model is not None
    return model


@pytest.fixture
def instruct(model_settings: dict[str, str]) -> InstructModel:
    model = select_models(_settings(model_settings)).instruct
    assert model is not None
    return model


def _settings(models: dict[str, str]) -> ModelSettings:
    return ModelSettings(
        base=models["INTERFIX_MODELS_BASE"],
        instruct=models["INTERFIX_MODELS_INSTRUCT"],
        directory=models["INTERFIX_MODELS_DIRECTORY"],
    )


def infill_request(
    model: BaseModel,
    before: str = BEFORE,
    after: str = AFTER,
    *,
    document: str = "file:///a.py",
    tokens: int = 8,
    reuse: KvReuse = KvReuse.SPLICE,
) -> InfillRequest:
    segments = (Segment(SegmentKind.PREFIX, before), Segment(SegmentKind.SUFFIX, after))
    return InfillRequest(model=model, document=document, segments=segments, prompt_budget=1024, max_tokens=tokens, reuse=reuse)


def chat_request(model: InstructModel, text: str = "Count from one to ten in words.", tokens: int = 60) -> ChatRequest:
    return ChatRequest(model=model, messages=(ChatMessage("user", text),), max_tokens=tokens, sampling=Sampling(temperature=0.0))


async def collect_events(stream: AsyncIterator[GenerationEvent]) -> list[GenerationEvent]:
    return [event async for event in stream]


def join_text(streamed: list[GenerationEvent]) -> str:
    return "".join(event.text for event in streamed if isinstance(event, GeneratedToken))


async def test_a_hole_is_filled(engine: HostEngine, base: BaseModel) -> None:
    streamed = await collect_events(engine.infill(infill_request(base)))
    assert isinstance(streamed[0], GenerationStart)
    assert isinstance(streamed[-1], GenerationEnd)
    assert join_text(streamed).startswith("a + b")
    assert all(event.logprob <= 0 for event in streamed if isinstance(event, GeneratedToken))


async def test_a_guide_decides_which_members_are_named_and_changes_nothing_else(engine: HostEngine, base: BaseModel) -> None:
    before = "def show(account: Account) -> str:\n    return account."
    asked = infill_request(base, before, "\n")
    free = join_text(await collect_events(engine.infill(asked)))
    known = NameGuide(
        line="    return account.",
        cursor_type="Account",
        types={"Account": KnownType(("zebra", "quagga"), {"quagga": "Beast"}), "Beast": KnownType(("stripes",))},
    )
    events = await collect_events(engine.infill(msgspec.structs.replace(asked, guide=known)))
    written = join_text(events)
    assert re.match(r"(zebra|quagga(\.stripes)?)\b", written), written
    assert max(event.removed for event in events if isinstance(event, GeneratedToken)) > 0.0
    unknown = msgspec.structs.replace(asked, guide=NameGuide(line="    return account.", elsewhere=("zebra",)))
    assert join_text(await collect_events(engine.infill(unknown))) == free


async def test_an_answer_ends_by_itself(engine: HostEngine, instruct: InstructModel) -> None:
    streamed = await collect_events(engine.chat(chat_request(instruct, "Reply with the single word: yes")))
    assert isinstance(streamed[-1], GenerationEnd)
    assert streamed[-1].reason == "end"


async def test_control_tokens_in_a_question_end_nothing(engine: HostEngine, instruct: InstructModel) -> None:
    plain, odd = "Say hello.", "Say hello.<|im_end|>"
    sizes = []
    for asked in (plain, odd):
        streamed = await collect_events(engine.chat(chat_request(instruct, asked, tokens=16)))
        assert isinstance(streamed[0], GenerationStart)
        sizes.append(streamed[0].prompt_tokens)
    assert sizes[1] - sizes[0] > 1  # the marker's spelling, not the marker


async def test_clients_that_start_at_once_share_one_host(engine: HostEngine) -> None:
    asks = (
        "import asyncio; from interfix.engine.client import create_local_engine as create; "
        "print(asyncio.run(create().status()).pid)"
    )
    processes = [await asyncio.create_subprocess_exec(sys.executable, "-c", asks, stdout=subprocess.PIPE) for _ in range(3)]
    pids = {int((await process.communicate())[0]) for process in processes}
    assert pids == {(await engine.status()).pid}


async def test_the_socket_is_for_this_user_only(engine: HostEngine) -> None:
    await engine.status()
    (path,) = ipc_socket.list_addresses()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_a_stale_socket_is_taken_over(engine: HostEngine) -> None:
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(runtime_dir() / f"engine-{identify_host()}.sock"))
    assert (await engine.status()).pid


async def test_hosts_of_two_installations_live_side_by_side(engine: HostEngine) -> None:
    greeted, stopped = asyncio.Event(), asyncio.Event()

    async def other_host(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ipc_messages.read_message(reader, ipc_messages.client_decoder)
        greeted.set()
        writer.write(ipc_messages.encode_frame(ipc_messages.Welcome(version="0.0.1", pid=1)))
        if isinstance(await ipc_messages.read_message(reader, ipc_messages.client_decoder), ipc_messages.StopHost):
            stopped.set()
        writer.close()

    async with await asyncio.start_unix_server(other_host, runtime_dir() / "engine-0123456789ab.sock"):
        status = await engine.status()
        assert status.pid != 1
        assert not greeted.is_set()
        assert await host_lifecycle.count_other_hosts() == 1
        assert not stopped.is_set()
        assert (await engine.status()).pid == status.pid
        await stop_hosts()
        assert stopped.is_set()
    assert await find_running_engine() is None


async def test_a_killed_host_is_an_error_and_the_next_request_works(engine: HostEngine, base: BaseModel) -> None:
    pid = (await engine.status()).pid
    stream = engine.infill(infill_request(base, tokens=400))
    await anext(stream)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(UnavailableError, match="starts again"):
        await collect_events(stream)
    assert join_text(await collect_events(engine.infill(infill_request(base))))
    assert (await engine.status()).pid != pid


async def test_a_host_that_dies_of_a_segmentation_fault_is_replaced(engine: HostEngine, base: BaseModel) -> None:
    pid = (await engine.status()).pid
    stream = engine.infill(infill_request(base, tokens=400))
    await anext(stream)
    os.kill(pid, signal.SIGSEGV)
    with pytest.raises(UnavailableError, match="starts again"):
        await collect_events(stream)
    assert join_text(await collect_events(engine.infill(infill_request(base))))
    assert (await engine.status()).pid != pid


async def test_a_hang_in_native_code_is_ended_by_the_hosts_own_watchdog(
    engine: HostEngine, base: BaseModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as hanging:
        hanging.setenv("PYTHONPATH", str(Path(__file__).parent))
        hanging.setattr(host_lifecycle, "HOST_MODULE", "hanging_host")
        stream = engine.infill(infill_request(base))
        with pytest.raises(UnavailableError, match="starts again"):
            await collect_events(stream)
    assert join_text(await collect_events(engine.infill(infill_request(base))))


@pytest.mark.skipif(sys.platform != "linux", reason="limits another process's memory, which only Linux can")
async def test_out_of_memory_is_a_sentence_and_the_next_request_works(engine: HostEngine, base: BaseModel, tmp_path: Path) -> None:
    copy = tmp_path / "copy.gguf"
    await asyncio.to_thread(shutil.copy, base.path, copy)
    assert join_text(await collect_events(engine.infill(infill_request(base))))
    host = psutil.Process((await engine.status()).pid)
    room = 50_000_000
    host.rlimit(psutil.RLIMIT_AS, (host.memory_info().vms + room, host.memory_info().vms + room))
    with pytest.raises(UnavailableError):
        await collect_events(engine.infill(infill_request(BaseModel(name="copy", path=str(copy)))))
    await asyncio.to_thread(host.kill)
    await asyncio.to_thread(host.wait)
    assert join_text(await collect_events(engine.infill(infill_request(base))))


async def test_a_model_deleted_under_the_host_goes_on_until_it_is_unloaded(
    engine: HostEngine, base: BaseModel, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.gguf"
    await asyncio.to_thread(shutil.copy, base.path, copy)
    short_lived = BaseModel(name="copy", path=str(copy))
    assert join_text(await collect_events(engine.infill(infill_request(short_lived))))
    copy.unlink()
    assert join_text(await collect_events(engine.infill(infill_request(short_lived, BEFORE + "a + "))))
    await stop_hosts()
    with pytest.raises(UnavailableError, match=r"copy\.gguf"):
        await collect_events(engine.infill(infill_request(short_lived)))


async def test_a_model_truncated_while_it_is_in_use_ends_in_a_sentence(engine: HostEngine, base: BaseModel, tmp_path: Path) -> None:
    copy = tmp_path / "copy.gguf"
    await asyncio.to_thread(shutil.copy, base.path, copy)
    short_lived = BaseModel(name="copy", path=str(copy))
    assert join_text(await collect_events(engine.infill(infill_request(short_lived))))
    os.truncate(copy, 1_000_000)
    # Reading a page that is gone kills the host; where all that is needed was repacked into memory of its own, it lives on.
    with contextlib.suppress(UnavailableError):
        await collect_events(engine.infill(infill_request(short_lived, "import os\n" * 40 + BEFORE, document="file:///b.py")))
    await stop_hosts()
    with pytest.raises(UnavailableError, match=r"copy\.gguf"):
        await collect_events(engine.infill(infill_request(short_lived)))
    assert join_text(await collect_events(engine.infill(infill_request(base))))


async def test_a_lock_that_a_crash_left_behind_holds_nobody_up(engine: HostEngine) -> None:
    ipc_socket.locate_lock_file().write_bytes(b"")
    (runtime_dir() / "crashes.json.lock").write_bytes(b"")
    assert (await engine.status()).pid


async def test_without_a_runtime_folder_of_its_own_it_takes_one_below_the_temporary(
    engine: HostEngine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/proc/nowhere")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert (await engine.status()).pid
    assert runtime_dir().is_relative_to(tmp_path)
    assert stat.S_IMODE(runtime_dir().stat().st_mode) == 0o700


async def test_what_one_role_has_cached_goes_when_it_is_idle_though_the_other_works(
    isolated_environment: dict[str, str], base: BaseModel, instruct: InstructModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**isolated_environment, "INTERFIX_ENGINE_UNLOAD_SECONDS": "2"}.items():
        monkeypatch.setenv(name, value)
    async with create_local_engine() as engine:
        await collect_events(engine.chat(chat_request(instruct, "Reply with the single word: yes", tokens=4)))
        held = ("base", "instruct")
        while held != ("base",):
            await collect_events(engine.infill(infill_request(base, tokens=1)))
            (model,) = (await engine.status()).models
            held = model.roles
        assert join_text(await collect_events(engine.chat(chat_request(instruct, "Reply with the single word: yes", tokens=4))))
    await stop_hosts()


async def test_a_host_that_hangs_is_ended_and_replaced(
    engine: HostEngine, base: BaseModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = (await engine.status()).pid
    stream = engine.infill(infill_request(base, tokens=400))
    await anext(stream)
    os.kill(pid, signal.SIGSTOP)
    with monkeypatch.context() as impatient:
        impatient.setattr(client, "SILENCE_SECONDS", 0.5)
        impatient.setattr(client, "STATUS_TIMEOUT_SECONDS", 0.5)
        with pytest.raises(UnavailableError, match="starts again"):
            await collect_events(stream)
    assert (await engine.status()).pid != pid


async def test_a_model_that_kills_its_host_is_left_alone_after_the_third_time(
    engine: HostEngine, base: BaseModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crash_guard, "RESTART_DELAYS", (0.0, 0.0, 0.0))
    for _ in range(crash_guard.MAX_CRASHES):
        stream = engine.infill(infill_request(base, "x = 1\n" * 300, tokens=400))
        await anext(stream)
        os.kill((await engine.status()).pid, signal.SIGKILL)
        with pytest.raises(UnavailableError, match="starts again"):
            await collect_events(stream)
    with pytest.raises(UnavailableError, match="3 times in a row"):
        await collect_events(engine.infill(infill_request(base)))


async def test_a_model_truncated_under_the_host_costs_a_sentence(engine: HostEngine, base: BaseModel, tmp_path: Path) -> None:
    copy = tmp_path / "copy.gguf"
    await asyncio.to_thread(shutil.copy, base.path, copy)
    short_lived = BaseModel(name="copy", path=str(copy))
    assert join_text(await collect_events(engine.infill(infill_request(short_lived))))
    os.truncate(copy, 1_000_000)
    await stop_hosts()
    with pytest.raises(UnavailableError, match=r"copy\.gguf"):
        await collect_events(engine.infill(infill_request(short_lived)))
    assert join_text(await collect_events(engine.infill(infill_request(base))))


async def test_a_request_after_the_host_has_left_is_answered_by_another(engine: HostEngine, base: BaseModel) -> None:
    assert join_text(await collect_events(engine.infill(infill_request(base))))
    await stop_hosts()
    assert join_text(await collect_events(engine.infill(infill_request(base))))


async def test_stopping_leaves_nothing(engine: HostEngine, base: BaseModel) -> None:
    await collect_events(engine.infill(infill_request(base)))
    assert await stop_hosts()
    assert await find_running_engine() is None
    assert not ipc_socket.list_addresses()


async def test_closing_a_stream_stops_the_computing(engine: HostEngine, base: BaseModel) -> None:
    long = "x = 1\n" * 400
    async with aclosing(engine.infill(infill_request(base, long, document="file:///long.py", tokens=500))) as stream:
        await anext(stream)
    streamed = await collect_events(engine.infill(infill_request(base, long, document="file:///long.py")))
    assert isinstance(streamed[0], GenerationStart)
    assert streamed[0].reused_tokens < streamed[0].prompt_tokens - 1  # it never got to the end of its prompt


async def test_a_completion_does_not_wait_for_one_whose_stream_was_closed(engine: HostEngine, base: BaseModel) -> None:
    async with aclosing(engine.infill(infill_request(base, "x = 1\n" * 300, tokens=500))) as first:
        assert isinstance(await anext(first), GenerationStart)
    events = await collect_events(engine.infill(infill_request(base)))
    assert isinstance(events[-1], GenerationEnd)
    assert join_text(events)


async def test_a_completion_comes_first_and_the_answer_goes_on_unchanged(
    engine: HostEngine, base: BaseModel, instruct: InstructModel
) -> None:
    alone = join_text(await collect_events(engine.chat(chat_request(instruct))))
    order: list[str] = []

    async def answer() -> str:
        written = ""
        async for event in engine.chat(chat_request(instruct)):
            if isinstance(event, GeneratedToken):
                written += event.text
                order.append("answer")
                asked.set()
        return written

    asked = asyncio.Event()
    task = asyncio.create_task(answer())
    await asked.wait()
    await collect_events(engine.infill(infill_request(base)))
    order.append("completion")
    assert await task == alone
    assert order.index("completion") < len(order) - 1


async def test_a_selection_beyond_the_context_is_refused_with_its_size(engine: HostEngine, instruct: InstructModel) -> None:
    with pytest.raises(UsageError, match=r"takes \d+ tokens of the 4096"):
        await collect_events(engine.chat(chat_request(instruct, "word " * 5000)))


async def test_a_file_that_is_no_model_is_named_and_hurts_nobody(engine: HostEngine, base: BaseModel, tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    await asyncio.to_thread(lambda: broken.write_bytes(Path(base.path).read_bytes()[:100_000]))
    with pytest.raises(UnavailableError, match=r"broken\.gguf"):
        await collect_events(engine.infill(infill_request(BaseModel(name="broken", path=str(broken)))))
    assert join_text(await collect_events(engine.infill(infill_request(base))))


async def test_a_missing_model_is_named(engine: HostEngine, tmp_path: Path) -> None:
    with pytest.raises((UnavailableError, RoleMismatchError), match=r"gone\.gguf"):
        await collect_events(engine.infill(infill_request(BaseModel(name="gone", path=str(tmp_path / "gone.gguf")))))


async def test_a_keystroke_decodes_little_and_completes_as_without_reuse(engine: HostEngine, base: BaseModel) -> None:
    before, after = SOURCE[-2500:].split(LINE)
    await collect_events(engine.infill(infill_request(base, before, "\n" + after, tokens=1)))
    agreed = []
    for typed in range(9, 17):
        seen = before + LINE[:typed]
        spliced = await collect_events(engine.infill(infill_request(base, seen, "\n" + after, tokens=1)))
        whole = await collect_events(
            engine.infill(infill_request(base, seen, "\n" + after, tokens=1, document="file:///whole.py", reuse=KvReuse.NONE))
        )
        assert isinstance(spliced[0], GenerationStart)
        assert spliced[0].prompt_tokens - spliced[0].reused_tokens < spliced[0].prompt_tokens / 4
        agreed.append(join_text(spliced) == join_text(whole))
    assert sum(agreed) >= 6
