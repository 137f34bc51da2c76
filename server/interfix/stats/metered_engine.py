"""An engine that counts what it computes. The stream is not changed."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from interfix.engine.engine_wrapper import EngineWrapper
from interfix.engine.protocol import Engine, InfillRequest
from interfix.inference_types import GeneratedToken, GenerationEvent, GenerationStart
from interfix.stats.events import ComputeRecord


class MeteredEngine(EngineWrapper):
    """Another engine, with a count of the tokens of each completion."""

    def __init__(self, engine: Engine, on_compute: Callable[[ComputeRecord], None]) -> None:
        super().__init__(engine)
        self._on_compute = on_compute

    async def infill(self, request: InfillRequest) -> AsyncGenerator[GenerationEvent, None]:
        """Stream the completion and count its tokens: of one ended early, as far as it came; of what is read ahead, none."""
        decoded = generated = 0
        begun = False
        try:
            async with aclosing(self.engine.infill(request)) as events:
                async for event in events:
                    if isinstance(event, GenerationStart):
                        begun, decoded = True, event.prompt_tokens - event.reused_tokens
                    elif isinstance(event, GeneratedToken):
                        generated += 1
                    yield event
        finally:
            if begun and not request.is_ahead:
                self._on_compute(ComputeRecord(request.model.name, decoded, generated))
