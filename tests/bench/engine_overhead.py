"""What the engine host adds to a bare decode loop, and how fast it cancels, pre-empts and copies."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import psutil
from lsprotocol import types
from rich.table import Table

from interfix.bench.headless_client import open_editor
from interfix.bench.percentiles import Percentiles, compute_percentiles
from interfix.engine import line_latency, sampling
from interfix.engine.client import HostEngine, create_local_engine
from interfix.engine.free_cores import CpuMonitor
from interfix.engine.llama_runtime import AbortFlag, LlamaContext, Weights
from interfix.engine.model_pool import MIN_DOCUMENT_TOKENS
from interfix.engine.protocol import ChatRequest, InfillRequest
from interfix.engine.runtime_config import RuntimeConfig
from interfix.errors import UnavailableError
from interfix.inference_types import ChatMessage, GeneratedToken, GenerationEnd, GenerationEvent, Sampling, Segment, SegmentKind
from interfix.masking import mask
from interfix.models.memory_estimate import SEQUENCE_COUNT
from interfix.models.role_check import BaseModel, InstructModel
from interfix.output.console_output import Console, write_json

SPEED_ROUNDS = 3
"""Times each speed is measured, in turn; the median counts."""
SPEED_TOKENS = 64
"""Tokens written for a speed."""
CANCEL_COUNT = 30
"""Streams closed, half in the prompt and half while writing."""
SERVER_COUNT = 10
"""Language servers connected at once."""


class EngineReport(msgspec.Struct, frozen=True):
    """Figures of a run."""

    model: str
    """Who wrote."""
    raw_tokens_s: float
    """Tokens a second of a bare decode loop."""
    path_tokens_s: float
    """The same through the host and its socket."""
    overhead: float
    """Share of the speed that the path costs."""
    token_ms: float
    """Time of one token in the bare loop, ms."""
    cancel_ms: Percentiles
    """From closing a stream to the engine beginning the next request, ms."""
    preempt_ms: Percentiles
    """From a completion's request to its beginning while an answer is written, ms."""
    copy_tokens_s: float
    """Tokens a second of an answer that mostly copies, guessing ahead."""
    copy_plain_tokens_s: float
    """The same without guessing."""
    copy_gain: float
    """How many times faster guessing is."""
    memory_one_mb: float
    """Memory of the host with one language server, MB."""
    memory_many_mb: float
    """The same with ten, MB."""
    server_mb: float
    """Memory of one language server, MB."""
    hosts: int
    """Engine hosts that the ten servers use."""

    def show(self) -> None:
        """A table for people on stderr, one JSON line for machines on stdout."""
        table = Table(title=self.model, title_justify="left", show_header=False)
        table.add_row("bare decode loop", f"{self.raw_tokens_s:.1f} tokens/s, {self.token_ms:.0f} ms a token")
        table.add_row("through the host", f"{self.path_tokens_s:.1f} tokens/s, overhead {self.overhead:.1%}")
        table.add_row("closed stream to next request", f"p50 {self.cancel_ms.p50:.1f} ms, p95 {self.cancel_ms.p95:.1f} ms")
        table.add_row("completion during an answer begins", f"p50 {self.preempt_ms.p50:.1f} ms, p95 {self.preempt_ms.p95:.1f} ms")
        table.add_row("an answer that copies", f"{self.copy_tokens_s:.1f} tokens/s, {self.copy_gain:.2f} times without guessing")
        table.add_row(
            "memory of the host", f"{self.memory_one_mb:.0f} MB with 1 server, {self.memory_many_mb:.0f} MB with {SERVER_COUNT}"
        )
        table.add_row("memory of a server", f"{self.server_mb:.0f} MB; {SERVER_COUNT} of them use {self.hosts} host")
        Console(stderr=True).print(table)
        write_json(self)


def run(base: BaseModel, instruct: InstructModel) -> EngineReport:
    """Measure and show. Raises `UnavailableError` where the engine is."""
    report = asyncio.run(_run(base, instruct))
    report.show()
    return report


async def _run(base: BaseModel, instruct: InstructModel) -> EngineReport:
    with Console(stderr=True).status("measuring …"):
        async with create_local_engine() as engine:
            await line_latency.measure_line_latency(engine, base)
            raw, path = await _measure_speeds(engine, base)
            cancels = [await _measure_cancel(engine, base, while_decoding=bool(i % 2)) for i in range(CANCEL_COUNT)]
            preempts = await _measure_preemption(engine, base, instruct)
            copies = [await _measure_copy(engine, instruct, draft=bool(i % 2)) for i in range(2 * SPEED_ROUNDS)]
            memory = [await _measure_memory(servers) for servers in (1, SERVER_COUNT)]
    plain_speed, draft_speed = float(np.median(copies[::2])), float(np.median(copies[1::2]))
    return EngineReport(
        model=base.name,
        raw_tokens_s=round(raw, 2),
        path_tokens_s=round(path, 2),
        overhead=round(1 - path / raw, 4),
        token_ms=round(1000 / raw, 1),
        cancel_ms=compute_percentiles(cancels),
        preempt_ms=compute_percentiles(preempts),
        copy_tokens_s=round(draft_speed, 2),
        copy_plain_tokens_s=round(plain_speed, 2),
        copy_gain=round(draft_speed / plain_speed, 2),
        memory_one_mb=memory[0][0],
        memory_many_mb=memory[1][0],
        server_mb=memory[1][1],
        hosts=memory[1][2],
    )


