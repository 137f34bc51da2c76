"""The GGUF format: the keys and the tensors that a file's header lists."""

import mmap
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from interfix.errors import UsageError
from interfix.system.file_reader import open_regular


class Tensor(msgspec.Struct, frozen=True):
    """One weight tensor, as the header describes it."""

    name: str
    """Its name, such as blk.0.attn_q.weight."""
    elements: int
    """How many weights it holds."""
    type: int
    """ggml's number of how they are stored."""

    @property
    def bytes(self) -> int:
        """Bytes it takes; 0 for a type that is not known here."""
        block, block_bytes = _BLOCKS.get(self.type, (1, 0))
        return self.elements // block * block_bytes

    @property
    def type_name(self) -> str:
        """How its weights are stored, such as Q4_K; `type N` for one that is not known here."""
        return _TYPE_NAMES.get(self.type, f"type {self.type}")


class StringArray(msgspec.Struct, frozen=True):
    """An array of strings. Of a long one, a vocabulary, only those are kept that may be special: they begin with <, [ or ▁."""

    length: int
    """How many there are."""
    special: dict[str, int]
    """The index of each that was kept, by its text."""


class GgufFile(msgspec.Struct, frozen=True):
    """A header."""

    keys: dict[str, Any]
    """Scalars and strings as they are, arrays of strings as `StringArray`, others as a tuple or, where they are long, their
    length."""
    tensors: tuple[Tensor, ...]
    """Every tensor of the file."""
    bytes: int
    """Size of the file."""

    def get_text(self, key: str) -> str:
        """The string under a key; empty where there is none."""
        value = self.keys.get(key, "")
        return value if isinstance(value, str) else ""

    def get_number(self, key: str, most: int = 1 << 32) -> int:
        """The number under a key; 0 where there is none. Raises `DamagedError` where it is not from 0 to `most`."""
        return check_number(key, self.keys.get(key, 0), most)

    def get_strings(self, key: str) -> StringArray:
        """The strings under a key; none where there are none."""
        value = self.keys.get(key)
        return value if isinstance(value, StringArray) else StringArray(0, {})


class DamagedError(Exception):
    """What is wrong, to be put behind the file's name."""


def check_number(key: str, value: Any, most: int) -> int:
    """A header's number where it makes sense, 0 where it is none. Raises `DamagedError` where it is not from 0 to `most`."""
    if not isinstance(value, int | float):
        return 0
    if not 0 <= value <= most:  # neither is what is not a number
        raise DamagedError(f"its header says that {key[:80]} is {value}, where {most:,} is the most that makes sense")
    return int(value)


@contextmanager
def describe_damage(path: Path) -> Iterator[None]:
    """Turns what is wrong with a model file into a `UsageError` with a sentence."""
    try:
        yield
    except FileNotFoundError:
        raise UsageError(f"There is no model file at {path}.") from None
    except OSError as error:
        raise UsageError(f"The model file {path} cannot be read: {error.strerror or error}.") from None
    except DamagedError as damage:
        raise UsageError(f"{path} is damaged: {damage}. Remove it and pull the model again.") from None


def read_gguf(path: Path) -> GgufFile:
    """Read the header of a GGUF file (v2 or v3, as specified in ggml's docs/gguf.md), well under a second whatever its size.

    Raises `UsageError` where there is no file, it is no GGUF, or it ends before its weights do.
    """
    with describe_damage(path):
        try:
            status = path.stat()
        except ValueError:
            raise UsageError(f"{str(path)!r} is no name that a file can have.") from None
        return _read_cached(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=32)
def _read_cached(path: Path, size: int, mtime_ns: int) -> GgufFile:  # noqa: ARG001 (a touched file is another one)
    with open_regular(path) as file:
        if file.read(4) != b"GGUF":
            raise UsageError(f"{path} is not a GGUF model file. Give the path of a .gguf file.")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
            return _parse_header(_Reader(view), size)


_STRING, _ARRAY = 8, 9
_SCALARS = {n: struct.Struct(f"<{c}") for n, c in enumerate("BbHhIif?") if c} | {
    10: struct.Struct("<Q"),
    11: struct.Struct("<q"),
    12: struct.Struct("<d"),
}
# Far above any real header, low enough that a damaged count is found out at once.
_MAX_KEYS, _MAX_TENSORS, _MAX_ITEMS = 100_000, 1_000_000, 8_000_000
# Arrays with a value for each layer, and lists of tags, are kept whole.
_MAX_KEPT_ITEMS = 1024
# The largest headers have 20 MB, the longest texts, chat templates, 100 kB.
_MAX_HEADER_BYTES, _MAX_TEXT_BYTES = 64 << 20, 1 << 20
# Weights of a tensor; whole models have fewer.
_MAX_ELEMENTS = 1 << 44


