"""An engine that answers chats from a script and notes what it was asked."""

from collections.abc import AsyncGenerator, Sequence

import msgspec

from interfix.commands.instruct_client import InstructClient
from interfix.config.settings import CommandSettings, Settings
from interfix.engine.protocol import ChatRequest, EngineStatus, InfillRequest
from interfix.models.roles import InstructModel
from interfix.values import GeneratedToken, GenerationEnd, GenerationEvent, GenerationStart

FAKE_MODEL = InstructModel("scripted-instruct", "/scripted.gguf")


def make_instruct_client(engine: "FakeChatEngine", **commands: object) -> InstructClient:
    """Who asks this engine, with these settings of `commands`."""
    return InstructClient(engine, FAKE_MODEL, Settings(commands=msgspec.convert(commands, CommandSettings)))


class FakeChatEngine:
    """Each chat gets the next answer, a few characters a token; `reason` is how all of them end, empty for not at all."""

    def __init__(self, *answers: str, reason: str = "end") -> None:
        self.requests: list[ChatRequest] = []
        self.closed_count = 0
        self._answers: Sequence[str] = answers
        self._reason = reason

    async def chat(self, request: ChatRequest) -> AsyncGenerator[GenerationEvent, None]:
        answer = self._answers[len(self.requests)]
        self.requests.append(request)
        try:
            yield GenerationStart(model=request.model.name, prompt_tokens=1, reused_tokens=0)
            for i in range(0, len(answer), 5):
                yield GeneratedToken(text=answer[i : i + 5], logprob=-0.1)
            if self._reason:
                yield GenerationEnd(reason=self._reason, tokens=len(answer) // 5, prefill_ms=1, decode_ms=1)
        finally:
            self.closed_count += 1

    async def infill(self, request: InfillRequest) -> AsyncGenerator[GenerationEvent, None]:
        raise AssertionError(f"a command asked for an infill of {request.document}")
        yield

    async def status(self) -> EngineStatus:
        raise AssertionError("a command asked for the status")

    async def close(self) -> None:
        pass
