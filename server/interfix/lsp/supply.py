"""Which models serve this session: chosen at the start, pulled in the background where they are missing. Runs none of them."""

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

import msgspec
from lsprotocol import types

from interfix.config.load import load
from interfix.config.settings import Models, Serving
from interfix.engine.llamacpp import selection
from interfix.errors import InterfixError, RoleRefused, Unavailable
from interfix.lsp.bulletin import Download
from interfix.lsp.bulletin import Models as Found
from interfix.lsp.client import Client, Progress
from interfix.lsp.logs import where
from interfix.models.choose import Chosen, chosen, ensure
from interfix.models.roles import BaseModel, InstructModel
from interfix.values import Role

log = logging.getLogger(__name__)

T = TypeVar("T")


class Supply:
    """The models of a session; every question waits for the first look at the disk, none for the network."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._looked = asyncio.Event()
        self._chosen = Chosen(None, None, "")
        self._lack = ""
        self._task: asyncio.Task[None] | None = None
        self.settings: tuple[Models, Mapping[Role, Serving]] | None = None

    def start(self, settings: Models, serving: Mapping[Role, Serving], *, pull: bool = False) -> None:
        """Choose by these settings from now on; with `pull`, fetch what is missing whatever they say of that."""
        self.stop()
        self.settings = settings, serving
        self._looked = asyncio.Event()
        self._chosen = Chosen(None, None, "")
        self._lack = ""
        self._client.bulletin.models(None)
        self._task = asyncio.create_task(self._supply(settings, serving, self._looked, pull or settings.pull))

    def stop(self) -> None:
        """Look for nothing more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    @property
    def serving(self) -> dict[Role, str]:
        """The names of those who serve."""
        models = {Role.BASE: self._chosen.base, Role.INSTRUCT: self._chosen.instruct}
        return {role: model.name for role, model in models.items() if model is not None}

    @property
    def why(self) -> str:
        """A sentence on what was chosen, or what is lacking."""
        return self._lack or self._chosen.why

    async def base(self) -> BaseModel | None:
        """Who completes; None while there is nobody, which the user has been told."""
        await self._looked.wait()
        return self._chosen.base

    async def instruct(self) -> InstructModel:
        """Who explains and edits; raises `RoleRefused` or `Unavailable` while there is nobody."""
        await self._looked.wait()
        if Role.INSTRUCT in self._chosen.refused:
            raise RoleRefused(self._chosen.refused[Role.INSTRUCT])
        if self._chosen.instruct is None:
            raise Unavailable(self._lack or "There is no instruct model; `interfix models pull` gets one.")
        return self._chosen.instruct

    async def _supply(self, settings: Models, serving: Mapping[Role, Serving], looked: asyncio.Event, pull: bool) -> None:
        try:
            if pull and any(server.engine == "local" or server.fallback for server in serving.values()):
                await self._fetch_library(looked)
            self._chosen = await asyncio.to_thread(chosen, settings, serving)
            self._refuse()
            self._lack = " ".join(self._chosen.refused.values())
            missing = any(role not in self.serving and role not in self._chosen.refused for role in Role)
            if missing and pull:
                self._lack = "The model is still being downloaded; try again when it is there."
                looked.set()
                await self._client.ready.wait()
                self._found()
                await self._pull(settings, serving)
            elif missing:
                self._lack = self._chosen.why
                self._client.tell("models", self._lack, types.MessageType.Warning)
        except asyncio.CancelledError:
            if self._task is asyncio.current_task():
                self._lack = "The download of the model was cancelled; the next one goes on where it was."
                self._client.tell("models", self._lack, types.MessageType.Warning)
            raise
        except InterfixError as error:
            self._lack = str(error)
            self._client.tell("models", self._lack)
        except Exception as error:
            log.error("choosing a model: %s at %s", type(error).__name__, where(error))
            self._lack = "Interfix could not choose a model; `interfix doctor` says more."
            self._client.tell("models", self._lack)
        finally:
            looked.set()
            if self._task is asyncio.current_task():
                self._found()

    async def _fetch_library(self, looked: asyncio.Event) -> None:
        """Bring llama.cpp's library where it is not here yet. Which one is the user's own settings' to say, not an editor's."""
        engine = load().settings.engine
        if await asyncio.to_thread(selection.selected, engine) is not None:
            return
        self._lack = "llama.cpp's library is still being downloaded; try again when it is there."
        looked.set()
        await self._client.ready.wait()
        async with self._client.working("Interfix: downloading llama.cpp", cancellable=True) as progress:
            watch = _Percent(progress, self._client.bulletin.download)
            try:
                await _in_daemon(partial(selection.ensure, engine, watch))
            finally:
                watch.end()

    async def _pull(self, settings: Models, serving: Mapping[Role, Serving]) -> None:
        async with self._client.working("Interfix: downloading a model", cancellable=True) as progress:
            watch = _Percent(progress, self._client.bulletin.download)
            try:
                self._chosen = await _in_daemon(partial(ensure, msgspec.structs.replace(settings, pull=True), watch, serving))
            finally:
                watch.end()
        self._lack = " ".join(self._chosen.refused.values())
        self._refuse()

    def _found(self) -> None:
        serving = self.serving
        self._client.bulletin.models(Found(serving.get(Role.BASE, ""), serving.get(Role.INSTRUCT, ""), self.why))

    def _refuse(self) -> None:
        """Tell of the models that were configured for a role they cannot do."""
        if self._chosen.refused:
            self._client.tell("models", " ".join(self._chosen.refused.values()))


class _Ended(Exception):
    """Nobody waits for the download any more."""


class _Percent:
    """Takes a download's progress in its thread and passes whole percents on to the loop's; `end` ends it and the download."""

    def __init__(self, progress: Progress, tell: Callable[[Download | None], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._progress = progress
        self._tell = tell
        self._last = -1
        self._ended = False

    def __call__(self, source: str, done: int, total: int) -> None:
        if self._ended:
            raise _Ended
        percent = done * 100 // total if total else 0
        if percent != self._last and not self._loop.is_closed():
            self._last = percent
            self._loop.call_soon_threadsafe(self._report, f"{source}: {done >> 20} of {total >> 20} MB", percent)

    def end(self) -> None:
        """The thread finds out when it has something to tell; what it has brought stays for the next one."""
        self._ended = True
        self._tell(None)

    def _report(self, message: str, percent: int) -> None:
        if not self._ended:
            self._progress.report(message, percent)
            self._tell(Download(message, percent))


async def _in_daemon(call: Callable[[], T]) -> T:
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