class _Reader:
    """Little-endian values one after the other, never past the end of the file."""

    def __init__(self, view: mmap.mmap) -> None:
        self._view = view
        self._end = min(len(view), _MAX_HEADER_BYTES)
        self.offset = 4

    def read_scalar(self, kind: int) -> Any:
        try:
            layout = _SCALARS[kind]
            (value,) = layout.unpack_from(self._view, self.offset)
        except KeyError:
            raise DamagedError("its header holds a value of unknown type") from None
        except struct.error:
            raise DamagedError("it ends in the middle of its header") from None
        self.offset += layout.size
        return value

    def read_u32(self) -> int:
        return int(self.read_scalar(4))

    def read_u64(self) -> int:
        return int(self.read_scalar(10))

    def read_string(self) -> bytes:
        length = self.read_count(_MAX_TEXT_BYTES)
        self.skip(length)
        return self._view[self.offset - length : self.offset]

    def skip(self, count: int) -> None:
        if count > self._end - self.offset:
            if self._end == _MAX_HEADER_BYTES:
                raise DamagedError(f"its header has more than {_MAX_HEADER_BYTES:,} bytes")
            raise DamagedError("it ends in the middle of its header")
        self.offset += count

    def read_count(self, limit: int) -> int:
        value = self.read_u64()
        if value > limit:
            raise DamagedError("its header makes no sense")
        return value

    def read_value(self) -> Any:
        """A value as `GgufFile.keys` has it."""
        kind = self.read_u32()
        if kind == _STRING:
            return self.read_string().decode("utf-8", "replace")
        if kind != _ARRAY:
            return self.read_scalar(kind)
        element = self.read_u32()
        length = self.read_count(_MAX_ITEMS)
        if element == _STRING:
            return self._read_strings(length)
        if element not in _SCALARS:
            raise DamagedError("its header holds a value of unknown type")
        if length <= _MAX_KEPT_ITEMS:
            return tuple(self.read_scalar(element) for _ in range(length))
        self.skip(length * _SCALARS[element].size)
        return length

    def _read_strings(self, length: int) -> StringArray:
        """Vocabularies have hundreds of thousands, so this loop looks at no more than a byte of most."""
        view, end, at, wanted_strings = self._view, self._end, self.offset, {}
        size_of, first = _SCALARS[10].unpack_from, bytes(range(256)) if length <= _MAX_KEPT_ITEMS else b"<[\xe2"
        try:
            for index in range(length):
                (size,) = size_of(view, at)
                start, at = at + 8, at + 8 + size
                if at > end:
                    break
                if size > 2 and view[start] in first:
                    wanted_strings[view[start:at].decode("utf-8", "replace")] = index
        except (struct.error, IndexError):
            raise DamagedError("it ends in the middle of its header") from None
        self.skip(at - self.offset)
        return StringArray(length, wanted_strings)


SHARD_COUNT, SHARD_NUMBER = "split.count", "split.no"
"""Keys of a model that was split into several files: how many there are, and which this is, from 0."""


def _parse_header(reader: _Reader, size: int) -> GgufFile:
    version = reader.read_u32()
    if version not in (2, 3):
        raise DamagedError(f"it claims to be GGUF version {version}, where 2 and 3 can be read")
    count = reader.read_count(_MAX_TENSORS)
    keys: dict[str, Any] = {}
    for _ in range(reader.read_count(_MAX_KEYS)):
        key = reader.read_string().decode("utf-8", "replace")
        keys[key] = reader.read_value()
    tensors, end = [], 0
    for _ in range(count):
        tensor, offset = _read_tensor(reader)
        tensors.append(tensor)
        end = max(end, offset + tensor.bytes)
    alignment = keys.get("general.alignment", 32)
    if not isinstance(alignment, int) or alignment < 1:
        raise DamagedError("its header makes no sense")
    needed = -(-reader.offset // alignment) * alignment + end
    if needed > size:
        raise DamagedError(f"it has {size:,} bytes of at least {needed:,}")
    if not isinstance(keys.get("general.architecture"), str) and not keys.get(SHARD_NUMBER):
        raise DamagedError("its header names no architecture")
    return GgufFile(keys=keys, tensors=tuple(tensors), bytes=size)


def _read_tensor(reader: _Reader) -> tuple[Tensor, int]:
    """A tensor, and where its data begins."""
    name = reader.read_string().decode("utf-8", "replace")
    dimensions = reader.read_u32()
    if dimensions > 4:
        raise DamagedError("its header makes no sense")
    elements = 1
    for _ in range(dimensions):
        elements *= reader.read_u64()
    if elements > _MAX_ELEMENTS:
        raise DamagedError(f"its header names a tensor of {elements:,} weights")
    return Tensor(name, elements, reader.read_u32()), reader.read_u64()


# Elements and bytes of a block of each tensor type, by ggml's number (ggml.h, ggml-common.h). A type that is missing here is
# checked for where it begins only.
_BLOCKS = {
    **{0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 36)},
    **{10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292)},
    **{16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82)},
    **{23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2)},
    **{34: (256, 54), 35: (256, 66), 39: (32, 17)},
}
_TYPE_NAMES = {
    **{0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 6: "Q5_0", 7: "Q5_1", 8: "Q8_0", 9: "Q8_1", 10: "Q2_K", 11: "Q3_K", 12: "Q4_K"},
    **{13: "Q5_K", 14: "Q6_K", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S", 20: "IQ4_NL", 21: "IQ3_S"},
    **{22: "IQ2_S", 23: "IQ4_XS", 24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64", 29: "IQ1_M", 30: "BF16", 34: "TQ1_0"},
    **{35: "TQ2_0", 39: "MXFP4"},
}
