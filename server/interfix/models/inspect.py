"""What a GGUF file says about itself, read from its header alone. Loads no weights and knows no llama.cpp."""

import mmap
import struct
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from interfix.errors import BadUsage


class Header(msgspec.Struct, frozen=True):
    """The part of a GGUF header that Interfix decides by."""

    architecture: str
    """`general.architecture`, such as qwen2."""
    name: str
    """`general.name`; empty where the file has none."""
    basename: str
    """`general.basename`: the model line; empty where the file has none."""
    finetune: str
    """`general.finetune`, such as Instruct; empty where the file has none."""
    size_label: str
    """`general.size_label`, such as 1.5B; empty where the file has none."""
    quantisation: str
    """How the weights are stored, such as Q4_K_M; `type N` for one not known here, empty where the file does not say."""
    context_length: int
    """Tokens the model was trained to attend to; 0 where the file does not say."""
    vocabulary: int
    """Tokens in the vocabulary."""
    chat_template: bool
    """Whether the file carries a chat template; some base files do, too."""
    fim: bool
    """Whether the vocabulary has the fill-in-the-middle tokens for a prefix and a suffix."""
    tensors: int
    """Weight tensors in the file."""
    bytes: int
    """Size of the file."""


def read_header(path: Path) -> Header:
    """Read the header of a GGUF file (v2 or v3, as specified in ggml's docs/gguf.md), well under a second whatever its size.

    Raises `BadUsage` where there is no file, it is no GGUF, or it ends before its weights do.
    """
    try:
        status = path.stat()
        return _read(path, status.st_size, status.st_mtime_ns)
    except FileNotFoundError:
        raise BadUsage(f"There is no model file at {path}.") from None
    except OSError as error:
        raise BadUsage(f"The model file {path} cannot be read: {error.strerror or error}.") from None
    except _DamagedError as damage:
        raise BadUsage(f"{path} is damaged: {damage}. Remove it and pull the model again.") from None


@lru_cache(maxsize=32)
def _read(path: Path, size: int, mtime_ns: int) -> Header:  # noqa: ARG001 (a touched file is another one)
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise BadUsage(f"{path} is not a GGUF model file. Give the path of a .gguf file.")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
            return _parse(_Reader(view), size)


class _DamagedError(Exception):
    """What is wrong, to be put behind the file's name."""


_STRING, _ARRAY = 8, 9
_SCALARS = {n: struct.Struct(f"<{c}") for n, c in enumerate("BbHhIif?") if c} | {
    10: struct.Struct("<Q"),
    11: struct.Struct("<q"),
    12: struct.Struct("<d"),
}
# Far above any real header, low enough that a damaged count is found out at once.
_MOST_KEYS, _MOST_TENSORS, _MOST_ITEMS = 100_000, 1_000_000, 8_000_000


class _Reader:
    """Little-endian values one after the other, never past the end of the file."""

    def __init__(self, view: mmap.mmap) -> None:
        self._view = view
        self._end = len(view)
        self.at = 4

    def scalar(self, kind: int) -> Any:
        try:
            layout = _SCALARS[kind]
            (value,) = layout.unpack_from(self._view, self.at)
        except KeyError:
            raise _DamagedError("its header holds a value of unknown type") from None
        except struct.error:
            raise _DamagedError("it ends in the middle of its header") from None
        self.at += layout.size
        return value

    def u32(self) -> int:
        return int(self.scalar(4))

    def u64(self) -> int:
        return int(self.scalar(10))

    def string(self) -> bytes:
        length = self.u64()
        self.skip(length)
        return self._view[self.at - length : self.at]

    def skip(self, count: int) -> None:
        if count > self._end - self.at:
            raise _DamagedError("it ends in the middle of its header")
        self.at += count

    def count(self, limit: int) -> int:
        value = self.u64()
        if value > limit:
            raise _DamagedError("its header makes no sense")
        return value

    def value(self) -> Any:
        """A scalar or a string; an array as a `_Strings` or as its length."""
        kind = self.u32()
        if kind == _STRING:
            return self.string().decode("utf-8", "replace")
        if kind != _ARRAY:
            return self.scalar(kind)
        element = self.u32()
        length = self.count(_MOST_ITEMS)
        if element == _STRING:
            return self._strings(length)
        if element not in _SCALARS:
            raise _DamagedError("its header holds a value of unknown type")
        self.skip(length * _SCALARS[element].size)
        return length

    def _strings(self, length: int) -> "_Strings":
        """Vocabularies have hundreds of thousands, so this loop looks at no more than a byte of most."""
        view, at, special = self._view, self.at, set()
        size_of = _SCALARS[10].unpack_from
        try:
            for _ in range(length):
                (size,) = size_of(view, at)
                start, at = at + 8, at + 8 + size
                if size > 2 and view[start] in b"<[\xe2":
                    special.add(view[start:at].decode("utf-8", "replace"))
        except (struct.error, IndexError):
            raise _DamagedError("it ends in the middle of its header") from None
        self.skip(at - self.at)
        return _Strings(length, special)


