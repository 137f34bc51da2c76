"""An engine whose completions are noted: how long they took and how they ended. Changes nothing of what it streams."""

import time
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing

from interfix.engine.protocol import ChatRequest, EngineStatus, InfillRequest
from interfix.engine.remote.engine import RemoteEngine
from interfix.errors import InterfixError
from interfix.values import Finished, Started, StreamEvent, Token


class Watched:
    """A remote engine and the record of its completions."""

    def __init__(self, engine: RemoteEngine) -> None:
        self.engine = engine
        self.requests = self.answered = self.tokens = 0
        self.reasons: Counter[str] = Counter()
        self.first_ms: list[float] = []
        self.total_ms: list[float] = []
        self.prompts: list[int] = []
        self.reused = 0

    async def infill(self, request: InfillRequest) -> AsyncGenerator[StreamEvent, None]:
        """See `Engine`. A reader who closes the stream between two tokens has all that was wanted."""
        began, first, answered = time.perf_counter(), 0.0, False
        self.requests += 1
        try:
            async with aclosing(self.engine.infill(request)) as events:
                async for event in events:
                    if isinstance(event, Started):
                        self.prompts.append(event.prompt_tokens)
                        self.reused += event.reused_tokens
                    elif isinstance(event, Token):
                        self.tokens += 1
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
            if first:
                self.first_ms.append(first)
            if answered:
                self.answered += 1
                self.total_ms.append((time.perf_counter() - began) * 1000)

    def chat(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """See `Engine`."""
        return self.engine.chat(request)

    async def status(self) -> EngineStatus:
        """See `Engine`."""
        return await self.engine.status()

    async def close(self) -> None:
        """See `Engine`."""
        await self.engine.close()
