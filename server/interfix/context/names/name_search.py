"""Asks everybody who may know which names exist at a cursor, and makes one guide of what they answer in time."""

import asyncio
import logging
import time
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from interfix.context.context_source import ContextQuery
from interfix.context.display_paths import make_display_path
from interfix.context.names.completion_item_names import CUT_COST, OFFERED, OfferedNames, read_offered_names
from interfix.context.names.index_names import NEW_NAME_COST, IndexNames
from interfix.context.names.member_uses import read_near
from interfix.context.names.name_position import NamePosition, PositionKind, find_name_position, is_in_string, read_line_before
from interfix.context.workspace_reader import Workspace
from interfix.guided_decoding_names import NameGuide
from interfix.syntax.document_key import DocumentKey
from interfix.syntax.injections import get_embedded_at
from interfix.syntax.languages import Language
from interfix.syntax.notebook_script import join_cells
from interfix.syntax.snapshot import Snapshot
from interfix.system.closable_thread_pool import WorkerPool

_log = logging.getLogger(__name__)

WAIT_MS = 60
"""So long a suggestion waits for names once its context is there, ms."""
EXPLICIT_WAIT_MS = 2_000
"""The same where it was asked for: a language server's first list takes longer than those after it."""
PATIENT_WAIT_MS = 20_000
"""The same of a command, which begins with nothing read yet."""
MAX_PLACES = 4
"""So many places of a document are kept with what was answered there, or still is: what is suggested ahead asks for another one."""
MAX_ASKS = 3
"""So often a source is asked at one place that has not answered."""
SOURCES = ("index", "server")
"""Everybody who may know names."""
ELSEWHERE_COST = 2.0
"""Names of members of something else must be so much likelier than those of the object (natural logarithm of the ratio)."""

OTHER_USE_COST = 0.5
"""Members that the document does not name of such an object must be so much likelier than those that it does."""

_SERVED_KINDS = frozenset({PositionKind.MEMBER, PositionKind.IMPORT, PositionKind.FIELD})
"""Kinds of places at which a language server is asked: at an argument its list is one of everything in scope."""
_CURSOR_STARTS = {PositionKind.IMPORT: "(*#}/", PositionKind.FIELD: ".[}*#/\"'`", PositionKind.ARGUMENT: ")*#"}
"""By kind, what may stand there and is no name: what closes the list, a star, a spread, a comment, a quoted or a computed name."""

AskServer = Callable[[Snapshot, int], Awaitable[OfferedNames | None]]
"""Asks a language server what it offers at a byte offset right behind a link; None where it cannot be asked or does not answer."""


class KnownNames(msgspec.Struct, frozen=True):
    """What is known of names at a cursor."""

    guide: NameGuide | None = None
    """For the decoder; None where nothing is known."""
    sources: tuple[str, ...] = ()
    """Who knew something."""
    late: tuple[str, ...] = ()
    """Who was asked and did not answer in time."""
    ms: float = 0.0
    """Time the suggestion waited for it, ms."""


class _Search(msgspec.Struct):
    """What was asked at a place."""

    position: NamePosition | None
    tasks: dict[str, "asyncio.Future[NameGuide | OfferedNames | None]"]
    asks: dict[str, int] = {}
    """How often each source was asked."""
    near: tuple[str, str] | None = None
    """What `read_near` has read of the document, which stays as it is while a name is typed; None before that."""

    def cancel(self) -> None:
        for task in self.tasks.values():
            task.cancel()


_Place = tuple[int, int]
"""Where a name begins, and the checksum of the text before it."""


