"""The one engine of the tests that computes nothing: it streams what a test tells it to, and notes what it was asked."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any, Self

import msgspec

from interfix.commands.instruct_client import InstructClient
from interfix.config.settings import CommandSettings, Settings
from interfix.engine.protocol import ChatRequest, EngineRequest, EngineStatus, InfillRequest, NextEditRequest
from interfix.inference_types import GeneratedToken, GenerationEnd, GenerationEvent, GenerationStart, TextScore
from interfix.models.model_selection import ModelSelection
from interfix.models.role_check import BaseModel, InstructModel

FAKE_MODELS = ModelSelection(BaseModel("fake-base", "/b.gguf"), InstructModel("fake-instruct", "/i.gguf"), "Both are fake.")


class FakeAnswer(msgspec.Struct, frozen=True):
    """An answer computed from its request."""

    text: str
    """What is streamed."""
    logprob: float | None = None
    """Of each token; None: the engine's own."""
    start: GenerationStart | None = None
    """How the stream begins; None: as the engine's others do."""
    score: float | None = None
    """Log-probability of the text that is to be scored, each token of three characters; None: it is not scored."""


class FakeEngine:
    """Answers with one text after the other, or with what `respond` makes of a request.

    The last text is given again and again, unless `repeats_last` is switched off: then one request more fails the test.
    """

    def __init__(
        self,
        *answers: str,
        respond: Callable[[Any], FakeAnswer] | None = None,
        logprob: float = -0.1,
        end_reason: str = "end",
        late_failure: Exception | None = None,
        piece_length: int = 3,
    ) -> None:
        self.answers = list(answers)
        self.repeats_last = True
        self.end_reason = end_reason
        """How streams end; empty: without `GenerationEnd`, as a newer request ends them."""
        self.failure: Exception | None = None
        """Raised before anything is streamed."""
        self.request_gate: asyncio.Event | None = None
        """What a stream waits for before it begins."""
        self.token_gate: asyncio.Event | None = None
        """What a stream waits for after each token."""
        self.requests: list[Any] = []
        """What was asked: `InfillRequest` or `ChatRequest`."""
        self.read_ahead = asyncio.Queue[InfillRequest]()
        """What was to be read before anybody asks; nothing is answered."""
        self.asked_models = asyncio.Queue[str]()
        """The model of each request, as it comes."""
        self.has_written = asyncio.Event()
        """Set by each token."""
        self.sent_pieces: list[str] = []
        self.endings = asyncio.Queue[str]()
        """Of each stream, as it ends: "finished" where it was read to its end, else "closed"."""
        self.ended_count = self.status_count = 0
        self.is_closed = False
        self.respond = respond
        self._logprob = logprob
        self._late_failure = late_failure
        self._piece_length = piece_length

    def infill(self, request: InfillRequest) -> AsyncGenerator[GenerationEvent, None]:
        return self._stream(request)

    def chat(self, request: ChatRequest) -> AsyncGenerator[GenerationEvent, None]:
        return self._stream(request)

    def next_edit(self, request: NextEditRequest) -> AsyncGenerator[GenerationEvent, None]:
        return self._stream(request)

    async def status(self) -> EngineStatus:
        self.status_count += 1
        return EngineStatus(version="0", pid=42, memory_bytes=0, clients=1, models=())

    async def close(self) -> None:
        self.is_closed = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _stream(self, request: EngineRequest) -> AsyncGenerator[GenerationEvent, None]:
        if isinstance(request, InfillRequest) and request.is_ahead:
            self.read_ahead.put_nowait(request)
            return
        self.requests.append(request)
        ending = "closed"
        try:
            self.asked_models.put_nowait(request.model.name)
            answer = self.respond(request) if self.respond else FakeAnswer(self._take_answer())
            if self.request_gate is not None:
                await self.request_gate.wait()
            if self.failure is not None:
                raise self.failure
            yield answer.start or GenerationStart(model=request.model.name, prompt_tokens=7, reused_tokens=0)
            if answer.score is not None and isinstance(request, InfillRequest):
                yield TextScore(logprob=answer.score, end_logprob=0.0, tokens=1 + len(request.scored_text) // 3)
            logprob = self._logprob if answer.logprob is None else answer.logprob
            pieces = [answer.text[i : i + self._piece_length] for i in range(0, len(answer.text), self._piece_length)]
            for piece in pieces:
                self.sent_pieces.append(piece)
                yield GeneratedToken(text=piece, logprob=logprob)
                self.has_written.set()
                if self.token_gate is not None:
                    await self.token_gate.wait()
            if self._late_failure is not None:
                raise self._late_failure
            if self.end_reason:
                yield GenerationEnd(reason=self.end_reason, tokens=len(pieces), prefill_ms=1.0, decode_ms=1.0)
            ending = "finished"
        finally:
            self.ended_count += 1
            self.endings.put_nowait(ending)

    def _take_answer(self) -> str:
        assert self.answers, "the engine was asked more often than it has answers"
        return self.answers[0] if self.repeats_last and len(self.answers) == 1 else self.answers.pop(0)


def make_instruct_client(engine: FakeEngine, **commands: object) -> InstructClient:
    """A client of this engine with these settings of `commands`, which asks no more often than the engine has answers."""
    assert FAKE_MODELS.instruct is not None
    engine.repeats_last = False
    return InstructClient(engine, FAKE_MODELS.instruct, Settings(commands=msgspec.convert(commands, CommandSettings)))
