"""What a command shows the model: its own requests, laid out by the engine and not computed. Knows no command.

The command runs as always over an engine that lays out only, so what is told is what would have been asked, to the token.
"""

import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

import msgspec

from interfix.commands.asking import Asking, Unusable
from interfix.commands.edit import Edit
from interfix.commands.situation import Situation
from interfix.engine.protocol import ChatRequest, Engine, EngineStatus, InfillRequest
from interfix.values import Part, Started, StreamEvent

Command = Callable[[Asking, Situation], Awaitable[Edit] | AsyncGenerator[str, None]]


class Why(msgspec.Struct, frozen=True):
    """The prompt of one request and its origin."""

    model: str
    """Name of the model it is for."""
    prompt: str
    """The prompt word for word, with the template's own text."""
    prompt_tokens: int
    """Its length, tokens."""
    budget: int
    """What it may be at most, tokens."""
    parts: tuple[Part, ...]
    """What was offered to the layout, in prompt order, and what became of it; the rest of the tokens are the template's."""


async def why(command: Command, asking: Asking, situation: Situation) -> tuple[Why, ...]:
    """The requests a command makes first, one for each part of a long selection. Raises what the command raises before it asks."""
    engine = LaidOut(asking.engine)
    dry = msgspec.structs.replace(asking, engine=engine, repairs=0)
    with contextlib.suppress(Unusable):  # no answer is never a good one
        result = command(dry, situation)
        if isinstance(result, AsyncGenerator):
            async with aclosing(result):
                async for _ in result:
                    pass
        else:
            await result
    return tuple(engine.told)


class LaidOut:
    """An engine that lays chats out, and answers nothing."""

    def __init__(self, engine: Engine) -> None:
        self.told: list[Why] = []
        self._engine = engine

    async def chat(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """See `Engine`."""
        async with aclosing(self._engine.chat(msgspec.structs.replace(request, dry=True))) as events:
            async for event in events:
                if isinstance(event, Started):
                    self.told.append(Why(event.model, event.prompt, event.prompt_tokens, event.budget, event.parts))
                yield event

    def infill(self, request: InfillRequest) -> AsyncGenerator[StreamEvent, None]:
        """See `Engine`."""
        return self._engine.infill(msgspec.structs.replace(request, dry=True))

    async def status(self) -> EngineStatus:
        """See `Engine`."""
        return await self._engine.status()

    async def close(self) -> None:
        """Left to whoever opened it."""
