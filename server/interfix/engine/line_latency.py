"""How long a ten-token line takes on this machine: what decides whether a model suits it."""

from contextlib import aclosing

from interfix.engine.protocol import Engine, InfillRequest
from interfix.errors import UnavailableError
from interfix.masking import mask
from interfix.models.roles import BaseModel
from interfix.values import GenerationEnd, Segment, SegmentKind

LINE_TOKENS = 10
_BEFORE = "".join(f"def step_{i}(value: int) -> int:\n    return value * {i} + {i + 1}\n\n\n" for i in range(12))
_TYPED = "def total(values: list[int]) -> int:\n    return "
_AFTER = "\n\n\nprint(total([1, 2, 3]))\n"


async def measure_line_ms(engine: Engine, model: BaseModel) -> float:
    """Milliseconds from a keystroke to the end of a ten-token line, the text before it already in the KV cache.

    Raises `UnavailableError` where the engine does.
    """
    await _infill(engine, model, _BEFORE)
    finished = await _infill(engine, model, _BEFORE + _TYPED)
    return finished.prefill_ms + finished.decode_ms / max(1, finished.tokens) * LINE_TOKENS


async def _infill(engine: Engine, model: BaseModel, prefix: str) -> GenerationEnd:
    request = InfillRequest(
        model=model,
        document="interfix:pace",
        segments=(Segment(SegmentKind.PREFIX, mask(prefix)), Segment(SegmentKind.SUFFIX, mask(_AFTER))),
        prompt_budget=1024,
        max_tokens=LINE_TOKENS,
    )
    async with aclosing(engine.infill(request)) as events:
        async for event in events:
            if isinstance(event, GenerationEnd):
                return event
    raise UnavailableError("The engine ended the measurement early; try again.")
