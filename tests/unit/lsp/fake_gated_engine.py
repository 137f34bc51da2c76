"""An engine that streams what a test tells it to, waits where it tells it to, and notes what was closed."""

import asyncio
from collections.abc import AsyncGenerator

from interfix.engine.protocol import ChatRequest, EngineStatus, InfillRequest
from interfix.errors import InterfixError
from interfix.models.model_selection import ModelSelection
from interfix.models.roles import BaseModel, InstructModel
from interfix.values import GeneratedToken, GenerationEnd, GenerationEvent, GenerationStart

FAKE_MODELS = ModelSelection(
    BaseModel("scripted-base", "/b.gguf"), InstructModel("scripted-instruct", "/i.gguf"), "Both are scripted."
)


class FakeGatedEngine:
    """`text` is streamed a character a token, after `gate` where a test holds it back; `failure` is raised instead."""

    def __init__(self) -> None:
        self.text = "1 + 2\n"
        self.gate: asyncio.Event | None = None
        self.failure: InterfixError | None = None
        self.requests: list[InfillRequest | ChatRequest] = []
        self.started_models = asyncio.Queue[str]()
        self.endings = asyncio.Queue[str]()
        self.is_closed = False

    async def _stream(self, request: InfillRequest | ChatRequest) -> AsyncGenerator[GenerationEvent, None]:
        self.requests.append(request)
        how = "closed"
        try:
            self.started_models.put_nowait(request.model.name)
            if self.gate is not None:
                await self.gate.wait()
            if self.failure is not None:
                raise self.failure
            yield GenerationStart(model=request.model.name, prompt_tokens=7, reused_tokens=0)
            for character in self.text:
                yield GeneratedToken(text=character, logprob=-0.01)
            how = "finished"
            yield GenerationEnd(reason="end", tokens=len(self.text), prefill_ms=1, decode_ms=1)
        finally:
            self.endings.put_nowait(how)

    def infill(self, request: InfillRequest) -> AsyncGenerator[GenerationEvent, None]:
        return self._stream(request)

    def chat(self, request: ChatRequest) -> AsyncGenerator[GenerationEvent, None]:
        return self._stream(request)

    async def status(self) -> EngineStatus:
        return EngineStatus(version="0", pid=42, memory_bytes=0, clients=1, models=())

    async def close(self) -> None:
        self.is_closed = True
