"""Models that were split into several GGUF files: `NAME-00001-of-00003.gguf` and so on. llama.cpp loads them by the first."""

import re
from itertools import chain
from pathlib import Path

import msgspec

from interfix.errors import UsageError
from interfix.models.gguf import SHARD_COUNT, SHARD_NUMBER, GgufFile, describe_damage, read_gguf
from interfix.system.file_reader import is_regular

_NAME = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf", re.DOTALL)
_MAX_SHARDS = 1000


def read_model_file(path: Path) -> GgufFile:
    """The header of a model with the tensors and bytes of all its files; `path` is its only or its first one.

    Raises `UsageError` where a file is missing, damaged or no GGUF, or `path` is not the first.
    """
    first = read_gguf(path)
    with describe_damage(path):
        count, number = first.get_number(SHARD_COUNT, _MAX_SHARDS), first.get_number(SHARD_NUMBER, _MAX_SHARDS)
    shards = list_shards(path)
    if max(count, 1) != len(shards):
        raise UsageError(
            f"{path} is one of {count} files of a model, which its name must tell: "
            f"NAME-{number + 1:05}-of-{count:05}.gguf. Give the files the names that they had."
            if count > 1
            else f"{path} is a whole model, and its name says that it is one of {len(shards)} files. Give it another name."
        )
    if missing := ", ".join([shard.name for shard in shards if not is_regular(shard)][:5]):
        raise UsageError(f"{path} is one of {count} files of a model, and {missing} is missing beside it. Add what is missing.")
    if number or path != shards[0]:
        raise UsageError(f"{path} is file {number + 1} of {count} of a model. Name the first one: {shards[0].name}.")
    files = [first, *map(read_gguf, shards[1:])]
    tensors = tuple(chain.from_iterable(file.tensors for file in files))
    return msgspec.structs.replace(first, tensors=tensors, bytes=sum(file.bytes for file in files))


def list_shards(path: Path) -> tuple[Path, ...]:
    """All files of the model that this one belongs to, by its name; itself alone where it is not split."""
    match = _NAME.fullmatch(path.name)
    count = int(match["count"]) if match else 1
    if match is None or not 1 < count <= _MAX_SHARDS or not 1 <= int(match["number"]) <= count:
        return (path,)
    return tuple(path.with_name(f"{match['stem']}-{number:05}-of-{count:05}.gguf") for number in range(1, count + 1))
