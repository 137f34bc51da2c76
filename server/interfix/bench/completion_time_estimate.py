"""How long one completion takes with the model and the engine of a bench, measured before it begins."""

from interfix.config.settings import Settings
from interfix.engine.line_latency import LineLatency, measure_line_latency
from interfix.engine.protocol import Engine
from interfix.engine.remote.router import EngineRouter
from interfix.models.role_check import BaseModel

DEFAULT_PROMPT_TOKENS = 1024
"""Length of a prompt where neither the settings nor the engine have said it, tokens."""
COMPLETION_TOKENS = 24
"""Tokens of a completion, about."""
OVERHEAD_SECONDS = 0.15
"""What the server does besides, about: context, stop rules, filters."""


async def estimate_completion_seconds(settings: Settings, model: BaseModel) -> float:
    """Seconds of one completion from a cold prompt of the full length. Loads the model, and raises what the engine raises."""
    engine = EngineRouter(settings)
    try:
        return compute_cold_seconds(await measure_line_latency(engine, model), await read_prompt_tokens(settings, engine))
    finally:
        await engine.close()


def compute_cold_seconds(latency: LineLatency, prompt_tokens: int) -> float:
    """Seconds to read so many tokens and to write a completion."""
    reading = prompt_tokens / latency.prefill_tokens_per_second
    return OVERHEAD_SECONDS + reading + COMPLETION_TOKENS / latency.generated_tokens_per_second


async def read_prompt_tokens(settings: Settings, engine: Engine) -> int:
    """Length of the prompts: as configured, or as the engine has it for the model that it has just loaded."""
    held = [model.prompt_tokens for model in (await engine.status()).models if model.prompt_tokens]
    return settings.completion.prompt_tokens or max(held, default=DEFAULT_PROMPT_TOKENS)
