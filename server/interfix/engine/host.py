"""The engine host: one process a user that holds the models and answers every editor window and the command line over a socket.

It leaves when its last client has been gone for a while."""

import asyncio
import contextlib
import hmac
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

import psutil

from interfix import __version__
from interfix.config.log_files import describe_origin, log_to_file
from interfix.config.settings import CompletionSettings, EngineSettings
from interfix.config.settings_loader import resolve_settings
from interfix.config.state_file import describe_unwritable
from interfix.engine import inference_jobs, ipc_messages, ipc_socket, llama_build, llama_runtime, region_rewrite_job
from interfix.engine.decode_loop import Steps
from interfix.engine.idle_slot_decoding import Upkeep
from interfix.engine.model_pool import ModelPool
from interfix.engine.notices import Notices
from interfix.engine.probes.repack_crash_check import SLOW_REPACK_NOTE, RepackCheck
from interfix.engine.protocol import EngineRequest, EngineStatus, InfillRequest, NextEditRequest
from interfix.engine.scheduler import Job, JobPriority, Scheduler, choose_priority
from interfix.engine.tuning.idle_tuning import IdleTuner
from interfix.engine.tuning.tuning_store import Tuning, TuningStore
from interfix.errors import InterfixError
from interfix.inference_types import GenerationEvent, Role
from interfix.system.battery import runs_on_battery

log = logging.getLogger(__name__)

FIRST_CLIENT_SECONDS = 30
"""Whoever started the host has this long to connect."""
IDLE_CHECK_SECONDS = 20
STEP_SECONDS = 60
"""A decode that takes longer hangs: a step is at most 128 tokens."""
FIRST_STEP_SECONDS = 900
"""The same for a first step, which may probe and load a model."""


class EngineHost:
    """Accepts connections and turns their calls into jobs."""

    def __init__(self, settings: EngineSettings, latency_ms: float = CompletionSettings().latency_ms) -> None:
        """`latency_ms` is what a keystroke may take, for tuning."""
        self._settings = settings
        abort = llama_runtime.AbortFlag()
        self._repack_check = RepackCheck(llama_build.identify_build())
        self._tuning_store = TuningStore(llama_build.identify_build())
        self._model_pool = ModelPool(settings, self._repack_check, self._tuning_store, abort)
        self.idle_tuner = IdleTuner(self._tuning_store, latency_ms, self._apply_tuning)
        self._scheduler = Scheduler(abort, on_close=self._model_pool.close)
        self.upkeep = Upkeep(self._scheduler.submit, self._model_pool)
        self._clients: set[ClientConnection] = set()
        self._connection_tasks: set[asyncio.Task[None]] = set()
        self._linger_timer: asyncio.TimerHandle | None = None
        self._stopped = asyncio.Event()
        self._secret = ""
        self.notices = Notices(self._tuning_store, lambda: [each for each in self._clients if each.watches_notices])

    async def run(self) -> None:
        """Serve until asked to stop, or left alone for `linger_seconds`."""
        server, self._secret = await ipc_socket.listen(self._serve_connection)
        mine = ipc_socket.read_inode()
        self._scheduler.start()
        self._schedule_stop(FIRST_CLIENT_SECONDS)
        self._unload_idle_models()
        if "debugpy" not in sys.modules:  # a step that a debugger has stopped does not hang
            self._exit_on_hang()
        log.info("listening, version %s, %s", __version__, llama_build.identify_build())
        tuning = asyncio.create_task(self.idle_tuner.run()) if self._settings.tune else None
        await self._stopped.wait()
        if tuning is not None:
            tuning.cancel()
        server.close()
        if ipc_socket.read_inode() == mine:
            ipc_socket.release()
        for client in list(self._clients):
            client.close()
        if self._connection_tasks:
            await asyncio.wait(self._connection_tasks, timeout=1)
        self.upkeep.close()
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

    def make_steps(self, request: EngineRequest) -> Callable[[], Steps]:
        """How to compute the answer; the model is loaded in the scheduler's thread, at the first step."""

        def run() -> Steps:
            model = request.model
            if isinstance(request, InfillRequest):
                with self._model_pool.acquire(model.name, model.path, Role.BASE) as resident:
                    yield from inference_jobs.infill(resident, request)
            elif isinstance(request, NextEditRequest):
                with self._model_pool.acquire(model.name, model.path, Role.NEXT_EDIT) as resident:
                    yield from region_rewrite_job.next_edit(resident, request)
            else:
                with self._model_pool.acquire(model.name, model.path, Role.INSTRUCT) as resident:
                    yield from inference_jobs.chat(resident, request)

        return run

    def status(self) -> EngineStatus:
        """What the host holds now."""
        slow = not all(self._repack_check.list_outcomes())
        return EngineStatus(
            version=__version__,
            pid=os.getpid(),
            memory_bytes=psutil.Process().memory_info().rss,
            clients=len(self._clients),
            models=self._model_pool.status(),
            notes=(
                *((SLOW_REPACK_NOTE,) if slow else ()),
                *self._model_pool.list_notes(),
                *self._list_tuning_notes(),
                *filter(None, [describe_unwritable()]),
            ),
        )

    def _list_tuning_notes(self) -> list[str]:
        tunings = [self._tuning_store.find(model.path) for model in self._model_pool.status()]
        notes = [tuning.describe(tuning.model_name) for tuning in tunings if tuning is not None]
        return notes + ([progress] if self._settings.tune and (progress := self.idle_tuner.progress) else [])

    def _apply_tuning(self, model: str, tuning: Tuning) -> None:
        """The model has a new setup: it is loaded with it while nobody waits, and the user is told."""
        log.info("%s", tuning.describe(Path(model).name))
        self.notices.tell_tunings()
        self.notices.tell_measured()

        def reload() -> Steps:
            self._model_pool.reload(model)
            yield None

        self._scheduler.submit(Job(reload, priority=JobPriority.UPKEEP, key=f"reload {model}"))

    async def _serve_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connection_tasks.add(task)
        task.add_done_callback(self._connection_tasks.discard)
        hello = await ipc_messages.read_message(reader, ipc_messages.client_decoder)
        if not isinstance(hello, ipc_messages.Hello) or not hmac.compare_digest(hello.secret, self._secret):
            writer.close()
            return
        connection = ClientConnection(self, writer)
        self._clients.add(connection)
        if self._linger_timer is not None:
            self._linger_timer.cancel()
        try:
            connection.send(ipc_messages.Welcome(version=__version__, pid=os.getpid()))
            while (request := await ipc_messages.read_message(reader, ipc_messages.client_decoder)) is not None:
                connection.handle(request)
        finally:
            self._clients.discard(connection)
            connection.close()
            self._schedule_stop()

    def _unload_idle_models(self) -> None:
        """Every now and then unload what is idle. In the scheduler's thread: it owns the models."""

        def run() -> Steps:
            self._model_pool.unload_idle(self._settings.unload_seconds)
            yield None

        self._scheduler.submit(Job(run, priority=JobPriority.UPKEEP))
        asyncio.get_running_loop().call_later(min(IDLE_CHECK_SECONDS, self._settings.unload_seconds or 1), self._unload_idle_models)

    def _exit_on_hang(self) -> None:
        """End the process where the native library hangs: the clients start another one."""
        if self._scheduler.is_stuck(STEP_SECONDS, FIRST_STEP_SECONDS):
            log.critical("a step hangs; the host gives up")
            logging.shutdown()
            os._exit(1)
        asyncio.get_running_loop().call_later(1, self._exit_on_hang)

    def _schedule_stop(self, at_least: float = 0.0) -> None:
        if not self._clients:
            seconds = max(at_least, self._settings.linger_seconds)
            self._linger_timer = asyncio.get_running_loop().call_later(seconds, self.stop)


