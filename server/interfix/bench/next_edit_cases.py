"""Cases of next edits: a file, the hunks made so far, the file then, and the hunks that its author still made."""

import gzip
import zlib
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path

import msgspec

from interfix.errors import UsageError
from interfix.next_edit.code_tokens import find_offsets, split_tokens


class CaseHunk(msgspec.Struct, frozen=True):
    """Lines that are replaced."""

    line: int
    """Zero-based, in the text of its moment."""
    old: str
    """The lines before, with their endings; empty: lines are inserted."""
    new: str
    """The lines after; empty: lines are deleted."""


class EditCase(msgspec.Struct, frozen=True):
    """A moment of a change. Fields that are not named here are left alone."""

    id: str
    """Given back with the answer."""
    path: str
    """Where the file is."""
    before: str
    """The file before the change."""
    text: str
    """The file at the moment."""
    line: int
    """Zero-based line of the cursor."""
    column: int
    """Its column, characters."""
    history: tuple[CaseHunk, ...]
    """The hunks made so far, oldest first."""
    remaining: tuple[CaseHunk, ...] = ()
    """The hunks still to be made, in `text`; none: silence is right."""
    kind: str = ""
    """Only a heading of the table."""
    language: str = ""
    """LSP language id."""


class Keystrokes(msgspec.Struct, frozen=True):
    """A text that is selected and typed over."""

    start: tuple[int, int]
    """Zero-based line and column (characters) at which the selection begins."""
    end: tuple[int, int]
    """Where it ends; a column beyond the line's end is the end."""
    text: str
    """What is typed."""


LINE_END = 1_000_000
"""A column beyond the end of every line."""


def read_edit_cases(path: Path) -> list[EditCase]:
    """All cases of a file. Raises `UsageError`, with the line, where one cannot be read."""
    try:
        data = path.read_bytes()
        lines = (gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data).split(b"\n")
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist. Name a file with one JSON object a line.") from None
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from None
    return list(_decode_cases(path, lines))


def _decode_cases(path: Path, lines: Sequence[bytes]) -> Iterator[EditCase]:
    decoder = msgspec.json.Decoder(EditCase)
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield decoder.decode(line)
            except msgspec.DecodeError as error:
                raise UsageError(f"{path}, line {number}, is not a case: {error}.") from None


def plan_keystrokes(hunk: CaseHunk) -> Iterator[Keystrokes]:
    """How a person makes a hunk: what stays in a line is not typed again, new lines are begun at the end of the line above."""
    old, new = hunk.old.splitlines(), hunk.new.splitlines()
    at = hunk.line
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        text = "\n".join(new[k:m])
        if tag == "replace" and j - i == m - k:
            for number, (before, after) in enumerate(zip(old[i:j], new[k:m], strict=True)):
                yield from _plan_line(at + number, before, after)
        elif tag == "replace":
            yield Keystrokes((at, 0), (at + j - i - 1, LINE_END), text)
        elif tag == "delete":
            yield Keystrokes((at, 0), (at + j - i, 0), "")
        elif tag == "insert" and at > 0:
            yield Keystrokes((at - 1, LINE_END), (at - 1, LINE_END), f"\n{text}")
        elif tag == "insert":
            yield Keystrokes((0, 0), (0, 0), f"{text}\n")
        at += m - k


def _plan_line(line: int, before: str, after: str) -> Iterator[Keystrokes]:
    old, new = split_tokens(before), split_tokens(after)
    offsets, shift = find_offsets(old), 0
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            text = "".join(new[k:m])
            yield Keystrokes((line, offsets[i] + shift), (line, offsets[j] + shift), text)
            shift += len(text) - offsets[j] + offsets[i]
