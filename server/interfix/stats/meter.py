"""An engine that notes what it computes. Changes nothing of what it streams."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from interfix.engine.protocol import ChatRequest, Engine, EngineStatus, InfillRequest
from interfix.stats.news import Computed
from interfix.values import Started, StreamEvent, Token


class Metered:
    """Another engine, with a count of the tokens of each completion."""

    def __init__(self, engine: Engine, tell: Callable[[Computed], None]) -> None:
        self._engine = engine
        self._tell = tell

    async def infill(self, request: InfillRequest) -> AsyncGenerator[StreamEvent, None]:
        """See `Engine`. What was begun and not finished counts as it was begun: its prompt, and the tokens that came."""
        decoded = generated = 0
        begun = False
        try:
            async with aclosing(self._engine.infill(request)) as events:
                async for event in events:
                    if isinstance(event, Started):
                        begun, decoded = True, event.prompt_tokens - event.reused_tokens
                    elif isinstance(event, Token):
                        generated += 1
                    yield event
        finally:
            if begun:
                self._tell(Computed(request.model.name, decoded, generated))

    def chat(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """See `Engine`."""
        return self._engine.chat(request)

    async def status(self) -> EngineStatus:
        """See `Engine`."""
        return await self._engine.status()

    async def close(self) -> None:
        """See `Engine`."""
        await self._engine.close()
