"""Model files that tests write themselves: a family's own tokens in a small vocabulary, and random weights of an architecture."""

from collections.abc import Sequence
from pathlib import Path

import gguf
import numpy as np

WIDTH, HEADS, HIDDEN = 64, 2, 96
HEAD = WIDTH // HEADS
INNER, STATE, RANK, CONV = 2 * WIDTH, 16, 4, 4
"""Shapes of the recurrent blocks: llama.cpp wants the inner width of Mamba's to be twice the model's."""
BLOCKS = {
    "mamba": ("mamba", "mamba"),
    "granitehybrid": ("mamba2", "attention"),
    "lfm2": ("convolution", "attention"),
    "qwen35": ("delta", "attention"),
    "gemma3": ("attention", "attention"),
}
"""What the layers mix tokens with, by architecture; one layer of attention in the others."""
HEADLESS = ("granitehybrid", "lfm2")
TEXT_TOKENS = 256
"""Byte tokens that every written vocabulary has, beside its control tokens."""
_files: dict[str, bytes] = {}
"""What was written, by how it is made."""


def write_model(
    path: Path,
    architecture: str = "llama",
    *,
    controls: Sequence[str] = (),
    sentencepiece: bool = False,
    name: str = "",
    bos: str = "",
    eos: str = "",
    template: str = "",
    only_token: str = "",
    own: Sequence[str] = (),
    trained_tokens: int = 2048,
    window: int = 0,
) -> Path:
    """Write a model with random weights of a few hundred kilobytes; one of starcoder2 that `says` a token says nothing else.

    `own` are tokens of a byte-level vocabulary that have the type USER_DEFINED; `trained_tokens` is its context length;
    with a `window`, every layer but the last attends to so many tokens. The same one is made once a process.
    """
    recipe = str([*locals().items()][1:])  # all but the path
    if recipe in _files:
        path.write_bytes(_files[recipe])
        return path
    writer = gguf.GGUFWriter(path, architecture)
    if name:
        writer.add_name(name)
    tokens = _write_sentencepiece_vocabulary(writer, controls) if sentencepiece else _write_byte_vocabulary(writer, controls, own)
    writer.add_add_bos_token(bool(bos))
    if bos:
        writer.add_bos_token_id(tokens.index(bos))
    if eos:
        writer.add_eos_token_id(tokens.index(eos))
    if template:
        writer.add_chat_template(template)
    _write_hyperparameters(writer, architecture, trained_tokens, window)
    _write_weights(writer, architecture, len(tokens), tokens.index(only_token) if only_token else -1)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    _files[recipe] = path.read_bytes()
    return path


