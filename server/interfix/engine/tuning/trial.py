"""A process that runs a model in one setup and tells how fast it was and what it would have said; it may die of it.

Argument: a `Trial` as JSON. Answer: `Figures` as JSON on standard output. Decides nothing.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import msgspec
import psutil

from interfix.engine.checkpoints import NEAR_TOKENS
from interfix.engine.cores import Cores
from interfix.engine.library import devices
from interfix.engine.runtime import Abort, Context, Weights
from interfix.engine.setup import BATCH_TOKENS, Setup
from interfix.engine.slot import FRESH_TOKENS
from interfix.prompt.layout import SUFFIX_SHARE

CONTEXT_TOKENS = 3072
"""Cells of the KV cache: enough for the longest prompt that is tried."""
PROMPT_TOKENS = 512
"""Length of the cold prompt."""
FILLED_TOKENS = 800
"""In the cache when a keystroke comes."""
KEYSTROKE_TOKENS = FRESH_TOKENS + 2
"""Decoded for a keystroke where the suffix is spliced: one that was typed, the suffix's head, the marker that ends the prompt."""
ROUNDS = 3
"""Times the prompt and the keystroke are measured, after one that warms the machine up; the median counts."""
TOKENS = 8
"""Tokens written one by one."""
JUDGED = 64
"""Tokens whose predictions are read at once."""


class Trial(msgspec.Struct, frozen=True):
    """What to try."""

    model: str
    """The model's own file."""
    setup: Setup
    """How to run it."""
    filled: int = FILLED_TOKENS
    """Tokens in the cache when the keystroke comes."""
    judge: bool = False
    """Also tell what it would have said, token by token, to a passage of code."""


class Figures(msgspec.Struct, frozen=True):
    """What came of it."""

    prompt_tokens_s: float
    """Speed of a cold prompt of 512 tokens, tokens a second."""
    keystroke_ms: float
    """To decode a keystroke's tokens into a filled cache, ms."""
    token_ms: float
    """To write one token, ms."""
    memory_bytes: int
    """Resident memory of the process."""
    gpu_layers: int
    """Layers that were on a GPU, at most."""
    said: tuple[int, ...] = ()
    """The likeliest next token at each place of the passage."""

    def line_ms(self, tokens: int = 10) -> float:
        """From a keystroke to the end of a line, ms."""
        return self.keystroke_ms + tokens * self.token_ms


def main(told: str) -> None:
    """Run one trial."""
    trial = msgspec.json.decode(told, type=Trial)
    weights = Weights(trial.setup.weights or trial.model, trial.setup)
    context = weights.context(CONTEXT_TOKENS, 2, Cores(trial.setup.threads), Abort())
    tokens = weights.vocabulary.encode(PASSAGE * 40)
    decode = _Decoder(context, tokens)
    decode.up_to(KEYSTROKE_TOKENS)
    prompt = median(_timed(lambda: decode.afresh(PROMPT_TOKENS)) for _ in range(ROUNDS))
    decode.afresh(trial.filled)
    decode.keep()
    length = keystroke_tokens(context, trial.filled)
    keystroke = median([decode.seconds_from_kept(length) for _ in range(ROUNDS + 1)][1:])
    token = median(_timed(lambda: decode.up_to(decode.length + 1)) for _ in range(TOKENS))
    figures = Figures(
        prompt_tokens_s=round(PROMPT_TOKENS / prompt, 1),
        keystroke_ms=round(keystroke * 1000, 1),
        token_ms=round(token * 1000, 2),
        memory_bytes=psutil.Process().memory_info().rss,
        gpu_layers=weights.gpu_layers if any(device.gpu for device in devices()) else 0,
        said=_said(context, weights.vocabulary.encode(PASSAGE)) if trial.judge else (),
    )
    print(msgspec.json.encode(figures).decode(), flush=True)


def keystroke_tokens(context: Context, filled: int) -> int:
    """How many tokens a keystroke decodes of a prompt of `filled` tokens: the whole suffix where its cells cannot be moved."""
    if context.can_shift:
        return KEYSTROKE_TOKENS
    return 2 + int(filled * SUFFIX_SHARE) + (0 if context.can_truncate else NEAR_TOKENS)


class _Decoder:
    """Decodes a long text into sequence 0."""

    def __init__(self, context: Context, tokens: list[int]) -> None:
        self._context, self._tokens = context, tokens
        self.length = self._kept = 0

    def afresh(self, end: int) -> None:
        self._context.truncate(0, 0)
        self.length = 0
        self.up_to(end)

    def keep(self) -> None:
        """Keep what has been decoded, in the other sequence, to go back to: a state can be shared, but not cut."""
        self._kept = self.length
        self._context.copy(0, 1, 0, self.length)

    def seconds_from_kept(self, count: int) -> float:
        """How long `count` tokens behind what was kept take."""
        self._context.truncate(0, 0)
        self._context.copy(1, 0, 0, self._kept)
        self.length = self._kept
        return _timed(lambda: self.up_to(self.length + count))

    def up_to(self, end: int) -> None:
        while self.length < end:
            step = self._tokens[self.length : min(end, self.length + BATCH_TOKENS)]
            self._context.decode(step, self.length, 0)
            self.length += len(step)


def _said(context: Context, tokens: list[int]) -> tuple[int, ...]:
    context.truncate(0, 0)
    said: list[int] = []
    for first in range(0, len(tokens), JUDGED):
        step = tokens[first : first + JUDGED]
        context.decode(step, first, 0, every=True)
        said += [int(context.logits(i).argmax()) for i in range(len(step))]
    return tuple(said)


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


PASSAGE = (Path(__file__).parent / "passage.txt").read_text("utf-8")
"""Code in several languages, as it comes in files: what weights stored anew have to agree on."""


if __name__ == "__main__":
    main(sys.argv[1])
