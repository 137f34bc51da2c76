"""What the APIs have in common: a request as the engine takes it, and an answer as it comes."""

from collections.abc import Sequence

import msgspec

from interfix.http_api.fim_prompt_parser import ContextChunk
from interfix.inference_types import GeneratedToken, Sampling


class GenerationOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How an answer is to be written."""

    max_tokens: int
    """At most this many tokens; 0: the prompt is only decoded, for the next request to find it so."""
    sampling: Sampling = Sampling()
    """How tokens are drawn; what it leaves open is as the model's family has it."""
    seed: int = 0
    """Above temperature 0, another seed draws other tokens."""
    stop: tuple[str, ...] = ()
    """Texts that end the answer and are not part of it."""
    alternatives: int = 0
    """So many of the likeliest tokens are told with each token."""
    raw: bool = False
    """What the model says as it is: no stop rule and no filter."""


class InfillCall(msgspec.Struct, frozen=True, kw_only=True):
    """Fill the hole between a prefix and a suffix."""

    model: str = ""
    """As the client names it."""
    prefix: str
    """The text before the hole."""
    suffix: str = ""
    """The text after it."""
    chunks: tuple[ContextChunk, ...] = ()
    """Pieces of other files, the one that matters most last."""
    path: str = ""
    """The path of the file with the hole; empty where it is not told."""
    repository: str = ""
    """The repository's name; empty where it is not told."""
    options: GenerationOptions
    """How to write."""
    min_indent: int = 0
    """A line that is indented by fewer characters ends the answer before it."""
    max_prefill_ms: int = 0
    """Where the prompt takes longer to decode, ms, a shorter one is answered; 0: no limit."""
    max_generation_ms: int = 0
    """So long after its first token, ms, an answer of several lines ends with the line that is being written; 0: no limit."""
    uses_cache: bool = True
    """Whether what the engine has of the prompt may be used."""
    start_rank: int = 0
    """As of an `InfillRequest`: the n-th likeliest beginning; 0: the model's own."""


class TextPiece(msgspec.Struct, frozen=True):
    """A piece of an answer as the client sees it."""

    text: str
    """Its text."""
    tokens: tuple[GeneratedToken, ...] = ()
    """The tokens that were generated since the last piece."""


class AnswerEnd(msgspec.Struct, frozen=True, kw_only=True):
    """An answer is over."""

    model: str
    """Name of the model that has written it."""
    reason: str
    """end (by itself, or by a rule), length or word (a text of `stop`)."""
    stop_word: str = ""
    """That text."""
    prompt_tokens: int
    """Length of the prompt, tokens."""
    reused_tokens: int
    """How many of them were found in the KV cache."""
    tokens: int
    """Tokens generated."""
    prefill_ms: float
    """From the request to the first token, ms."""
    decode_ms: float
    """From the first token to the end, ms."""
    document: str = ""
    """The name of the document, where it is an infill."""


def find_stop_word(text: str, stop: Sequence[str]) -> str:
    """Which of the texts comes first; empty where none does."""
    matches = [(at, -len(word), word) for word in stop if (at := text.find(word)) >= 0]
    return min(matches)[2] if matches else ""
