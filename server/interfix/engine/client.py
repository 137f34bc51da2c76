"""The engine as other processes use it: a connection to the user's engine host, started where none runs."""

import asyncio
import contextlib
import itertools
import logging
from collections.abc import AsyncGenerator, Callable
from typing import Self

from interfix import errors
from interfix.engine import host_lifecycle, ipc_messages
from interfix.engine.crash_guard import CrashGuard
from interfix.engine.protocol import ChatRequest, EngineRequest, EngineStatus, InfillRequest, NextEditRequest
from interfix.errors import InterfixError, UnavailableError
from interfix.inference_types import GeneratedToken, GenerationEvent

log = logging.getLogger(__name__)

SILENCE_SECONDS = 30.0
"""So long a host may compute without a word: loading a model takes its time."""
STATUS_TIMEOUT_SECONDS = 5.0
"""So long it may take to say how it is."""
LOST_MESSAGE = "The engine stopped while it was answering; it starts again with the next request."


class HostEngine:
    """Streams from the engine host. Connects at first use, and again after the host was lost."""

    def __init__(self) -> None:
        self.on_notice: Callable[[ipc_messages.Notice], None] | None = None
        """Shows the user what the host has to tell; set before the first use."""
        self._connection: _HostConnection | None = None
        self._connect_lock = asyncio.Lock()
        self._crash_guard = CrashGuard()

    def infill(self, request: InfillRequest) -> AsyncGenerator[GenerationEvent, None]:
        return self._stream(request)

    def chat(self, request: ChatRequest) -> AsyncGenerator[GenerationEvent, None]:
        return self._stream(request)

    def next_edit(self, request: NextEditRequest) -> AsyncGenerator[GenerationEvent, None]:
        return self._stream(request)

    async def status(self) -> EngineStatus:
        """What the host holds now. Starts a host where none runs."""
        return await (await self._connect()).status()

    async def close(self) -> None:
        """Close the connection; the host lives on for a while."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _stream(self, request: EngineRequest, *, is_retry: bool = False) -> AsyncGenerator[GenerationEvent, None]:
        model = request.model.path
        await asyncio.sleep(self._crash_guard.compute_restart_delay(model))
        # A host that has just been started for this request, or at its second try, dies of it if it dies.
        proven = self._connection is not None and not is_retry
        link = await self._connect()
        begun = answered = False
        try:
            async with contextlib.aclosing(link.stream_call(request)) as events:
                async for event in events:
                    begun = True
                    if isinstance(event, GeneratedToken) and not answered:
                        answered = True
                        self._crash_guard.record_success(model)
                    yield event
            return
        except UnavailableError:
            if begun or not proven or not link.is_lost:
                raise
        finally:
            if link.is_lost and not link.is_closed and (begun or not proven):
                self._crash_guard.record_crash(model, link.pid)
        # The host had gone before the request reached it: nothing is lost, and another one answers.
        async with contextlib.aclosing(self._stream(request, is_retry=True)) as events:
            async for event in events:
                yield event

    async def _connect(self) -> "_HostConnection":
        async with self._connect_lock:
            if self._connection is not None and self._connection.is_lost:
                self._connection = None
            if self._connection is None:
                self._connection = _HostConnection(*await host_lifecycle.find_or_start_host(), on_notice=self.on_notice)
            return self._connection


def create_local_engine() -> HostEngine:
    """The engine on this machine; nothing is started before the first request."""
    return HostEngine()


async def find_running_engine() -> HostEngine | None:
    """The engine if a host runs now, else None; starts nothing."""
    greeted = await host_lifecycle.find_host()
    if greeted is None:
        return None
    engine = HostEngine()
    engine._connection = _HostConnection(*greeted)
    return engine


async def stop_hosts() -> bool:
    """Ask every host of this user to end, of whatever version, and wait until they have; whether there was one."""
    return await host_lifecycle.shut_down_hosts() > 0


class _HostConnection:
    """One connection, shared by any number of calls."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        pid: int,
        on_notice: Callable[[ipc_messages.Notice], None] | None = None,
    ) -> None:
        self.is_lost = False
        """The other end has gone."""
        self.is_closed = False
        """This end has gone first."""
        self.pid = pid
        self._reader = reader
        self._writer = writer
        self._ids = itertools.count(1)
        self._pending_calls: dict[int, _ReplyQueue] = {}
        self._on_notice = on_notice
        self._listener = asyncio.create_task(self._listen())
        if on_notice is not None:
            self._send(ipc_messages.WatchNotices())

    async def stream_call(self, request: EngineRequest) -> AsyncGenerator[GenerationEvent, None]:
        number = next(self._ids)
        ended = False
        answers = self._pending_calls[number] = asyncio.Queue()
        try:
            self._send(ipc_messages.StartCall(id=number, request=request))
            while True:
                answer = await self._next_reply(answers)
                if isinstance(answer, ipc_messages.CallEvent):
                    yield answer.event
                elif isinstance(answer, ipc_messages.CallEnd):
                    ended = True
                    _raise_failure(answer)
                    return
        finally:
            del self._pending_calls[number]
            if not ended:
                self._send(ipc_messages.CancelCall(id=number))

    async def _next_reply(self, replies: "_ReplyQueue") -> "_CallReply":
        """The next answer. A host that is silent for long must at least tell its status; one that cannot is ended."""
        while True:
            try:
                async with asyncio.timeout(SILENCE_SECONDS):
                    return await replies.get()
            except TimeoutError:
                try:
                    async with asyncio.timeout(STATUS_TIMEOUT_SECONDS):
                        await self.status()
                except TimeoutError:
                    log.warning("the engine host hangs and is ended")
                    host_lifecycle.kill_host(self.pid)
                    self._mark_lost()

    async def status(self) -> EngineStatus:
        number = next(self._ids)
        answers = self._pending_calls[number] = asyncio.Queue()
        try:
            self._send(ipc_messages.StatusQuery(id=number))
            answer = await answers.get()
        finally:
            del self._pending_calls[number]
        if isinstance(answer, ipc_messages.StatusReply):
            return answer.status
        raise UnavailableError(LOST_MESSAGE)

    def close(self) -> None:
        self.is_closed = True
        self._listener.cancel()
        self._mark_lost()

    def _send(self, message: ipc_messages.ClientMessage) -> None:
        if self.is_lost or self._writer.is_closing():
            self._mark_lost()
        else:
            self._writer.write(ipc_messages.encode_frame(message))

    async def _listen(self) -> None:
        while (reply := await ipc_messages.read_message(self._reader, ipc_messages.host_decoder)) is not None:
            if isinstance(reply, ipc_messages.Notice):
                if self._on_notice is not None:
                    self._on_notice(reply)
            elif not isinstance(reply, ipc_messages.Welcome) and (answers := self._pending_calls.get(reply.id)):
                answers.put_nowait(reply)
        log.warning("the engine host has gone")
        self._mark_lost()

    def _mark_lost(self) -> None:
        self.is_lost = True
        self._writer.close()
        for number, answers in self._pending_calls.items():
            answers.put_nowait(ipc_messages.CallEnd(id=number, failure=UnavailableError.__name__, message=LOST_MESSAGE))


_CallReply = ipc_messages.CallEvent | ipc_messages.StatusReply | ipc_messages.CallEnd
_ReplyQueue = asyncio.Queue[_CallReply]


def _raise_failure(done: ipc_messages.CallEnd) -> None:
    if done.failure:
        kind = getattr(errors, done.failure, UnavailableError)
        raise kind(done.message) if issubclass(kind, InterfixError) else UnavailableError(done.message)
