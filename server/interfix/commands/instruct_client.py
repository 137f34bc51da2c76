"""Sends requests to the instruct model and streams its answer. An incomplete answer is an error."""

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

import msgspec

from interfix.commands.reasoning_filter import ReasoningFilter
from interfix.config.settings import Settings
from interfix.engine.protocol import ChatRequest, Engine
from interfix.errors import InterfixError, UnavailableError
from interfix.inference_types import ChatMessage, GeneratedToken, GenerationEnd, GenerationStart, Sampling
from interfix.models.kind_detection import has_reasoning_name
from interfix.models.role_check import InstructModel

_PROGRESS_TOKENS = 8
"""Tokens between two pieces of news."""


class TruncatedAnswer(InterfixError):
    """The answer did not come to its end."""


class UnusableAnswer(InterfixError):
    """No answer that can be used came; `answer` is what the model said, for whoever wants to see it."""

    def __init__(self, message: str, answer: str) -> None:
        super().__init__(message)
        self.answer = answer


def ignore_progress(_message: str) -> None:
    """For whoever does not want to know how far it is."""


class InstructClient(msgspec.Struct, frozen=True):
    """Who answers, and how."""

    engine: Engine
    """Who computes."""
    model: InstructModel
    """Who answers."""
    settings: Settings
    """The user's."""
    max_repairs: int = 1
    """How often a fault goes back to the model with its reason; 0 is there to be measured against."""
    on_progress: Callable[[str], None] = ignore_progress
    """Is told how far the answer is: "64 tokens, 3 s"."""

    @property
    def budget_settings(self) -> Settings:
        """The settings with `engine.context_tokens` as the model has it: never more than it was trained on."""
        engine = self.settings.engine
        tokens = min(engine.context_tokens, self.model.trained_tokens or engine.context_tokens)
        return msgspec.structs.replace(self.settings, engine=msgspec.structs.replace(engine, context_tokens=tokens))

    async def stream(self, messages: Sequence[ChatMessage], sampling: Sampling) -> AsyncGenerator[str, None]:
        """The answer piece by piece, without reasoning, `sampling` on top of what holds for all commands; closing it stops the
        engine.

        Where a server's template may have begun the reasoning, nothing is shown before its end. Raises what the engine raises, and
        `TruncatedAnswer` where the answer does not come to its end.
        """
        is_remote = "://" in self.model.path  # with a local file the engine tells what the template has begun
        may_lack_begin = is_remote and has_reasoning_name(self.model.name)
        stream = self._stream(messages, sampling, may_lack_begin=may_lack_begin)
        async with aclosing(stream):
            async for text in stream:
                yield text

    async def _stream(
        self, messages: Sequence[ChatMessage], sampling: Sampling, *, may_lack_begin: bool
    ) -> AsyncGenerator[str, None]:
        commands = self.settings.commands
        request = ChatRequest(self.model, tuple(messages), commands.max_tokens, commands.resolve_sampling(sampling))
        reasoning_filter = ReasoningFilter("\n".join(each.full_text for each in messages), may_lack_begin=may_lack_begin)
        finished: GenerationEnd | None = None
        began, count = time.monotonic(), 0
        async with aclosing(self.engine.chat(request)) as events:
            async for event in events:
                match event:
                    case GenerationStart():
                        self.on_progress(f"reading {event.prompt_tokens - event.reused_tokens} tokens")
                    case GeneratedToken():
                        count += 1
                        if count % _PROGRESS_TOKENS == 0:
                            self.on_progress(f"{count} tokens, {time.monotonic() - began:.0f} s")
                        if text := reasoning_filter.take(event.text):
                            yield text
                    case GenerationEnd():
                        finished = event
        is_cut = finished is None or finished.reason != "end"
        has_no_answer = is_cut and reasoning_filter.is_unclear and has_reasoning_name(self.model.name)
        if not has_no_answer and (text := reasoning_filter.rest()):
            yield text
        if finished is None:
            raise UnavailableError("The engine stopped before the answer was complete; ask again.")
        if finished.reason == "loop":
            raise TruncatedAnswer(f"{self.model.name} went round in circles; ask again, or in other words.")
        if has_no_answer or (reasoning_filter.is_inside and not reasoning_filter.has_answer):
            raise TruncatedAnswer(
                f"{self.model.name} wrote {finished.tokens} tokens of reasoning and no answer; turn its reasoning off on its "
                "server, or raise commands.max_tokens."
            )
        if finished.reason != "end":
            raise TruncatedAnswer(
                f"The answer was cut off after {finished.tokens} tokens; select less, or raise commands.max_tokens."
            )

    async def request_answer(self, messages: Sequence[ChatMessage], sampling: Sampling) -> str:
        """The whole answer. Raises `UnusableAnswer` with what there is of it where it did not come to its end."""
        pieces: list[str] = []
        try:
            async with aclosing(self._stream(messages, sampling, may_lack_begin=True)) as stream:
                async for piece in stream:
                    pieces.append(piece)  # noqa: PERF401 (what there is of it counts, whatever comes next)
        except TruncatedAnswer as error:
            raise UnusableAnswer(f"{error} Nothing was changed.", "".join(pieces)) from error
        return "".join(pieces)
