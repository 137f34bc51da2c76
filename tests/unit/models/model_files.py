"""Small model files, and the catalog entries that describe them."""

import hashlib
import struct
from collections.abc import Mapping

import msgspec

from interfix.models import catalog
from interfix.models.catalog import CatalogEntry, WheelParts

QWEN_TOKENS = ("a", "b", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>")
INSTRUCT_METADATA = {
    "general.name": "Qwen2.5 Coder 1.5B Instruct",
    "general.finetune": "Instruct",
    "tokenizer.chat_template": "{{ x }}",
}
BASE_METADATA = {"general.name": "Qwen2.5 Coder 1.5B", "tokenizer.chat_template": "{{ x }}"}
WEIGHTS = bytes((n * n) % 251 for n in range(251))
"""What the weights of a file repeat."""


def build_gguf(keys: Mapping[str, object], tokens: tuple[str, ...] = QWEN_TOKENS, weights: int = 200_000) -> bytes:
    """A GGUF v3 file of one F32 tensor that takes `weights` bytes; a key's value is a string, a number, or a list of either."""

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value.encode())) + value.encode()

    def value(given: object) -> bytes:
        if isinstance(given, str):
            return struct.pack("<I", 8) + text(given)
        if isinstance(given, int):
            return struct.pack("<II", 4, given)
        assert isinstance(given, list)
        items = [value(item) for item in given]
        return struct.pack("<I", 9) + items[0][:4] + struct.pack("<Q", len(items)) + b"".join(item[4:] for item in items)

    pairs: dict[str, object] = {
        "general.architecture": "qwen2",
        "general.basename": "Qwen2.5-Coder",
        "general.size_label": "1.5B",
        "general.file_type": 7,
        "qwen2.context_length": 32768,
        "tokenizer.ggml.token_type": [1] * len(tokens),
        "tokenizer.ggml.tokens": list(tokens),
        **keys,
    }
    body = b"".join(text(key) + value(given) for key, given in pairs.items())
    tensor = text("token_embd.weight") + struct.pack("<IQIQ", 1, weights // 4, 0, 0)
    header = b"GGUF" + struct.pack("<IQQ", 3, 1, len(pairs)) + body + tensor
    return header + bytes(-len(header) % 32) + (WEIGHTS * (weights // len(WEIGHTS) + 1))[:weights]


def build_entry(name: str, data: bytes, known: CatalogEntry | None = None) -> CatalogEntry:
    """An entry as the catalog would have it for a file of these bytes."""
    real = known or catalog.find_entry("qwen2.5-coder-1.5b-instruct")
    piece = len(data) // 2 - 1000
    return msgspec.structs.replace(
        real,
        name=name,
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        pieces=WheelParts(stem=f"{name}-model".replace(".", "-"), count=3, version="0.2.0", bytes=piece),
    )
