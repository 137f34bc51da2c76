"""`interfix bench load`: developers typing at one server, each with what an editor does between keys and engine. Starts no server.

Everybody types real code from a seed, at a practised typist's pace and with a pause to think between two places, through debounce,
type-through and computing ahead as in an editor, and takes nothing: what is asked of the server is what it would be asked.
"""

import asyncio
import math
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
from rich.table import Table

from interfix.bench.places import Place, library, places, sources
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
from interfix.output.terminal import Console, write_json
from interfix.syntax.document import Document
from interfix.values import Role

PLACES = 6
"""Places in real files that a developer types at in turn."""
THINK_SECONDS = 5.0
"""Median pause between two of them."""


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
    """Requests a developer and minute of typing: of the time that the keys take at a typist's pace, whatever it took here."""
    pauses_s: float
    """Median pause between two places, s."""
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
        table.add_row("typed", f"{self.keys:,} keys, {self.a_minute:.0f} requests a developer and minute of typing")
        table.add_row("requests", f"{self.requests:,}: {self.answered:,} answered, {self.cancelled:,} cancelled ({share:.0%})")
        table.add_row("failed", f"{self.failed:,}")
        table.add_row("first token", f"p50 {self.first_ms.p50:,.0f} ms, p95 {self.first_ms.p95:,.0f} ms")
        table.add_row("answer", f"p50 {self.total_ms.p50:,.0f} ms, p95 {self.total_ms.p95:,.0f} ms")
        table.add_row("shown", f"p50 {self.shown_ms.p50:,.0f} ms, p95 {self.shown_ms.p95:,.0f} ms after the key")
        table.add_row("prompts", f"p50 {self.prompt_tokens.p50:,.0f} tokens, {self.reused:.0%} of them cached")
        table.add_row("throughput", f"{self.tokens_s:.1f} tokens/s, {self.answered / self.seconds:.2f} answers/s")
        console = Console(stderr=True)
        console.print(table)
        for reason, count in self.reasons.items():
            console.print(f"{count} failed: {reason}")
        write_json(self)


def run(
    settings: Settings,
    *,
    users: int,
    seconds: float,
    seed: int = 1,
    think: float = THINK_SECONDS,
    path: Path | None = None,
) -> Report:
    """Type for so many seconds at the server that `settings.base` names, in files below `path` or in some of Python's own.

    Raises `BadUsage` where there is nothing to type, and what the server's questions raise before anybody has begun.
    """
    found, root = files(path)
    report = asyncio.run(_run(settings, users, seconds, seed, think, found, root))
    report.show()
    return report


def files(path: Path | None) -> tuple[list[Path], Path]:
    """Real files, and the folder that they are below: those of `path`, or five of 350 to 3,400 lines that Python brings along."""
    if path is not None:
        return sources(path), path if path.is_dir() else path.parent
    own = library()
    return own, own[0].parent


async def _run(
    settings: Settings,
    users: int,
    seconds: float,
    seed: int,
    think: float,
    found: list[Path],
    root: Path,
    over: Callable[[], bool] | None = None,
) -> Report:
    directory = paths.models_dir(settings.models.directory)
    servers = [RemoteEngine(Role.BASE, settings.base, directory) for _ in range(users)]
    await servers[0].prove()  # a model that cannot complete is told before, and what is proved is remembered
    engines = [Watched(server) for server in servers]
    developers = [
        Developer(engine, settings, found, root, random.Random(seed * 1000 + i), f"user-{i}", think)
        for i, engine in enumerate(engines)
    ]
    began = time.perf_counter()
    late = over or (lambda: time.perf_counter() - began > seconds)
    await asyncio.gather(*(developer.work(late) for developer in developers))
    lasted = time.perf_counter() - began
    for server in servers:
        await server.close()
    return _report(developers, engines, lasted, servers[0].model, think)


class Developer:
    """Types at places in turn until it is late."""

    def __init__(
        self,
        engine: Watched,
        settings: Settings,
        found: list[Path],
        root: Path,
        chance: random.Random,
        name: str,
        think: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Raises `BadUsage` where none of the files has enough to type."""
        self.keys = 0
        self.typed_s = 0.0
        """How long the keys take that were pressed, s."""
        self.shown_ms: list[float] = []
        self._places: Sequence[Place] = places(root, found, PLACES, chance)
        if not self._places:
            raise BadUsage(f"{root} has no file with enough lines of code to type.")
        self._chance = chance
        self._name = name
        self._think = think
        self._clock = clock
        self._gatherer = Gatherer(settings.context, settings.completion.prompt_tokens)
        self._suggester = Suggester(engine, settings.completion, gatherer=self._gatherer, clock=clock)
        self._model = served_base(settings.base.model or settings.base.engine, settings.base.url)
        self._asking: asyncio.Task[None] | None = None

    async def work(self, late: Callable[[], bool]) -> None:
        """Type until it is."""
        await asyncio.sleep(self._chance.uniform(0, 1))  # nobody sits down at the same moment
        while not late():
            for number, place in enumerate(self._places):
                await self._type(place, f"file:///{self._name}/{number}/{place.path}", late)
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait((self._asking,))
        self._suggester.close()
        self._gatherer.close()

    async def _type(self, place: Place, uri: str, late: Callable[[], bool]) -> None:
        typist, before = Typist(place.text, self._chance), place.prefix
        while (key := typist.next()) is not None and not late():
            await asyncio.sleep(key.wait_ms / 1000)
            typist.press(key)
            self.keys += 1
            self.typed_s += key.wait_ms / 1000
            before = before + key.text if key.text else before[:-1]
            snapshot = Document(uri, before + place.suffix, self.keys, place.language).snapshot()
            self._suggester.changed(snapshot)
            if self._asking is not None:
                self._asking.cancel()
            self._asking = asyncio.create_task(self._ask(Cursor(self._model, snapshot, len(before.encode()), None)))
        left = self._chance.expovariate(math.log(2) / self._think) if self._think else 0.0
        while left > 0 and not late():
            await asyncio.sleep(min(left, 0.5))
            left -= 0.5
        self._suggester.closed(uri)

    async def _ask(self, cursor: Cursor) -> None:
        began = self._clock()
        with suppress(InterfixError):  # counted where it happens
            if await self._suggester.suggest(cursor, automatic=True):
                self.shown_ms.append((self._clock() - began) * 1000)


def _report(developers: Sequence[Developer], engines: Sequence[Watched], seconds: float, model: str, think: float) -> Report:
    answered = sum(each.answered for each in engines)
    requests, prompts = sum(each.requests for each in engines), [length for each in engines for length in each.prompts]
    reasons: Counter[str] = Counter()
    for each in engines:
        reasons.update(each.reasons)
    return Report(
        users=len(developers),
        seconds=round(seconds, 1),
        model=model,
        keys=sum(each.keys for each in developers),
        requests=requests,
        answered=answered,
        cancelled=requests - answered - reasons.total(),
        failed=reasons.total(),
        reasons=dict(reasons),
        a_minute=round(requests / max(1.0, sum(each.typed_s for each in developers)) * 60, 1),
        pauses_s=think,
        first_ms=spread([ms for each in engines for ms in each.first_ms]),
        total_ms=spread([ms for each in engines for ms in each.total_ms]),
        shown_ms=spread([ms for each in developers for ms in each.shown_ms]),
        prompt_tokens=spread(prompts),
        reused=round(1 - sum(sum(each.read) for each in engines) / max(1, sum(prompts)), 3),
        tokens_s=round(sum(sum(each.written) for each in engines) / seconds, 1),
    )
