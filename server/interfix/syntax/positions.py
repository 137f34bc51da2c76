"""Lines, columns and byte offsets of a text, as LSP and tree-sitter count them."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

import numpy as np
from numpy.typing import NDArray

_HIGH_SURROGATE = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\Z")
_LOW_SURROGATE = re.compile(rb"\xed[\xb0-\xbf][\x80-\xbf]")


class PositionEncoding(StrEnum):
    """The unit of a column, as negotiated with the client."""

    UTF8 = "utf-8"
    """Bytes."""
    UTF16 = "utf-16"
    """UTF-16 code units; what LSP assumes where nothing is negotiated."""
    UTF32 = "utf-32"
    """Characters (code points)."""


@dataclass(frozen=True, slots=True, eq=False)
class LineIndex:
    """Where the lines of a text begin. A line ends with LF, CRLF or CR, nothing else (LSP 3.17, "Text Documents")."""

    starts: NDArray[np.int64]
    """Byte offset of each line's first byte; the first is 0."""
    lone_cr_starts: NDArray[np.int64]
    """The starts that follow a CR without an LF: lines to LSP, but not rows to tree-sitter."""

    @classmethod
    def from_text(cls, data: bytes) -> Self:
        """The lines of a whole text."""
        starts, lone = _scan_line_starts(data, 1, len(data))
        return cls(np.concatenate(([0], starts)), lone)

    def splice(self, data: bytes, start: int, end: int, length: int) -> "LineIndex":
        """The lines of `data`, in which `length` bytes stand where the bytes `start` to `end` stood in the text of these lines."""
        starts, lone = _scan_line_starts(data, max(start, 1), start + length)
        shift = start + length - end
        return LineIndex(
            _splice_offsets(self.starts, max(start, 1), end, starts, shift),
            _splice_offsets(self.lone_cr_starts, start, end, lone, shift),
        )

    def __len__(self) -> int:
        return len(self.starts)

    def find_line(self, offset: int) -> int:
        """Zero-based line that holds the byte `offset`; a line's end belongs to it."""
        return int(self.starts.searchsorted(offset, "right")) - 1

    def find_start(self, line: int) -> int:
        """Byte offset at which `line` begins; that of the text's end beyond the last line is not known here."""
        return int(self.starts[line])

    def find_end(self, data: bytes, line: int) -> int:
        """Byte offset at which the text of `line` ends, before its line ending."""
        if line + 1 >= len(self.starts):
            return len(data)
        end = int(self.starts[line + 1])
        return end - (2 if data[end - 2 : end] == b"\r\n" else 1)

    def find_next_start(self, data: bytes, line: int) -> int:
        """Byte offset just behind `line` and its line ending."""
        return int(self.starts[line + 1]) if line + 1 < len(self.starts) else len(data)

    def find_point(self, data: bytes, offset: int) -> tuple[int, int]:
        """Row and column as tree-sitter counts them: rows end with LF only, columns are bytes."""
        row = self.find_line(offset) - int(self.lone_cr_starts.searchsorted(offset, "right"))
        return row, offset - (data.rfind(b"\n", 0, offset) + 1)


def encode_text(text: str) -> bytes:
    """UTF-8, in which a lone surrogate is kept and a pair of them, however it came together, is one character."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass").encode("utf-8", "surrogatepass")


def widen_to_surrogate_pairs(data: bytes, start: int, end: int, new: bytes) -> tuple[int, int, bytes]:
    """The same replacement, widened where it would leave the two halves of a surrogate pair side by side as two characters."""
    wide_start = start - 3 if _HIGH_SURROGATE.search(data, max(0, start - 3), start) else start
    wide_end = end + 3 if _LOW_SURROGATE.match(data, end) else end
    if (wide_start, wide_end) == (start, end):
        return start, end, new
    whole = data[wide_start:start] + new + data[end:wide_end]
    return wide_start, wide_end, encode_text(whole.decode("utf-8", "surrogatepass"))


def count_bytes_before(line: bytes, column: int, encoding: PositionEncoding) -> int:
    """How many bytes of `line` lie left of `column`: at most all of them, never a part of a character."""
    if column <= 0:
        return 0
    if encoding is PositionEncoding.UTF8 or line.isascii():
        return align_to_character(line, min(column, len(line)))
    text = line.decode("utf-8", "surrogatepass")
    if encoding is PositionEncoding.UTF32:
        return len(text[:column].encode("utf-8", "surrogatepass"))
    units = text.encode("utf-16-le", "surrogatepass")
    head = units[: 2 * column]
    if len(head) < len(units) and 0xD8 <= head[-1] < 0xDC and 0xDC <= units[len(head) + 1] < 0xE0:
        head = head[:-2]
    return len(head.decode("utf-16-le", "surrogatepass").encode("utf-8", "surrogatepass"))


def count_columns(line: bytes, encoding: PositionEncoding) -> int:
    """How many columns the bytes of `line` take; they begin and end between characters."""
    if encoding is PositionEncoding.UTF8 or line.isascii():
        return len(line)
    text = line.decode("utf-8", "surrogatepass")
    return len(text) if encoding is PositionEncoding.UTF32 else len(text.encode("utf-16-le", "surrogatepass")) // 2


def align_to_character(data: bytes, offset: int) -> int:
    """The nearest offset at or before `offset` that does not lie inside a character."""
    while 0 < offset < len(data) and data[offset] & 0xC0 == 0x80:
        offset -= 1
    return offset


def find_difference(old: bytes, new: bytes) -> tuple[int, int]:
    """The bytes of `old`, by their first and the one behind their last, between what both begin with and what both end with."""
    most = min(len(old), len(new))
    a, b = np.frombuffer(old, np.uint8), np.frombuffer(new, np.uint8)
    unlike = np.flatnonzero(a[:most] != b[:most])
    start = int(unlike[0]) if len(unlike) else most
    unlike = np.flatnonzero(a[len(old) - most + start :][::-1] != b[len(new) - most + start :][::-1])
    return start, len(old) - (int(unlike[0]) if len(unlike) else most - start)


def _scan_line_starts(data: bytes, low: int, high: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The line starts among the offsets `low` to `high` (both included), and those of them that follow a lone CR."""
    if low > high:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    window = np.frombuffer(data, np.uint8, high - low + 1, low - 1)
    starts = np.flatnonzero(window == 10) + low
    returns = np.flatnonzero(window == 13) + low
    lone = np.array([start for start in returns.tolist() if data[start : start + 1] != b"\n"], np.int64)
    return np.sort(np.concatenate((starts, lone))) if len(lone) else starts, lone


def _splice_offsets(old: NDArray[np.int64], start: int, end: int, new: NDArray[np.int64], shift: int) -> NDArray[np.int64]:
    """`old` with what lies in `start` to `end` (both included) replaced by `new` and what follows shifted."""
    return np.concatenate((old[: old.searchsorted(start)], new, old[old.searchsorted(end, "right") :] + shift))
