"""The bytes of a response: bounded, and split into the events of an answer."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import httpx
from httpx_sse import EventSource

from interfix.engine.remote.transport_errors import AnswerTooLarge

MAX_ANSWER_BYTES = 64 << 20
"""No answer has more bytes, whatever else it is."""
END_TIMEOUT = 0.5
"""So long may a server take to end an answer that is complete, seconds: its connection can then be used again."""

EventSplitter = Callable[[httpx.Response], AsyncIterator[str | bytes]]
"""Splits a response into the JSON texts of its events."""


async def split_sse(response: httpx.Response) -> AsyncIterator[str]:
    """The data of server-sent events, up to OpenAI's `[DONE]`."""
    events = EventSource(response).aiter_sse()
    async for event in events:
        if event.data == "[DONE]":
            with suppress(TimeoutError, httpx.HTTPError):  # it is complete, however it ends
                async with asyncio.timeout(END_TIMEOUT):
                    await anext(events, None)
            return
        if event.data:
            yield event.data


async def split_json_lines(response: httpx.Response) -> AsyncIterator[bytes]:
    """One JSON object a line; only \\n ends one, for others may stand in a JSON text as they are."""
    rest: list[bytes] = []
    async for data in response.aiter_bytes():
        *whole, last = data.split(b"\n")
        if whole:
            whole[0] = b"".join((*rest, whole[0]))
            rest = []
        rest.append(last)
        for line in whole:
            if line.strip():
                yield line
    if (unended := b"".join(rest)).strip():
        yield unended


class SizeLimitedStream(httpx.AsyncByteStream):
    """An answer's bytes, up to so many."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for data in self._stream:
            size += len(data)
            if size > MAX_ANSWER_BYTES:
                raise AnswerTooLarge
            yield data

    async def aclose(self) -> None:
        await self._stream.aclose()
