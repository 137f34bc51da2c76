"""An engine that notes what it computes. Changes nothing of what it streams."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from interfix.engine.around import Around
from interfix.engine.protocol import Engine, InfillRequest
from interfix.stats.news import Computed
from interfix.values import Started, StreamEvent, Token


class Metered(Around):
    """Another engine, with a count of the tokens of each completion."""

    def __init__(self, engine: Engine, tell: Callable[[Computed], None]) -> None:
        super().__init__(engine)
        self._tell = tell

    async def infill(self, request: InfillRequest) -> AsyncGenerator[StreamEvent, None]:
        """See `Engine`. What was begun and not finished counts as it was begun: its prompt, and the tokens that came."""
        decoded = generated = 0
        begun = False
        try:
            async with aclosing(self.engine.infill(request)) as events:
                async for event in events:
                    if isinstance(event, Started):
                        begun, decoded = True, event.prompt_tokens - event.reused_tokens
                    elif isinstance(event, Token):
                        generated += 1
                    yield event
        finally:
            if begun:
                self._tell(Computed(request.model.name, decoded, generated))
