"""Asks the base model for the text of a stale span, and how likely the old text is in its place."""

from contextlib import aclosing
from functools import cached_property

import msgspec

from interfix.completion.hole import InfillHole
from interfix.completion.indent_style import get_indent
from interfix.completion.multiline_choice import SuggestionShape
from interfix.completion.stops import DEGENERATION_RULES, EXPLICIT_TIME_FACTOR, StreamStopper
from interfix.completion.stops.suffix_reached import stop_at_suffix
from interfix.completion.unmatched_brackets import scan_brackets
from interfix.config.settings import CompletionSettings
from interfix.engine.protocol import Engine, InfillRequest
from interfix.inference_types import GeneratedToken, GenerationEnd, TextScore
from interfix.models.role_check import BaseModel
from interfix.next_edit.span_prompt import END_MARK, SpanPrompt
from interfix.syntax.document import Snapshot

CACHE_KEY = "interfix:stale-span"
"""The cache of all fills: that of a document is for its next keystroke."""
PROMPT_TOKENS = 512
"""Length of a prompt at most; most have half of it."""
EXTRA_TOKENS = 32
"""A new text has at most so many tokens more than the old one may have."""
MAX_EXTRA_LINES = 4
"""A new text has at most so many lines more than the old one; one that goes on is not understood."""
_CHARACTERS_PER_TOKEN = 2


class SpanFill(msgspec.Struct, frozen=True):
    """What a model would have in place of a span."""

    text: str
    """The new text, `\\n` at its line ends and none at its end."""
    logprobs: tuple[float, ...]
    """Natural logarithm of the probability of each of its tokens."""
    old_logprob: float
    """The same of the whole old text."""
    old_tokens: int
    """Tokens of the old text."""

    @property
    def margin(self) -> float:
        """How much more likely the new text is than the old, natural logarithm."""
        return sum(self.logprobs) - self.old_logprob


class SpanFiller(msgspec.Struct, frozen=True):
    """Who is asked, and how."""

    engine: Engine
    """Who computes."""
    model: BaseModel
    """Who answers."""
    settings: CompletionSettings
    """How long it may take: as long as a completion."""

    def count_seconds(self, *, explicit: bool) -> float | None:
        """How long who waits is to wait at most, as for a completion; None: as long as it takes."""
        settings = self.settings
        if not settings.time_ms:
            return None
        if explicit:
            return (settings.asked_ms + EXPLICIT_TIME_FACTOR * settings.time_ms) / 1000
        return (settings.latency_ms + settings.time_ms) / 1000

    async def fill(self, snapshot: Snapshot, prompt: SpanPrompt) -> SpanFill | None:
        """The new text of a span; None where the model writes none, or the old one, or does not score the old one.

        Cancelling ends the computation. Raises what the engine raises.
        """
        request = InfillRequest(
            self.model,
            CACHE_KEY,
            prompt.segments,
            prompt_budget=PROMPT_TOKENS,
            max_tokens=len(prompt.old) // _CHARACTERS_PER_TOKEN + EXTRA_TOKENS,
            scored_text=prompt.old,
            prompt_lookup=True,
            is_next_edit=True,
        )
        score: TextScore | None = None
        answer = _SpanAnswer(snapshot, prompt)
        async with aclosing(self.engine.infill(request)) as events:
            async for event in events:
                match event:
                    case TextScore():
                        score = event
                    case GeneratedToken() if score is None or answer.feed(event):
                        break
                    case GenerationEnd(reason=reason):
                        answer.finish(is_whole=reason == "end")
                        break
        text = None if answer.text is None else _keep_indent(prompt.old, answer.text)
        if score is None or not text or not text.strip() or text == prompt.old:
            return None
        return SpanFill(text, answer.kept_logprobs, score.logprob - score.end_logprob, score.tokens)


class _SpanAnswer:
    """What is written, up to where it has the shape of the old text, or ends by itself or by a rule."""

    def __init__(self, snapshot: Snapshot, prompt: SpanPrompt) -> None:
        self.text: str | None = None
        """The new text, once it is whole."""
        self._old = prompt.old
        self._snapshot, self._prompt = snapshot, prompt
        self._written, self._lengths, self._logprobs = "", list[int](), list[float]()
        self._shape = _describe_shape(prompt.old)

    @cached_property
    def _stopper(self) -> StreamStopper:
        prompt, snapshot = self._prompt, self._snapshot
        hole = InfillHole.from_cursor(
            snapshot.replace_range(prompt.start, prompt.end, ""), prompt.start, SuggestionShape.BLOCK, explicit=False
        )
        return StreamStopper(hole, rules=(stop_at_suffix, *DEGENERATION_RULES))

    @property
    def kept_logprobs(self) -> tuple[float, ...]:
        """Those of the tokens that the new text has something of."""
        length, logprobs, at = len(self.text or ""), list[float](), 0
        for size, logprob in zip(self._lengths, self._logprobs, strict=True):
            if at < length:
                logprobs.append(logprob)
            at += size
        return tuple(logprobs)

    def feed(self, token: GeneratedToken) -> bool:
        """Take the next token; whether the answer has ended."""
        self._written += token.text
        self._lengths.append(len(token.text))
        self._logprobs.append(token.logprob)
        mark = self._written.find(END_MARK.split()[0])
        if mark >= 0:
            return self._end(self._written[:mark].removesuffix("\n"))
        if self._stopper.feed(token.text, token.logprob):
            return self._end(self._stopper.text.rstrip("\n") if self._stopper.stop_rule == "suffix" else None)
        if "\n" not in token.text:
            return False
        lines = self._written.split("\n")[:-1]
        for count in range(max(1, self._old.count("\n") + 1), len(lines) + 1):
            text = "\n".join(lines[:count])
            if _describe_shape(text) == self._shape:
                return self._end(text)
        return len(lines) > self._old.count("\n") + 1 + MAX_EXTRA_LINES

    def finish(self, *, is_whole: bool) -> None:
        """The model has ended by itself, or was cut short."""
        self._end(self._written.rstrip("\n") if is_whole else None)

    def _end(self, text: str | None) -> bool:
        self.text = text
        return True


def _keep_indent(old: str, text: str) -> str:
    """A text as far indented as the old one: a model takes the indentation of another change along."""
    old_indent, text_indent = get_indent(old), get_indent(text)
    if text_indent == old_indent or not old.strip() or not text.strip():
        return text
    return "\n".join(
        old_indent + line[len(text_indent) :] if line.startswith(text_indent) and line.strip() else line
        for line in text.split("\n")
    )


def _describe_shape(text: str) -> tuple[str, int]:
    """What a text leaves open, and how much it closes that it did not open."""
    nesting = scan_brackets(text)
    return nesting.open_brackets, len(nesting.stray_closers)
