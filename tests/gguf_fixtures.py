"""Model files that tests write themselves: a family's own tokens in a small vocabulary, and random weights of an architecture."""

from collections.abc import Sequence
from pathlib import Path

import gguf
import numpy as np

WIDTH, HEADS, HIDDEN = 64, 2, 96
TEXT_TOKENS = 256
"""Byte tokens that every written vocabulary has, beside its control tokens."""


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
) -> Path:
    """Write a model with random weights of a few hundred kilobytes; one of starcoder2 that `says` a token says nothing else.

    `own` are tokens of a byte-level vocabulary that have the type USER_DEFINED; `trained_tokens` is its context length.
    """
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
    _write_hyperparameters(writer, trained_tokens)
    _write_weights(writer, architecture, len(tokens), tokens.index(only_token) if only_token else -1)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
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


def _write_hyperparameters(writer: gguf.GGUFWriter, trained_tokens: int) -> None:
    writer.add_context_length(trained_tokens)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_freq_base(10000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_layer_norm_eps(1e-5)
    writer.add_key_length(WIDTH // HEADS)
    writer.add_value_length(WIDTH // HEADS)


def _write_weights(writer: gguf.GGUFWriter, architecture: str, vocabulary: int, only_token: int) -> None:
    random = np.random.default_rng(7)

    def matrix(name: str, rows: int, columns: int) -> None:
        writer.add_tensor(f"{name}.weight", random.normal(0, 0.3, (rows, columns)).astype(np.float16))

    def vector(name: str, length: int, value: float | None = None) -> None:
        value = float(name.endswith("weight")) if value is None else value
        writer.add_tensor(name, np.full(length, value, np.float32))

    matrix("token_embd", vocabulary, WIDTH)
    norms = ["output_norm", "blk.0.attn_norm", "blk.0.ffn_norm"]
    # Without a weight, the last norm is its bias: the same vector whatever was read.
    deaf = {"output_norm.weight": 0.0, "output_norm.bias": 1.0} if only_token >= 0 else {}
    for norm in norms:
        vector(f"{norm}.weight", WIDTH, deaf.get(f"{norm}.weight"))
    for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
        matrix(f"blk.0.{part}", WIDTH, WIDTH)
    matrix("blk.0.ffn_up", HIDDEN, WIDTH)
    matrix("blk.0.ffn_down", WIDTH, HIDDEN)
    biased = {"qwen2": ["attn_q", "attn_k", "attn_v"], "starcoder2": ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_down"]}
    for part in biased.get(architecture, []):
        vector(f"blk.0.{part}.bias", WIDTH)
    if architecture == "starcoder2":
        vector("blk.0.ffn_up.bias", HIDDEN)
        for norm in norms:
            vector(f"{norm}.bias", WIDTH, deaf.get(f"{norm}.bias"))
    else:
        matrix("blk.0.ffn_gate", HIDDEN, WIDTH)
    if architecture == "qwen3":
        vector("blk.0.attn_q_norm.weight", WIDTH // HEADS)
        vector("blk.0.attn_k_norm.weight", WIDTH // HEADS)
    if only_token >= 0:
        writer.add_tensor(
            "output.weight", np.repeat(np.arange(vocabulary) == only_token, WIDTH).reshape(-1, WIDTH).astype(np.float16)
        )
    elif architecture != "gemma":
        matrix("output", vocabulary, WIDTH)
