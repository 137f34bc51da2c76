"""`interfix bench load`: developers typing at one server, each with what an editor does between keys and engine. Starts no server.

Everybody types real code from a seed, at a practised typist's pace, through debounce, type-through and computing ahead as in an
editor, and takes nothing: what is asked of the server is what it would be asked.
"""

import argparse
import asyncio
import difflib
import json.decoder
import random
import textwrap
import time
import typing
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from interfix.bench.places import Place, places, sources
from interfix.bench.spread import Spread, spread
from interfix.bench.typist import Typist
from interfix.bench.watched import Watched
from interfix.completion.suggester import Cursor, Suggester
from interfix.config import paths
from interfix.config.settings import Settings
from interfix.context.gathering import Gatherer
from interfix.engine.remote.engine import RemoteEngine
from interfix.errors import BadUsage, InterfixError
from interfix.models.roles import served_base
from interfix.syntax.document import Document
from interfix.values import Role

PLACES = 6
"""Places in real files that a developer types at in turn."""


class Report(msgspec.Struct, frozen=True):
    """Figures of one run."""

    users: int
    """Developers who typed at once."""
    seconds: float
    """For how long, s."""
    model: str
    """Who completed."""
    keys: int
    """Keys that were pressed, by all of them."""
    requests: int
    """Completions that were asked of the server."""
    answered: int
    """How many came to the end of what was wanted."""
    cancelled: int
    """How many were closed because the developer had typed on."""
    failed: int
    """How many failed."""
    reasons: dict[str, int]
    """The sentences they failed with."""
    a_minute: float
    """Requests a developer and minute of typing."""
    first_ms: Spread
    """From a request to its first token, of all that had one, ms."""
    total_ms: Spread
    """From a request to its end, of those that were answered, ms."""
    shown_ms: Spread
    """From a key to the suggestion for it, debounce included, ms."""
    prompt_tokens: Spread
    """Length of the prompts, tokens."""
    reused: float
    """Share of the prompts' tokens that the server found in its cache, as far as it tells."""
    tokens_s: float
    """Tokens written, all developers together, 1/s."""

    def show(self) -> None:
        """A table for people on stderr, one JSON line for machines on stdout."""
        table = Table(title=f"{self.users} developers, {self.seconds:.0f} s, {self.model}", title_justify="left", show_header=False)
        share = self.cancelled / max(1, self.requests)
        table.add_row("typed", f"{self.keys:,} keys, {self.a_minute:.0f} requests a developer and minute")
        table.add_row("requests", f"{self.requests:,}: {self.answered:,} answered, {self.cancelled:,} cancelled ({share:.0%})")
        table.add_row("failed", f"{self.failed:,}")
        table.add_row("first token", f"p50 {self.first_ms.p50:,.0f} ms, p95 {self.first_ms.p95:,.0f} ms")
        table.add_row("answer", f"p50 {self.total_ms.p50:,.0f} ms, p95 {self.total_ms.p95:,.0f} ms")
        table.add_row("shown", f"p50 {self.shown_ms.p50:,.0f} ms, p95 {self.shown_ms.p95:,.0f} ms after the key")
        table.add_row("prompts", f"p50 {self.prompt_tokens.p50:,.0f} tokens, {self.reused:.0%} of them cached")
        table.add_row("throughput", f"{self.tokens_s:.1f} tokens/s, {self.answered / self.seconds:.2f} answers/s")
        console = Console(stderr=True, highlight=False)
        console.print(table)
        for reason, count in self.reasons.items():
            console.print(f"{count} failed: {reason}", markup=False)
        print(msgspec.json.encode(self).decode(), flush=True)


def run(settings: Settings, *, users: int, seconds: float, seed: int = 1, path: Path | None = None) -> Report:
    """Type for so many seconds at the server that `settings.base` names, in files below `path` or in some of Python's own.

    Raises `BadUsage` where there is nothing to type, and what the server's questions raise before anybody has begun.
    """
    found, root = (sources(path), path if path.is_dir() else path.parent) if path else _library()
    report = asyncio.run(_run(settings, users, seconds, seed, found, root))
    report.show()
    return report


