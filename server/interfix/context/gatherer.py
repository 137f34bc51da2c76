"""Puts together what a completion shows the model: the window, and the best of the other sources within a time limit.

Sources run in threads; one that is late is used for the next keystroke at the same line, one that fails is logged by name and
left out. Typing on within a line asks nobody anything."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from interfix.config.settings import ContextSettings
from interfix.context.context_source import Chunk, ContextQuery, ContextSource
from interfix.context.display_paths import make_display_path
from interfix.context.document_masking import mask_around
from interfix.context.prompt_file_segments import build_file_segments, build_line_segments, insert_files
from interfix.context.sources import ASKED_SOURCE, SOURCES
from interfix.context.stable_chunk_selection import OmittedChunk, SelectedChunk, select_chunks
from interfix.context.window_cache import CachedWindow, cache_window, update_window
from interfix.context.window_segments import build_plain_window
from interfix.context.workspace_reader import Workspace
from interfix.inference_types import GenerationStart, PartState, Segment
from interfix.syntax.document_key import DocumentKey
from interfix.syntax.notebook_script import join_cells
from interfix.syntax.snapshot import Snapshot
from interfix.system.closable_thread_pool import WorkerPool

_log = logging.getLogger(__name__)

MIN_BUDGET = 256
"""A smaller prompt has no room for other files: no source is asked."""
EXPLICIT_WAIT_FACTOR = 3
"""Who asked waits so many times as long for what stands in other files."""
AHEAD_SECONDS = 5.0
"""So long the sources have where nobody waits."""
_THREADS = 2


class SourceCost(msgspec.Struct, frozen=True):
    """What a source did for a prompt."""

    source: str
    """Its name."""
    ms: float
    """Time it took when it was last asked, ms; so far, if it is late."""
    found: int
    """Chunks it found."""
    note: str = ""
    """late, failed, or empty."""


class GatheredContext(msgspec.Struct, frozen=True):
    """Segments for the engine, and how they came about."""

    segments: tuple[Segment, ...]
    """What to show, in prompt order."""
    costs: tuple[SourceCost, ...] = ()
    """One entry a source that was asked, the window first."""
    omitted: tuple[OmittedChunk, ...] = ()
    """What was found and left out before the layout."""
    ms: float = 0.0
    """Time the completion waited for all of it, ms."""


@dataclass
class _Search:
    """The sources at work on one place of a document, and what the last prompt of the document had."""

    query: ContextQuery
    previous: tuple[SelectedChunk, ...]
    tasks: dict[str, asyncio.Future[tuple[list[Chunk], float]]] = field(default_factory=dict)
    started_at: float = 0.0
    answered: int = -1
    selected: tuple[SelectedChunk, ...] = ()
    omitted: tuple[OmittedChunk, ...] = ()
    similar_lines: tuple[Chunk, ...] = ()
    files: tuple[Segment, ...] = ()


class Gatherer:
    """Gathers for all documents of a session. For use from one event loop."""

    def __init__(
        self,
        settings: ContextSettings,
        prompt_budget: int,
        find_workspace: Callable[[Path], Workspace | None] = lambda _: None,
        sources: tuple[ContextSource, ...] = SOURCES,
    ) -> None:
        """`prompt_budget` is that of a prompt, tokens, 0 where only the engine knows it; `find_workspace` knows the folder of each
        root, or None where nothing may be read."""
        self._settings = settings
        self._prompt_budget = prompt_budget
        self._find_workspace = find_workspace
        plainly = settings.window == "plain"
        self._sources = () if plainly else tuple(source for source in sources if source.name not in settings.without)
        self._asked_source = None if plainly or ASKED_SOURCE.name in settings.without else ASKED_SOURCE
        self._searches: dict[DocumentKey, _Search] = {}
        self._windows: dict[DocumentKey, CachedWindow] = {}
        self._pool = WorkerPool(_THREADS, thread_name_prefix="context")
        # The window must not wait for sources, which may take long.
        self._window_pool = WorkerPool(1, thread_name_prefix="window")
        self._single_file_models: set[str] = set()
        self.last_results: dict[DocumentKey, tuple[GatheredContext, GenerationStart | None]] = {}
        """By document: what was gathered last, and what the engine made of it."""

    async def gather(
        self, snapshot: Snapshot, offset: int, root: Path | None, model: str = "", *, explicit: bool = False, is_ahead: bool = False
    ) -> GatheredContext:
        """The segments at a byte offset; waits for the sources at most `limit_ms`, once a line.

        Where nobody has asked yet (`is_ahead`) it waits for all of them, and the user has not been at the place.

        Who has asked (`explicit`) waits until the sources have had `EXPLICIT_WAIT_FACTOR` times as long, and they are asked anew
        where another object is before the cursor. Only then are lines looked for that are like the cursor's.
        """
        began = time.perf_counter()
        loop = asyncio.get_running_loop()
        snapshot, offset = join_cells(snapshot, offset)
        snapshot, own = await loop.run_in_executor(self._window_pool, self._cut_window, snapshot, offset, root)
        cost = SourceCost("window", _elapsed_ms(began), len(own))
        workspace = self._find_workspace(root) if root is not None and self._uses_other_files(model) else None
        if workspace is None:
            gathered = GatheredContext(own, (cost,), ms=_elapsed_ms(began))
        else:
            search = self._find_search(
                ContextQuery(snapshot, offset, make_display_path(snapshot, root), workspace), explicit=explicit
            )
            if not is_ahead:
                workspace.recent_locations.record_visit(search.query.path, search.query.line)
            pending = [task for task in search.tasks.values() if not task.done()]
            if pending and (seconds := AHEAD_SECONDS if is_ahead else self._remaining_wait(search, explicit=explicit)) > 0:
                await asyncio.wait(pending, timeout=seconds)
            await loop.run_in_executor(self._window_pool, self._select_chunks, search)
            costs = (cost, *(self._source_cost(name, task, search.started_at) for name, task in search.tasks.items()))
            refused = tuple(OmittedChunk("exclusion", path, why) for path, why in workspace.refusals.items())
            gathered = GatheredContext(insert_files(own, search.files), costs, (*search.omitted, *refused), _elapsed_ms(began))
        if not is_ahead:
            self.last_results[snapshot.key] = (gathered, None)
        return gathered

    def begin_search(self, snapshot: Snapshot, offset: int, root: Path | None, model: str = "") -> None:
        """Have the sources begin at a byte offset of which the segments are soon wanted, where no search was begun at its line."""
        snapshot, offset = join_cells(snapshot, offset)
        workspace = self._find_workspace(root) if root is not None and self._uses_other_files(model) else None
        older = self._searches.get(snapshot.key)
        line = snapshot.lines.find_line(offset)
        if workspace is None or (older is not None and older.query.workspace is workspace and older.query.line == line):
            return
        snapshot = mask_around(snapshot, offset)
        self._find_search(ContextQuery(snapshot, offset, make_display_path(snapshot, root), workspace))

    @property
    def pending_count(self) -> int:
        """How many answers of sources are still to come."""
        return sum(not task.done() for search in self._searches.values() for task in search.tasks.values())

    async def wait_for_sources(self) -> None:
        """Wait until every source has answered what it was asked."""
        tasks = [task for search in self._searches.values() for task in search.tasks.values()]
        if tasks:
            await asyncio.wait(tasks)

    def warm_up(self, snapshot: Snapshot, root: Path | None) -> None:
        """A document was opened: read ahead what its imports lead to, so that the first keystroke need not wait for it."""
        snapshot, _ = join_cells(snapshot, 0)
        workspace = self._find_workspace(root) if root is not None else None
        if workspace is not None and self._uses_other_files("") and snapshot.key not in self._searches:
            self._find_search(ContextQuery(snapshot, len(snapshot.data), make_display_path(snapshot, root), workspace))

    def record_layout(self, key: DocumentKey, started: GenerationStart) -> None:
        """The engine says what became of the last segments of a document."""
        if key in self.last_results:
            self.last_results[key] = (self.last_results[key][0], started)
        if any(part.state is PartState.NO_OTHER_FILES for part in started.parts):
            self._single_file_models.add(started.model)

    def drop_document(self, key: DocumentKey) -> None:
        """A document was closed."""
        self.last_results.pop(key, None)
        self._windows.pop(key, None)
        if (search := self._searches.pop(key, None)) is not None:
            search.query.cancel_event.set()

    def close(self) -> None:
        """Ask nobody any more."""
        for key in list(self._searches):
            self.drop_document(key)
        for pool in (self._pool, self._window_pool):
            pool.close()

    def _cut_window(self, snapshot: Snapshot, offset: int, root: Path | None) -> tuple[Snapshot, tuple[Segment, ...]]:
        """The document without its secrets, and the window."""
        snapshot = mask_around(snapshot, offset)
        return snapshot, self._window(snapshot, offset, root)

    def _window(self, snapshot: Snapshot, offset: int, root: Path | None) -> tuple[Segment, ...]:
        """The window; the one of the last keystroke where that still holds."""
        if self._settings.window != "syntax":
            return build_plain_window(snapshot, offset, root)
        was = self._windows.get(snapshot.key)
        now = (update_window(was, snapshot, offset, root) if was else None) or cache_window(snapshot, offset, root)
        self._windows[snapshot.key] = now
        return now.segments

    def _uses_other_files(self, model: str) -> bool:
        """Whether other files have a place in this model's prompt."""
        return bool(self._sources) and (self._prompt_budget or MIN_BUDGET) >= MIN_BUDGET and model not in self._single_file_models

    def _find_search(self, query: ContextQuery, *, explicit: bool = False) -> _Search:
        """The search for a place: the one under way or done for its line, or a new one."""
        key = query.snapshot.key
        older = self._searches.get(key)
        if (
            older is not None
            and older.query.line == query.line
            and older.query.workspace is query.workspace
            and not (explicit and older.query.receiver != query.receiver)
        ):
            self._add_asked_source(older, query, explicit=explicit)
            return older
        if older is not None:
            older.query.cancel_event.set()
        search = _Search(query, _get_last_selected(older), started_at=time.perf_counter())
        if older is not None and older.query.workspace is query.workspace:
            search.similar_lines = older.similar_lines
        loop = asyncio.get_running_loop()
        for source in self._sources:
            search.tasks[source.name] = loop.run_in_executor(self._pool, _run_source, source, query)
        self._add_asked_source(search, query, explicit=explicit)
        self._searches[key] = search
        return search

    def _add_asked_source(self, search: _Search, query: ContextQuery, *, explicit: bool) -> None:
        """Have the source that serves only who asks begin, once a search."""
        source = self._asked_source
        if explicit and source is not None and source.name not in search.tasks:
            search.tasks[source.name] = asyncio.get_running_loop().run_in_executor(self._pool, _run_source, source, query)

    def _remaining_wait(self, search: _Search, *, explicit: bool) -> float:
        """How long the sources may still be waited for, seconds."""
        limit = self._settings.limit_ms / 1000
        if explicit:
            return EXPLICIT_WAIT_FACTOR * limit - (time.perf_counter() - search.started_at)
        return limit if search.answered < 0 else 0.0

    def _select_chunks(self, search: _Search) -> None:
        """Choose again, if a source has answered since."""
        done = {name: task for name, task in search.tasks.items() if task.done()}
        if len(done) == search.answered:
            return
        chunks_by_source = {name: task.result()[0] for name, task in done.items() if _has_succeeded(name, task)}
        held = _get_last_selected(search)
        # They stay at the lines below: without them the prompt would have to be decoded anew.
        search.similar_lines = tuple(chunks_by_source.pop(ASKED_SOURCE.name, search.similar_lines))
        search.selected, search.omitted = select_chunks(chunks_by_source, search.query.text_before + search.query.text_after, held)
        search.files = (*build_file_segments(search.selected), *build_line_segments(search.similar_lines))
        search.answered = len(done)

    @staticmethod
    def _source_cost(name: str, task: asyncio.Future[tuple[list[Chunk], float]], began: float) -> SourceCost:
        if not task.done():
            return SourceCost(name, _elapsed_ms(began), 0, "late")
        if task.cancelled() or task.exception() is not None:
            return SourceCost(name, _elapsed_ms(began), 0, "failed")
        chunks, ms = task.result()
        return SourceCost(name, ms, len(chunks))


def _get_last_selected(search: _Search | None) -> tuple[SelectedChunk, ...]:
    """What the document's last prompt had, though the search may not have come to one."""
    if search is None:
        return ()
    return search.selected if search.answered >= 0 else search.previous


def _run_source(source: ContextSource, query: ContextQuery) -> tuple[list[Chunk], float]:
    began = time.perf_counter()
    with query.workspace.exclusion.hold_moment():
        return source.find(query), _elapsed_ms(began)


def _has_succeeded(name: str, task: asyncio.Future[tuple[list[Chunk], float]]) -> bool:
    if task.cancelled():
        return False
    if (error := task.exception()) is not None:
        _log.warning("context source %s failed and is left out: %s", name, type(error).__name__)
    return error is None


def _elapsed_ms(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 1)
