"""`interfix bench server-load`: developers typing at one server, each with what an editor does between keys and engine.

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

from interfix.bench.percentiles import Percentiles, compute_percentiles
from interfix.bench.recording_engine import RecordingEngine
from interfix.bench.time_budget import TimeBudget
from interfix.bench.typing_sites import TypingSite, choose_sites, find_sources, stdlib_files
from interfix.bench.typist import Typist
from interfix.completion.caching_suggester import Suggester
from interfix.completion.completer import Completer
from interfix.completion.suggestion_request import SuggestionRequest
from interfix.config import paths
from interfix.config.settings import Settings
from interfix.context.gatherer import Gatherer
from interfix.engine.remote.engine import RemoteEngine
from interfix.errors import InterfixError, UsageError
from interfix.inference_types import Role
from interfix.models.role_check import make_remote_base
from interfix.output.console_output import Console, write_json
from interfix.syntax.document import AppliedEdit, Document
from interfix.syntax.document_key import make_document_key

SITES_PER_DEVELOPER = 6
"""Places in real files that a developer types at in turn."""
PAUSE_SECONDS = 5.0
"""Median pause between two of them."""


class LoadReport(msgspec.Struct, frozen=True):
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
    first_ms: Percentiles
    """From a request to its first token, of all that had one, ms."""
    total_ms: Percentiles
    """From a request to its end, of those that were answered, ms."""
    shown_ms: Percentiles
    """From a key to the suggestion for it, debounce included, ms."""
    prompt_tokens: Percentiles
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


class TypingPlan(msgspec.Struct, frozen=True):
    """What developers type, and how."""

    source_files: list[Path]
    """Real files, at places of which they type."""
    root: Path
    """The folder that these are below."""
    seed: int
    """Another number types elsewhere."""
    pause_seconds: float
    """Median pause between two places, s."""


def run(
    settings: Settings,
    *,
    developer_count: int,
    minutes: float,
    seed: int = 1,
    pause_seconds: float = PAUSE_SECONDS,
    path: Path | None = None,
) -> LoadReport:
    """Type for so many minutes, or until the user ends it, at the server that `settings.base` names.

    The code is that of files below `path`, or some of Python's own.

    Raises `UsageError` where there is nothing to type, and what the server's questions raise before anybody has begun.
    """
    plan = TypingPlan(*choose_files(path), seed, pause_seconds)
    budget = TimeBudget(minutes)
    budget.announce(f"{developer_count} developers at {settings.base.url or settings.base.engine}", minutes * 60)
    with budget.watch_interrupts():
        report = asyncio.run(_run(settings, plan, developer_count, lambda: budget.is_over))
    report.show()
    return report


def choose_files(path: Path | None) -> tuple[list[Path], Path]:
    """Real files, and the folder that they are below: those of `path`, or five of 350 to 3,400 lines that Python brings along."""
    if path is not None:
        return find_sources(path), path if path.is_dir() else path.parent
    own = stdlib_files()
    return own, own[0].parent


async def _run(settings: Settings, plan: TypingPlan, developer_count: int, is_over: Callable[[], bool]) -> LoadReport:
    directory = paths.models_dir(settings.models.directory)
    servers = [RemoteEngine(Role.BASE, settings.base, directory) for _ in range(developer_count)]
    await servers[0].probe_role()  # a model that cannot complete is told before, and what is proved is remembered
    engines = [RecordingEngine(server) for server in servers]
    developers = [SimulatedDeveloper(engine, settings, plan, number) for number, engine in enumerate(engines)]
    began = time.perf_counter()
    await asyncio.gather(*(developer.type_until(is_over) for developer in developers))
    lasted = time.perf_counter() - began
    for server in servers:
        await server.close()
    return _report(developers, engines, lasted, servers[0].model_name, plan.pause_seconds)


class SimulatedDeveloper:
    """Types at places in turn until it is late."""

    def __init__(
        self,
        engine: RecordingEngine,
        settings: Settings,
        plan: TypingPlan,
        number: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`number` tells one developer from another. Raises `UsageError` where none of the files has enough to type."""
        self.key_count = 0
        self.typing_seconds = 0.0
        """How long the keys take that were pressed, s."""
        self.shown_latencies_ms: list[float] = []
        self._rng = random.Random(plan.seed * 1000 + number)
        self._sites: Sequence[TypingSite] = choose_sites(plan.root, plan.source_files, SITES_PER_DEVELOPER, self._rng)
        if not self._sites:
            raise UsageError(f"{plan.root} has no file with enough lines of code to type.")
        self._name = f"user-{number}"
        self._pause_seconds = plan.pause_seconds
        self._clock = clock
        self._gatherer = Gatherer(settings.context, settings.completion.prompt_tokens)
        completer = Completer(engine, settings.completion, gatherer=self._gatherer)
        self._suggester = Suggester(completer, settings.completion, clock=clock)
        self._model = make_remote_base(settings.base.model or settings.base.engine, settings.base.url)
        self._request_task: asyncio.Task[None] | None = None

    async def type_until(self, is_over: Callable[[], bool]) -> None:
        """Type until it is."""
        await asyncio.sleep(self._rng.uniform(0, 1))  # nobody sits down at the same moment
        while not is_over():
            for number, site in enumerate(self._sites):
                await self._type_site(site, f"file:///{self._name}/{number}/{site.path}", is_over)
        if self._request_task is not None:
            self._request_task.cancel()
            await asyncio.wait((self._request_task,))
        self._suggester.close()
        self._gatherer.close()

    async def _type_site(self, site: TypingSite, uri: str, is_over: Callable[[], bool]) -> None:
        typist, before = Typist(site.text, self._rng), site.prefix
        while (key := typist.plan_key()) is not None and not is_over():
            await asyncio.sleep(key.wait_ms / 1000)
            typist.press(key)
            self.key_count += 1
            self.typing_seconds += key.wait_ms / 1000
            removed, at = before[-1:] if not key.text else "", len(before.encode())
            before = before + key.text if key.text else before[:-1]
            snapshot = Document(uri, before + site.suffix, self.key_count, site.language).snapshot()
            old, new = removed.encode(), key.text.encode()
            self._suggester.handle_edit(snapshot, (AppliedEdit(at - len(old), at, len(new), len(key.text), old, new),))
            if self._request_task is not None:
                self._request_task.cancel()
            self._request_task = asyncio.create_task(
                self._request_suggestion(SuggestionRequest(self._model, snapshot, len(before.encode()), automatic=True))
            )
        left = self._rng.expovariate(math.log(2) / self._pause_seconds) if self._pause_seconds else 0.0
        while left > 0 and not is_over():
            await asyncio.sleep(min(left, 0.5))
            left -= 0.5
        self._suggester.close_document(make_document_key(uri))

    async def _request_suggestion(self, cursor: SuggestionRequest) -> None:
        began = self._clock()
        with suppress(InterfixError):  # counted where it happens
            if await self._suggester.suggest(cursor):
                self.shown_latencies_ms.append((self._clock() - began) * 1000)


