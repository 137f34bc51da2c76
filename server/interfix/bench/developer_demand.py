"""`interfix bench server-demand`: what one developer asks of a server, counted.

The developer of `bench server-load` types by a clock that stands still while a server or a thread computes. What the server says
is real, how fast it says it is assumed: the count is the same on every machine.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import msgspec
from rich.table import Table

from interfix.bench.completion_time_estimate import compute_cold_seconds
from interfix.bench.percentiles import Percentiles, compute_percentiles
from interfix.bench.recording_engine import RecordingEngine
from interfix.bench.server_load import SimulatedDeveloper, TypingPlan, choose_files
from interfix.bench.simulated_clock import SimulatedClockLoop
from interfix.bench.time_budget import TimeBudget
from interfix.config import paths
from interfix.config.settings import Settings
from interfix.engine.engine_wrapper import EngineWrapper
from interfix.engine.line_latency import measure_line_latency
from interfix.engine.protocol import Engine, InfillRequest
from interfix.engine.remote.engine import RemoteEngine
from interfix.engine.remote.transport import Timeouts
from interfix.errors import UnavailableError
from interfix.inference_types import GeneratedToken, GenerationEvent, Role
from interfix.models.role_check import make_remote_base
from interfix.output.console_output import Console, write_json

GENEROUS_TIMEOUTS = Timeouts(first_event=900.0, next_event=120.0)
"""What is counted is no speed."""
REQUESTS_A_MINUTE = 95
"""Of typing, about, as this bench counted them of a server with its first token after 150 ms: to say how long it takes."""
WARM_PROMPT_TOKENS = 128
"""Tokens that the server reads for one of them, about."""


class ServerSpeed(msgspec.Struct, frozen=True):
    """How fast a server is assumed to be."""

    first_ms: float
    """Its first token is there so soon, ms."""
    token_ms: float
    """And each further one, ms."""


class DemandReport(msgspec.Struct, frozen=True):
    """Figures of one developer."""

    model: str
    """Who completed."""
    pace: ServerSpeed
    """How fast it is assumed to be."""
    pauses_s: float
    """Median pause between two places, s."""
    minutes: float
    """Of typing."""
    keys: int
    """Keys that were pressed."""
    requests: int
    """Completions that were asked of the server."""
    answered: int
    """How many came to the end of what was wanted; the others were cancelled."""
    a_minute: float
    """Requests a minute of typing."""
    prompt_tokens: Percentiles
    """Length of the prompts, tokens."""
    read_tokens: Percentiles
    """How many of them the server did not have in its cache, as far as it tells."""
    written_tokens: Percentiles
    """Length of the answers as far as they were wanted, tokens."""
    read_a_minute: int
    """Prompt tokens that were read, a minute of typing."""
    written_a_minute: int
    """Tokens that were written, a minute of typing."""

    def show(self) -> None:
        """A table for people on stderr, one JSON line for machines on stdout."""
        speed = f"first token after {self.pace.first_ms:.0f} ms, then one every {self.pace.token_ms:.0f} ms"
        table = Table(title=f"{self.model}, {self.minutes:.1f} minutes of typing; {speed}", title_justify="left")
        for heading in ("", "p50", "p95", "a minute"):
            table.add_column(heading, justify="right" if heading else "left")
        table.add_row("requests", "", "", f"{self.a_minute:.1f}")
        table.add_row("answered", "", "", f"{self.a_minute * self.answered / max(1, self.requests):.1f}")
        for name, each, total in (
            ("prompt, tokens", self.prompt_tokens, ""),
            ("of them read, tokens", self.read_tokens, f"{self.read_a_minute:,}"),
            ("written, tokens", self.written_tokens, f"{self.written_a_minute:,}"),
        ):
            table.add_row(name, f"{each.p50:,.0f}", f"{each.p95:,.0f}", total)
        Console(stderr=True).print(table)
        write_json(self)


def run(
    settings: Settings, speed: ServerSpeed, *, minutes: float, seed: int, pause_seconds: float, path: Path | None
) -> DemandReport:
    """Type for so many minutes, or until the user ends it, at the server that `settings.base` names.

    The code is that of files below `path`, or some of Python's own.

    Raises `UsageError` where there is nothing to type, `UnavailableError` where a completion failed, and what questions to it
    raise.
    """
    completion = msgspec.structs.replace(settings.completion, time_ms=0)
    settings = msgspec.structs.replace(settings, completion=completion)
    plan = TypingPlan(*choose_files(path), seed, pause_seconds)
    loop = SimulatedClockLoop()
    budget = TimeBudget()
    with budget.watch_interrupts(), asyncio.Runner(loop_factory=lambda: loop) as runner:
        report = runner.run(_run(loop, settings, speed, plan, minutes, budget))
    report.show()
    return report


async def _run(
    loop: SimulatedClockLoop,
    settings: Settings,
    speed: ServerSpeed,
    plan: TypingPlan,
    minutes: float,
    budget: TimeBudget,
) -> DemandReport:
    server = RemoteEngine(Role.BASE, settings.base, paths.models_dir(settings.models.directory), timeouts=GENEROUS_TIMEOUTS)
    with loop.freeze():
        await server.probe_role()
        model = make_remote_base(settings.base.model or settings.base.engine, settings.base.url)
        seconds_each = compute_cold_seconds(await measure_line_latency(server, model), WARM_PROMPT_TOKENS)
    budget.announce(f"{minutes:.1f} minutes of typing, counted", minutes * REQUESTS_A_MINUTE * seconds_each)
    watched = RecordingEngine(ThrottledEngine(server, loop, speed))
    developer = SimulatedDeveloper(watched, settings, plan, clock=loop.time)
    await developer.type_until(lambda: budget.is_interrupted or developer.typing_seconds >= minutes * 60)
    await server.close()
    if watched.failure_counts:
        raise UnavailableError(f"{watched.failure_counts.total()} completions failed: {next(iter(watched.failure_counts))}")
    typed = max(developer.typing_seconds, 1.0) / 60
    return DemandReport(
        model=server.model_name,
        pace=speed,
        pauses_s=plan.pause_seconds,
        minutes=round(typed, 1),
        keys=developer.key_count,
        requests=watched.request_count,
        answered=watched.answered_count,
        a_minute=round(watched.request_count / typed, 1),
        prompt_tokens=compute_percentiles(watched.prompt_lengths),
        read_tokens=compute_percentiles(watched.computed_lengths),
        written_tokens=compute_percentiles(watched.answer_lengths),
        read_a_minute=round(sum(watched.computed_lengths) / typed),
        written_a_minute=round(sum(watched.answer_lengths) / typed),
    )


class ThrottledEngine(EngineWrapper):
    """An engine that takes as long as is assumed, by a clock that stands while it computes."""

    def __init__(self, engine: Engine, loop: SimulatedClockLoop, speed: ServerSpeed) -> None:
        super().__init__(engine)
        self._loop = loop
        self._speed = speed

    async def infill(self, request: InfillRequest) -> AsyncGenerator[GenerationEvent, None]:
        """Stream the completion at the speed assumed. What precedes the first token comes at once: the server has the request."""
        wait = self._speed.first_ms
        async with aclosing(self.engine.infill(request)) as events:
            while True:
                with self._loop.freeze():
                    event = await anext(events, None)
                if event is None:
                    return
                if isinstance(event, GeneratedToken):
                    await asyncio.sleep(wait / 1000)
                    wait = self._speed.token_ms
                yield event
