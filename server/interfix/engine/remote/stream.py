"""A server's answer as an engine's stream, ended where it should be whatever the server does. Knows no API and no layout."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import msgspec

from interfix.engine.answer import Answer
from interfix.engine.remote.server import Begun, Ended, Wish, Written
from interfix.values import Finished, Started, StreamEvent, Token


async def streamed(
    answer: AsyncGenerator[Begun | Written | Ended, None],
    wish: Wish,
    out: Answer,
    started: Started,
    counted: Callable[[int], None],
) -> AsyncGenerator[StreamEvent, None]:
    """`Started` with the first word, tokens through `out`, `Finished`; `counted` hears how long the server found the prompt."""
    begun = time.perf_counter()
    first, count, reason, told = 0.0, 0, "length", False
    async with aclosing(answer) as events:
        async for event in events:
            if isinstance(event, Begun) and not told:
                started = msgspec.structs.replace(started, prompt_tokens=event.prompt_tokens, reused_tokens=event.reused_tokens)
            if not told:
                told = True
                yield started
            if isinstance(event, Ended):
                reason = event.reason
                counted(event.prompt_tokens)
            if isinstance(event, Written):
                first = first or time.perf_counter()
                if event.token in wish.end_tokens:
                    reason = "end"
                    break
                if count == wish.limit:
                    break  # the server does not end where it was told to
                count += 1
                yield Token(text=out.take(event.text), logprob=event.logprob or 0.0)
                if out.ended:
                    reason = out.ended
                    break
    if held := out.rest():
        yield Token(text=held, logprob=0.0)  # its tokens were told of when they were written
    ended = time.perf_counter()
    first = first or ended
    yield Finished(reason=reason, tokens=count, prefill_ms=(first - begun) * 1000, decode_ms=(ended - first) * 1000)


async def until(over: asyncio.Event, events: AsyncGenerator[StreamEvent, None]) -> AsyncGenerator[StreamEvent, None]:
    """The events until it is over: then they are closed in the middle of whatever they wait for."""
    async with aclosing(events):
        waiting = asyncio.create_task(over.wait())
        try:
            while True:
                coming = asyncio.create_task(_next(events))
                try:
                    await asyncio.wait((coming, waiting), return_when=asyncio.FIRST_COMPLETED)
                finally:
                    if not coming.done():
                        coming.cancel()
                        await asyncio.wait((coming,))
                if waiting.done() or (event := coming.result()) is None:
                    return
                yield event
        finally:
            waiting.cancel()


async def _next(events: AsyncGenerator[StreamEvent, None]) -> StreamEvent | None:
    return await anext(events, None)
