"""What the tests of remote engines ask, of whom, and what came of it."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

from loopback import Loopback, told

from interfix.config.settings import Serving
from interfix.engine.protocol import ChatRequest, InfillRequest
from interfix.engine.remote.engine import RemoteEngine
from interfix.engine.remote.probe import Proofs
from interfix.engine.remote.recognition import Recognised
from interfix.engine.remote.transport import Patience
from interfix.models.proofs import Outcome
from interfix.models.roles import served_base, served_instruct
from interfix.values import Finished, Message, Piece, Role, Segment, SegmentKind, Started, StreamEvent, Token

QWEN = "qwen2.5-coder-7b"


class Proven(Proofs):
    """Whatever is asked is proven already."""

    def known(self, address: str, found: Recognised, role: Role) -> Outcome | None:  # noqa: ARG002
        return Outcome(True, "it did all that was asked")


@asynccontextmanager
async def engine(
    url: str,
    models: Path,
    *,
    kind: str = "openai",
    role: Role = Role.BASE,
    model: str = "",
    serving: Serving | None = None,
    proven: bool = False,
    patience: Patience | None = None,
) -> AsyncIterator[RemoteEngine]:
    """A role on a server; `models` is a folder with no model file in it."""
    settings = serving or Serving(engine=kind, url=url, model=model)  # type: ignore[arg-type]
    remote = RemoteEngine(role, settings, models, patience=patience, proofs=Proven() if proven else None)
    try:
        yield remote
    finally:
        await remote.close()


def openai(server: Loopback, name: str = QWEN, **more: object) -> None:
    """Have the server say that it has one model, and be of a kind that tells log-probabilities if nothing else is said."""
    server.routes["/v1/models"] = told({"data": [{"id": name, "object": "model", "owned_by": "sglang", **more}]})


def hole(before: str = "def add(a, b):\n    return ", after: str = "\n", *, budget: int = 512, dry: bool = False) -> InfillRequest:
    segments = (Segment(SegmentKind.PREFIX, before), Segment(SegmentKind.SUFFIX, after))
    return InfillRequest(served_base("any", "http://server"), "file:///a.py", segments, budget, 16, dry=dry)


def question(text: str = "What is this?", system: str = "Be short.", *context: str) -> ChatRequest:
    messages = (Message("system", system), Message("user", text, tuple(Piece("definitions", each) for each in context)))
    return ChatRequest(served_instruct("any", "http://server"), messages, 64)


async def events(remote: RemoteEngine, request: InfillRequest | ChatRequest) -> list[StreamEvent]:
    stream = remote.infill(request) if isinstance(request, InfillRequest) else remote.chat(request)
    async with aclosing(stream):
        return [event async for event in stream]


async def filled(remote: RemoteEngine, request: InfillRequest | ChatRequest | None = None) -> str:
    """The text of an answer that came to its end, in the order that engines promise."""
    first, *tokens, last = await events(remote, request or hole())
    assert isinstance(first, Started)
    assert isinstance(last, Finished)
    assert all(isinstance(token, Token) for token in tokens)
    return "".join(token.text for token in tokens if isinstance(token, Token))
