"""From a `ChatCall` to a stream of text: secrets have stand-ins in the prompt, and are themselves again in the answer."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec

from interfix.engine.protocol import ChatRequest, Engine
from interfix.errors import UsageError
from interfix.http_api.answer_record import AnswerRecord
from interfix.http_api.call_types import AnswerEnd, GenerationOptions, TextPiece
from interfix.http_api.served_models import ServedModels
from interfix.inference_types import ChatMessage, GenerationEvent
from interfix.masking import MaskChangedError, Masker


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
                if answer.record.reason:
                    break
        if (piece := answer.finish()) is not None:
            yield piece
        yield answer.record.describe_end(model.name)


class _ChatAnswer:
    """What the client may see of one stream."""

    def __init__(self, options: GenerationOptions, masker: Masker) -> None:
        self._masker = masker
        self._held = ""  # the line under way, where a stand-in may be in it
        self.record = AnswerRecord(options)

    def take(self, event: GenerationEvent) -> TextPiece | None:
        """What the client may see now."""
        if (text := self.record.add(event)) is None:
            return None
        self._held += text
        self.record.note_stop_word()
        if self.record.reason:
            return None
        if not self._masker.has_stand_ins:
            return self._emit(len(self._held))
        return self._emit(self._held.rfind("\n") + 1)

    def finish(self) -> TextPiece | None:
        """The rest. Raises `UnavailableError` where the engine has ended before the model did."""
        self._held += self.record.close()
        return self._emit(len(self._held), is_last=True)

    def _emit(self, end: int, *, is_last: bool = False) -> TextPiece | None:
        text, self._held = self._held[:end], self._held[end:]
        if not text and not (is_last and self.record.has_tokens):
            return None
        tokens = self.record.take_tokens()
        try:
            return TextPiece(self._masker.restore(text), tokens)
        except MaskChangedError:
            return TextPiece(text, tokens)  # an answer in words may speak of a value as it was masked


def _mask_turns(turns: tuple[ChatTurn, ...]) -> tuple[Masker, tuple[ChatMessage, ...]]:
    masker = Masker(*(turn.content for turn in turns))
    return masker, tuple(ChatMessage(turn.role, masker.mask(turn.content)) for turn in turns)