def _infill_request(model: BaseModel, before: str, document: str, tokens: int) -> InfillRequest:
    segments = (Segment(SegmentKind.PREFIX, mask(before)), Segment(SegmentKind.SUFFIX, mask("\n")))
    return InfillRequest(model=model, document=document, segments=segments, prompt_budget=1024, max_tokens=tokens)


_STEP_TEMPLATE = "def step_{0}(value: int) -> int:\n    return value * {0} + 1\n\n\n"
_PREFIX = "".join(_STEP_TEMPLATE.format(i) for i in range(8)) + "# Then every step up to the hundredth, in the same way:\n"


async def _measure_speeds(engine: HostEngine, model: BaseModel) -> tuple[float, float]:
    """Tokens a second of the bare loop and of the whole path, after the same prompt, measured in turn."""
    setup = next((held.setup for held in (await engine.status()).models if held.path == model.path), RuntimeConfig())
    weights = await asyncio.to_thread(Weights, setup.weights or model.path, setup)
    abort = AbortFlag()
    context = weights.create_context(MIN_DOCUMENT_TOKENS, SEQUENCE_COUNT, CpuMonitor(0), abort)
    prompt = weights.vocabulary.encode(_PREFIX)
    raw, path = [], []
    for i in range(SPEED_ROUNDS):
        raw.append(await asyncio.to_thread(_measure_bare_loop, context, prompt))
        finished = await _await_finished(engine.infill(_infill_request(model, _PREFIX, f"bench:{i}", SPEED_TOKENS)))
        path.append((finished.tokens - 1) / finished.decode_ms * 1000)
    context.close()
    weights.close()
    return float(np.median(raw)), float(np.median(path))


def _measure_bare_loop(context: LlamaContext, prompt: list[int]) -> float:
    context.truncate(0, 0)
    context.decode(prompt, 0, 0)
    chance = np.random.default_rng(0)
    began = time.perf_counter()
    for i in range(SPEED_TOKENS):
        context.decode([sampling.sample_token(context.read_logits(), Sampling(temperature=0.0), chance).token], len(prompt) + i, 0)
    return SPEED_TOKENS / (time.perf_counter() - began)


async def _measure_cancel(engine: HostEngine, model: BaseModel, *, while_decoding: bool) -> float:
    """Close a stream in its prompt, or after its first tokens; how long until the next request begins, ms."""
    before = _PREFIX if while_decoding else _PREFIX + f"# {time.perf_counter_ns()}\n" * 60
    async with aclosing(engine.infill(_infill_request(model, before, "bench:cancel", 200))) as stream:
        await anext(stream)
        if while_decoding:
            await anext(stream)
        else:
            await asyncio.sleep(0.05)
    return await _measure_start(engine, model)


async def _measure_preemption(engine: HostEngine, base: BaseModel, instruct: InstructModel) -> list[float]:
    """Delays of completions while an answer is written, ms."""
    answer = engine.chat(ChatRequest(instruct, (ChatMessage("user", mask("Count from 1 to 300, one number a line.")),), 400))
    delays: list[float] = []
    async with aclosing(answer):
        async for event in answer:
            if isinstance(event, GeneratedToken) and len(delays) < CANCEL_COUNT:
                delays.append(await _measure_start(engine, base))
    return delays


async def _measure_start(engine: HostEngine, model: BaseModel) -> float:
    began = time.perf_counter()
    async with aclosing(engine.infill(_infill_request(model, "x = ", "bench:next", 1))) as stream:
        await anext(stream)
        return (time.perf_counter() - began) * 1000


async def _measure_copy(engine: HostEngine, model: InstructModel, *, draft: bool) -> float:
    """Tokens a second of rewriting a real file's code with one name changed."""
    code = Path(sampling.__file__).read_text("utf-8").partition("def choose")[2]  # noqa: ASYNC240
    question = (
        f"Rename the variable `best` to `top_token` in this code. Reply with the whole code only.\n```python\ndef choose{code}```"
    )
    request = ChatRequest(model, (ChatMessage("user", mask(question)),), 400, Sampling(temperature=0.0), prompt_lookup=draft)
    finished = await _await_finished(engine.chat(request))
    return finished.tokens / finished.decode_ms * 1000


async def _measure_memory(servers: int) -> tuple[float, float, int]:
    """Memory of the host and of one of so many language servers, MB, and how many hosts they use."""
    async with AsyncExitStack() as stack:
        editors = [await stack.enter_async_context(open_editor(Path.cwd())) for _ in range(servers)]
        command = types.ExecuteCommandParams("interfix.status", [])
        answers: list[Any] = [await each.workspace_execute_command_async(command) for each in editors]
        hosts = {answer["engine"]["pid"] for answer in answers}
        sizes = [psutil.Process(each.pid).memory_info().rss for each in editors]
        return _to_mb(answers[-1]["engine"]["memory_bytes"]), _to_mb(sum(sizes) / len(sizes)), len(hosts)


def _to_mb(count: float) -> float:
    return round(count / 2**20, 1)


async def _await_finished(stream: AsyncGenerator[GenerationEvent, None]) -> GenerationEnd:
    async with aclosing(stream):
        async for event in stream:
            if isinstance(event, GenerationEnd):
                return event
    raise UnavailableError("The engine ended a measurement early; run the bench again when no editor uses it.")
