"""A process that runs a model in one setup and tells how fast it was and what it would have said; it may die of it.

Argument: a `TrialSpec` as JSON. Answer: `TrialFigures` as JSON on standard output. Decides nothing.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import msgspec
import psutil

from interfix.engine.compute_devices import list_devices
from interfix.engine.free_cores import CpuMonitor
from interfix.engine.kv_slot import SUFFIX_HEAD_TOKENS
from interfix.engine.llama_runtime import AbortFlag, LlamaContext, Weights
from interfix.engine.runtime_config import BATCH_TOKENS, RuntimeConfig
from interfix.engine.state_checkpoints import NEAR_DISTANCE_TOKENS
from interfix.prompt.infill_layout import SUFFIX_SHARE
from interfix.system.parent_watch import exit_with_parent

CONTEXT_TOKENS = 3072
"""Cells of the KV cache: enough for the longest prompt that is tried."""
COLD_PROMPT_TOKENS = 512
"""Length of the cold prompt."""
CACHED_TOKENS = 800
"""In the cache when a keystroke comes."""
KEYSTROKE_TOKENS = SUFFIX_HEAD_TOKENS + 2
"""Decoded for a keystroke where the suffix is spliced: one that was typed, the suffix's head, the marker that ends the prompt."""
ROUNDS = 3
"""Times the prompt and the keystroke are measured, after one that warms the machine up; the median counts."""
ROUNDS_SECONDS = 6.0
"""After so long no further prompt is read: where one takes as long, one is enough."""
WRITTEN_TOKENS = 8
"""Tokens written one by one."""
PREDICT_BATCH_TOKENS = 64
"""Tokens whose predictions are read at once."""


class TrialSpec(msgspec.Struct, frozen=True):
    """What to try."""

    model: str
    """The model's own file."""
    config: RuntimeConfig
    """How to run it."""
    cached_tokens: int = CACHED_TOKENS
    """Tokens in the cache when the keystroke comes."""
    predict: bool = False
    """Also tell what it would have said, token by token, to a passage of code."""


class TrialFigures(msgspec.Struct, frozen=True):
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

    def compute_line_ms(self, tokens: int = 10) -> float:
        """From a keystroke to the end of a line, ms."""
        return self.keystroke_ms + tokens * self.token_ms


def main(spec_json: str) -> None:
    """Run one trial."""
    trial = msgspec.json.decode(spec_json, type=TrialSpec)
    weights = Weights(trial.config.weights or trial.model, trial.config)
    context = weights.create_context(CONTEXT_TOKENS, 2, CpuMonitor(trial.config.threads), AbortFlag())
    tokens = weights.vocabulary.encode(PASSAGE * 40)
    decode = _CachedDecoder(context, tokens)
    decode.decode_to(KEYSTROKE_TOKENS)
    prompt = median(_measure_rounds(lambda: decode.decode_cold(COLD_PROMPT_TOKENS)))
    if decode.length > trial.cached_tokens:
        decode.decode_cold(0)
    decode.decode_to(trial.cached_tokens)
    decode.keep()
    length = count_keystroke_tokens(context, trial.cached_tokens)
    keystroke = median([decode.measure_from_kept(length) for _ in range(ROUNDS + 1)][1:])
    token = median(_measure_seconds(lambda: decode.decode_to(decode.length + 1)) for _ in range(WRITTEN_TOKENS))
    figures = TrialFigures(
        prompt_tokens_s=round(COLD_PROMPT_TOKENS / prompt, 1),
        keystroke_ms=round(keystroke * 1000, 1),
        token_ms=round(token * 1000, 2),
        memory_bytes=psutil.Process().memory_info().rss,
        gpu_layers=weights.gpu_layers if any(device.gpu for device in list_devices()) else 0,
        said=_predict_tokens(context, weights.vocabulary.encode(PASSAGE)) if trial.predict else (),
    )
    print(msgspec.json.encode(figures).decode(), flush=True)


def count_keystroke_tokens(context: LlamaContext, cached_tokens: int) -> int:
    """How many tokens a keystroke decodes of a prompt of `cached_tokens`: the whole suffix where its cells cannot be moved."""
    if context.can_shift:
        return KEYSTROKE_TOKENS
    return 2 + int(cached_tokens * SUFFIX_SHARE) + (0 if context.can_truncate else NEAR_DISTANCE_TOKENS)


class _CachedDecoder:
    """Decodes a long text into sequence 0."""

    def __init__(self, context: LlamaContext, tokens: list[int]) -> None:
        self._context, self._tokens = context, tokens
        self.length = self._kept_length = 0

    def decode_cold(self, end: int) -> None:
        self._context.truncate(0, 0)
        self.length = 0
        self.decode_to(end)

    def keep(self) -> None:
        """Keep what has been decoded, in the other sequence, to go back to: a state can be shared, but not cut."""
        self._kept_length = self.length
        self._context.copy_range(0, 1, 0, self.length)

    def measure_from_kept(self, count: int) -> float:
        """How long `count` tokens behind what was kept take."""
        self._context.truncate(0, 0)
        self._context.copy_range(1, 0, 0, self._kept_length)
        self.length = self._kept_length
        return _measure_seconds(lambda: self.decode_to(self.length + count))

    def decode_to(self, end: int) -> None:
        while self.length < end:
            step = self._tokens[self.length : min(end, self.length + BATCH_TOKENS)]
            self._context.decode(step, self.length, 0)
            self.length += len(step)


def _predict_tokens(context: LlamaContext, tokens: list[int]) -> tuple[int, ...]:
    context.truncate(0, 0)
    predictions: list[int] = []
    for first in range(0, len(tokens), PREDICT_BATCH_TOKENS):
        step = tokens[first : first + PREDICT_BATCH_TOKENS]
        context.decode(step, first, 0, all_logits=True)
        predictions += [int(context.read_logits(i).argmax()) for i in range(len(step))]
    return tuple(predictions)


def _measure_rounds(work: Callable[[], None]) -> list[float]:
    """How long some work takes, each time; fewer times where it takes long."""
    took = [_measure_seconds(work)]
    while len(took) < ROUNDS and sum(took) < ROUNDS_SECONDS:
        took.append(_measure_seconds(work))
    return took


def _measure_seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


PASSAGE = (Path(__file__).parent / "passage.txt").read_text("utf-8")
"""Code in several languages, as it comes in files: what weights stored anew have to agree on."""


if __name__ == "__main__":
    exit_with_parent()
    main(sys.argv[1])
