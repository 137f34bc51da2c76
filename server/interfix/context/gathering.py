"""Puts together what a completion shows the model: the window, and the best of the other sources within a time limit.

Knows no source by name and no tokens. Sources run in threads; one that is late is used for the next keystroke at the same line, one
that fails is logged by name and left out. Typing on within a line asks nobody anything.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from interfix.config.settings import ContextSettings
from interfix.context import ranks
from interfix.context.masking import mask_around
from interfix.context.place import Chunk, Place, Source
from interfix.context.providers import SOURCES
from interfix.context.selection import Chosen, Left, by_worth, select
from interfix.context.standing import Standing, moved, standing
from interfix.context.window import plain, shown_path
from interfix.context.workspace import Workspace
from interfix.masking import mask
from interfix.syntax.snapshot import Snapshot
from interfix.values import NO_FILES, Segment, SegmentKind, Started

_log = logging.getLogger(__name__)

LEAST_BUDGET = 256
"""A smaller prompt has no room for other files: no source is asked."""
BEST_FILES = 4
"""So many other files come before this file's own code away from the cursor."""
PATIENCE = 3
"""Who asked waits so many times as long for what stands in other files."""
_THREADS = 2


class Cost(msgspec.Struct, frozen=True):
    """What a source did for a prompt."""

    source: str
    """Its name."""
    ms: float
    """Time it took when it was last asked, ms; so far, if it is late."""
    found: int
    """Chunks it found."""
    note: str = ""
    """late, failed, or empty."""


class Gathered(msgspec.Struct, frozen=True):
    """Segments for the engine, and how they came about."""

    segments: tuple[Segment, ...]
    """What to show, in prompt order."""
    costs: tuple[Cost, ...] = ()
    """One entry a source that was asked, the window first."""
    left: tuple[Left, ...] = ()
    """What was found and left out before the layout."""
    ms: float = 0.0
    """Time the completion waited for all of it, ms."""


@dataclass
class _Search:
    """The sources at work on one place of a document, and what the last prompt of the document had."""

    place: Place
    held: tuple[Chosen, ...]
    tasks: dict[str, asyncio.Future[tuple[list[Chunk], float]]] = field(default_factory=dict)
    began: float = 0.0
    counted: int = -1
    chosen: tuple[Chosen, ...] = ()
    left: tuple[Left, ...] = ()