def _report(
    developers: Sequence[SimulatedDeveloper], engines: Sequence[RecordingEngine], seconds: float, model: str, pause_seconds: float
) -> LoadReport:
    answered = sum(each.answered_count for each in engines)
    requests, prompts = sum(each.request_count for each in engines), [length for each in engines for length in each.prompt_lengths]
    reasons: Counter[str] = Counter()
    for each in engines:
        reasons.update(each.failure_counts)
    return LoadReport(
        users=len(developers),
        seconds=round(seconds, 1),
        model=model,
        keys=sum(each.key_count for each in developers),
        requests=requests,
        answered=answered,
        cancelled=requests - answered - reasons.total(),
        failed=reasons.total(),
        reasons=dict(reasons),
        a_minute=round(requests / max(1.0, sum(each.typing_seconds for each in developers)) * 60, 1),
        pauses_s=pause_seconds,
        first_ms=compute_percentiles([ms for each in engines for ms in each.first_ms]),
        total_ms=compute_percentiles([ms for each in engines for ms in each.total_ms]),
        shown_ms=compute_percentiles([ms for each in developers for ms in each.shown_latencies_ms]),
        prompt_tokens=compute_percentiles(prompts),
        reused=round(1 - sum(sum(each.computed_lengths) for each in engines) / max(1, sum(prompts)), 3),
        tokens_s=round(sum(sum(each.answer_lengths) for each in engines) / seconds, 1),
    )
