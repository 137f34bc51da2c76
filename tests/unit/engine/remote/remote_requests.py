"""What the tests of remote engines ask, of whom, and what came of it."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

from interfix.config.settings import BackendSettings
from interfix.engine.probes.server_role_probe import ServerProbeStore
from interfix.engine.protocol import ChatRequest, InfillRequest
from interfix.engine.remote.engine import RemoteEngine
from interfix.engine.remote.model_and_tokenizer_detection import DetectedModel
from interfix.engine.remote.transport import Timeouts
from interfix.inference_types import (
    ChatMessage,
    ContextSnippet,
    GeneratedToken,
    GenerationEnd,
    GenerationEvent,
    GenerationStart,
    Role,
    Segment,
    SegmentKind,
)
from interfix.models.role_check import make_remote_base, make_remote_instruct
from interfix.models.role_probe_store import RoleOutcome
from tests.unit.engine.remote.fake_http_server import FakeHttpServer, json_reply

QWEN_MODEL = "qwen2.5-coder-7b"


class AllProven(ServerProbeStore):
    """Whatever is asked is proven already."""

    def find(self, address: str, server_model: DetectedModel, role: Role) -> RoleOutcome | None:  # noqa: ARG002
        return RoleOutcome(True, "it did all that was asked")


@asynccontextmanager
async def open_remote_engine(
    url: str,
    models: Path,
    *,
    kind: str = "openai",
    role: Role = Role.BASE,
    model: str = "",
    serving: BackendSettings | None = None,
    proven: bool = False,
    patience: Timeouts | None = None,
) -> AsyncIterator[RemoteEngine]:
    """A role on a server; `models` is a folder with no model file in it."""
    settings = serving or BackendSettings(engine=kind, url=url, model=model)  # type: ignore[arg-type]
    remote = RemoteEngine(role, settings, models, timeouts=patience, probe_store=AllProven() if proven else None)
    try:
        yield remote
    finally:
        await remote.close()


def serve_openai_model(server: FakeHttpServer, name: str = QWEN_MODEL, **more: object) -> None:
    """Have the server say that it has one model, and be of a kind that tells log-probabilities if nothing else is said."""
    server.routes["/v1/models"] = json_reply({"data": [{"id": name, "object": "model", "owned_by": "sglang", **more}]})


def infill_request(
    before: str = "def add(a, b):\n    return ", after: str = "\n", *, budget: int = 512, dry_run: bool = False
) -> InfillRequest:
    segments = (Segment(SegmentKind.PREFIX, before), Segment(SegmentKind.SUFFIX, after))
    return InfillRequest(make_remote_base("any", "http://server"), "file:///a.py", segments, budget, 16, dry_run=dry_run)


def chat_request(text: str = "What is this?", system: str = "Be short.", *context: str) -> ChatRequest:
    messages = (
        ChatMessage("system", system),
        ChatMessage("user", text, tuple(ContextSnippet("definitions", each) for each in context)),
    )
    return ChatRequest(make_remote_instruct("any", "http://server"), messages, 64)


async def collect_events(remote: RemoteEngine, request: InfillRequest | ChatRequest) -> list[GenerationEvent]:
    stream = remote.infill(request) if isinstance(request, InfillRequest) else remote.chat(request)
    async with aclosing(stream):
        return [event async for event in stream]


async def complete_text(remote: RemoteEngine, request: InfillRequest | ChatRequest | None = None) -> str:
    """The text of an answer that came to its end, in the order that engines promise."""
    first, *tokens, last = await collect_events(remote, request or infill_request())
    assert isinstance(first, GenerationStart)
    assert isinstance(last, GenerationEnd)
    assert all(isinstance(token, GeneratedToken) for token in tokens)
    return "".join(token.text for token in tokens if isinstance(token, GeneratedToken))
