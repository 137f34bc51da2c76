"""Reads and writes files of fill-in-the-middle cases: one JSON object a line, plain or gzipped."""

import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from interfix.errors import UsageError
from interfix.syntax.languages import load_languages

_UNSAFE_IN_FILE_NAME = re.compile(r"[^\w.-]+")


class InfillCase(msgspec.Struct, frozen=True):
    """A hole in a file. Fields that are not named here are left alone."""

    id: str | int
    """Given back with the completion."""
    prefix: str
    """All text before the hole."""
    suffix: str
    """All text after it."""
    language: str = ""
    """LSP language id."""
    path: str = ""
    """Where the file is, below the root."""
    root: str = ""
    """Its workspace, below the root; empty: the root itself."""
    kind: str = ""
    """Only a heading of the table."""
    expected: str | None = None
    """Only compared with the answer, never sent."""

    @property
    def file_name(self) -> str:
        """The path, or a made-up file name with the language's own ending."""
        if self.path:
            return self.path
        language = load_languages().find_by_id(self.language)
        ending = language.globs[0].removeprefix("*") if language else f".{self.language or 'txt'}"
        return _UNSAFE_IN_FILE_NAME.sub("_", str(self.id)) + ending


def read_cases(path: Path) -> list[InfillCase]:
    """All cases of a file. Raises BadUsage, with the line, where one cannot be read."""
    return list(_decode_cases(path))


def _decode_cases(path: Path) -> Iterator[InfillCase]:
    decoder = msgspec.json.Decoder(InfillCase)
    for number, line in enumerate(_read_lines(path), start=1):
        if line.strip():
            try:
                yield decoder.decode(line)
            except msgspec.DecodeError as error:
                raise UsageError(f"{path}, line {number}, is not a case: {error}.") from None


def _read_lines(path: Path) -> list[bytes]:
    try:
        data = path.read_bytes()
        return (gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data).split(b"\n")
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist. Name a file with one JSON object a line.") from None
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from None