def _write_byte_vocabulary(writer: gguf.GGUFWriter, controls: Sequence[str], own: Sequence[str]) -> list[str]:
    """A byte-level vocabulary, spelled as GPT-2 does, with one merge."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = [chr(byte) if byte in printable else "" for byte in range(256)]
    others = iter(range(256, 512))
    tokens = [letter or chr(next(others)) for letter in letters] + ["ab", *controls, *own]
    types = [gguf.TokenType.NORMAL] * (TEXT_TOKENS + 1) + [gguf.TokenType.CONTROL] * len(controls)
    types += [gguf.TokenType.USER_DEFINED] * len(own)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges(["a b"])
    return tokens


def _write_sentencepiece_vocabulary(writer: gguf.GGUFWriter, controls: Sequence[str]) -> list[str]:
    """A sentencepiece vocabulary of bytes, the space, and a few pieces that begin with one; it puts a space before a text."""
    pieces = ["▁", *(f"{space}{letter}" for letter in "abcdefghijklmnopqrstuvwxyz" for space in ("", "▁"))]
    tokens = ["<unk>", *controls, *(f"<0x{byte:02X}>" for byte in range(256)), *pieces]
    kinds = [gguf.TokenType.UNKNOWN] + [gguf.TokenType.CONTROL] * len(controls)
    kinds += [gguf.TokenType.BYTE] * 256 + [gguf.TokenType.NORMAL] * len(pieces)
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * (len(tokens) - len(pieces)) + [-float(rank) for rank in range(len(pieces))])
    writer.add_token_types(kinds)
    writer.add_unk_token_id(0)
    writer.add_add_space_prefix(True)
    return tokens


def _write_hyperparameters(writer: gguf.GGUFWriter, architecture: str, trained_tokens: int, window: int) -> None:
    blocks = BLOCKS.get(architecture, ("attention",))
    writer.add_context_length(trained_tokens)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(len(blocks))
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    # How llama.cpp tells the recurrent blocks of Granite and LFM2: they have no heads to cache.
    writer.add_head_count_kv([HEADS * (block == "attention") for block in blocks] if architecture in HEADLESS else HEADS)
    writer.add_rope_freq_base(10000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_layer_norm_eps(1e-5)
    writer.add_key_length(HEAD)
    writer.add_value_length(HEAD)
    if window:
        writer.add_sliding_window(window)
        writer.add_sliding_window_pattern(len(blocks))
    if architecture == "lfm2":
        writer.add_shortconv_l_cache(CONV)
    elif set(blocks) != {"attention"}:
        writer.add_ssm_conv_kernel(CONV)
        writer.add_ssm_inner_size(RANK * STATE if architecture == "qwen35" else INNER)
        writer.add_ssm_state_size(STATE)
        writer.add_ssm_time_step_rank(RANK)
        writer.add_ssm_group_count(2 if architecture == "qwen35" else 1)
    if architecture == "qwen35":
        writer.add_full_attention_interval(len(blocks))
        writer.add_rope_dimension_sections([HEAD // 8] * 4)


class _Weights:
    """Writes random weights."""

    def __init__(self, writer: gguf.GGUFWriter) -> None:
        self._writer = writer
        self._random = np.random.default_rng(7)

    def matrix(self, name: str, rows: int, columns: int, kind: type[np.floating] = np.float16) -> None:
        self._writer.add_tensor(name, self._random.normal(0, 0.3, (rows, columns)).astype(kind))

    def vector(self, name: str, length: int, value: float | None = None) -> None:
        value = float(name.endswith("weight")) if value is None else value
        self._writer.add_tensor(name, np.full(length, value, np.float32))

    def decay(self, name: str, *shape: int) -> None:
        """How fast a state is forgotten: some of it soon, some of it hardly."""
        self._writer.add_tensor(name, -self._random.uniform(0.05, 1.0, shape).astype(np.float32))


def _write_weights(writer: gguf.GGUFWriter, architecture: str, vocabulary: int, only_token: int) -> None:
    weights = _Weights(writer)
    weights.matrix("token_embd.weight", vocabulary, WIDTH)
    # Without a weight, the last norm is its bias: the same vector whatever was read.
    deaf = only_token >= 0
    weights.vector("token_embd_norm.weight" if architecture == "lfm2" else "output_norm.weight", WIDTH, 0.0 if deaf else None)
    if architecture == "starcoder2":
        weights.vector("output_norm.bias", WIDTH, 1.0 if deaf else None)
    for number, block in enumerate(BLOCKS.get(architecture, ("attention",))):
        at = f"blk.{number}"
        weights.vector(f"{at}.attn_norm.weight", WIDTH)
        if architecture == "starcoder2":
            weights.vector(f"{at}.attn_norm.bias", WIDTH)
        _MIXERS[block](weights, at, architecture)
        if architecture != "mamba":
            _feed_forward(weights, at, architecture)
    if deaf:
        writer.add_tensor(
            "output.weight", np.repeat(np.arange(vocabulary) == only_token, WIDTH).reshape(-1, WIDTH).astype(np.float16)
        )
    elif not architecture.startswith("gemma"):
        weights.matrix("output.weight", vocabulary, WIDTH)


def _attention(weights: _Weights, at: str, architecture: str) -> None:
    biased = {"qwen2": ["attn_q", "attn_k", "attn_v"], "starcoder2": ["attn_q", "attn_k", "attn_v", "attn_output"]}
    for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
        weights.matrix(f"{at}.{part}.weight", WIDTH * (2 if (architecture, part) == ("qwen35", "attn_q") else 1), WIDTH)
        if part in biased.get(architecture, []):
            weights.vector(f"{at}.{part}.bias", WIDTH)
    if architecture in ("qwen3", "qwen35", "gemma3", "lfm2"):
        weights.vector(f"{at}.attn_q_norm.weight", HEAD)
        weights.vector(f"{at}.attn_k_norm.weight", HEAD)


def _feed_forward(weights: _Weights, at: str, architecture: str) -> None:
    if architecture == "gemma3":
        weights.vector(f"{at}.post_ffw_norm.weight", WIDTH)
    if architecture in ("gemma3", "qwen35"):
        weights.vector(f"{at}.post_attention_norm.weight", WIDTH)
    if architecture != "qwen35":
        weights.vector(f"{at}.ffn_norm.weight", WIDTH)
    weights.matrix(f"{at}.ffn_up.weight", HIDDEN, WIDTH)
    weights.matrix(f"{at}.ffn_down.weight", WIDTH, HIDDEN)
    if architecture != "starcoder2":
        weights.matrix(f"{at}.ffn_gate.weight", HIDDEN, WIDTH)
        return
    for name, length in (("ffn_norm", WIDTH), ("ffn_up", HIDDEN), ("ffn_down", WIDTH)):
        weights.vector(f"{at}.{name}.bias", length)


def _mamba(weights: _Weights, at: str, _architecture: str) -> None:
    weights.matrix(f"{at}.ssm_in.weight", 2 * INNER, WIDTH)
    weights.matrix(f"{at}.ssm_conv1d.weight", INNER, CONV, np.float32)
    weights.vector(f"{at}.ssm_conv1d.bias", INNER)
    weights.matrix(f"{at}.ssm_x.weight", RANK + 2 * STATE, INNER)
    weights.matrix(f"{at}.ssm_dt.weight", INNER, RANK)
    weights.vector(f"{at}.ssm_dt.bias", INNER)
    weights.decay(f"{at}.ssm_a", INNER, STATE)
    weights.vector(f"{at}.ssm_d", INNER, 1.0)
    weights.matrix(f"{at}.ssm_out.weight", WIDTH, INNER)


def _mamba2(weights: _Weights, at: str, _architecture: str) -> None:
    weights.matrix(f"{at}.ssm_in.weight", 2 * INNER + 2 * STATE + RANK, WIDTH)
    weights.matrix(f"{at}.ssm_conv1d.weight", INNER + 2 * STATE, CONV, np.float32)
    weights.vector(f"{at}.ssm_conv1d.bias", INNER + 2 * STATE)
    weights.vector(f"{at}.ssm_dt.bias", RANK)
    weights.decay(f"{at}.ssm_a", RANK, 1)
    weights.matrix(f"{at}.ssm_d", RANK, 1, np.float32)
    weights.matrix(f"{at}.ssm_norm.weight", 1, INNER, np.float32)
    weights.matrix(f"{at}.ssm_out.weight", WIDTH, INNER)


def _short_convolution(weights: _Weights, at: str, _architecture: str) -> None:
    weights.matrix(f"{at}.shortconv.conv.weight", WIDTH, CONV, np.float32)
    weights.matrix(f"{at}.shortconv.in_proj.weight", 3 * WIDTH, WIDTH)
    weights.matrix(f"{at}.shortconv.out_proj.weight", WIDTH, WIDTH)


def _delta_net(weights: _Weights, at: str, _architecture: str) -> None:
    keys, values = 2 * STATE, RANK * STATE
    weights.matrix(f"{at}.attn_qkv.weight", 2 * keys + values, WIDTH)
    weights.matrix(f"{at}.attn_gate.weight", values, WIDTH)
    weights.matrix(f"{at}.ssm_conv1d.weight", 2 * keys + values, CONV, np.float32)
    weights.vector(f"{at}.ssm_dt.bias", RANK)
    weights.decay(f"{at}.ssm_a", RANK)
    weights.matrix(f"{at}.ssm_beta.weight", RANK, WIDTH)
    weights.matrix(f"{at}.ssm_alpha.weight", RANK, WIDTH)
    weights.vector(f"{at}.ssm_norm.weight", STATE)
    weights.matrix(f"{at}.ssm_out.weight", WIDTH, values)


_MIXERS = {"attention": _attention, "mamba": _mamba, "mamba2": _mamba2, "convolution": _short_convolution, "delta": _delta_net}
