"""What the server knows of one client: its documents, folders, settings and models. Knows no JSON-RPC and no method."""

import asyncio
import logging
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types

from interfix.completion.suggester import Cursor, Offer, Suggester
from interfix.config.load import WORKSPACE_FILE, load
from interfix.config.paths import config_file
from interfix.config.settings import Settings
from interfix.context.gathering import Gatherer
from interfix.context.window import shown_path
from interfix.engine.protocol import Engine
from interfix.engine.remote.routing import Routed
from interfix.errors import BadUsage, InterfixError
from interfix.lsp import logs
from interfix.lsp.client import OBSTACLES, Client
from interfix.lsp.supply import Supply
from interfix.lsp.workspaces import Workspaces
from interfix.stats.calibration import fits
from interfix.stats.counts import Counts
from interfix.stats.meter import Metered
from interfix.syntax.document import Document, Edit, Encoding, Replaced, Snapshot

log = logging.getLogger(__name__)


class Session:
    """One client from `initialize` to `exit`."""

    def __init__(self, client: Client, engine: Engine) -> None:
        self.client = client
        self.counts = Counts(asyncio.get_running_loop().call_later)
        self._local = engine
        self._routed = Routed(Settings(), engine)
        self.engine: Engine = Metered(self._routed, self.counts.computed)
        self.encoding = Encoding.UTF16
        self.documents: dict[str, Document] = {}
        self.folders: list[Path] = []
        self.settings = Settings()
        self.problems: tuple[str, ...] = ()
        self.supply = Supply(client)
        self.workspaces = Workspaces(self.spawn, self._opened)
        self.gatherer = self._gatherer()
        self.suggester = self._suggester()
        self.last_answer = ""
        """What the model said when an edit was last asked for, word for word."""
        self._editor: Mapping[str, Any] = {}
        self._asked: dict[str, asyncio.Task[tuple[Offer, ...]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def configure(self, editor: Mapping[str, Any] | None = None) -> None:
        """Read all settings again, with the editor's if they are new, and put them to work."""
        if editor is not None:
            self._editor = editor
        loaded = load(workspace=self.folders[0] if self.folders else None, editor=self._editor)
        if loaded.problems != self.problems:
            self.problems = loaded.problems
            self.client.settled("settings")
        if self.problems:
            self.client.tell("settings", "Interfix: " + " ".join(self.problems), types.MessageType.Warning)
        before, self.settings = self.settings, loaded.settings
        served = (self.settings.serving(), self.settings.models) != (before.serving(), before.models)
        if served:
            self._route()
        if served or (self.settings.completion, self.settings.context) != (before.completion, before.context):
            self.suggester.close()
            self.gatherer.close()
            self.gatherer = self._gatherer()
            self.suggester = self._suggester()
        self.counts.configure(self.settings.statistics)
        logs.set_level(self.settings.logs.level)
        self.workspaces.follow(self.folders, self.settings.context)
        self.client.bulletin.enabled(self.settings.completion.enabled)
        if self.supply.settings != (self.settings.models, self.settings.serving()):
            self.supplied()

    def supplied(self, *, pull: bool = False) -> None:
        """Look for the models anew; with `pull`, fetch what is missing."""
        for topic in OBSTACLES:
            self.client.settled(topic)
        self.supply.start(self.settings.models, self.settings.serving(), pull=pull)

    def is_settings_file(self, path: Path) -> bool:
        """Whether settings were read from there, or would have been."""
        return path == config_file() or path in [folder / WORKSPACE_FILE for folder in self.folders[:1]]

    def snapshot(self, uri: str) -> Snapshot:
        """The document as it is now; `BadUsage` if the editor has not opened it."""
        if (document := self.documents.get(uri)) is None:
            raise BadUsage(f"{uri} is not open in the editor.")
        return document.snapshot()

    def changed(self, uri: str, edits: Sequence[Edit], replaced: Sequence[Replaced]) -> None:
        """A document was edited so; what is edited may be of use where the user goes next."""
        snapshot = self.documents[uri].snapshot()
        self.counts.changed(uri, snapshot.language.id if snapshot.language else "", replaced)
        self.suggester.changed(snapshot)
        root = self.root(snapshot)
        if root is None or (workspace := self.workspaces.of(root)) is None:
            return
        path = shown_path(snapshot, root)
        for edit in edits:
            if edit.start is not None and edit.end is not None:
                added, taken = edit.text.count("\n"), edit.end[0] - edit.start[0]
                workspace.visits.edited(path, edit.start[0], edit.start[0] + added, added - taken)

    def closed(self, uri: str) -> None:
        """A document was closed."""
        self.suggester.closed(uri)
        self.counts.closed(uri)
        self.gatherer.forget(uri)

    def root(self, snapshot: Snapshot) -> Path | None:
        """The workspace folder a document lies in, the innermost if several hold it."""
        path = Path(snapshot.path) if snapshot.path else None
        holding = [folder for folder in self.folders if path is not None and path.is_relative_to(folder)]
        return max(holding, key=lambda folder: len(folder.parts), default=None)

    async def suggest(self, snapshot: Snapshot, offset: int, *, automatic: bool) -> tuple[Offer, ...]:
        """The suggestions at an offset; none where there is none, or a newer request for the document took over meanwhile.

        Failures are told to the user once and are no suggestion here: the next keystroke asks again.
        """
        if (older := self._asked.get(snapshot.uri)) is not None:
            older.cancel()
        task = asyncio.create_task(self._suggestion(snapshot, offset, automatic))
        self._asked[snapshot.uri] = task
        try:
            with self.client.bulletin.working():
                return await task
        except asyncio.CancelledError:
            # Ours to answer if only the inner task was cancelled, by the newer request.
            if (mine := asyncio.current_task()) is not None and mine.cancelling():
                raise
            return ()
        finally:
            if self._asked.get(snapshot.uri) is task:
                del self._asked[snapshot.uri]

    async def _suggestion(self, snapshot: Snapshot, offset: int, automatic: bool) -> tuple[Offer, ...]:
        if automatic and (snapshot.language.id if snapshot.language else "") in self.settings.completion.not_in:
            return ()
        if (model := await self.supply.base()) is None:
            return ()
        try:
            offers = await self.suggester.suggest(Cursor(model, snapshot, offset, self.root(snapshot)), automatic=automatic)
        except InterfixError as error:
            log.warning("no suggestion: %s", error)
            self.client.tell("completion", str(error))
            return ()
        if offers:
            self.client.settled("completion")
            shown = offers[0]
            self.counts.placed(shown.id, snapshot.uri, shown.offset, shown.text, lambda: self.snapshot(snapshot.uri).data)
        return offers

    def _route(self) -> None:
        """Have each role computed where the settings say now; what is under way with another server ends."""
        before, self._routed = self._routed, Routed(self.settings, self._local)
        self.engine = Metered(self._routed, self.counts.computed)
        self.spawn(before.hang_up())
        if self._routed.places() or before.places():
            self.spawn(self.client.elsewhere(self._routed.places()))

    def _gatherer(self) -> Gatherer:
        return Gatherer(self.settings.context, self.settings.completion.prompt_tokens, self.workspaces.of)

    def _suggester(self) -> Suggester:
        return Suggester(self.engine, self.settings.completion, self.counts, fits(), gatherer=self.gatherer)

    def _opened(self, path: Path) -> Snapshot | None:
        document = self.documents.get(path.as_uri())
        return document.snapshot() if document is not None else None

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something in the background until it is done or the session closes."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Leave nothing running."""
        self.supply.stop()
        self.suggester.close()
        for task in [*self._tasks, *self._asked.values()]:
            task.cancel()
        await asyncio.gather(*self._tasks, *self._asked.values(), return_exceptions=True)
        self.gatherer.close()
        await self.workspaces.close()
        await self.engine.close()
        self.counts.close()
