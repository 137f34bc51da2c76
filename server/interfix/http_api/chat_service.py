"""From a `ChatCall` to a stream of text: secrets have stand-ins in the prompt, and are themselves again in the answer."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec

from interfix.engine.protocol import ChatRequest, Engine
from interfix.engine.stop_detection import StopDetector
from interfix.errors import UnavailableError, UsageError
from interfix.http_api.call_types import AnswerEnd, GenerationOptions, TextPiece, find_stop_word
from interfix.http_api.served_models import ServedModels
from interfix.masking import MaskChangedError, Masker
from interfix.values import ChatMessage, GeneratedToken, GenerationEnd, GenerationStart


class ChatTurn(msgspec.Struct, frozen=True):
    """One turn as a client writes it."""

    role: str
    """system, user or assistant."""
    content: str
    """Its text."""


class ChatCall(msgspec.Struct, frozen=True, kw_only=True):
    """Answer the last turn."""

    model: str = ""
    """As the client names it."""
    turns: tuple[ChatTurn, ...]
    """The turns so far."""
    options: GenerationOptions
    """How to write."""


class ChatService:
    """Answers chat calls with an engine."""

    def __init__(self, engine: Engine, models: ServedModels, max_characters: int) -> None:
        """A chat of more than `max_characters` is refused before anything is made of it."""
        self._engine = engine
        self._models = models
        self._max_characters = max_characters

    async def stream(self, call: ChatCall) -> AsyncGenerator[TextPiece | AnswerEnd, None]:
        """The answer piece by piece, then its end; closing it stops the engine. Raises what the engine raises."""
        model = await self._models.find_instruct(call.model)
        if (length := sum(len(turn.content) for turn in call.turns)) > self._max_characters:
            raise UsageError(f"The chat has {length} characters, more than {model.name} has room for. Send less of it.")
        masker, messages = await asyncio.to_thread(_mask_turns, call.turns)
        request = ChatRequest(
            model=model,
            messages=messages,
            max_tokens=call.options.max_tokens,
            sampling=call.options.sampling,
            seed=call.options.seed,
            alternatives=call.options.alternatives,
        )
        answer = _ChatAnswer(call.options, masker)
        async with aclosing(self._engine.chat(request)) as events:
            async for event in events:
                if (piece := answer.take(event)) is not None:
                    yield piece
                if answer.reason:
                    break
        if (piece := answer.finish()) is not None:
            yield piece
        yield answer.describe_end(model.name)


class _ChatAnswer:
    """What comes of one stream, and what of it the client may see."""

    def __init__(self, options: GenerationOptions, masker: Masker) -> None:
        self._options = options
        self._masker = masker
        self._began = time.perf_counter()
        self._first_at = 0.0
        self._start = GenerationStart("", 0, 0)
        self._end: GenerationEnd | None = None
        self._count = 0
        self._tokens: list[GeneratedToken] = []
        self._written = ""
        self._held = ""  # the line under way, where a stand-in may be in it
        self._detector = StopDetector(options.stop)
        self.reason = ""

    def take(self, event: GenerationStart | GeneratedToken | GenerationEnd) -> TextPiece | None:
        """What the client may see now."""
        if isinstance(event, GenerationStart):
            self._start = event
            return None
        if isinstance(event, GenerationEnd):
            self._end = event
            self.reason = "length" if event.reason == "length" else "end"
            return None
        self._first_at = self._first_at or time.perf_counter()
        self._count += 1
        self._tokens.append(event)
        self._written += event.text
        self._held += self._detector.feed(event.text)
        if self._detector.stop_reason:
            self.reason = "word"
            return None
        if not self._masker.has_stand_ins:
            return self._emit(len(self._held))
        return self._emit(self._held.rfind("\n") + 1)

    def finish(self) -> TextPiece | None:
        """The rest. Raises `UnavailableError` where the engine has ended before the model did."""
        if not self.reason:
            if self._options.max_tokens:
                raise UnavailableError("The engine stopped before the answer was complete; ask again.")
            self.reason = "length"
        if self._end is not None:
            self._held += self._detector.flush()
        return self._emit(len(self._held), is_last=True)

    def describe_end(self, model: str) -> AnswerEnd:
        """What is told at the end."""
        now = time.perf_counter()
        first = self._first_at or now
        return AnswerEnd(
            model=self._start.model or model,
            reason=self.reason,
            stop_word=find_stop_word(self._written, self._options.stop) if self.reason == "word" else "",
            prompt_tokens=self._start.prompt_tokens,
            reused_tokens=self._start.reused_tokens,
            tokens=self._count,
            prefill_ms=(first - self._began) * 1000,
            decode_ms=(now - first) * 1000,
        )

    def _emit(self, end: int, *, is_last: bool = False) -> TextPiece | None:
        text, self._held = self._held[:end], self._held[end:]
        if not text and not (is_last and self._tokens):
            return None
        tokens, self._tokens = tuple(self._tokens), []
        try:
            return TextPiece(self._masker.restore(text), tokens)
        except MaskChangedError:
            return TextPiece(text, tokens)  # an answer in words may speak of a value as it was masked


def _mask_turns(turns: tuple[ChatTurn, ...]) -> tuple[Masker, tuple[ChatMessage, ...]]:
    masker = Masker(*(turn.content for turn in turns))
    return masker, tuple(ChatMessage(turn.role, masker.mask(turn.content)) for turn in turns)
