"""What a keystroke takes of the server itself: computing time of its event loop, and time of the context's sources a line.

The model is a fake that answers at once, so that what is left is the server's own.
"""

import asyncio
import random
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from interfix.bench.percentiles import Percentiles, compute_percentiles
from interfix.bench.typing_sites import TypingSite, choose_sites, find_sources
from interfix.completion.caching_suggester import Suggester
from interfix.completion.calibration_store import load_calibrations
from interfix.completion.completer import Completer
from interfix.completion.suggestion_request import SuggestionRequest
from interfix.config.settings import Settings
from interfix.context.context_source import Chunk, ContextQuery, ContextSource
from interfix.context.exclusion import Exclusion
from interfix.context.gatherer import Gatherer
from interfix.context.index import WorkspaceIndex
from interfix.context.sources import SOURCES
from interfix.context.workspace_reader import Workspace
from interfix.errors import UsageError
from interfix.models.role_check import BaseModel
from interfix.syntax.document import Document, DocumentEdit, PositionEncoding
from tests.fake_engine import FakeEngine

KEY_SECONDS = 0.12
"""Between two keystrokes."""
ANSWER = "value = result\n"
"""What the model says, whatever it is asked."""
INDEX_SECONDS = 600
"""So long is waited for the index."""
_MODEL = BaseModel("fake-base", "/fake.gguf")


class WorkspaceCost(msgspec.Struct, frozen=True):
    """One workspace."""

    path: str
    """Its folder."""
    files: int
    """Files of known languages in it, as far as they were counted."""
    keys: int
    """Keystrokes."""
    asked: int
    """Of these, those at which the model was asked."""
    asked_ms: Percentiles
    """Computing time of the event loop for each of them, ms."""
    unasked_ms: Percentiles
    """Likewise for the others, ms."""
    line_ms: Percentiles
    """Computing time of all sources together for each new line, ms."""
    in_time: float
    """Share of the sources' answers that were there at the first request of their line."""


class TimedSource:
    """A source whose computing time is taken: by the clock one would wait for the others as well."""

    def __init__(self, source: ContextSource) -> None:
        self.name = source.name
        self._source = source
        self.ms = 0.0

    def find(self, query: ContextQuery) -> list[Chunk]:
        """What the source finds."""
        began = time.thread_time()
        try:
            return self._source.find(query)
        finally:
            self.ms = (time.thread_time() - began) * 1000


class CostRecorder:
    """What was measured so far."""

    def __init__(self) -> None:
        self.asked_ms: list[float] = []
        self.unasked_ms: list[float] = []
        self.line_ms: list[float] = []
        self.answers_in_time: list[bool] = []

    def report(self, folder: Path, file_count: int) -> WorkspaceCost:
        """The figures of a workspace."""
        return WorkspaceCost(
            path=str(folder),
            files=file_count,
            keys=len(self.asked_ms) + len(self.unasked_ms),
            asked=len(self.asked_ms),
            asked_ms=compute_percentiles(self.asked_ms),
            unasked_ms=compute_percentiles(self.unasked_ms),
            line_ms=compute_percentiles(self.line_ms),
            in_time=round(sum(self.answers_in_time) / max(1, len(self.answers_in_time)), 3),
        )


def run(folders: list[Path], settings: Settings, *, site_count: int, seed: int, key_seconds: float = KEY_SECONDS) -> None:
    """Type at so many places of each folder; show figures."""
    table = Table("workspace", "files", "keys", "asked", "asked ms", "p95", "unasked ms", "p95", "line ms", "p95", "in time")
    costs = [
        asyncio.run(measure_workspace(folder.resolve(), settings, site_count=site_count, seed=seed, key_seconds=key_seconds))
        for folder in folders
    ]
    for cost in costs:
        figures = [figure for each in (cost.asked_ms, cost.unasked_ms, cost.line_ms) for figure in (each.p50, each.p95)]
        counts = (str(cost.files), str(cost.keys), str(cost.asked))
        table.add_row(cost.path, *counts, *(f"{figure:.1f}" for figure in figures), f"{cost.in_time:.0%}")
    Console(stderr=True).print(table)
    print(msgspec.json.encode(costs).decode(), flush=True)


async def measure_workspace(folder: Path, settings: Settings, *, site_count: int, seed: int, key_seconds: float) -> WorkspaceCost:
    """Type in one folder. Raises `UsageError` where there is nothing to type."""
    files = find_sources(folder)
    sites = choose_sites(folder, files, site_count, random.Random(seed))
    if not sites:
        raise UsageError(f"{folder} has no place to type at. Name a folder of source files.")
    exclusion = Exclusion(folder, settings.context)
    index = WorkspaceIndex(folder, exclusion) if settings.context.index else None
    workspace = Workspace(folder, exclusion, index)
    sources = tuple(map(TimedSource, SOURCES))
    gatherer = Gatherer(settings.context, settings.completion.prompt_tokens, lambda _: workspace, sources)
    recorder = CostRecorder()
    try:
        if index is not None:
            await index.start()
            await _wait_until_idle(index)
        for site in sites:
            await _type_site(site, workspace, gatherer, settings, recorder, key_seconds, sources)
    finally:
        gatherer.close()
        if index is not None:
            await index.close()
    return recorder.report(folder, len(files))


async def _type_site(
    site: TypingSite,
    workspace: Workspace,
    gatherer: Gatherer,
    settings: Settings,
    recorder: CostRecorder,
    key_seconds: float,
    sources: Sequence[TimedSource],
) -> None:
    engine = FakeEngine(ANSWER)
    completer = Completer(engine, settings.completion, None, load_calibrations(), gatherer=gatherer)
    suggester = Suggester(completer, settings.completion)
    uri = (workspace.root / site.path).as_uri()
    document = Document(uri, site.prefix + site.suffix, 0, site.language, interactive=True)
    offset, last_line = len(site.prefix.encode()), -1
    for number, key in enumerate(site.text, start=1):
        # Computing time of this thread only: what sources and parsers do in theirs does not count.
        began, request_count = time.thread_time(), len(engine.requests)
        at = document.snapshot().to_position(offset, PositionEncoding.UTF16)
        edits = document.apply([DocumentEdit(at, at, key)], number, PositionEncoding.UTF16)
        snapshot = document.snapshot()
        offset += len(key.encode())
        suggester.handle_edit(snapshot, edits)
        await suggester.suggest(SuggestionRequest(_MODEL, snapshot, offset, workspace.root, automatic=True))
        ms = (time.thread_time() - began) * 1000
        was_asked = len(engine.requests) > request_count
        (recorder.asked_ms if was_asked else recorder.unasked_ms).append(ms)
        line = snapshot.lines.find_line(offset)
        if was_asked and line != last_line:
            last_line = line
            gathered, _ = gatherer.last_results[snapshot.key]
            recorder.answers_in_time += [cost.note != "late" for cost in gathered.costs[1:]]
            await gatherer.wait_for_sources()
            recorder.line_ms.append(sum(source.ms for source in sources))
        await asyncio.sleep(key_seconds)
    suggester.close()
    gatherer.drop_document(document.snapshot().key)


async def _wait_until_idle(index: WorkspaceIndex) -> None:
    async with asyncio.timeout(INDEX_SECONDS):
        while not index.status.current or index.status.pending:
            await index.wait_for_status()
