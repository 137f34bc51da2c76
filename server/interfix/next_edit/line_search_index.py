"""The lines of a document for whoever looks through all of them: which hold a text, and their tokens."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from interfix.completion.indent_style import get_indent
from interfix.next_edit.code_tokens import find_offsets, get_shape, split_tokens
from interfix.syntax.document import Snapshot

MAX_LINE_CHARACTERS = 1_000
"""Longer lines are not written by people."""


class LineTable:
    """The lines of one snapshot, split into tokens when they are first asked for."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        ends = "surrogatepass"
        data, starts = snapshot.data, snapshot.lines.starts.tolist()
        self.lines: Sequence[str] = [
            data[start:end].decode("utf-8", ends).rstrip("\r\n")
            for start, end in zip(starts, [*starts[1:], len(data)], strict=True)
        ]
        self._tokens: dict[int, tuple[str, list[str], list[int]]] = {}

    @cached_property
    def shapes(self) -> Mapping[str, Sequence[int]]:
        """The lines that are alike whatever their words, by `get_shape`."""
        lines_by_shape: dict[str, list[int]] = {}
        for number, line in enumerate(self.lines):
            if len(line) <= MAX_LINE_CHARACTERS:
                lines_by_shape.setdefault(get_shape(line), []).append(number)
        return lines_by_shape

    def find_lines(self, needle: str) -> Iterator[int]:
        """The lines that hold a text."""
        return (number for number, line in enumerate(self.lines) if needle in line and len(line) <= MAX_LINE_CHARACTERS)

    def find_words(self, word: str) -> Iterator[int]:
        """The lines that hold a word, not only as a part of a longer one."""
        pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
        return (number for number in self.find_lines(word) if pattern.search(self.lines[number]))

    def split_line(self, line: int) -> tuple[str, list[str], list[int]]:
        """A line's indentation, the tokens behind it, and where each begins, characters from the line's start; the end is the
        last."""
        if line not in self._tokens:
            text = self.lines[line]
            indent = get_indent(text)
            tokens = split_tokens(text[len(indent) :])
            self._tokens[line] = indent, tokens, [len(indent) + offset for offset in find_offsets(tokens)]
        return self._tokens[line]

    def find_byte(self, line: int, character: int) -> int:
        """The byte offset of a character of a line."""
        text = self.lines[line]
        start = self.snapshot.lines.find_start(line)
        return start + (character if text.isascii() else len(text[:character].encode("utf-8", "surrogatepass")))
