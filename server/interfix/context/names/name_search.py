"""Asks everybody who may know which names exist at a cursor, and makes one guide of what they answer in time."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from interfix.context.context_source import ContextQuery
from interfix.context.index.file_extraction import find_member_names
from interfix.context.names.index_names import IndexNames
from interfix.context.names.name_position import NamePosition, PositionKind, find_name_position, is_in_string, read_line_before
from interfix.context.names.server_names import CUT_COST, OFFERED, OfferedNames, read_offered_names
from interfix.context.window import make_display_path
from interfix.context.workspace_files import Workspace
from interfix.name_guide import NameGuide
from interfix.syntax.document_uri import DocumentKey
from interfix.syntax.injections import get_embedded_at
from interfix.syntax.languages import Language
from interfix.syntax.notebook_script import join_cells
from interfix.syntax.snapshot import Snapshot

_log = logging.getLogger(__name__)

WAIT_MS = 60
"""So long a suggestion waits for names once its context is there, ms."""
EXPLICIT_WAIT_MS = 1_000
"""The same where it was asked for."""
PATIENT_WAIT_MS = 20_000
"""The same of a command, which begins with nothing read yet."""
NEAR_BYTES = 50_000
"""So much of the document before the cursor, and behind it, is searched for names of members: a keystroke costs no more in a longer
one."""
SOURCES = ("index", "server")
"""Everybody who may know names."""
ELSEWHERE_COST = 2.0
"""Names of members of something else must be so much likelier than those of the object (natural logarithm of the ratio)."""
NEW_NAME_COST = 2.0
"""The same of names that the statement may be about to define."""

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

    key: tuple[DocumentKey, int, bytes]
    """The document, where the name begins, and the line up to there."""
    position: NamePosition | None
    tasks: dict[str, "asyncio.Future[NameGuide | OfferedNames | None]"]


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
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="names")
        self._member_names: dict[Path, str] = {}
        self._searches: dict[DocumentKey, _Search] = {}

    def begin(self, snapshot: Snapshot, offset: int, root: Path | None) -> None:
        """Have the sources begin at a byte offset whose names are soon wanted."""
        self._find_search(snapshot, offset, root)

    async def find(self, snapshot: Snapshot, offset: int, root: Path | None, *, explicit: bool = False) -> KnownNames:
        """What is known at a byte offset when the time is over."""
        began = time.perf_counter()
        search = self._find_search(snapshot, offset, root)
        language = get_embedded_at(snapshot, offset).language
        if search is None or language is None:
            return KnownNames()
        pending = [task for task in search.tasks.values() if not task.done()]
        if pending:
            await asyncio.wait(pending, timeout=self._choose_wait(explicit=explicit) / 1000)
        answers = {name: _read_answer(name, task) for name, task in search.tasks.items() if task.done()}
        late = tuple(name for name, task in search.tasks.items() if not task.done())
        line = read_line_before(snapshot, offset)
        guide, sources = _merge(answers, language, refuses=bool(self.list_member_names(root)))
        if guide is not None:
            guide = msgspec.structs.replace(guide, line=line, elsewhere=self._list_elsewhere(snapshot, offset, root))
        return KnownNames(guide, sources, late, round((time.perf_counter() - began) * 1000, 1))

    def list_member_names(self, root: Path | None) -> str:
        """The names that are members of something in the workspace, one a line, as they were read last; empty before that."""
        return self._member_names.get(root, "") if root is not None else ""

    def is_defined(self, name: str, root: Path | None) -> bool:
        """Whether the workspace defines a name."""
        workspace = self._find_workspace(root) if root is not None else None
        return workspace is not None and workspace.index is not None and bool(workspace.index.find_definitions([name], 1))

    def drop_document(self, document: DocumentKey) -> None:
        """A document was closed."""
        if (search := self._searches.pop(document, None)) is not None:
            for task in search.tasks.values():
                task.cancel()

    def close(self) -> None:
        """Ask nobody any more."""
        for document in list(self._searches):
            self.drop_document(document)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _choose_wait(self, *, explicit: bool) -> int:
        return PATIENT_WAIT_MS if self._patient else EXPLICIT_WAIT_MS if explicit else WAIT_MS

    def _find_search(self, snapshot: Snapshot, offset: int, root: Path | None) -> _Search | None:
        """The search for a place: the one under way or done for the name that is being typed, or a new one."""
        inner = get_embedded_at(snapshot, offset)
        if inner.language is None or not inner.language.name_sources or is_in_string(inner, offset):
            return None
        position = find_name_position(snapshot, offset)
        script, script_offset = join_cells(snapshot, offset)
        start = position.start if position is not None else offset - len(read_line_before(snapshot, offset).encode())
        line_start = snapshot.lines.find_start(snapshot.lines.find_line(offset))
        key = (snapshot.key, start, snapshot.data[line_start:start] if position is not None else b"")
        known = self._searches.get(snapshot.key)
        if known is not None and known.key == key:
            return known
        if known is not None:
            self.drop_document(snapshot.key)
        search = self._searches[snapshot.key] = _Search(key, position, {})
        wanted = [name for name in inner.language.name_sources if name not in self._without]
        workspace = self._find_workspace(root) if root is not None else None
        loop = asyncio.get_running_loop()
        if "index" in wanted and workspace is not None:
            query = ContextQuery(script, script_offset, make_display_path(script, root), workspace)
            there = find_name_position(script, script_offset)
            search.tasks["index"] = loop.run_in_executor(self._pool, self._ask_index, query, there)
        is_member = position is not None and position.kind is PositionKind.MEMBER
        if "server" in wanted and self._ask_server is not None and position is not None and is_member:
            search.tasks["server"] = asyncio.ensure_future(self._ask_server(snapshot, position.start))
        return search

    def _ask_index(self, query: ContextQuery, position: NamePosition | None) -> NameGuide:
        """What the index knows; in a thread, for after a change of the index that takes a while."""
        workspace = query.workspace
        if workspace.index is not None:
            self._member_names[workspace.root] = workspace.index.read_member_names()
        return self._index_names.find(query, position)

    def _list_elsewhere(self, snapshot: Snapshot, offset: int, root: Path | None) -> tuple[str, ...]:
        """Members of anything, in the workspace and in the document; what is being typed is none yet."""
        snapshot, offset = join_cells(snapshot, offset)
        before, after = snapshot.data[max(0, offset - NEAR_BYTES) : offset], snapshot.data[offset : offset + NEAR_BYTES]
        text = before.decode("utf-8", "replace") + "\n" + after.decode("utf-8", "replace")
        own = "\n".join(sorted(find_member_names(text)))
        return tuple(filter(None, (self.list_member_names(root), own)))


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
    answers: dict[str, NameGuide | OfferedNames | None], language: Language, *, refuses: bool
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
        if (known := read_offered_names(offered, language.id, keys)) is not None:
            known = known if refuses else msgspec.structs.replace(known, other_cost=CUT_COST)
            guide = msgspec.structs.replace(guide, cursor_type=OFFERED, types={**guide.types, OFFERED: known})
            sources.append("server")
    if not sources:
        return None, ()
    guide = msgspec.structs.replace(
        guide,
        elsewhere_cost=ELSEWHERE_COST,
        new_name_cost=NEW_NAME_COST,
        definers=language.receivers if language.defines_by_assignment else (),
        links=language.links,
        free_starts=language.free_starts,
        line_comment=language.line_comment,
        block_comment=language.block_comment or (),
    )
    return guide, tuple(sources)
