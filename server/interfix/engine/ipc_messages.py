"""The messages between the engine host and its clients: MessagePack frames behind a four-byte big-endian length.

`Hello`, `Welcome` and `StopHost` never change, so that `interfix stop` ends hosts of every version. Clients send other messages
only to hosts that run the same code.
"""

import asyncio
import struct
from typing import TypeVar

import msgspec

from interfix.engine.protocol import EngineRequest, EngineStatus
from interfix.errors import InterfixError, UnavailableError
from interfix.inference_types import GeneratedToken, GenerationEnd, GenerationStart, TextScore

MAX_FRAME_BYTES = 64 * 2**20
"""Bytes; a longer frame is not ours."""

_LENGTH = struct.Struct(">I")


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """First frame of a client."""

    version: str
    """Version of Interfix the client runs."""
    secret: str
    """Proof of being the same user where the platform's sockets give none (`ipc_socket`)."""


class Welcome(msgspec.Struct, frozen=True, tag="welcome"):
    """First frame of the host."""

    version: str
    """Version of Interfix the host runs."""
    pid: int
    """The host's process id."""


class StartCall(msgspec.Struct, frozen=True, tag="call"):
    """A request; its answers carry the same id."""

    id: int
    """Chosen by the client, unique within the connection."""
    request: EngineRequest
    """What is asked."""


class CancelCall(msgspec.Struct, frozen=True, tag="cancel"):
    """The client has closed a stream."""

    id: int
    """Of the call."""


class StatusQuery(msgspec.Struct, frozen=True, tag="status"):
    """Asks for an `EngineStatus`."""

    id: int
    """Of the answer."""


class StopHost(msgspec.Struct, frozen=True, tag="stop"):
    """Asks the host to end."""


class WatchNotices(msgspec.Struct, frozen=True, tag="watch"):
    """A client that shows its user what the host has to tell."""


class Notice(msgspec.Struct, frozen=True, tag="notice"):
    """Something the user should know, to those who watch."""

    text: str
    """A sentence or two; empty: a model was measured, and the choice of models may be another one now."""
    topic: str = ""
    """What a warning is about, which is told once until an empty `text` says that it is settled; empty for news."""


class CallEvent(msgspec.Struct, frozen=True, tag="event"):
    """One event of a stream."""

    id: int
    """Of the call."""
    event: GenerationStart | TextScore | GeneratedToken | GenerationEnd
    """The event."""


class StatusReply(msgspec.Struct, frozen=True, tag="state"):
    """Answers `StatusQuery`."""

    id: int
    """Of the question."""
    status: EngineStatus
    """The answer."""


class CallEnd(msgspec.Struct, frozen=True, tag="done"):
    """A stream has ended; an empty `failure` means well."""

    id: int
    """Of the call."""
    failure: str = ""
    """Name of the error class in `errors`."""
    message: str = ""
    """The sentence for the user."""


def end_call(number: int, error: BaseException | None) -> CallEnd:
    """The last message of a call, which ended well or by an error."""
    if error is None:
        return CallEnd(id=number)
    if isinstance(error, InterfixError):
        return CallEnd(id=number, failure=type(error).__name__, message=str(error))
    sentence = f"The engine failed ({type(error).__name__}); its log says more."
    return CallEnd(id=number, failure=UnavailableError.__name__, message=sentence)


ClientMessage = Hello | StartCall | CancelCall | StatusQuery | StopHost | WatchNotices
HostMessage = Welcome | CallEvent | StatusReply | CallEnd | Notice

client_decoder: "msgspec.msgpack.Decoder[ClientMessage]" = msgspec.msgpack.Decoder(ClientMessage)
"""Decodes what a client says."""
host_decoder: "msgspec.msgpack.Decoder[HostMessage]" = msgspec.msgpack.Decoder(HostMessage)
"""Decodes what a host says."""

_encoder = msgspec.msgpack.Encoder()
_Message = TypeVar("_Message")


def encode_frame(message: ClientMessage | HostMessage) -> bytes:
    """A message as it goes over the wire."""
    body = _encoder.encode(message)
    return _LENGTH.pack(len(body)) + body


async def read_message(reader: asyncio.StreamReader, decoder: "msgspec.msgpack.Decoder[_Message]") -> "_Message | None":
    """The next message; None where the other side has gone or talks something else."""
    try:
        (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
        if length > MAX_FRAME_BYTES:
            return None
        return decoder.decode(await reader.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionError, msgspec.DecodeError):
        return None
