"""An engine whose completions are noted: their tokens, how long they took, how they ended. Changes nothing of what it streams."""

import time
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing

from interfix.engine.around import Around
from interfix.engine.protocol import Engine, InfillRequest
from interfix.errors import InterfixError
from interfix.values import Finished, Started, StreamEvent, Token


class Watched(Around):
    """An engine and the record of its completions."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.requests = self.answered = 0
        self.reasons: Counter[str] = Counter()
        self.first_ms: list[float] = []
        self.total_ms: list[float] = []
        self.prompts: list[int] = []
        """Lengths of the prompts, tokens."""
        self.read: list[int] = []
        """How many of them were not in a cache."""
        self.written: list[int] = []
        """Tokens of each answer, as far as it was read."""

    async def infill(self, request: InfillRequest) -> AsyncGenerator[StreamEvent, None]:
        """See `Engine`. A reader who closes the stream between two tokens has all that was wanted."""
        began, first, answered, written = time.perf_counter(), 0.0, False, 0
        self.requests += 1
        try:
            async with aclosing(self.engine.infill(request)) as events:
                async for event in events:
                    if isinstance(event, Started):
                        self.prompts.append(event.prompt_tokens)
                        self.read.append(event.prompt_tokens - event.reused_tokens)
                    elif isinstance(event, Token):
                        written += 1
                        first = first or (time.perf_counter() - began) * 1000
                    elif isinstance(event, Finished):
                        answered = True
                    yield event
        except GeneratorExit:
            answered = True
            raise
        except InterfixError as error:
            self.reasons[str(error)] += 1
            raise
        finally:
            self.written.append(written)
            if first:
                self.first_ms.append(first)
            if answered:
                self.answered += 1
                self.total_ms.append((time.perf_counter() - began) * 1000)
