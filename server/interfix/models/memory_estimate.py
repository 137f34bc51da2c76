"""How much memory a model takes, from its header or from its catalog entry. Loads nothing and knows no engine.

The formulas are those of llama.cpp without flash attention: the figures lie within 2% of the buffers it logs (four models, at
4,096 and 32,768 tokens). Weights that it repacks for a processor are counted once, as the system may drop the file's own copy.
"""

import msgspec

from interfix.models.catalog import CatalogEntry
from interfix.models.model_header import ModelHeader

DEFAULT_CONTEXT_TOKENS = 4096
"""Tokens of context where nothing else is said: the engine's own default."""
BATCH_TOKENS = 512
"""Tokens that are decoded at once."""


class MemoryEstimate(msgspec.Struct, frozen=True):
    """What a model needs for one role, bytes."""

    context: int
    """Tokens of context it holds for."""
    weights: int
    """The weights."""
    kv: int
    """The KV cache. The engine keeps it in full size for sliding-window layers, too, so that it can be cut and shifted."""
    compute: int
    """The buffer for one batch: its logits, or its attention scores where those take more."""

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.kv + self.compute


def estimate_from_header(header: ModelHeader, context_tokens: int = DEFAULT_CONTEXT_TOKENS) -> MemoryEstimate:
    """What the file needs for `context` tokens."""
    attention = header.attention
    numbers = max(header.vocabulary, (attention.heads + 1) * context_tokens) + 4 * attention.width
    return MemoryEstimate(
        context=context_tokens, weights=header.weights, kv=attention.kv_bytes * context_tokens, compute=4 * BATCH_TOKENS * numbers
    )


def estimate_from_entry(entry: CatalogEntry, context_tokens: int = DEFAULT_CONTEXT_TOKENS) -> MemoryEstimate:
    """About what a catalog entry needs, before there is a file to look into."""
    return MemoryEstimate(
        context=context_tokens, weights=entry.bytes, kv=entry.kv_bytes * context_tokens, compute=4 * BATCH_TOKENS * entry.vocabulary
    )
