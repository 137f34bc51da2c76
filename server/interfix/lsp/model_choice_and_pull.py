"""Which models serve this session: chosen at the start, pulled in the background where they are missing."""

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

import msgspec
from lsprotocol import types

from interfix.config.log_files import describe_origin
from interfix.config.settings import BackendSettings, ModelSettings
from interfix.config.settings_loader import resolve_settings
from interfix.engine.llamacpp import library_selection
from interfix.errors import InterfixError, RoleMismatchError, UnavailableError
from interfix.inference_types import NEEDED_ROLES, Role
from interfix.lsp.client import INSTRUCT_TOPIC, EditorClient, WorkProgress
from interfix.lsp.status_publisher import DownloadProgress
from interfix.lsp.status_publisher import ServingModels as Found
from interfix.models.model_selection import ModelSelection, pull_and_select_models, record_choice, select_models
from interfix.models.role_check import BaseModel, InstructModel, NextEditModel

log = logging.getLogger(__name__)

T = TypeVar("T")


class SessionModels:
    """The models of a session; every question waits for the first look at the disk, none for the network."""

    def __init__(self, client: EditorClient) -> None:
        self._client = client
        self._checked_disk = asyncio.Event()
        self._chosen = ModelSelection(None, None, "")
        self._missing_reason = ""
        self._task: asyncio.Task[None] | None = None
        self.settings: tuple[ModelSettings, Mapping[Role, BackendSettings]] | None = None

    def start(self, settings: ModelSettings, serving: Mapping[Role, BackendSettings], *, pull: bool = False) -> None:
        """Choose by these settings from now on; with `pull`, fetch what is missing whatever they say of that."""
        self.stop()
        self.settings = settings, serving
        # A task that is cancelled before it has begun sets nothing: who waits for it goes on to wait for the new one.
        before, self._checked_disk = self._checked_disk, asyncio.Event()
        before.set()
        self._chosen = ModelSelection(None, None, "")
        self._missing_reason = ""
        self._client.status_publisher.set_models(None)
        self._task = asyncio.create_task(self._choose_models(settings, serving, self._checked_disk, pull or settings.pull))

    def stop(self) -> None:
        """Look for nothing more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    @property
    def model_names(self) -> dict[Role, str]:
        """The names of those who serve."""
        selection = self._chosen
        models = {Role.BASE: selection.base, Role.INSTRUCT: selection.instruct, Role.NEXT_EDIT: selection.next_edit}
        return {role: model.name for role, model in models.items() if model is not None}

    @property
    def explanation(self) -> str:
        """A sentence on what was chosen, or what is lacking."""
        return self._missing_reason or self._chosen.why or "The models are being chosen."

    async def get_base(self) -> BaseModel | None:
        """Who completes; None while there is nobody, which the user has been told."""
        await self._wait_for_choice()
        return self._chosen.base

    async def get_instruct(self) -> InstructModel:
        """Who explains and edits; raises `RoleMismatchError` or `UnavailableError` while there is nobody."""
        await self._wait_for_choice()
        if Role.INSTRUCT in self._chosen.refused:
            raise RoleMismatchError(self._chosen.refused[Role.INSTRUCT])
        if self._chosen.instruct is None:
            raise UnavailableError(self._missing_reason or "There is no instruct model; `interfix models pull` gets one.")
        return self._chosen.instruct

    async def get_next_edit(self) -> NextEditModel | None:
        """Who proposes next edits; None where nobody is configured, or it is refused, which the user has been told."""
        await self._wait_for_choice()
        return self._chosen.next_edit

    async def _wait_for_choice(self) -> None:
        """Wait until the models are chosen, by the settings of now."""
        while not (looked := self._checked_disk).is_set() or looked is not self._checked_disk:
            await looked.wait()

    async def _choose_models(
        self, settings: ModelSettings, serving: Mapping[Role, BackendSettings], checked_disk: asyncio.Event, pull: bool
    ) -> None:
        try:
            if pull and any(server.engine == "local" or server.fallback for server in serving.values()):
                await self._fetch_library(checked_disk)
            self._chosen = await asyncio.to_thread(select_models, settings, serving)
            self._report_refusals()
            if sentence := await asyncio.to_thread(record_choice, settings, self._chosen):
                self._client.notify_once("choice", f"Interfix: {sentence}", types.MessageType.Info)
            self._missing_reason = " ".join(self._chosen.refused.values())
            missing = any(role not in self.model_names and role not in self._chosen.refused for role in NEEDED_ROLES)
            if missing and pull:
                self._missing_reason = "The model is still being downloaded; try again when it is there."
                checked_disk.set()
                await self._client.ready_event.wait()
                self._publish_models()
                await self._pull(settings, serving)
            elif missing:
                self._missing_reason = self._chosen.why
                topic = "models" if self._chosen.base is None else INSTRUCT_TOPIC
                self._client.notify_once(topic, self._missing_reason, types.MessageType.Warning)
        except asyncio.CancelledError:
            if self._task is asyncio.current_task():
                self._missing_reason = "The download of the model was cancelled; the next one goes on where it was."
                self._client.notify_once("models", self._missing_reason, types.MessageType.Warning)
            raise
        except InterfixError as error:
            self._missing_reason = str(error)
            self._client.notify_once("models", self._missing_reason)
        except Exception as error:
            log.error("choosing a model: %s at %s", type(error).__name__, describe_origin(error))
            self._missing_reason = "Interfix could not choose a model; `interfix doctor` says more."
            self._client.notify_once("models", self._missing_reason)
        finally:
            checked_disk.set()
            if self._task is asyncio.current_task():
                self._publish_models()

    async def _fetch_library(self, looked: asyncio.Event) -> None:
        """Bring llama.cpp's library where it is not here yet. Which one is the user's own settings' to say, not an editor's."""
        engine = resolve_settings().settings.engine
        if await asyncio.to_thread(library_selection.find_selected_library, engine) is not None:
            return
        self._missing_reason = "llama.cpp's library is still being downloaded; try again when it is there."
        looked.set()
        await self._client.ready_event.wait()
        async with self._client.show_progress("Interfix: downloading llama.cpp", cancellable=True) as progress:
            watch = _ProgressRelay(progress, self._client.status_publisher.set_download)
            try:
                await _run_in_daemon(partial(library_selection.prepare_library, engine, watch))
            finally:
                watch.cancel()

    async def _pull(self, settings: ModelSettings, serving: Mapping[Role, BackendSettings]) -> None:
        async with self._client.show_progress("Interfix: downloading a model", cancellable=True) as progress:
            watch = _ProgressRelay(progress, self._client.status_publisher.set_download)
            try:
                self._chosen = await _run_in_daemon(
                    partial(pull_and_select_models, msgspec.structs.replace(settings, pull=True), watch, serving)
                )
            finally:
                watch.cancel()
        self._missing_reason = " ".join(self._chosen.refused.values())
        self._report_refusals()

    def _publish_models(self) -> None:
        serving = self.model_names
        self._client.status_publisher.set_models(
            Found(serving.get(Role.BASE, ""), serving.get(Role.INSTRUCT, ""), self.explanation)
        )

    def _report_refusals(self) -> None:
        """Tell of the models that were configured for a role they cannot do."""
        if self._chosen.refused:
            self._client.notify_once("models", " ".join(self._chosen.refused.values()))


class _DownloadCancelled(Exception):
    """Nobody waits for the download any more."""


class _ProgressRelay:
    """Takes a download's progress in its thread and passes whole percents on to the loop's."""

    def __init__(self, progress: WorkProgress, publish: Callable[[DownloadProgress | None], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._progress = progress
        self._publish = publish
        self._last = -1
        self._is_cancelled = False

    def __call__(self, source: str, done: int, total: int) -> None:
        if self._is_cancelled:
            raise _DownloadCancelled
        percent = done * 100 // total if total else 0
        if percent != self._last and not self._loop.is_closed():
            self._last = percent
            self._loop.call_soon_threadsafe(self._report, f"{source}: {done >> 20} of {total >> 20} MB", percent)

    def cancel(self) -> None:
        """The thread finds out when it has something to tell; what it has brought stays for the next one."""
        self._is_cancelled = True
        self._publish(None)

    def _report(self, message: str, percent: int) -> None:
        if not self._is_cancelled:
            self._progress.report(message, percent)
            self._publish(DownloadProgress(message, percent))


async def _run_in_daemon(call: Callable[[], T]) -> T:
    """Run a call in a thread that does not keep the process alive: a download may take an hour and can be resumed."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        try:
            outcome: tuple[T | None, BaseException | None] = (call(), None)
        except Exception as error:
            outcome = (None, error)
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, *outcome)

    threading.Thread(target=run, name="pull", daemon=True).start()
    return await done
