"""`interfix bench demand`: what one developer asks of a server, counted. Times nothing, and starts no server.

The developer of `bench load` types by a clock that stands still while a server or a thread computes. What the server says is real,
how fast it says it is assumed: the count is the same on every machine.
"""

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import msgspec
from rich.table import Table

from interfix.bench.load import Developer, files
from interfix.bench.spread import Spread, spread
from interfix.bench.standing import Standing
from interfix.bench.watched import Watched
from interfix.config import paths
from interfix.config.settings import Settings
from interfix.engine.around import Around
from interfix.engine.protocol import Engine, InfillRequest
from interfix.engine.remote.engine import RemoteEngine
from interfix.engine.remote.transport import Patience
from interfix.errors import Unavailable
from interfix.output.terminal import Console, write_json
from interfix.values import Role, StreamEvent, Token

PATIENT = Patience(first=900.0, next=120.0)
"""What is counted is no speed."""


class Pace(msgspec.Struct, frozen=True):
    """How fast a server is assumed to be."""

    first_ms: float
    """Its first token is there so soon, ms."""
    token_ms: float
    """And each further one, ms."""


class Report(msgspec.Struct, frozen=True):
    """Figures of one developer."""

    model: str
    """Who completed."""
    pace: Pace
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
    prompt_tokens: Spread
    """Length of the prompts, tokens."""
    read_tokens: Spread
    """How many of them the server did not have in its cache, as far as it tells."""
    written_tokens: Spread
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


def run(settings: Settings, pace: Pace, *, minutes: float, seed: int, think: float, path: Path | None) -> Report:
    """Type for so many minutes at the server that `settings.base` names, in files below `path` or in some of Python's own.

    Raises `BadUsage` where there is nothing to type, `Unavailable` where a completion failed, and what questions to it raise.
    """
    completion = msgspec.structs.replace(settings.completion, time_ms=0)
    settings = msgspec.structs.replace(settings, completion=completion)
    loop = Standing()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        report = runner.run(_run(loop, settings, pace, minutes, seed, think, path))
    report.show()
    return report


async def _run(
    loop: Standing, settings: Settings, pace: Pace, minutes: float, seed: int, think: float, path: Path | None
) -> Report:
    found, root = files(path)
    server = RemoteEngine(Role.BASE, settings.base, paths.models_dir(settings.models.directory), patience=PATIENT)
    with loop.still():
        await server.prove()
    watched = Watched(Paced(server, loop, pace))
    developer = Developer(watched, settings, found, root, random.Random(seed * 1000), "user", think, loop.time)
    await developer.work(lambda: developer.typed_s >= minutes * 60)
    await server.close()
    if watched.reasons:
        raise Unavailable(f"{watched.reasons.total()} completions failed: {next(iter(watched.reasons))}")
    typed = developer.typed_s / 60
    return Report(
        model=server.model,
        pace=pace,
        pauses_s=think,
        minutes=round(typed, 1),
        keys=developer.keys,
        requests=watched.requests,
        answered=watched.answered,
        a_minute=round(watched.requests / typed, 1),
        prompt_tokens=spread(watched.prompts),
        read_tokens=spread(watched.read),
        written_tokens=spread(watched.written),
        read_a_minute=round(sum(watched.read) / typed),
        written_a_minute=round(sum(watched.written) / typed),
    )


class Paced(Around):
    """An engine that takes as long as is assumed, by a clock that stands while it computes."""

    def __init__(self, engine: Engine, loop: Standing, pace: Pace) -> None:
        super().__init__(engine)
        self._loop = loop
        self._pace = pace

    async def infill(self, request: InfillRequest) -> AsyncGenerator[StreamEvent, None]:
        """See `Engine`. What comes before the first token is told at once: the server has the request."""
        wait = self._pace.first_ms
        async with aclosing(self.engine.infill(request)) as events:
            while True:
                with self._loop.still():
                    event = await anext(events, None)
                if event is None:
                    return
                if isinstance(event, Token):
                    await asyncio.sleep(wait / 1000)
                    wait = self._pace.token_ms
                yield event
