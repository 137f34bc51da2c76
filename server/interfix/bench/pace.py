"""How long a ten-token line takes on this machine: what decides whether a model suits it. Knows no file, no editor."""

from contextlib import aclosing

from interfix.engine.protocol import Engine, InfillRequest
from interfix.errors import Unavailable
from interfix.masking import mask
from interfix.models.roles import BaseModel
from interfix.values import Finished, Segment, SegmentKind

LINE_TOKENS = 10
_BEFORE = "".join(f"def step_{i}(value: int) -> int:\n    return value * {i} + {i + 1}\n\n\n" for i in range(12))
_TYPED = "def total(values: list[int]) -> int:\n    return "
_AFTER = "\n\n\nprint(total([1, 2, 3]))\n"


async def line_ms(engine: Engine, model: BaseModel) -> float:
    """Milliseconds from a keystroke to the end of a ten-token line, the text before it already in the KV cache.

    Raises `Unavailable` where the engine does.
    """
    await _fill(engine, model, _BEFORE)
    finished = await _fill(engine, model, _BEFORE + _TYPED)
    return finished.prefill_ms + finished.decode_ms / max(1, finished.tokens) * LINE_TOKENS


async def _fill(engine: Engine, model: BaseModel, prefix: str) -> Finished:
    request = InfillRequest(
        model=model,
        document="interfix:pace",
        segments=(Segment(SegmentKind.PREFIX, mask(prefix)), Segment(SegmentKind.SUFFIX, mask(_AFTER))),
        prompt_budget=1024,
        max_tokens=LINE_TOKENS,
    )
    async with aclosing(engine.infill(request)) as events:
        async for event in events:
            if isinstance(event, Finished):
                return event
    raise Unavailable("The engine ended the measurement early; try again.")
