"""An engine that streams what a test tells it to, waits where it tells it to, and notes what was closed."""

import asyncio
from collections.abc import AsyncGenerator

from interfix.engine.protocol import ChatRequest, EngineStatus, InfillRequest
from interfix.errors import InterfixError
from interfix.models.choose import Chosen
from interfix.models.roles import BaseModel, InstructModel
from interfix.values import Finished, Started, StreamEvent, Token

MODELS = Chosen(BaseModel("scripted-base", "/b.gguf"), InstructModel("scripted-instruct", "/i.gguf"), "Both are scripted.")


class ScriptedEngine:
    """`text` is streamed a character a token, after `gate` where a test holds it back; `failure` is raised instead."""

    def __init__(self) -> None:
        self.text = "1 + 2\n"
        self.gate: asyncio.Event | None = None
        self.failure: InterfixError | None = None
        self.asked: list[InfillRequest | ChatRequest] = []
        self.started = asyncio.Queue[str]()
        self.ended = asyncio.Queue[str]()
        self.closed = False

    async def _stream(self, request: InfillRequest | ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        self.asked.append(request)
        how = "closed"
        try:
            self.started.put_nowait(request.model.name)
            if self.gate is not None:
                await self.gate.wait()
            if self.failure is not None:
                raise self.failure
            yield Started(model=request.model.name, prompt_tokens=7, reused_tokens=0)
            for character in self.text:
                yield Token(text=character, logprob=-0.01)
            how = "finished"
            yield Finished(reason="end", tokens=len(self.text), prefill_ms=1, decode_ms=1)
        finally:
            self.ended.put_nowait(how)

    def infill(self, request: InfillRequest) -> AsyncGenerator[StreamEvent, None]:
        return self._stream(request)

    def chat(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        return self._stream(request)

    async def status(self) -> EngineStatus:
        return EngineStatus(version="0", pid=42, memory_bytes=0, clients=1, models=())

    async def close(self) -> None:
        self.closed = True
