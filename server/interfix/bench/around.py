"""An engine around another, for what changes or notes completions and leaves the rest as it is."""

from collections.abc import AsyncGenerator

from interfix.engine.protocol import ChatRequest, Engine, EngineStatus
from interfix.values import StreamEvent


class Around:
    """All of an engine but `infill`, which is the subclass's."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def chat(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """See `Engine`."""
        return self.engine.chat(request)

    async def status(self) -> EngineStatus:
        """See `Engine`."""
        return await self.engine.status()

    async def close(self) -> None:
        """See `Engine`."""
        await self.engine.close()
