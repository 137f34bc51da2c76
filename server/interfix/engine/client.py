"""The engine as everyone else sees it: a connection to the user's engine host, started where none runs. Knows no llama.cpp."""

import asyncio
import contextlib
import itertools
import logging
from collections.abc import AsyncGenerator
from typing import Self

from interfix import errors
from interfix.engine import spawn, wire
from interfix.engine.crashes import Crashes
from interfix.engine.protocol import ChatRequest, EngineStatus, InfillRequest
from interfix.errors import InterfixError, Unavailable
from interfix.values import StreamEvent, Token

log = logging.getLogger(__name__)

SILENCE_SECONDS = 30.0
"""So long a host may compute without a word: loading a model takes its time."""
STATUS_SECONDS = 5.0
"""So long it may take to say how it is."""
LOST = "The engine stopped while it was answering; it starts again with the next request."


class HostEngine:
    """Streams from the engine host. Connects at first use, and again after the host was lost."""

    def __init__(self) -> None:
        self._link: _Link | None = None
        self._connecting = asyncio.Lock()
        self._crashes = Crashes()

    def infill(self, request: InfillRequest) -> AsyncGenerator[StreamEvent, None]:
        """See `Engine`."""
        return self._stream(request)

    def chat(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """See `Engine`."""
        return self._stream(request)

    async def status(self) -> EngineStatus:
        """What the host holds now. Starts a host where none runs."""
        return await (await self._connected()).status()

    async def close(self) -> None:
        """Close the connection; the host lives on for a while."""
        if self._link is not None:
            self._link.close()
            self._link = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _stream(self, request: InfillRequest | ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        model = request.model.path
        await asyncio.sleep(self._crashes.delay(model))
        proven = self._link is not None  # else the host has just been started, and dies of this request if it dies
        link = await self._connected()
        begun = answered = False
        try:
            async with contextlib.aclosing(link.call(request)) as events:
                async for event in events:
                    begun = True
                    if isinstance(event, Token) and not answered:
                        answered = True
                        self._crashes.survived(model)
                    yield event
            return
        except Unavailable:
            if begun or not proven or not link.lost:
                raise
        finally:
            if link.lost and not link.closed and (begun or not proven):
                self._crashes.lost(model, link.pid)
        # The host had gone before the request reached it: nothing is lost, and another one answers.
        async with contextlib.aclosing(self._stream(request)) as events:
            async for event in events:
                yield event

    async def _connected(self) -> "_Link":
        async with self._connecting:
            if self._link is not None and self._link.lost:
                self._link = None
            if self._link is None:
                self._link = _Link(*await spawn.host())
            return self._link


def local_engine() -> HostEngine:
    """The engine on this machine; nothing is started before the first request."""
    return HostEngine()


async def running() -> HostEngine | None:
    """The engine if a host runs now, else None; starts nothing."""
    greeted = await spawn.existing()
    if greeted is None:
        return None
    engine = HostEngine()
    engine._link = _Link(*greeted)
    return engine


async def stop() -> bool:
    """Ask the host to end and wait until it has; whether there was one."""
    greeted = await spawn.existing()
    if greeted is None:
        return False
    reader, writer, _ = greeted
    await spawn.end(reader, writer)
    return True


class _Link:
    """One connection, shared by any number of calls."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pid: int) -> None:
        self.lost = False
        """The other end has gone."""
        self.closed = False
        """This end has gone first."""
        self.pid = pid
        self._reader = reader
        self._writer = writer
        self._ids = itertools.count(1)
        self._waiting: dict[int, _Answers] = {}
        self._listener = asyncio.create_task(self._listen())

    async def call(self, request: InfillRequest | ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        number = next(self._ids)
        ended = False
        answers = self._waiting[number] = asyncio.Queue()
        try:
            self._send(wire.Call(id=number, request=request))
            while True:
                answer = await self._answer(answers)
                if isinstance(answer, wire.Event):
                    yield answer.event
                elif isinstance(answer, wire.Done):
                    ended = True
                    _raise_failure(answer)
                    return
        finally:
            del self._waiting[number]
            if not ended:
                self._send(wire.Cancel(id=number))

    async def _answer(self, answers: "_Answers") -> "_Answer":
        """The next answer. A host that is silent for long must at least tell its status; one that cannot is ended."""
        while True:
            try:
                async with asyncio.timeout(SILENCE_SECONDS):
                    return await answers.get()
            except TimeoutError:
                try:
                    async with asyncio.timeout(STATUS_SECONDS):
                        await self.status()
                except TimeoutError:
                    log.warning("the engine host hangs and is ended")
                    spawn.kill(self.pid)
                    self._lose()

    async def status(self) -> EngineStatus:
        number = next(self._ids)
        answers = self._waiting[number] = asyncio.Queue()
        try:
            self._send(wire.AskStatus(id=number))
            answer = await answers.get()
        finally:
            del self._waiting[number]
        if isinstance(answer, wire.Status):
            return answer.status
        raise Unavailable(LOST)

    def close(self) -> None:
        self.closed = True
        self._listener.cancel()
        self._lose()

    def _send(self, message: wire.Request) -> None:
        if self.lost or self._writer.is_closing():
            self._lose()
        else:
            self._writer.write(wire.frame(message))

    async def _listen(self) -> None:
        while (reply := await wire.read(self._reader, wire.replies)) is not None:
            if not isinstance(reply, wire.Welcome) and (answers := self._waiting.get(reply.id)):
                answers.put_nowait(reply)
        log.warning("the engine host has gone")
        self._lose()

    def _lose(self) -> None:
        self.lost = True
        self._writer.close()
        for number, answers in self._waiting.items():
            answers.put_nowait(wire.Done(id=number, failure=Unavailable.__name__, message=LOST))


_Answer = wire.Event | wire.Status | wire.Done
_Answers = asyncio.Queue[_Answer]


def _raise_failure(done: wire.Done) -> None:
    if done.failure:
        kind = getattr(errors, done.failure, Unavailable)
        raise kind(done.message) if issubclass(kind, InterfixError) else Unavailable(done.message)
