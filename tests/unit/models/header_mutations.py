"""Model files with something wrong in their headers, at random from a seed."""

import random
import struct

from tests.unit.models.model_files import INSTRUCT_METADATA, QWEN_TOKENS, build_gguf

_KEYS: dict[str, object] = {
    **INSTRUCT_METADATA,
    "qwen2.block_count": 28,
    "qwen2.embedding_length": 1536,
    "qwen2.attention.head_count": 12,
    "qwen2.attention.head_count_kv": [2] * 28,
    "qwen2.attention.sliding_window": 512,
    "qwen2.vocab_size": 5,
    "general.tags": ["code", "chat"],
    "general.license": "mit",
    "general.repo_url": "https://example.org/a",
    "general.alignment": 32,
    "tokenizer.ggml.fim_pre_token_id": 2,
    "split.count": 1,
}
_SOUND = build_gguf(_KEYS, QWEN_TOKENS, weights=400)
_HEADER = len(_SOUND) - 400
_EXTREMES = (
    *(struct.pack("<Q", value) for value in (0, 1, 2**31, 2**32 - 1, 2**32, 2**40, 2**63 - 1, 2**63, 2**64 - 1, 400_000_000)),
    *(struct.pack("<I", value) for value in (0, 1, 4, 6, 7, 8, 9, 10, 12, 13, 2**31, 2**32 - 1, 400_000_000)),
    *(struct.pack("<d", value) for value in (float("inf"), float("nan"), -1.0, 1e300)),
    *(struct.pack("<f", value) for value in (float("inf"), float("nan"), -1.0)),
)
_FLOATS = tuple(struct.pack("<If", 6, value) for value in (float("inf"), float("-inf"), float("nan"), -1.0, 1e30, 0.5))


def mutate_header(seed: int) -> bytes:
    """A model file with one to four faults in its header."""
    draw = random.Random(seed)
    data = bytearray(_SOUND)
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(4, max(5, min(_HEADER, len(data))))
        match draw.randrange(8):
            case 0:
                data[at : at + 1] = bytes([draw.randrange(256)])
            case 1:
                extreme = draw.choice(_EXTREMES)
                data[at : at + len(extreme)] = extreme
            case 2:
                del data[at : at + draw.randint(1, 16)]
            case 3:
                data[at:at] = draw.randbytes(draw.randint(1, 16))
            case 4:
                del data[at:]
            case 5:
                data[at:at] = data[at : at + draw.randint(1, 200)]
            case _:  # a value of another kind or size under a key that is there
                key = draw.choice(list(_KEYS)).encode()
                value_at = data.find(key) + len(key)
                fault = draw.choice(_FLOATS) if draw.random() < 0.5 else struct.pack("<I", 4) + draw.choice(_EXTREMES)[:4]
                data[value_at : value_at + len(fault)] = fault
    return bytes(data)


def set_number(key: str, number: int, kind: str = "<IQ") -> bytes:
    """A sound file but for one number, as u64."""
    value = struct.pack(kind, 10, number)
    at = _SOUND.index(key.encode()) + len(key.encode())
    return _SOUND[:at] + value + _SOUND[at + 8 :]
