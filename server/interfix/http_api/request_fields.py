"""Fields that the APIs share, with their bounds, and how they become `GenerationOptions`.

Nothing here is required: a plugin leaves out, or sends as null, whatever it likes. A field that no API knows is let pass.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from interfix.http_api.call_types import GenerationOptions
from interfix.http_api.errors import HttpError
from interfix.inference_types import Sampling

MAX_INFILL_TOKENS = 1024
"""Tokens of an infill at most, whatever is asked for."""
MAX_STOP_TEXTS = 32
MAX_STOP_CHARACTERS = 500
"""Characters of one text that ends an answer."""
MAX_ALTERNATIVES = 20
"""As OpenAI has it."""
NO_TOP_K = 1_000_000
"""More tokens than a vocabulary has."""

Count = Annotated[int, Meta(ge=-1, le=2**31 - 1)]
"""-1 stands for no limit."""
Milliseconds = Annotated[float, Meta(ge=-1, le=1e9)]
"""-1 or 0 stands for no limit."""
Seed = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Temperature = Annotated[float, Meta(ge=-1.0, le=10.0)]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]
TopK = Annotated[int, Meta(ge=-1, le=2**31 - 1)]


class SamplingFields(msgspec.Struct, kw_only=True):
    """How an answer is to be written, as far as all APIs name it alike."""

    temperature: Temperature | None = None
    top_k: TopK | None = None
    top_p: Share | None = None
    min_p: Share | None = None
    seed: Seed | None = None
    stop: str | list[str] | None = None


def build_options(fields: SamplingFields, max_tokens: int, *, alternatives: int = 0, raw: bool = False) -> GenerationOptions:
    """The options of a request. Raises `HttpError` as `build_stop` does."""
    return GenerationOptions(
        max_tokens=max_tokens,
        sampling=build_sampling(fields.temperature, fields.top_k, fields.top_p, fields.min_p),
        seed=to_seed(fields.seed),
        stop=build_stop(fields.stop),
        alternatives=min(max(0, alternatives), MAX_ALTERNATIVES),
        raw=raw,
    )


def build_sampling(temperature: float | None, top_k: int | None, top_p: float | None, min_p: float | None) -> Sampling:
    """How tokens are drawn: what is not given is as the model's family has it, and 0 or -1 switches top-k off."""
    return Sampling(
        temperature=None if temperature is None else min(max(temperature, 0.0), 2.0),
        top_k=None if top_k is None else top_k if top_k > 0 else NO_TOP_K,
        top_p=None if top_p is None else max(top_p, 1e-6),
        min_p=None if min_p is None else min(min_p, 0.999),
    )


def build_stop(stop: str | list[str] | None) -> tuple[str, ...]:
    """The texts that end an answer. Raises `HttpError` for more of them, or longer ones, than anybody has use for."""
    texts = [stop] if isinstance(stop, str) else stop or []
    if len(texts) > MAX_STOP_TEXTS or any(len(text) > MAX_STOP_CHARACTERS for text in texts):
        raise HttpError(400, f"At most {MAX_STOP_TEXTS} texts of {MAX_STOP_CHARACTERS} characters may end an answer.", "stop")
    return tuple(dict.fromkeys(text for text in texts if text))


def limit_tokens(requested: int | None, most: int) -> int:
    """How many tokens may be generated; no number, or -1, is as many as there may be."""
    return most if requested is None or requested < 0 else min(requested, most)


def to_seed(seed: int | None) -> int:
    """A seed that the generator takes."""
    return 0 if seed is None or seed < 0 else seed


class ContentPart(msgspec.Struct):
    """A piece of a turn in OpenAI's form."""

    type: str = "text"
    text: str = ""


def join_content(content: str | list[ContentPart] | None, param: str) -> str:
    """The text of a turn. Raises `HttpError` where it has anything else, such as a picture."""
    if content is None or isinstance(content, str):
        return content or ""
    if other := next((part.type for part in content if part.type not in ("text", "input_text")), None):
        raise HttpError(400, f"Interfix answers text only; leave out what is of type {other[:40]}.", param)
    return "".join(part.text for part in content)
