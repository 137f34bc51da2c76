"""The engine host: one process a user that holds the models and answers every editor window and the command line over a socket.

Knows no LSP and no editor. It leaves when its last client has been gone for a while.
"""

import asyncio
import contextlib
import hmac
import logging
import os
from collections.abc import Callable

import psutil

from interfix import __version__
from interfix.config.load import load
from interfix.config.logs import log_to_file
from interfix.config.settings import EngineSettings
from interfix.engine import address, jobs, library, runtime, wire
from interfix.engine.generation import Steps
from interfix.engine.native import SLOW_NOTE, Native
from interfix.engine.protocol import ChatRequest, EngineStatus, InfillRequest
from interfix.engine.residents import Resident, Residents
from interfix.engine.scheduler import Job, Rank, Scheduler
from interfix.engine.tuning.record import Tunings
from interfix.errors import InterfixError
from interfix.values import Role, StreamEvent

log = logging.getLogger(__name__)

PAUSE_SECONDS = 0.6
"""So long after the last completion nobody is typing: time to bring the document's cache up to date."""
FIRST_CLIENT_SECONDS = 30
"""Whoever started the host has this long to connect."""
IDLE_CHECK_SECONDS = 20
STEP_SECONDS = 60
"""A decode that takes longer hangs: a step is at most 128 tokens."""
LOADING_SECONDS = 900
"""The same for a first step, which may probe and load a model."""


class Host:
    """Accepts connections and turns their calls into jobs."""

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        abort = runtime.Abort()
        self._native = Native(library.build())
        self._residents = Residents(settings, self._native, Tunings(library.build()), abort)
        self._scheduler = Scheduler(abort, closing=self._residents.close)
        self._clients: set[Connection] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._idle: asyncio.TimerHandle | None = None
        self._pause: asyncio.TimerHandle | None = None
        self._stopped = asyncio.Event()
        self._secret = ""

    async def run(self) -> None:
        """Serve until asked to stop, or left alone for `linger_seconds`."""
        server, self._secret = await address.listen(self._serve)
        mine = address.inode()
        self._scheduler.start()
        self._linger(FIRST_CLIENT_SECONDS)
        self._watch_idle()
        self._watch_steps()
        log.info("listening, version %s, %s", __version__, library.build())
        await self._stopped.wait()
        server.close()
        if address.inode() == mine:
            address.release()
        for client in list(self._clients):
            client.close()
        if self._serving:
            await asyncio.wait(self._serving, timeout=1)
        await asyncio.to_thread(self._scheduler.close)
        log.info("ended")

    def stop(self) -> None:
        """End soon; calls under way end with it."""
        self._stopped.set()

    def submit(self, job: Job) -> None:
        """Queue a job."""
        self._scheduler.submit(job)

    def cancel(self, job: Job) -> None:
        """End a job."""
        self._scheduler.cancel(job)

    def steps(self, request: InfillRequest | ChatRequest) -> Callable[[], Steps]:
        """How to compute the answer; the model is loaded in the scheduler's thread, at the first step."""

        def run() -> Steps:
            model = request.model
            if isinstance(request, InfillRequest):
                with self._residents.lend(model.name, model.path, Role.BASE) as resident:
                    yield from jobs.infill(resident, request)
            else:
                with self._residents.lend(model.name, model.path, Role.INSTRUCT) as resident:
                    yield from jobs.chat(resident, request)

        return run

    def paused(self, request: InfillRequest) -> None:
        """An infill has ended: room is made for the next, and a prompt that was put off is decoded; if none follows soon, the
        document's cache is brought up to date.
        """
        self._upkeep(request, jobs.settle)
        self._upkeep(request, jobs.warm)
        if self._pause is not None:
            self._pause.cancel()
        self._pause = asyncio.get_running_loop().call_later(PAUSE_SECONDS, self._upkeep, request, jobs.refresh)

    def status(self) -> EngineStatus:
        """What the host holds now."""
        slow = any(not verdict.extra_buffers for verdict in self._native.verdicts())
        return EngineStatus(
            version=__version__,
            pid=os.getpid(),
            memory_bytes=psutil.Process().memory_info().rss,
            clients=len(self._clients),
            models=self._residents.status(),
            notes=(*((SLOW_NOTE,) if slow else ()), *self._residents.notes()),
        )

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        hello = await wire.read(reader, wire.requests)
        if not isinstance(hello, wire.Hello) or not hmac.compare_digest(hello.secret, self._secret):
            writer.close()
            return
        connection = Connection(self, writer)
        self._clients.add(connection)
        if self._idle is not None:
            self._idle.cancel()
        try:
            connection.send(wire.Welcome(version=__version__, pid=os.getpid()))
            while (request := await wire.read(reader, wire.requests)) is not None:
                connection.handle(request)
        finally:
            self._clients.discard(connection)
            connection.close()
            self._linger()

    def _upkeep(self, request: InfillRequest, work: Callable[[Resident, InfillRequest], Steps]) -> None:
        def run() -> Steps:
            with self._residents.keep(request.model.path, Role.BASE) as resident:
                if resident is not None:
                    yield from work(resident, request)

        # Of the same work on a document only the newest is still wanted.
        self._scheduler.submit(Job(run, rank=Rank.UPKEEP, key=f"{work.__name__} {request.document}"))

    def _watch_idle(self) -> None:
        """Every now and then unload what is idle. In the scheduler's thread: it owns the models."""

        def run() -> Steps:
            self._residents.unload(self._settings.unload_seconds)
            yield None

        self._scheduler.submit(Job(run, rank=Rank.UPKEEP))
        asyncio.get_running_loop().call_later(min(IDLE_CHECK_SECONDS, self._settings.unload_seconds or 1), self._watch_idle)

    def _watch_steps(self) -> None:
        """End the process where the native library hangs: the clients start another one."""
        if self._scheduler.stuck(STEP_SECONDS, LOADING_SECONDS):
            log.critical("a step hangs; the host gives up")
            logging.shutdown()
            os._exit(1)
        asyncio.get_running_loop().call_later(1, self._watch_steps)

    def _linger(self, at_least: float = 0.0) -> None:
        if not self._clients:
            seconds = max(at_least, self._settings.linger_seconds)
            self._idle = asyncio.get_running_loop().call_later(seconds, self.stop)


