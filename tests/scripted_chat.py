"""An engine that answers chats from a script and notes what it was asked."""

from collections.abc import AsyncGenerator, Sequence

import msgspec

from interfix.commands.asking import Asking
from interfix.config.settings import Commands, Settings
from interfix.engine.protocol import ChatRequest, EngineStatus, InfillRequest
from interfix.models.roles import InstructModel
from interfix.values import Finished, Started, StreamEvent, Token

MODEL = InstructModel("scripted-instruct", "/scripted.gguf")


def asking(engine: "ScriptedChat", **commands: object) -> Asking:
    """Who asks this engine, with these settings of `commands`."""
    return Asking(engine, MODEL, Settings(commands=msgspec.convert(commands, Commands)))


class ScriptedChat:
    """Each chat gets the next answer, a few characters a token; `reason` is how all of them end, empty for not at all."""

    def __init__(self, *answers: str, reason: str = "end") -> None:
        self.asked: list[ChatRequest] = []
        self.closed = 0
        self._answers: Sequence[str] = answers
        self._reason = reason

    async def chat(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        answer = self._answers[len(self.asked)]
        self.asked.append(request)
        try:
            yield Started(model=request.model.name, prompt_tokens=1, reused_tokens=0)
            for i in range(0, len(answer), 5):
                yield Token(text=answer[i : i + 5], logprob=-0.1)
            if self._reason:
                yield Finished(reason=self._reason, tokens=len(answer) // 5, prefill_ms=1, decode_ms=1)
        finally:
            self.closed += 1

    async def infill(self, request: InfillRequest) -> AsyncGenerator[StreamEvent, None]:
        raise AssertionError(f"a command asked for an infill of {request.document}")
        yield

    async def status(self) -> EngineStatus:
        raise AssertionError("a command asked for the status")

    async def close(self) -> None:
        pass
