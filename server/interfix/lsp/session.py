"""What the server knows of one client: its documents, folders, settings and models."""

import asyncio
import logging
from collections.abc import Coroutine, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from lsprotocol import types

from interfix.completion.caching_suggester import Suggester
from interfix.completion.calibration_store import load_calibrations
from interfix.completion.completer import Completer
from interfix.completion.decision_record import DisplayDecision, SilenceReason
from interfix.completion.prompt_read_ahead import CursorPlace
from interfix.completion.selected_list_entry import ListEntry
from interfix.completion.suggestion import Suggestion
from interfix.completion.suggestion_request import SuggestionRequest
from interfix.config.paths import config_file
from interfix.config.settings import Settings
from interfix.config.settings_loader import WORKSPACE_FILE, resolve_settings
from interfix.config.state_file import describe_unwritable
from interfix.context.display_paths import make_display_path, make_prompt_path
from interfix.context.gatherer import Gatherer
from interfix.context.names.completion_item_names import OfferedNames
from interfix.context.names.name_search import NameSearch
from interfix.engine.protocol import Engine
from interfix.engine.remote.router import EngineRouter
from interfix.errors import InterfixError, UsageError
from interfix.lsp import server_log_file
from interfix.lsp.client import BLOCKING_TOPICS, INSTRUCT_TOPIC, EditorClient
from interfix.lsp.likely_file import create_read_ahead
from interfix.lsp.model_choice_and_pull import SessionModels
from interfix.lsp.names_request import request_names
from interfix.lsp.next_edit_model_fallback import ask_for_rewrite
from interfix.lsp.open_documents import OpenDocuments
from interfix.lsp.open_notebooks import Notebooks
from interfix.lsp.workspaces import Workspaces, find_other_files
from interfix.next_edit.edit_context import EditContext, EditorDiagnostic
from interfix.next_edit.model_rewrite import ModelRewrite
from interfix.next_edit.next_edit_types import NextEdit
from interfix.next_edit.predictor import NextEditPredictor
from interfix.stats.metered_engine import MeteredEngine
from interfix.stats.recorder import StatisticsRecorder
from interfix.syntax.document import Document, DocumentEdit, PositionEncoding, Snapshot
from interfix.syntax.document_key import find_real_path, locate_in_folder, parse_file_path
from interfix.syntax.notebook_file import NOTEBOOK_SUFFIX
from interfix.syntax.notebook_script import join_cells

log = logging.getLogger(__name__)


