"""How much memory a model takes, from its header or from its catalog entry.

The formulas are those of llama.cpp without flash attention, where the logits of `OUTPUTS` tokens can be read: the figures lie
within 4% of the buffers it logs (four models, at 4,096 and 32,768 tokens). Weights that it repacks for a processor are counted
once, as the system may drop the file's own copy.
"""

import msgspec

from interfix.models.catalog import CatalogEntry
from interfix.models.model_header import ModelHeader

DEFAULT_CONTEXT_TOKENS = 4096
"""Tokens of context where nothing else is said: the engine's own default."""
BATCH_TOKENS = 512
"""Tokens that are decoded at once."""
OUTPUTS = 64
"""Tokens of them whose logits can be read."""


SEQUENCE_COUNT = 3
"""Sequences of a context: the text, and two for its suffix or for checkpoints of its state."""


class MemoryEstimate(msgspec.Struct, frozen=True):
    """What a model needs for one role, bytes."""

    context: int
    """Tokens of context it holds for."""
    weights: int
    """The weights."""
    kv: int
    """The KV cache. The engine keeps it in full size for sliding-window layers, too, so that it can be cut and shifted."""
    state: int
    """The states of recurrent layers: that of the text, and the checkpoints that the engine keeps of it."""
    compute: int
    """The buffer for one batch: its logits, or its attention scores where those take more."""

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.kv + self.state + self.compute


def estimate_from_header(header: ModelHeader, context_tokens: int = DEFAULT_CONTEXT_TOKENS) -> MemoryEstimate:
    """What the file needs for `context` tokens."""
    attention = header.attention
    # The scores of every head, and the mask that they are added to; sliding-window layers have a mask of their own.
    rows = attention.heads + 1 + bool(attention.window)
    compute = max(OUTPUTS * header.vocabulary, BATCH_TOKENS * rows * context_tokens) + 4 * BATCH_TOKENS * attention.width
    return MemoryEstimate(
        context=context_tokens,
        weights=header.weights,
        kv=attention.kv_bytes * context_tokens,
        state=SEQUENCE_COUNT * attention.state_bytes,
        compute=4 * compute,
    )


def estimate_from_entry(entry: CatalogEntry, context_tokens: int = DEFAULT_CONTEXT_TOKENS) -> MemoryEstimate:
    """About what a catalog entry needs, before there is a file to look into."""
    compute = max(OUTPUTS * entry.vocabulary, BATCH_TOKENS * _USUAL_HEADS * context_tokens)
    kv = entry.kv_bytes * context_tokens
    return MemoryEstimate(context=context_tokens, weights=entry.bytes, kv=kv, state=0, compute=4 * compute)


_USUAL_HEADS = 16
"""Of models from 0.5B to 3B, which have 12 to 16 of them."""


class Offload(msgspec.Struct, frozen=True):
    """What a model takes of a GPU's memory."""

    layer_count: int
    """Layers to put there, the output layer included."""
    layer_bytes: int
    """What one takes: its weights, and its share of the KV caches; bytes."""
    fixed_bytes: int
    """What is taken however many layers are there: the compute buffers, and what is left to others; bytes."""

    def count_fitting_layers(self, free: int) -> int:
        """How many layers go into so many free bytes. All of them where that is 0, not known: llama.cpp then finds out."""
        if not free or not self.layer_bytes:
            return self.layer_count
        return max(0, min(self.layer_count, (free - self.fixed_bytes) // self.layer_bytes))


def estimate_offload(header: ModelHeader, cells: int, contexts: int) -> Offload:
    """What the file takes of a GPU with so many contexts, of `cells` tokens together, by flash attention, the usual on a GPU.

    A buffer is then half as large as the formula says, or larger by a sixth, by what models of 135M to 1.5B log at 4,096 and
    32,768 tokens.
    """
    attention = header.attention
    buffer = 4 * (OUTPUTS * header.vocabulary + 16 * BATCH_TOKENS * attention.width)
    layers = attention.layers + 1
    cached = attention.kv_bytes * cells + attention.state_bytes * SEQUENCE_COUNT * contexts
    layer = header.weights // layers + cached // max(1, attention.layers)
    return Offload(layer_count=layers, layer_bytes=layer, fixed_bytes=GPU_RESERVE + contexts * buffer)


GPU_RESERVE = 300 << 20
"""Left free on a GPU for its driver and for whatever draws the screen, bytes."""