class Gatherer:
    """Gathers for all documents of a session. For use from one event loop."""

    def __init__(
        self,
        settings: ContextSettings,
        budget: int,
        workspaces: Callable[[Path], Workspace | None] = lambda _: None,
        sources: tuple[Source, ...] = SOURCES,
    ) -> None:
        """`budget` is that of a prompt, tokens, 0 where only the engine knows it; `workspaces` knows the folder of each root, or
        None where nothing may be read.
        """
        self._settings = settings
        self._budget = budget
        self._workspaces = workspaces
        plainly = settings.window == "plain"
        self._sources = () if plainly else tuple(source for source in sources if source.name not in settings.without)
        self._searches: dict[str, _Search] = {}
        self._windows: dict[str, Standing] = {}
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="context")
        self._blind: set[str] = set()
        self.last: dict[str, tuple[Gathered, Started | None]] = {}
        """By document: what was gathered last, and what the engine made of it."""

    async def gather(self, snapshot: Snapshot, offset: int, root: Path | None, model: str = "", *, asked: bool = False) -> Gathered:
        """The segments at a byte offset; waits for the sources at most `limit_ms`, once a line.

        Who has `asked` waits until the sources have had `PATIENCE` times as long, and they are asked anew where another object is
        before the cursor.
        """
        began = time.perf_counter()
        snapshot = mask_around(snapshot, offset)
        own = self._window(snapshot, offset, root)
        cost = Cost("window", _ms(began), len(own))
        workspace = self._workspaces(root) if root is not None and self._asks(model) else None
        if workspace is None:
            gathered = Gathered(own, (cost,), ms=_ms(began))
        else:
            search = self._search(Place(snapshot, offset, shown_path(snapshot, root), workspace), asked=asked)
            workspace.visits.visited(search.place.path, search.place.line)
            pending = [task for task in search.tasks.values() if not task.done()]
            if pending and (seconds := self._patience(search, asked=asked)) > 0:
                await asyncio.wait(pending, timeout=seconds)
            self._choose(search)
            costs = (cost, *(self._cost(name, task, search.began) for name, task in search.tasks.items()))
            refused = tuple(Left("exclusion", path, why) for path, why in workspace.refused.items())
            gathered = Gathered(_with_files(own, search.chosen), costs, (*search.left, *refused), _ms(began))
        self.last[snapshot.uri] = (gathered, None)
        return gathered

    @property
    def busy(self) -> int:
        """How many answers of sources are still to come."""
        return sum(not task.done() for search in self._searches.values() for task in search.tasks.values())

    def opened(self, snapshot: Snapshot, root: Path | None) -> None:
        """A document was opened: read ahead what its imports lead to, so that the first keystroke need not wait for it."""
        workspace = self._workspaces(root) if root is not None else None
        if workspace is not None and self._asks("") and snapshot.uri not in self._searches:
            self._search(Place(snapshot, len(snapshot.data), shown_path(snapshot, root), workspace))

    def laid_out(self, uri: str, started: Started) -> None:
        """The engine says what became of the last segments of a document."""
        if uri in self.last:
            self.last[uri] = (self.last[uri][0], started)
        if any(part.why == NO_FILES for part in started.parts):
            self._blind.add(started.model)

    def forget(self, uri: str) -> None:
        """A document was closed."""
        self.last.pop(uri, None)
        self._windows.pop(uri, None)
        if (search := self._searches.pop(uri, None)) is not None:
            search.place.over.set()

    def close(self) -> None:
        """Ask nobody any more."""
        for uri in list(self._searches):
            self.forget(uri)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _window(self, snapshot: Snapshot, offset: int, root: Path | None) -> tuple[Segment, ...]:
        """The window; the one of the last keystroke where that still holds."""
        if self._settings.window != "syntax":
            return plain(snapshot, offset, root)
        was = self._windows.get(snapshot.uri)
        now = (moved(was, snapshot, offset, root) if was else None) or standing(snapshot, offset, root)
        self._windows[snapshot.uri] = now
        return now.segments

    def _asks(self, model: str) -> bool:
        """Whether other files have a place in this model's prompt."""
        return bool(self._sources) and (self._budget or LEAST_BUDGET) >= LEAST_BUDGET and model not in self._blind

    def _search(self, place: Place, *, asked: bool = False) -> _Search:
        """The search for a place: the one under way or done for its line, or a new one."""
        uri = place.snapshot.uri
        older = self._searches.get(uri)
        if (
            older is not None
            and older.place.line == place.line
            and older.place.workspace is place.workspace
            and not (asked and older.place.object != place.object)
        ):
            return older
        if older is not None:
            older.place.over.set()
        search = _Search(place, older.chosen if older is not None else (), began=time.perf_counter())
        loop = asyncio.get_running_loop()
        for source in self._sources:
            search.tasks[source.name] = loop.run_in_executor(self._pool, _timed, source, place)
        self._searches[uri] = search
        return search

    def _patience(self, search: _Search, *, asked: bool) -> float:
        """How long the sources may still be waited for, seconds."""
        limit = self._settings.limit_ms / 1000
        if asked:
            return PATIENCE * limit - (time.perf_counter() - search.began)
        return limit if search.counted < 0 else 0.0

    def _choose(self, search: _Search) -> None:
        """Choose again, if a source has answered since."""
        done = {name: task for name, task in search.tasks.items() if task.done()}
        if len(done) == search.counted:
            return
        found = {name: task.result()[0] for name, task in done.items() if _succeeded(name, task)}
        held = search.chosen if search.counted >= 0 else search.held
        search.chosen, search.left = select(found, search.place.before + search.place.after, held)
        search.counted = len(done)

    @staticmethod
    def _cost(name: str, task: asyncio.Future[tuple[list[Chunk], float]], began: float) -> Cost:
        if not task.done():
            return Cost(name, _ms(began), 0, "late")
        if task.cancelled() or task.exception() is not None:
            return Cost(name, _ms(began), 0, "failed")
        chunks, ms = task.result()
        return Cost(name, ms, len(chunks))


def _timed(source: Source, place: Place) -> tuple[list[Chunk], float]:
    began = time.perf_counter()
    return source.find(place), _ms(began)


def _succeeded(name: str, task: asyncio.Future[tuple[list[Chunk], float]]) -> bool:
    if task.cancelled():
        return False
    if (error := task.exception()) is not None:
        _log.warning("context source %s failed and is left out: %s", name, type(error).__name__)
    return error is None


def _with_files(own: tuple[Segment, ...], chosen: tuple[Chosen, ...]) -> tuple[Segment, ...]:
    """The window with the chosen chunks before it, behind the repository's name; ranked by their worth."""
    worth = {each.chunk.path: i for i, each in enumerate(by_worth(chosen))}
    files = [_file(each, worth[each.chunk.path]) for each in chosen]
    return (*own[:1], *files, *own[1:]) if own[0].kind is SegmentKind.REPOSITORY else (*files, *own)


def _file(each: Chosen, place: int) -> Segment:
    chunk = each.chunk
    first = (ranks.FILES_LEFT if place >= BEST_FILES else ranks.MEMBERS if chunk.sure else ranks.FILES) + place
    rank, brief_rank = (ranks.BODIES + place, first) if chunk.brief and place < BEST_FILES else (first, 0)
    brief = mask(chunk.brief if brief_rank else "")
    return Segment(SegmentKind.FILE, mask(chunk.text), rank, brief, brief_rank, chunk.path, chunk.line, each.source)


def _ms(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 1)