class Session:
    """One client from `initialize` to `exit`."""

    def __init__(self, client: EditorClient, engine: Engine) -> None:
        self.client = client
        self.recorder = StatisticsRecorder(asyncio.get_running_loop().call_later)
        self._local_engine = engine
        self._router = EngineRouter(Settings(), engine)
        self.engine: Engine = MeteredEngine(self._router, self.recorder.record_compute)
        self.encoding = PositionEncoding.UTF16
        self.documents = OpenDocuments()
        self.notebooks = Notebooks(self.documents)
        self.folders: list[Path] = []
        self.settings = Settings()
        self.settings_problems: tuple[str, ...] = ()
        self.models = SessionModels(client)
        self.workspaces = Workspaces(self.spawn, self._find_open_document)
        self.gatherer = self._create_gatherer()
        self.names = self._create_name_search()
        self.suggester = self._create_suggester()
        self.read_ahead = create_read_ahead(self)
        self.next_edits = NextEditPredictor(self.settings.next_edit, self.recorder)
        self.shows_next_edits_elsewhere = False
        """Whether the client can show a next edit in another document than the one it asks about."""
        self._next_edit_requests: dict[str, asyncio.Task[NextEdit | None]] = {}
        self.last_answer = ""
        """What the model said when an edit was last asked for, word for word."""
        self._editor_settings: Mapping[str, Any] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def configure(self, editor_settings: Mapping[str, Any] | None = None) -> None:
        """Read all settings again, with the editor's if they are new, and put them to work."""
        if editor_settings is not None:
            self._editor_settings = editor_settings
        loaded = resolve_settings(workspace=self.folders[0] if self.folders else None, editor=self._editor_settings)
        if loaded.problems != self.settings_problems:
            self.settings_problems = loaded.problems
            self.client.clear_topic("settings")
        if self.settings_problems:
            self.client.notify_once("settings", "Interfix: " + " ".join(self.settings_problems), types.MessageType.Warning)
        before, self.settings = self.settings, loaded.settings
        served = (self.settings.get_backends(), self.settings.models) != (before.get_backends(), before.models)
        if served:
            self._update_router()
        if served or (self.settings.completion, self.settings.context) != (before.completion, before.context):
            for replaced in (self.suggester, self.gatherer, self.names):
                replaced.close()
            self.read_ahead.cancel()
            self.gatherer = self._create_gatherer()
            self.names = self._create_name_search()
            self.suggester = self._create_suggester()
            self.read_ahead = create_read_ahead(self)
        self.next_edits.configure(self.settings.next_edit)
        self.recorder.configure(self.settings.statistics)
        server_log_file.set_level(self.settings.logs.level)
        self.workspaces.sync_folders(self.folders, self.settings.context)
        self.next_edits.keep_folders(self.folders)
        self.client.status_publisher.set_enabled(self.settings.completion.enabled)
        if self.models.settings != (self.settings.models, self.settings.get_backends()):
            self.reload_models()

    def reload_models(self, *, pull: bool = False) -> None:
        """Look for the models anew; with `pull`, fetch what is missing."""
        for topic in (*BLOCKING_TOPICS, INSTRUCT_TOPIC):
            self.client.clear_topic(topic)
        self.models.start(self.settings.models, self.settings.get_backends(), pull=pull)

    def set_folders(self, folders: Sequence[Path]) -> None:
        """The workspace has these folders now."""
        self.folders = list(folders)
        self.documents.set_folders(folders)

    def locate_file(self, uri: str) -> Path | None:
        """The path of a file, below a folder of the workspace if one holds it; None where the URI names none."""
        path = parse_file_path(uri)
        return Path(locate_in_folder(path, self.folders)) if path else None

    def is_settings_file(self, path: Path) -> bool:
        """Whether settings were read from there, or would have been."""
        settings_files = [config_file(), *(folder / WORKSPACE_FILE for folder in self.folders[:1])]
        return path in settings_files or find_real_path(str(path)) in [find_real_path(str(file)) for file in settings_files]

    def snapshot(self, uri: str) -> Snapshot:
        """The document as it is now, a cell among the others of its notebook; `UsageError` if the editor has not opened it."""
        if (document := self.documents.find(uri)) is None:
            raise UsageError(f"{uri} is not open in the editor." if uri else "No document is named; give its `uri`.")
        return self.notebooks.place(document.snapshot())

    def edit_document(self, document: Document, edits: Sequence[DocumentEdit], version: int) -> None:
        """A document is edited so; what is edited may be of use where the user goes next."""
        before = document.snapshot()
        replaced = document.apply(edits, version, self.encoding)
        snapshot = document.snapshot()
        self.documents.mark_changed(document)
        root = self.find_root(snapshot)
        for task in self._next_edit_requests.values():  # what is under way follows from other edits
            task.cancel()
        self.next_edits.record_change(root, before, replaced)
        self.recorder.record_edit(snapshot.key, snapshot.language.id if snapshot.language else "", replaced)
        self.suggester.handle_edit(snapshot, replaced)
        if root is None or (workspace := self.workspaces.find(root)) is None:
            return
        path = make_display_path(snapshot, root)
        script, start = join_cells(self.notebooks.place(snapshot), 0)
        above = script.lines.find_line(start)
        for edit in edits:
            if edit.start is not None and edit.end is not None:
                added, taken, line = edit.text.count("\n"), edit.end[0] - edit.start[0], above + edit.start[0]
                workspace.recent_locations.record_edit(path, line, line + added, added - taken)

    def forget_document(self, snapshot: Snapshot) -> None:
        """A document was closed, as it was at last."""
        self.next_edits.close_document(snapshot)
        self.suggester.close_document(snapshot.key)
        self.recorder.close_document(snapshot.key)
        self.read_ahead.close_document(snapshot.key)
        self.gatherer.drop_document(snapshot.key)
        self.names.drop_document(snapshot.key)

    def find_root(self, snapshot: Snapshot) -> Path | None:
        """The workspace folder a document lies in, the innermost if several hold it; the first for one that has no file yet."""
        if not snapshot.path:
            return next(iter(self.folders), None)
        holding = [folder for folder in self.folders if Path(snapshot.path).is_relative_to(folder)]
        return max(holding, key=lambda folder: len(folder.parts), default=None)

    async def suggest(
        self, snapshot: Snapshot, offset: int, *, automatic: bool, entry: ListEntry | None = None
    ) -> tuple[Suggestion, ...]:
        """The suggestions at an offset; none where there is none, or a newer request for the document took over meanwhile.

        `entry` is selected in the editor's completion list. Failures are told to the user once and are no suggestion here: the next
        keystroke asks again.
        """
        decisions = self.suggester.decisions
        if automatic and (snapshot.language.id if snapshot.language else "") in self.settings.completion.not_in:
            decisions[snapshot.key] = DisplayDecision("this language is switched off", SilenceReason.LANGUAGE_OFF)
            return ()
        if problem := describe_unwritable():
            self.client.notify_once("disk", problem, types.MessageType.Warning)
        with self.client.status_publisher.show_working():
            if (model := await self.models.get_base()) is None:
                decisions[snapshot.key] = DisplayDecision(self.models.explanation, SilenceReason.FAILED)
                return ()
            request = SuggestionRequest(model, snapshot, offset, self.find_root(snapshot), automatic=automatic)
            self.read_ahead.begin_request(CursorPlace(snapshot, offset, request.root))
            try:
                suggestions = await self.suggester.suggest(request, entry)
            except InterfixError as error:
                log.warning("no suggestion: %s", error)
                self.suggester.record_decision(request, DisplayDecision(str(error), SilenceReason.FAILED))
                self.client.notify_once("completion", str(error))
                return ()
        if suggestions:
            self.client.clear_topic("completion")
            suggestion = suggestions[0]
            self.recorder.track_retention(
                suggestion.id, snapshot.key, suggestion.offset, suggestion.text, lambda: self.snapshot(snapshot.uri).data
            )
        return suggestions

    async def suggest_next_edit(
        self, snapshot: Snapshot, offset: int, diagnostics: Sequence[EditorDiagnostic], *, explicit: bool
    ) -> NextEdit | None:
        """The next edit, as a cursor at an offset has it; None where nothing is certain enough, or a newer request came."""
        if (older := self._next_edit_requests.get(snapshot.uri)) is not None:
            older.cancel()
        root = self.find_root(snapshot)
        if (workspace := self.workspaces.find(root)) is not None and workspace.keeps_out(Path(snapshot.path)):
            return None
        edits = self.next_edits.list_edits(root)
        opened = [each for document in self.documents if self.find_root(each := document.snapshot()) == root]
        others = None
        if self.shows_next_edits_elsewhere and workspace is not None:
            others = partial(find_other_files, snapshot, workspace, opened)
        context = EditContext(
            snapshot, offset, edits, explicit=explicit, diagnostics=diagnostics, find_others=others, opened=opened
        )
        task = self._next_edit_requests[snapshot.uri] = asyncio.create_task(self.next_edits.suggest(context, self._rewrite))
        try:
            return await task
        except asyncio.CancelledError:
            # Ours to answer if only the inner task was cancelled, by the newer request.
            if (mine := asyncio.current_task()) is not None and mine.cancelling():
                task.cancel()
                raise
            return None
        finally:
            if self._next_edit_requests.get(snapshot.uri) is task:
                del self._next_edit_requests[snapshot.uri]

    async def _rewrite(self, context: EditContext) -> ModelRewrite | None:
        """What a model knows of the next edit; None where none is asked, or it fails."""
        path = make_prompt_path(context.snapshot, self.find_root(context.snapshot))
        try:
            return await ask_for_rewrite(context, path, self.engine, self.models, self.settings)
        except InterfixError as error:
            self.client.notify_once("next-edit", str(error))
            return None

    def _update_router(self) -> None:
        """Have each role computed where the settings say now; what is under way with another server ends."""
        before, self._router = self._router, EngineRouter(self.settings, self._local_engine)
        self.engine = MeteredEngine(self._router, self.recorder.record_compute)
        self.spawn(before.close_servers())
        if self._router.list_endpoints() or before.list_endpoints():
            self.spawn(self.client.announce_servers(self._router.list_endpoints()))

    def _create_gatherer(self) -> Gatherer:
        return Gatherer(self.settings.context, self.settings.completion.prompt_tokens, self.workspaces.find)

    def _create_name_search(self) -> NameSearch:
        return NameSearch(self.workspaces.find, self._ask_for_names, self.settings.completion.guide_without)

    async def _ask_for_names(self, snapshot: Snapshot, offset: int) -> OfferedNames | None:
        return await request_names(self.client, self.documents, snapshot, offset, self.encoding)

    def _create_suggester(self) -> Suggester:
        settings = self.settings.completion
        completer = Completer(self.engine, settings, self.recorder, load_calibrations(), gatherer=self.gatherer, names=self.names)
        return Suggester(completer, settings, self.recorder)

    def _find_open_document(self, path: Path) -> Snapshot | None:
        if path.suffix == NOTEBOOK_SUFFIX:
            return self.notebooks.find_script(path)
        document = self.documents.find_file(path)
        return document.snapshot() if document is not None else None

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Do something in the background until it is done or the session closes."""
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Leave nothing running."""
        self.models.stop()
        self.suggester.close()
        self.read_ahead.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.gatherer.close()
        self.names.close()
        await self.workspaces.close()
        await self.engine.close()
        self.recorder.close()