async def _run(
    settings: Settings,
    users: int,
    seconds: float,
    seed: int,
    found: list[Path],
    root: Path,
    clock: Callable[[], float] = time.perf_counter,
) -> Report:
    directory = paths.models_dir(settings.models.directory)
    engines = [Watched(RemoteEngine(Role.BASE, settings.base, directory)) for _ in range(users)]
    await engines[0].engine.prove()  # a model that cannot complete is told before, and what is proved is remembered
    developers = []
    for i, engine in enumerate(engines):
        wanted = places(root, found, PLACES, random.Random(seed * 1000 + i))
        if not wanted:
            raise BadUsage(f"{root} has no file with enough lines of code to type.")
        developers.append(Developer(engine, settings, wanted, random.Random(seed * 1000 + i), f"user-{i}", clock))
    began = clock()
    await asyncio.gather(*(developer.work(began + seconds) for developer in developers))
    lasted = clock() - began
    for engine in engines:
        await engine.close()
    return _report(developers, engines, lasted)


class Developer:
    """Types at places in turn until the time is over."""

    def __init__(
        self,
        engine: Watched,
        settings: Settings,
        wanted: Sequence[Place],
        chance: random.Random,
        name: str,
        clock: Callable[[], float],
    ) -> None:
        self.keys = 0
        self.shown_ms: list[float] = []
        self._clock = clock
        self._places = wanted
        self._chance = chance
        self._name = name
        self._gatherer = Gatherer(settings.context, settings.completion.prompt_tokens)
        self._suggester = Suggester(engine, settings.completion, gatherer=self._gatherer)
        self._model = served_base(settings.base.model or settings.base.engine, settings.base.url)
        self._asking: asyncio.Task[None] | None = None

    async def work(self, until: float) -> None:
        """Type until that reading of the clock."""
        await asyncio.sleep(self._chance.uniform(0, 1))  # nobody sits down at the same moment
        while self._clock() < until:
            for number, place in enumerate(self._places):
                await self._type(place, f"file:///{self._name}/{number}/{place.path}", until)
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait((self._asking,))
        self._suggester.close()
        self._gatherer.close()

    async def _type(self, place: Place, uri: str, until: float) -> None:
        typist, before = Typist(place.text, self._chance), place.prefix
        while (key := typist.next()) is not None and self._clock() < until:
            await asyncio.sleep(key.wait_ms / 1000)
            typist.press(key)
            self.keys += 1
            before = before + key.text if key.text else before[:-1]
            snapshot = Document(uri, before + place.suffix, self.keys, place.language).snapshot()
            self._suggester.changed(snapshot)
            if self._asking is not None:
                self._asking.cancel()
            self._asking = asyncio.create_task(self._ask(Cursor(self._model, snapshot, len(before.encode()), None)))
        self._suggester.closed(uri)

    async def _ask(self, cursor: Cursor) -> None:
        began = time.perf_counter()
        with suppress(InterfixError):  # counted where it happens
            if await self._suggester.suggest(cursor, automatic=True):
                self.shown_ms.append((time.perf_counter() - began) * 1000)


def _report(developers: Sequence[Developer], engines: Sequence[Watched], seconds: float) -> Report:
    answered = sum(each.answered for each in engines)
    requests, prompts = sum(each.requests for each in engines), [length for each in engines for length in each.prompts]
    reasons: Counter[str] = Counter()
    for each in engines:
        reasons.update(each.reasons)
    return Report(
        users=len(developers),
        seconds=round(seconds, 1),
        model=engines[0].engine.model,
        keys=sum(each.keys for each in developers),
        requests=requests,
        answered=answered,
        cancelled=requests - answered - reasons.total(),
        failed=reasons.total(),
        reasons=dict(reasons),
        a_minute=round(requests / len(developers) / seconds * 60, 1),
        first_ms=spread([ms for each in engines for ms in each.first_ms]),
        total_ms=spread([ms for each in engines for ms in each.total_ms]),
        shown_ms=spread([ms for each in developers for ms in each.shown_ms]),
        prompt_tokens=spread(prompts),
        reused=round(sum(each.reused for each in engines) / max(1, sum(prompts)), 3),
        tokens_s=round(sum(each.tokens for each in engines) / seconds, 1),
    )


def _library() -> tuple[list[Path], Path]:
    """Real files of 350 to 3,400 lines that every Python brings along, and the folder that they are below."""
    files = [Path(str(module.__file__)) for module in (textwrap, argparse, json.decoder, typing, difflib)]
    return files, Path(str(textwrap.__file__)).parent
