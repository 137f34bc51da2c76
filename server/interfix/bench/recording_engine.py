"""An engine that records its completions: their tokens, how long they took, how they ended. The stream is not changed."""

import time
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing

from interfix.engine.engine_wrapper import EngineWrapper
from interfix.engine.protocol import Engine, InfillRequest
from interfix.errors import InterfixError
from interfix.inference_types import GeneratedToken, GenerationEnd, GenerationEvent, GenerationStart


class RecordingEngine(EngineWrapper):
    """An engine and the record of its completions."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.request_count = self.answered_count = 0
        self.failure_counts: Counter[str] = Counter()
        self.first_ms: list[float] = []
        self.total_ms: list[float] = []
        self.prompt_lengths: list[int] = []
        """Lengths of the prompts, tokens."""
        self.computed_lengths: list[int] = []
        """How many of them were not in a cache."""
        self.answer_lengths: list[int] = []
        """Tokens of each answer, as far as it was read."""

    async def infill(self, request: InfillRequest) -> AsyncGenerator[GenerationEvent, None]:
        """Stream the completion and note it. A reader who closes the stream between two tokens has all that was wanted."""
        began, first, answered, written = time.perf_counter(), 0.0, False, 0
        self.request_count += 1
        try:
            async with aclosing(self.engine.infill(request)) as events:
                async for event in events:
                    if isinstance(event, GenerationStart):
                        self.prompt_lengths.append(event.prompt_tokens)
                        self.computed_lengths.append(event.prompt_tokens - event.reused_tokens)
                    elif isinstance(event, GeneratedToken):
                        written += 1
                        first = first or (time.perf_counter() - began) * 1000
                    elif isinstance(event, GenerationEnd):
                        answered = True
                    yield event
        except GeneratorExit:
            answered = True
            raise
        except InterfixError as error:
            self.failure_counts[str(error)] += 1
            raise
        finally:
            self.answer_lengths.append(written)
            if first:
                self.first_ms.append(first)
            if answered:
                self.answered_count += 1
                self.total_ms.append((time.perf_counter() - began) * 1000)
