"""Tells on standard error what a command waits for, once that takes longer than a second: loading, reading, writing."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from types import TracebackType
from typing import Self

from rich.status import Status
from rich.text import Text

from interfix.engine.engine_wrapper import EngineWrapper
from interfix.engine.protocol import ChatRequest, Engine, InfillRequest
from interfix.inference_types import GeneratedToken, GenerationEvent, GenerationStart
from interfix.output.console_output import Console, write_message

QUIET_SECONDS = 1.0
"""A command that takes no longer says nothing."""


class WaitNotice:
    """A context manager around the wait. In a terminal a line that goes when it is over; else a line a stage."""

    def __init__(self, stage: str = "loading the model", quiet_seconds: float = QUIET_SECONDS) -> None:
        self._stage = stage
        self._quiet_seconds = quiet_seconds
        self._timer: asyncio.Task[None] | None = None
        self._is_shown = False
        self._status: Status | None = None

    async def __aenter__(self) -> Self:
        self._timer = asyncio.create_task(self._show_later())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        await self.end()

    def set_stage(self, stage: str) -> None:
        """What is waited for now."""
        if stage != self._stage:
            self._stage = stage
            if self._is_shown:
                self._show()

    async def end(self) -> None:
        """Nothing is waited for any more."""
        self._is_shown = False
        if self._timer is not None:
            self._timer.cancel()
            with suppress(asyncio.CancelledError):
                await self._timer
        if self._status is not None:
            self._status.stop()
            self._status = None

    async def _show_later(self) -> None:
        await asyncio.sleep(self._quiet_seconds)
        self._is_shown = True
        self._show()

    def _show(self) -> None:
        console = Console(stderr=True)
        text = f"{self._stage} …"
        if not console.is_terminal:
            write_message(f"interfix: {text}", error=True)
        elif self._status is None:
            self._status = console.status(Text(text))
            self._status.start()
        else:
            self._status.update(Text(text))


class StageEngine(EngineWrapper):
    """Another engine, whose stages are told to a notice."""

    def __init__(self, engine: Engine, notice: WaitNotice) -> None:
        super().__init__(engine)
        self._notice = notice

    def infill(self, request: InfillRequest) -> AsyncGenerator[GenerationEvent, None]:
        return self._tell_stages(self.engine.infill(request))

    def chat(self, request: ChatRequest) -> AsyncGenerator[GenerationEvent, None]:
        return self._tell_stages(self.engine.chat(request))

    async def _tell_stages(self, stream: AsyncGenerator[GenerationEvent, None]) -> AsyncGenerator[GenerationEvent, None]:
        async with aclosing(stream) as events:
            async for event in events:
                match event:
                    case GenerationStart():
                        self._notice.set_stage(f"reading {event.prompt_tokens - event.reused_tokens:,} tokens")
                    case GeneratedToken():
                        self._notice.set_stage("writing")
                yield event