class Connection:
    """One client: its calls under way, and the way back to it."""

    def __init__(self, host: Host, writer: asyncio.StreamWriter) -> None:
        self._host = host
        self._writer = writer
        self._loop = asyncio.get_running_loop()
        self._jobs: dict[int, Job] = {}

    def handle(self, request: wire.Request) -> None:
        """Act on one message."""
        match request:
            case wire.Call(id=number, request=asked):
                self._call(number, asked)
            case wire.Cancel(id=number):
                if job := self._jobs.get(number):
                    self._host.cancel(job)
            case wire.AskStatus(id=number):
                self.send(wire.Status(id=number, status=self._host.status()))
            case wire.Stop():
                self._host.stop()
            case wire.Hello():
                pass  # said once already

    def send(self, message: wire.Reply) -> None:
        """Write a message; nothing where the client has gone."""
        if not self._writer.is_closing():
            self._writer.write(wire.frame(message))

    def close(self) -> None:
        """Let the client go and end its jobs."""
        for job in self._jobs.values():
            self._host.cancel(job)
        with contextlib.suppress(OSError, RuntimeError):
            self._writer.close()

    def _call(self, number: int, request: InfillRequest | ChatRequest) -> None:
        def emit(event: StreamEvent) -> None:
            self._from_thread(lambda: self.send(wire.Event(id=number, event=event)))

        def done(error: BaseException | None) -> None:
            self._from_thread(lambda: self._done(number, request, error))

        rank, key = Rank.CHAT, ""
        if isinstance(request, InfillRequest):
            rank, key = Rank.INFILL, f"{id(self)}:{request.document}"
        self._jobs[number] = job = Job(self._host.steps(request), rank=rank, key=key, emit=emit, done=done)
        self._host.submit(job)

    def _done(self, number: int, request: InfillRequest | ChatRequest, error: BaseException | None) -> None:
        self._jobs.pop(number, None)
        if isinstance(request, InfillRequest):
            self._host.paused(request)
        if error is None:
            self.send(wire.Done(id=number))
        elif isinstance(error, InterfixError):
            self.send(wire.Done(id=number, failure=type(error).__name__, message=str(error)))
        else:
            log.error("a job failed", exc_info=error)
            self.send(
                wire.Done(
                    id=number, failure="Unavailable", message=f"The engine failed ({type(error).__name__}); its log says more."
                )
            )

    def _from_thread(self, act: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody is left to tell
            self._loop.call_soon_threadsafe(act)


def main() -> None:
    """Run the host of this user. Its settings are the user's own: it serves every workspace."""
    settings = load().settings
    log_to_file("engine", settings.logs.level)
    asyncio.run(Host(settings.engine).run())


if __name__ == "__main__":
    main()