class ClientConnection:
    """One client: its calls under way, and the way back to it."""

    def __init__(self, host: EngineHost, writer: asyncio.StreamWriter) -> None:
        self._host = host
        self._writer = writer
        self._loop = asyncio.get_running_loop()
        self._jobs: dict[int, Job] = {}
        self.watches_notices = False
        """Whether it shows its user what the host has to tell."""

    def handle(self, request: ipc_messages.ClientMessage) -> None:
        """Act on one message."""
        match request:
            case ipc_messages.StartCall(id=number, request=asked):
                self._start_job(number, asked)
            case ipc_messages.CancelCall(id=number):
                if job := self._jobs.get(number):
                    self._host.cancel(job)
            case ipc_messages.StatusQuery(id=number):
                self.send(ipc_messages.StatusReply(id=number, status=self._host.status()))
            case ipc_messages.StopHost():
                self._host.stop()
            case ipc_messages.WatchNotices():
                self.watches_notices = True
                self._host.notices.greet(self)
            case ipc_messages.Hello():
                pass  # said once already

    def send(self, message: ipc_messages.HostMessage) -> None:
        """Write a message; nothing where the client has gone."""
        if not self._writer.is_closing():
            self._writer.write(ipc_messages.encode_frame(message))

    def close(self) -> None:
        """Let the client go and end its jobs."""
        for job in self._jobs.values():
            self._host.cancel(job)
        with contextlib.suppress(OSError, RuntimeError):
            self._writer.close()

    def _start_job(self, number: int, request: EngineRequest) -> None:
        def emit(event: GenerationEvent) -> None:
            self._run_in_loop(lambda: self.send(ipc_messages.CallEvent(id=number, event=event)))

        def done(error: BaseException | None) -> None:
            self._run_in_loop(lambda: self._end_job(number, request, error))

        if isinstance(request, InfillRequest) and request.is_ahead and runs_on_battery():
            self.send(ipc_messages.CallEnd(id=number))
            return
        self._jobs[number] = job = Job(
            self._host.make_steps(request), priority=choose_priority(request), on_event=emit, on_end=done
        )
        self._host.idle_tuner.begin_request(request.model.path if isinstance(request, InfillRequest) else "")
        self._host.upkeep.begin_request(request)
        self._host.submit(job)

    def _end_job(self, number: int, request: EngineRequest, error: BaseException | None) -> None:
        self._jobs.pop(number, None)
        self._host.idle_tuner.end_request()
        self._host.notices.tell_trouble()
        self._host.upkeep.end_request(request)
        if error is not None and not isinstance(error, InterfixError):
            log.error("a job failed: %s at %s", type(error).__name__, describe_origin(error))
            log.debug("a job failed", exc_info=error)
        self.send(ipc_messages.end_call(number, error))

    def _run_in_loop(self, act: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody is left to tell
            self._loop.call_soon_threadsafe(act)


def main() -> None:
    """Run the host of this user. Its settings are the user's own: it serves every workspace."""
    settings = resolve_settings().settings
    log_to_file("engine", settings.logs.level)
    asyncio.run(EngineHost(settings.engine, settings.completion.latency_ms).run())


if __name__ == "__main__":
    main()