class _Strings:
    """An array of strings, of which only those that may be special tokens are kept: they begin with <, [ or ▁."""

    def __init__(self, length: int, special: set[str]) -> None:
        self.length = length
        self.special = special


# The texts by which the model lines mark the prefix and the suffix of a hole.
_FIM_PREFIX = {"<|fim_prefix|>", "<fim-prefix>", "<fim_prefix>", "<|code_prefix|>", "<PRE>", "▁<PRE>", "[PREFIX]"}
_FIM_PREFIX |= {"<｜fim▁begin｜>", "<[fim-prefix]>"}
_FIM_SUFFIX = {"<|fim_suffix|>", "<fim-suffix>", "<fim_suffix>", "<|code_suffix|>", "<SUF>", "▁<SUF>", "[SUFFIX]"}
_FIM_SUFFIX |= {"<｜fim▁hole｜>", "<[fim-suffix]>"}


def _parse(reader: _Reader, size: int) -> Header:
    version = reader.u32()
    if version not in (2, 3):
        raise _DamagedError(f"it claims to be GGUF version {version}, where 2 and 3 can be read")
    tensors = reader.count(_MOST_TENSORS)
    keys: dict[str, Any] = {}
    for _ in range(reader.count(_MOST_KEYS)):
        key = reader.string().decode("utf-8", "replace")
        keys[key] = reader.value()
    needed = _weights_end(reader, tensors, int(keys.get("general.alignment", 32)))
    if needed > size:
        raise _DamagedError(f"it has {size:,} bytes of at least {needed:,}")
    architecture = _text(keys, "general.architecture")
    if not architecture:
        raise _DamagedError("its header names no architecture")
    tokens = keys.get("tokenizer.ggml.tokens")
    special = tokens.special if isinstance(tokens, _Strings) else set()
    file_type = keys.get("general.file_type")
    return Header(
        architecture=architecture,
        name=_text(keys, "general.name"),
        basename=_text(keys, "general.basename"),
        finetune=_text(keys, "general.finetune"),
        size_label=_text(keys, "general.size_label"),
        quantisation=_FILE_TYPES.get(file_type, f"type {file_type}") if file_type is not None else "",
        context_length=int(keys.get(f"{architecture}.context_length", 0)),
        vocabulary=tokens.length if isinstance(tokens, _Strings) else int(keys.get(f"{architecture}.vocab_size", 0)),
        chat_template="tokenizer.chat_template" in keys,
        fim=_marks(keys, special, "pre", "prefix", _FIM_PREFIX) and _marks(keys, special, "suf", "suffix", _FIM_SUFFIX),
        tensors=tensors,
        bytes=size,
    )


def _marks(keys: dict[str, Any], special: set[str], short: str, long: str, texts: set[str]) -> bool:
    """Whether a mark is named by id, as newer and older converters spell the key, or found by its text."""
    named = {f"tokenizer.ggml.fim_{short}_token_id", f"tokenizer.ggml.{long}_token_id"}
    return bool(named & keys.keys()) or not texts.isdisjoint(special)


def _weights_end(reader: _Reader, tensors: int, alignment: int) -> int:
    """Smallest size of a file that holds every tensor its header lists, bytes."""
    end = 0
    for _ in range(tensors):
        reader.string()
        dimensions = reader.u32()
        if dimensions > 4:
            raise _DamagedError("its header makes no sense")
        elements = 1
        for _ in range(dimensions):
            elements *= reader.u64()
        block, block_bytes = _BLOCKS.get(reader.u32(), (1, 0))
        end = max(end, reader.u64() + elements // block * block_bytes)
    if alignment < 1:
        raise _DamagedError("its header makes no sense")
    return -(-reader.at // alignment) * alignment + end


def _text(keys: dict[str, Any], key: str) -> str:
    value = keys.get(key, "")
    return value if isinstance(value, str) else ""


# Elements and bytes of a block of each tensor type, by ggml's number (ggml.h, ggml-common.h). A type that is missing here is
# checked for where it begins only.
_BLOCKS = {
    **{0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 36)},
    **{10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292)},
    **{16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82)},
    **{23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2)},
    **{34: (256, 54), 35: (256, 66), 39: (32, 17)},
}
# llama.cpp's numbers for how a whole file is quantised (llama.h, enum llama_ftype).
_FILE_TYPES = {
    **{0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S", 12: "Q3_K_M"},
    **{13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 19: "IQ2_XXS", 20: "IQ2_XS"},
    **{21: "Q2_K_S", 22: "IQ3_XS", 23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL", 26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S"},
    **{29: "IQ2_M", 30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 36: "TQ1_0", 37: "TQ2_0", 38: "MXFP4_MOE"},
}
