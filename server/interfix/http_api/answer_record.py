"""What comes of one stream of the engine: when, how much, with which tokens, and why it ended."""

import time

from interfix.engine.stop_texts_and_loops import StopDetector
from interfix.errors import UnavailableError
from interfix.http_api.call_types import AnswerEnd, GenerationOptions, find_stop_word
from interfix.inference_types import GeneratedToken, GenerationEnd, GenerationEvent, GenerationStart, TextScore


class AnswerRecord:
    """Takes the events of a stream in and tells their text, without the texts that end an answer."""

    def __init__(self, options: GenerationOptions) -> None:
        self._options = options
        self._began = time.perf_counter()
        self._first_at = 0.0
        self._start = GenerationStart("", 0, 0)
        self._end: GenerationEnd | None = None
        self._count = 0
        self._tokens: list[GeneratedToken] = []
        self._written = ""
        self._detector = StopDetector(options.stop)
        self.reason = ""
        """Why there is no more to come: end, length or word; empty while there may be."""

    @property
    def end(self) -> GenerationEnd | None:
        """How the engine ended; None where the answer ended before it did."""
        return self._end

    @property
    def generation_ms(self) -> float:
        """Since the first token, ms."""
        return (time.perf_counter() - self._first_at) * 1000

    @property
    def has_tokens(self) -> bool:
        """Whether tokens were generated that no piece has been given."""
        return bool(self._tokens)

    def add(self, event: GenerationEvent) -> str | None:
        """The text that a token adds; None for what is no token."""
        if isinstance(event, GenerationStart):
            self._start = event
            return None
        if isinstance(event, GenerationEnd):
            self._end = event
            self.reason = "length" if event.reason == "length" else "end"
            return None
        if isinstance(event, TextScore):
            return None
        self._first_at = self._first_at or time.perf_counter()
        self._count += 1
        self._tokens.append(event)
        self._written += event.text
        return self._detector.feed(event.text)

    def note_stop_word(self) -> None:
        """After a token's text was looked at: whether it ended with a text that ends the answer."""
        if self._detector.stop_reason:
            self.reason = "word"

    def close(self) -> str:
        """The text that was held back. Raises `UnavailableError` where the engine has ended before the model did."""
        if not self.reason:
            if self._options.max_tokens:
                raise UnavailableError("The engine stopped before the answer was complete; ask again.")
            self.reason = "length"  # another request has ended the warm-up
        return self._detector.flush() if self._end is not None else ""

    def take_tokens(self) -> tuple[GeneratedToken, ...]:
        """Those of the next piece."""
        tokens, self._tokens = tuple(self._tokens), []
        return tokens

    def describe_end(self, model: str = "", document: str = "") -> AnswerEnd:
        """What is told at the end; `model` is its name where the engine tells none."""
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
            document=document,
        )
