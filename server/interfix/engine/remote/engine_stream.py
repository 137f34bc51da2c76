"""A server's answer as an engine's stream, which ends at the stops even if the server does not."""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import msgspec

from interfix.engine.remote.backend import GenerationParams, StreamEnd, StreamStart, StreamToken
from interfix.engine.stop_texts_and_loops import StopDetector
from interfix.inference_types import GeneratedToken, GenerationEnd, GenerationEvent, GenerationStart


async def stream_events(
    answer: AsyncGenerator[StreamStart | StreamToken | StreamEnd, None],
    params: GenerationParams,
    stop_detector: StopDetector,
    started: GenerationStart,
    on_prompt_tokens: Callable[[int], None],
) -> AsyncGenerator[GenerationEvent, None]:
    """`GenerationStart` with the first word, tokens through `stop_detector`, `GenerationEnd`; `on_prompt_tokens` hears how long the
    server found the prompt."""
    begun = time.perf_counter()
    first, count, reason, has_started = 0.0, 0, "length", False
    async with aclosing(answer) as events:
        async for event in events:
            if isinstance(event, StreamStart) and not has_started:
                started = msgspec.structs.replace(started, prompt_tokens=event.prompt_tokens, reused_tokens=event.reused_tokens)
            if not has_started:
                has_started = True
                yield started
            if isinstance(event, StreamEnd):
                reason = event.reason
                on_prompt_tokens(event.prompt_tokens)
            if isinstance(event, StreamToken):
                first = first or time.perf_counter()
                if event.token in params.stop_tokens:
                    reason = "end"
                    break
                if count == params.max_tokens:
                    break  # the server does not end where it was told to
                count += 1
                yield GeneratedToken(text=stop_detector.feed(event.text), logprob=event.logprob or 0.0)
                if stop_detector.stop_reason:
                    reason = stop_detector.stop_reason
                    break
    if held := stop_detector.flush():
        yield GeneratedToken(text=held, logprob=0.0)  # its tokens were told of when they were written
    ended = time.perf_counter()
    first = first or ended
    yield GenerationEnd(reason=reason, tokens=count, prefill_ms=(first - begun) * 1000, decode_ms=(ended - first) * 1000)