class NameSearch:
    """Asks for all documents of a session. For use from one event loop."""

    def __init__(
        self,
        find_workspace: Callable[[Path], Workspace | None],
        ask_server: AskServer | None = None,
        without: tuple[str, ...] = (),
        *,
        patient: bool = False,
    ) -> None:
        """`without` names sources that are not asked; a `patient` search waits until they have answered."""
        self._find_workspace = find_workspace
        self._ask_server = ask_server
        self._without = without
        self._patient = patient
        self._index_names = IndexNames()
        self._pool = WorkerPool(1, thread_name_prefix="names")
        self._member_names: dict[Path, str] = {}
        self._searches: dict[DocumentKey, dict[_Place, _Search]] = {}

    def begin(self, snapshot: Snapshot, offset: int, root: Path | None) -> None:
        """Have the sources begin at a byte offset whose names are soon wanted."""
        self._find_search(snapshot, offset, root)

    async def find(self, snapshot: Snapshot, offset: int, root: Path | None, *, explicit: bool = False) -> KnownNames:
        """What is known at a byte offset when the time is over. What comes later is there for the next who ask at that place."""
        began = time.perf_counter()
        search = self._find_search(snapshot, offset, root)
        if search is None:
            return KnownNames()
        pending = [task for task in search.tasks.values() if not task.done()]
        if pending:
            await asyncio.wait(pending, timeout=self._choose_wait(explicit=explicit) / 1000)
        known_names = self._read_answers(search, snapshot, offset, root)
        return msgspec.structs.replace(known_names, ms=round((time.perf_counter() - began) * 1000, 1))

    def recall(self, snapshot: Snapshot, offset: int, root: Path | None) -> KnownNames:
        """What has been answered so far to those who asked at a place; nobody is asked, and nobody waits."""
        inner = get_embedded_at(snapshot, offset)
        name_place = _find_place(snapshot, offset, find_name_position(snapshot, offset)) if inner.language is not None else None
        search = self._searches.get(snapshot.key, {}).get(name_place) if name_place is not None else None
        return self._read_answers(search, snapshot, offset, root) if search is not None else KnownNames()

    def list_member_names(self, root: Path | None) -> str:
        """The names that are members of something in the workspace, one a line, as they were read last; empty before that."""
        return self._member_names.get(root, "") if root is not None else ""

    def is_defined(self, name: str, root: Path | None) -> bool:
        """Whether the workspace defines a name."""
        workspace = self._find_workspace(root) if root is not None else None
        return workspace is not None and workspace.index is not None and bool(workspace.index.find_definitions([name], 1))

    def drop_document(self, document: DocumentKey) -> None:
        """A document was closed."""
        for search in self._searches.pop(document, {}).values():
            search.cancel()

    def close(self) -> None:
        """Ask nobody any more."""
        for document in list(self._searches):
            self.drop_document(document)
        self._pool.close()

    def _choose_wait(self, *, explicit: bool) -> int:
        return PATIENT_WAIT_MS if self._patient else EXPLICIT_WAIT_MS if explicit else WAIT_MS

    def _find_search(self, snapshot: Snapshot, offset: int, root: Path | None) -> _Search | None:
        """The search for a place: the one under way or done for the name that is being typed, or a new one."""
        inner = get_embedded_at(snapshot, offset)
        if inner.language is None or not inner.language.name_sources or is_in_string(inner, offset):
            return None
        position = find_name_position(snapshot, offset)
        name_place = _find_place(snapshot, offset, position)
        searches = self._searches.setdefault(snapshot.key, {})
        # The newest comes last.
        search = searches.pop(name_place) if name_place in searches else _Search(position, {}, {})
        searches[name_place] = search
        if len(searches) > MAX_PLACES:
            searches.pop(next(iter(searches))).cancel()
        for name in inner.language.name_sources:
            if name not in self._without and _is_unanswered(search, name):
                self._ask(search, name, snapshot, offset, root)
        return search

    def _ask(self, search: _Search, name: str, snapshot: Snapshot, offset: int, root: Path | None) -> None:
        """Have one source begin, where it can be asked there."""
        position = search.position
        workspace = self._find_workspace(root) if root is not None else None
        if name == "index" and root is not None and workspace is not None:
            script, there = join_cells(snapshot, offset)
            query = ContextQuery(script, there, make_display_path(script, root), workspace)
            name_position = find_name_position(script, there)
            search.tasks[name] = asyncio.get_running_loop().run_in_executor(self._pool, self._ask_index, query, name_position)
        elif name == "server" and self._ask_server is not None and position is not None and position.kind in _SERVED_KINDS:
            search.tasks[name] = asyncio.ensure_future(self._ask_server(snapshot, position.start))
        else:
            return
        search.asks[name] = search.asks.get(name, 0) + 1

    def _read_answers(self, search: _Search, snapshot: Snapshot, offset: int, root: Path | None) -> KnownNames:
        """What is known of a place by now."""
        language = get_embedded_at(snapshot, offset).language
        if language is None:
            return KnownNames()
        answers = {name: _read_answer(name, task) for name, task in search.tasks.items() if task.done()}
        late = tuple(name for name, task in search.tasks.items() if not task.done())
        kind = search.position.kind if search.position is not None else PositionKind.MEMBER
        guide, sources = _merge(answers, language, kind, refuses=self._knows_workspace(root))
        if search.near is None:
            start = (
                search.position.start if search.position is not None else offset - len(read_line_before(snapshot, offset).encode())
            )
            search.near = read_near(*join_cells(snapshot, start))
        uses, members = search.near
        if guide is None and not uses:
            return KnownNames(None, sources, late)
        elsewhere = tuple(filter(None, (self.list_member_names(root), members)))
        line = read_line_before(snapshot, offset)
        guide = msgspec.structs.replace(
            guide or _begin_guide(language, kind),
            line=line,
            elsewhere=elsewhere if sources else (),
            uses=uses,
            other_use_cost=OTHER_USE_COST,
        )
        return KnownNames(guide, sources, late)

    def _ask_index(self, query: ContextQuery, position: NamePosition | None) -> NameGuide:
        """What the index knows; in a thread, for after a change of the index that takes a while."""
        workspace = query.workspace
        if workspace.index is not None:
            self._member_names[workspace.root] = workspace.index.read_member_names()
        return self._index_names.find(query, position)

    def _knows_workspace(self, root: Path | None) -> bool:
        """Whether it is known which members anything in the workspace has, though there may be none."""
        workspace = self._find_workspace(root) if root is not None else None
        return root in self._member_names and workspace is not None and workspace.index is not None and workspace.index.status.ready


