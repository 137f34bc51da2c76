"""What goes back to a client: one JSON object, or a stream of them as server-sent events or as lines (NDJSON)."""

from collections.abc import AsyncGenerator
from typing import Any

import msgspec
from starlette.types import Send

from interfix.http_api.errors import HttpError, build_error


class JsonReply(msgspec.Struct, frozen=True):
    """One object, or a list."""

    value: Any
    """What JSON is made of."""
    status: int = 200
    """HTTP's."""


class SseStream(msgspec.Struct, frozen=True):
    """Server-sent events, one an object; OpenAI's end with `[DONE]`."""

    values: AsyncGenerator[Any, None]
    """What JSON is made of, one after the other."""
    is_openai: bool = True
    """Whether `[DONE]` ends it."""


class LineStream(msgspec.Struct, frozen=True):
    """Lines of JSON, as Ollama streams."""

    values: AsyncGenerator[Any, None]
    """What JSON is made of, one after the other."""


Reply = JsonReply | SseStream | LineStream


def encode_json(value: Any) -> bytes:
    """The JSON of a value; text that is no text (half of a surrogate pair) cannot come out of it."""
    return msgspec.json.encode(value)


async def send_json(send: Send, value: Any, status: int = 200) -> None:
    """A whole response."""
    body = encode_json(value)
    headers = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    if status == 503:
        headers.append((b"retry-after", b"1"))
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def send_error(send: Send, error: HttpError) -> None:
    """A whole response that refuses."""
    await send_json(send, build_error(error.status, error.message, error.param), error.status)


def frame_value(reply: SseStream | LineStream, value: Any) -> bytes:
    """One object of a stream."""
    return b"data: " + encode_json(value) + b"\n\n" if isinstance(reply, SseStream) else encode_json(value) + b"\n"
