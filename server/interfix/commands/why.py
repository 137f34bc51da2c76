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
from interfix.engine.around import Around
from interfix.engine.protocol import ChatRequest, Engine, InfillRequest
from interfix.values import Shown, Started, StreamEvent

Command = Callable[[Asking, Situation], Awaitable[Edit] | AsyncGenerator[str, None]]


async def why(command: Command, asking: Asking, situation: Situation) -> tuple[Shown, ...]:
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


class LaidOut(Around):
    """An engine that lays chats out, and answers nothing."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.told: list[Shown] = []

    async def chat(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """See `Engine`."""
        async with aclosing(self.engine.chat(msgspec.structs.replace(request, dry=True))) as events:
            async for event in events:
                if isinstance(event, Started):
                    self.told.append(Shown(event.model, event.prompt, event.prompt_tokens, event.budget, event.parts))
                yield event

    def infill(self, request: InfillRequest) -> AsyncGenerator[StreamEvent, None]:
        """See `Engine`."""
        return self.engine.infill(msgspec.structs.replace(request, dry=True))

    async def close(self) -> None:
        """Left to whoever opened it."""