def _find_place(snapshot: Snapshot, offset: int, position: NamePosition | None) -> _Place:
    """The place of the name at a byte offset: the same while the name is typed, another where the text before it is."""
    start = position.start if position is not None else offset - len(read_line_before(snapshot, offset).encode())
    script, there = join_cells(snapshot, start)
    return start, zlib.crc32(script.data[:there])


def _is_unanswered(search: _Search, name: str) -> bool:
    """Whether a source is still to be asked at a place: it was not yet, or it gave no answer."""
    task = search.tasks.get(name)
    if task is None:
        return True
    failed = task.done() and (task.cancelled() or task.exception() is not None or task.result() is None)
    return failed and search.asks.get(name, 0) < MAX_ASKS


def _read_answer(name: str, task: "asyncio.Future[NameGuide | OfferedNames | None]") -> NameGuide | OfferedNames | None:
    """What a source has answered; None, and logged, where it failed."""
    if task.cancelled():
        return None
    if (error := task.exception()) is not None:
        _log.warning("the names of %s are left out: %s", name, type(error).__name__)
        _log.debug("names", exc_info=error)
        return None
    return task.result()


def _merge(
    answers: dict[str, NameGuide | OfferedNames | None], language: Language, kind: PositionKind, *, refuses: bool
) -> tuple[NameGuide | None, tuple[str, ...]]:
    """One guide of all answers, and who had something to say. Where it is not known which members anything in the workspace has,
    nothing that a server does not offer is refused.
    """
    base = answers.get("index")
    guide = base if isinstance(base, NameGuide) else NameGuide()
    sources = ["index"] if guide.types else []
    offered = answers.get("server")
    if isinstance(offered, OfferedNames):
        keys = {key.rpartition("#")[2]: key for key in guide.types}
        if (offer := read_offered_names(offered, language.id, keys, kind)) is not None:
            listed = guide.types.get(guide.cursor_type)
            may_refuse = refuses and kind.name.lower() in language.refused_positions
            offer = offer if may_refuse else msgspec.structs.replace(offer, other_cost=CUT_COST)
            offer = offer if listed is None else msgspec.structs.replace(offer, names=tuple({*offer.names, *listed.names}))
            guide = msgspec.structs.replace(guide, cursor_type=OFFERED, types={**guide.types, OFFERED: offer})
            sources.append("server")
    if not sources:
        return None, ()
    new_name_cost = min(guide.new_name_cost, NEW_NAME_COST)
    begun = _begin_guide(language, kind)
    guide = msgspec.structs.replace(
        begun, cursor_type=guide.cursor_type, roots=guide.roots, types=guide.types, new_name_cost=new_name_cost
    )
    return guide, tuple(sources)


def _begin_guide(language: Language, kind: PositionKind) -> NameGuide:
    """How a language writes members, and nothing of objects yet."""
    return NameGuide(
        elsewhere_cost=ELSEWHERE_COST,
        definers=language.receivers if language.defines_by_assignment else (),
        links=language.links,
        cursor_starts=_CURSOR_STARTS.get(kind, ""),
        repeats=kind in (PositionKind.IMPORT, PositionKind.FIELD),
        free_starts=language.free_starts,
        line_comment=language.line_comment,
        block_comment=language.block_comment or (),
    )
