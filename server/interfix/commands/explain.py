"""Explains code in Markdown, as it is written. Knows no editor and keeps no conversation."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from interfix.commands.prompts import fenced, prompt
from interfix.commands.selection import meant
from interfix.config.settings import Commands
from interfix.engine.protocol import ChatRequest, Engine
from interfix.models.roles import InstructModel
from interfix.syntax.document import Snapshot
from interfix.values import Message, Token


async def explain(
    engine: Engine, model: InstructModel, snapshot: Snapshot, start: int, end: int, settings: Commands
) -> AsyncGenerator[str, None]:
    """Stream the explanation of what bytes `start` to `end` mean (see `meant`); closing it stops the engine.

    Raises `BadUsage` where there is no code, and what the engine raises.
    """
    selection = meant(snapshot, start, end)
    turns = prompt("explain")
    code = fenced(selection.code, selection.language)
    messages = (
        Message("system", turns["system"].substitute()),
        Message("user", turns["user"].substitute(language=selection.language or "source", place=selection.place, code=code)),
    )
    request = ChatRequest(model, messages, settings.max_tokens, settings.sampling(settings.explain))
    async with aclosing(engine.chat(request)) as events:
        async for event in events:
            if isinstance(event, Token) and event.text:
                yield event.text
