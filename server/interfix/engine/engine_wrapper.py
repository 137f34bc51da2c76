"""A wrapper around an engine that passes every call on: subclasses record or change one of them."""

from collections.abc import AsyncGenerator

from interfix.engine.protocol import ChatRequest, Engine, EngineStatus, InfillRequest, NextEditRequest
from interfix.inference_types import GenerationEvent


class EngineWrapper:
    """All of an engine, to be replaced in parts."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def infill(self, request: InfillRequest) -> AsyncGenerator[GenerationEvent, None]:
        return self.engine.infill(request)

    def chat(self, request: ChatRequest) -> AsyncGenerator[GenerationEvent, None]:
        return self.engine.chat(request)

    def next_edit(self, request: NextEditRequest) -> AsyncGenerator[GenerationEvent, None]:
        return self.engine.next_edit(request)

    async def status(self) -> EngineStatus:
        return await self.engine.status()

    async def close(self) -> None:
        await self.engine.close()
