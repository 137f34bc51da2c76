"""How long a ten-token line takes on this machine: what decides whether a model suits it."""

from contextlib import aclosing

import msgspec

from interfix.engine.protocol import Engine, InfillRequest
from interfix.errors import UnavailableError
from interfix.inference_types import GenerationEnd, GenerationStart, Segment, SegmentKind
from interfix.masking import mask
from interfix.models.role_check import BaseModel

LINE_TOKENS = 10
_BEFORE = "".join(f"def step_{i}(value: int) -> int:\n    return value * {i} + {i + 1}\n\n\n" for i in range(12))
_TYPED = "def total(values: list[int]) -> int:\n    return "
_AFTER = "\n\n\nprint(total([1, 2, 3]))\n"


class LineLatency(msgspec.Struct, frozen=True):
    """How fast a model completes on this machine, as measured just now."""

    line_ms: float
    """From a keystroke to the end of a ten-token line, the text before it already in the KV cache."""
    prefill_tokens_per_second: float
    """Of a prompt that is not in the cache."""
    generated_tokens_per_second: float


async def measure_line_latency(engine: Engine, model: BaseModel) -> LineLatency:
    """The best of three lines. Raises `UnavailableError` where the engine does."""
    started, cold = await _infill(engine, model, _BEFORE)
    lines = [(await _infill(engine, model, _BEFORE + _TYPED + " " * count))[1] for count in range(3)]
    prefill_token_ms = cold.prefill_ms / max(1, started.prompt_tokens - started.reused_tokens)
    # A model that ends at once has generated nothing to go by; a token takes at least as long as one of a prompt.
    token_ms = min((line.decode_ms / line.tokens for line in (*lines, cold) if line.tokens), default=prefill_token_ms)
    return LineLatency(
        min(line.prefill_ms for line in lines) + token_ms * LINE_TOKENS,
        1000 / max(prefill_token_ms, 0.001),
        1000 / max(token_ms, 0.001),
    )


async def _infill(engine: Engine, model: BaseModel, prefix: str) -> tuple[GenerationStart, GenerationEnd]:
    request = InfillRequest(
        model=model,
        document="interfix:pace",
        segments=(Segment(SegmentKind.PREFIX, mask(prefix)), Segment(SegmentKind.SUFFIX, mask(_AFTER))),
        prompt_budget=1024,
        max_tokens=LINE_TOKENS,
    )
    started: GenerationStart | None = None
    async with aclosing(engine.infill(request)) as events:
        async for event in events:
            if isinstance(event, GenerationStart):
                started = event
            elif isinstance(event, GenerationEnd) and started is not None:
                return started, event
    raise UnavailableError("The engine ended the measurement early; try again.")
