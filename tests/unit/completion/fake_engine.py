"""An engine that says what it is told to, token by token. Computes nothing."""

from collections.abc import AsyncGenerator

from interfix.engine.protocol import ChatRequest, EngineStatus, InfillRequest
from interfix.errors import UnavailableError
from interfix.values import GeneratedToken, GenerationEnd, GenerationEvent, GenerationStart


class FakeEngine:
    """Streams `output` in pieces of three characters, then ends for `ended`; "" ends as a newer request would make it."""

    def __init__(self, output: str, end_reason: str = "end", failure: str = "", logprob: float = -0.1) -> None:
        self.output = output
        self.end_reason = end_reason
        self.failure = failure
        self.logprob = logprob
        self.requests: list[InfillRequest] = []
        self.sent_pieces: list[str] = []
        self.is_closed = False

    async def infill(self, request: InfillRequest) -> AsyncGenerator[GenerationEvent, None]:
        self.requests.append(request)
        try:
            yield GenerationStart("prepared", 42, 0)
            for start in range(0, len(self.output), 3):
                self.sent_pieces.append(self.output[start : start + 3])
                yield GeneratedToken(self.sent_pieces[-1], self.logprob)
            if self.failure:
                raise UnavailableError(self.failure)
            if self.end_reason:
                yield GenerationEnd(self.end_reason, len(self.sent_pieces), 1.0, 1.0)
        finally:
            self.is_closed = True

    async def chat(self, request: ChatRequest) -> AsyncGenerator[GenerationEvent, None]:
        raise UnavailableError(f"The prepared engine does not answer {len(request.messages)} messages.")
        yield

    async def status(self) -> EngineStatus:
        return EngineStatus("0", 0, 0, 1, ())

    async def close(self) -> None:
        self.is_closed = True
