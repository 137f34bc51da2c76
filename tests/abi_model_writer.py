"""Writes `abi_model.gguf`: a model of some kilobytes whose greedy tokens are far from any tie, to try libraries with.

Run it as `python -m tests.abi_model_writer` after a change; `unit/engine/llamacpp/test_abi_check.py` sees that the file is this
one's.
"""

import sys
from pathlib import Path

import gguf
import numpy as np

TARGET = Path(__file__).parents[1] / "server/interfix/engine/llamacpp/abi_model.gguf"
WIDTH, HEADS, HIDDEN, LAYERS = 32, 2, 32, 2
MERGES = ("Ġ Ġ", "d e", "de f", "Ġ r", "Ġr e", "Ġre t", "u r", "ur n", "Ġret urn", "x y")
CONTROLS = ("<|end|>", "<|fim|>")
SEED = 231


def write_abi_model(path: Path, seed: int = SEED) -> Path:
    """Write the model."""
    writer = gguf.GGUFWriter(path, "llama")
    tokens = _vocabulary(writer)
    writer.add_context_length(256)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_freq_base(10000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    _weights(writer, len(tokens), seed)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _vocabulary(writer: gguf.GGUFWriter) -> list[str]:
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    letters = [chr(byte) if byte in printable else chr(next(others)) for byte in range(256)]
    tokens = [*letters, *(merge.replace(" ", "") for merge in MERGES), *CONTROLS]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types([gguf.TokenType.NORMAL] * (len(tokens) - len(CONTROLS)) + [gguf.TokenType.CONTROL] * len(CONTROLS))
    writer.add_token_merges(list(MERGES))
    writer.add_add_bos_token(False)
    writer.add_eos_token_id(tokens.index(CONTROLS[0]))
    return tokens


def _weights(writer: gguf.GGUFWriter, vocabulary: int, seed: int) -> None:
    # Python's own generator: numpy's may change from version to version.
    import random

    source = random.Random(seed)

    def matrix(name: str, rows: int, columns: int, scale: float = 0.4) -> None:
        values = [[round(source.uniform(-1, 1) * scale * 1024) / 1024 for _ in range(columns)] for _ in range(rows)]
        writer.add_tensor(f"{name}.weight", np.array(values, np.float16))

    def norm(name: str) -> None:
        writer.add_tensor(f"{name}.weight", np.ones(WIDTH, np.float32))

    matrix("token_embd", vocabulary, WIDTH, 1.0)
    for layer in range(LAYERS):
        norm(f"blk.{layer}.attn_norm")
        norm(f"blk.{layer}.ffn_norm")
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            matrix(f"blk.{layer}.{part}", WIDTH, WIDTH)
        matrix(f"blk.{layer}.ffn_gate", HIDDEN, WIDTH)
        matrix(f"blk.{layer}.ffn_up", HIDDEN, WIDTH)
        matrix(f"blk.{layer}.ffn_down", WIDTH, HIDDEN)
    norm("output_norm")
    matrix("output", vocabulary, WIDTH, 1.0)


if __name__ == "__main__":
    write_abi_model(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)
