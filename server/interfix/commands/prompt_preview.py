"""What a command shows the model: its own requests, laid out by the engine and not computed.

The command runs as always over an engine that lays out only, so what is told is what would have been asked, to the token.
"""

import contextlib
from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec

from interfix.commands.command import Command, EditCommand
from interfix.commands.command_request import CommandRequest
from interfix.commands.instruct_client import InstructClient, UnusableAnswer
from interfix.engine.engine_wrapper import EngineWrapper
from interfix.engine.protocol import ChatRequest, Engine, InfillRequest
from interfix.inference_types import GenerationEvent, GenerationStart, PromptReport


async def preview_prompts(command: Command, client: InstructClient, request: CommandRequest) -> tuple[PromptReport, ...]:
    """The requests a command makes first, one for each part of a long selection. Raises what the command raises before it asks."""
    engine = LayoutOnlyEngine(client.engine)
    dry = msgspec.structs.replace(client, engine=engine, max_repairs=0)
    with contextlib.suppress(UnusableAnswer):  # no answer is never a good one
        if isinstance(command, EditCommand):
            await command.run(dry, request)
        else:
            async with aclosing(command.run(dry, request)) as pieces:
                async for _ in pieces:
                    pass
    return tuple(engine.previews)


class LayoutOnlyEngine(EngineWrapper):
    """An engine that lays chats out, and answers nothing."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.previews: list[PromptReport] = []

    async def chat(self, request: ChatRequest) -> AsyncGenerator[GenerationEvent, None]:
        async with aclosing(self.engine.chat(msgspec.structs.replace(request, dry_run=True))) as events:
            async for event in events:
                if isinstance(event, GenerationStart):
                    self.previews.append(PromptReport(event.model, event.prompt, event.prompt_tokens, event.budget, event.parts))
                yield event

    def infill(self, request: InfillRequest) -> AsyncGenerator[GenerationEvent, None]:
        return self.engine.infill(msgspec.structs.replace(request, dry_run=True))

    async def close(self) -> None:
        """Left to whoever opened it."""
