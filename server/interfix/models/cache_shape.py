"""What a model keeps of the text it has read, from its header: a KV cache that grows with the text, and in recurrent layers a state
of fixed size.

The sizes of the states are those of llama.cpp (`llama_hparams::n_embd_r`, `n_embd_s`), which keeps them as f32, one a sequence.
"""

import msgspec

from interfix.models.gguf import GgufFile, check_number

RECURRENT_ARCHITECTURES = (
    *("mamba", "mamba2", "rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7", "jamba", "falcon-h1", "plamo2", "granitehybrid", "lfm2"),
    *("lfm2moe", "nemotron_h", "nemotron_h_moe", "qwen3next", "kimi-linear", "bailingmoe3", "kimi-k3", "glm5-next", "qwen35"),
    *("qwen35moe", "qwen4exp", "deepseek4", "minimax-01"),
)
"""As llama.cpp has them (llm_arch_is_recurrent, llm_arch_is_hybrid): their state has no positions to move."""

MAX_LAYERS, MAX_HEADS, MAX_WIDTH = 10_000, 100_000, 10_000_000
"""Far above any real model, low enough that what is computed from them stays small."""
_DEFAULT_INTERVAL = 4
"""In architectures with a layer of attention every so many, where the file does not say."""
_WITH_INTERVAL = ("qwen3next", "qwen35", "qwen35moe")
_WITHOUT_GROUPS = ("mamba", "jamba")
"""Of the first kind of Mamba: its convolution is over the inner numbers only."""
_WITH_BOTH = ("falcon-h1",)
"""Each of whose layers has attention and a state."""


class CacheShape(msgspec.Struct, frozen=True):
    """What the sizes of the KV cache, of the states and of the compute buffer follow from."""

    layers: int
    """Transformer blocks."""
    heads: int
    """Query heads of a layer, the most any has."""
    width: int
    """Numbers in an embedding."""
    kv_bytes: int
    """Bytes of KV cache for a token, f16, over all layers."""
    window: int
    """Tokens that a sliding-window layer looks back; 0 where every layer sees all."""
    state_bytes: int = 0
    """Bytes of the state of one sequence, f32, over all recurrent layers; 0 where there are none."""


def read_cache_shape(file: GgufFile, architecture: str) -> CacheShape:
    """Raises `DamagedError` for numbers that no model has."""

    def number(key: str, most: int = MAX_WIDTH) -> int:
        return file.get_number(f"{architecture}.{key}", most)

    def each(key: str, default: list[int]) -> list[int]:
        value = file.keys.get(f"{architecture}.{key}")
        if isinstance(value, tuple):
            return [check_number(key, of_layer, MAX_HEADS) for of_layer in value]
        return [heads] * layers if (heads := number(key, MAX_HEADS)) else default

    layers, width = number("block_count", MAX_LAYERS), number("embedding_length")
    heads = each("attention.head_count", [1] * layers)
    most = max(heads, default=1) or 1
    kv_heads = each("attention.head_count_kv", heads)
    recurrent = _list_recurrent_layers(file, architecture, kv_heads)
    key, value = (number(f"attention.{kind}_length") or width // most for kind in ("key", "value"))
    cached = sum(heads for heads, state in zip(kv_heads, recurrent, strict=True) if not state or architecture in _WITH_BOTH)
    size = cached * (key + value)
    if (rank := number("attention.kv_lora_rank")) and number("attention.key_length_mla"):
        size = layers * (rank + number("rope.dimension_count"))  # latent attention caches one compressed vector
    return CacheShape(
        layers=layers,
        heads=most,
        width=width,
        kv_bytes=2 * size,
        window=number("attention.sliding_window", 1 << 32),
        state_bytes=4 * sum(recurrent) * _count_state_numbers(file, architecture, width),
    )


def _list_recurrent_layers(file: GgufFile, architecture: str, kv_heads: list[int]) -> list[bool]:
    """For each layer, whether it has a state."""
    if architecture not in RECURRENT_ARCHITECTURES:
        return [False] * len(kv_heads)
    if architecture in _WITH_INTERVAL:
        interval = file.get_number(f"{architecture}.full_attention_interval", MAX_LAYERS) or _DEFAULT_INTERVAL
        return [(layer + 1) % interval != 0 for layer in range(len(kv_heads))]
    # In other hybrids the layers without heads to cache; where every layer has some, or none, all have a state.
    return [not heads for heads in kv_heads] if 0 < kv_heads.count(0) < len(kv_heads) else [True] * len(kv_heads)


def _count_state_numbers(file: GgufFile, architecture: str, width: int) -> int:
    """Numbers in the state of one layer."""

    def number(key: str) -> int:
        return file.get_number(f"{architecture}.{key}", MAX_WIDTH)

    if head := number("wkv.head_size"):
        return (number("token_shift_count") or 2) * width + width * head
    if length := number("shortconv.l_cache"):
        return width * (length - 1)
    inner, state = number("ssm.inner_size"), number("ssm.state_size")
    groups = 0 if architecture in _WITHOUT_GROUPS else number("ssm.group_count")
    return max(0, number("ssm.conv_kernel") - 1) * (inner + 2 * groups * state) + state * inner
