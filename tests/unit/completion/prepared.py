"""An engine that says what it is told to, token by token. Computes nothing."""

from collections.abc import AsyncGenerator

from interfix.engine.protocol import ChatRequest, EngineStatus, InfillRequest
from interfix.errors import Unavailable
from interfix.values import Finished, Started, StreamEvent, Token


class PreparedEngine:
    """Streams `output` in pieces of three characters, then ends for `ended`; "" ends as a newer request would make it."""

    def __init__(self, output: str, ended: str = "end", fails: str = "", logprob: float = -0.1) -> None:
        self.output = output
        self.ended = ended
        self.fails = fails
        self.logprob = logprob
        self.requests: list[InfillRequest] = []
        self.sent: list[str] = []
        self.closed = False

    async def infill(self, request: InfillRequest) -> AsyncGenerator[StreamEvent, None]:
        self.requests.append(request)
        try:
            yield Started("prepared", 42, 0)
            for start in range(0, len(self.output), 3):
                self.sent.append(self.output[start : start + 3])
                yield Token(self.sent[-1], self.logprob)
            if self.fails:
                raise Unavailable(self.fails)
            if self.ended:
                yield Finished(self.ended, len(self.sent), 1.0, 1.0)
        finally:
            self.closed = True

    async def chat(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        raise Unavailable(f"The prepared engine does not answer {len(request.messages)} messages.")
        yield

    async def status(self) -> EngineStatus:
        return EngineStatus("0", 0, 0, 1, ())

    async def close(self) -> None:
        self.closed = True
