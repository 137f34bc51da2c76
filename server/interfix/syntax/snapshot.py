"""A document as it is at one moment: text and lines, which never change, and a tree."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from tree_sitter import Range, Tree

from interfix.syntax.document_key import DocumentKey
from interfix.syntax.grammar import StopCheck
from interfix.syntax.incremental_trees import LONG_TEXT_BYTES, IncrementalTrees, Span, TextChange
from interfix.syntax.languages import Language
from interfix.syntax.magics import hide_magics
from interfix.syntax.positions import (
    LineIndex,
    PositionEncoding,
    align_to_character,
    count_bytes_before,
    count_columns,
    encode_text,
    find_difference,
    widen_to_surrogate_pairs,
)

if TYPE_CHECKING:
    from interfix.syntax.notebook_script import CellPlace

MAX_TREE_BYTES = 4_000_000
"""Bytes beyond which a document goes on without a tree."""

MAX_PARSE_SECONDS = 0.015
"""Seconds of computing that a keystroke waits for a parse of a whole long text."""

RUNAWAY = 1.0
"""Seconds of computing after which the parse of a short text is given up; some grammars never come to an end of some texts, such as
Kotlin's of a backtick behind a call."""

RUNAWAY_BYTE = 5e-6
"""Seconds more for each byte of it."""

_NO_KEY = DocumentKey("")
_MAX_PARTS = 4
"""Parts in other languages that are kept up to date."""


class _LateParse(Exception):
    """A parse took longer than one may wait for it."""


def _either(one: StopCheck, other: StopCheck) -> bool:
    return one() or other()


def _is_past(deadline: float) -> bool:
    return time.thread_time() > deadline


@dataclass(slots=True)
class _ParseState:
    """The trees of one text, made when they are first asked for, from those of an earlier text where there are any."""

    trees: IncrementalTrees | None = None
    is_parsed: bool = False
    assumed_errors: int = 0
    """Where the trees are those of an earlier text, or not there yet: how many errors this one is taken to have; else 0."""
    needs_parse: bool = False
    """Whether all of the text is to be parsed in the background: the trees are late, or doubtful."""
    parts: list["Snapshot"] = field(default_factory=list)
    """The parts in other languages that have been asked for, the last ones last."""
    code: bytes | None = None
    """What is parsed of the text, once it was asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Frozen, cheap to take, and safe to keep while its document moves on. Offsets are bytes into `data`."""

    uri: str
    """The document's URI, as whoever opened it spells it: for what goes out to them, and nothing else."""
    path: str
    """Absolute path of its file, or of the notebook it is a cell of; empty where there is none."""
    version: int
    """The version the client gave it."""
    language: Language | None
    """Its language; None where it is not known."""
    data: bytes
    """The text as UTF-8, lone surrogates kept (surrogatepass)."""
    lines: LineIndex
    """Where its lines begin."""
    key: DocumentKey = _NO_KEY
    """Which document it is, however its URI is spelled."""
    language_id: str = ""
    """What the client calls its language, known or not; empty where it says nothing."""
    bom: bytes = b""
    """The byte order mark that stood before the text in the file and belongs there again when it is written."""
    spans: tuple[Span, ...] = ()
    """The bytes that are in its language; empty: all of them."""
    has_magics: bool = False
    """Whether IPython runs it, as it does a notebook's code, so that its magics are no faults."""
    cell_place: "CellPlace | None" = None
    """Where it stands among the cells of its notebook; None where it is no cell, or its language is not known."""
    background_parser: Callable[[], None] | None = None
    """Has the trees of the document's newest text made in the background; called when some are late. None: one waits for them."""
    _parse: _ParseState = field(default_factory=_ParseState, repr=False)

    @property
    def trees(self) -> IncrementalTrees | None:
        """Its syntax trees, parsed at the first call; None without a grammar or beyond `MAX_TREE_BYTES`.

        Where they are `late` they show an earlier text, at the places of this one, or are None.
        """
        parse = self._parse
        if not parse.is_parsed:
            if self.language is None or self.language.load_grammar() is None or len(self.data) > MAX_TREE_BYTES:
                parse.trees = None
            else:
                try:
                    parse.trees = (
                        parse.trees.reparse(self._parse_text)
                        if parse.trees
                        else IncrementalTrees.from_tree(self._parse_text(None, ()))
                    )
                except _LateParse:
                    # One error more than there were: what cannot be told to be right is not.
                    parse.assumed_errors = 1 + (parse.trees.error_count if parse.trees else 0)
                    parse.trees = parse.trees and parse.trees.mark_stale(parse.trees.full_tree)
                parse.needs_parse = parse.assumed_errors > 0 or (parse.trees is not None and parse.trees.doubtful)
            parse.is_parsed = True
        if parse.needs_parse and self.background_parser:
            self.background_parser()
        return parse.trees

    @property
    def tree(self) -> Tree | None:
        """The tree of the whole text; in a long one it may be out of date where `trees` has stretches. For whether there is one."""
        return self.trees.full_tree if self.trees else None

    @property
    def broken(self) -> bool:
        """Whether there are no trees or only late ones, or something in them does not fit the grammar."""
        return self.trees is None or self._parse.assumed_errors > 0 or self.trees.broken

    @property
    def late(self) -> bool:
        """Whether its trees, or those of a part in another language, were asked for and are not there yet."""
        return any(each._parse.assumed_errors for each in (self, *self._parse.parts))

    @property
    def needs_parse(self) -> bool:
        """Whether trees of the whole text, or of a part in another language, are to be made in the background."""
        return any(each._parse.needs_parse for each in (self, *self._parse.parts))

    @property
    def exact_copy(self) -> "Snapshot":
        """The same text, for whom being right is worth waiting for: its trees, and those of what it becomes, are never late."""
        return replace(self, background_parser=None, _parse=_ParseState() if self.late else self._parse)

    def parse_pending(self, should_stop: StopCheck) -> None:
        """Make the trees that are wanted, unless `should_stop` says so before they are there."""
        for each in (self, *self._parse.parts):
            parse, grammar = each._parse, each.language.load_grammar() if each.language else None
            if parse.needs_parse and grammar:
                old = parse.trees.full_tree if parse.trees else None
                late = partial(_is_past, each._runaway())
                tree = grammar.parse_until(partial(_either, should_stop, late), each._code, old, each._build_ranges(each.spans))
                if tree is None and late():
                    parse.needs_parse = False
                if tree:
                    trees = IncrementalTrees.from_tree(tree)
                    # Of two that are broken the one in stretches is kept: in a broken text none are found again.
                    if parse.assumed_errors or parse.trees is None or trees.error_count < parse.trees.error_count:
                        parse.trees = trees
                    parse.assumed_errors, parse.needs_parse = 0, False

    @property
    def text(self) -> str:
        """The whole text."""
        return self.data.decode("utf-8", "surrogatepass")

    @property
    def newline(self) -> str:
        """The line ending that most of its lines have: LF, CRLF or CR; LF where there is none yet."""
        if b"\r" not in self.data:
            return "\n"
        pairs = self.data.count(b"\r\n")
        counts = {"\n": self.data.count(b"\n") - pairs, "\r\n": pairs, "\r": self.data.count(b"\r") - pairs}
        return max(counts, key=counts.__getitem__)

    def to_offset(self, line: int, column: int, encoding: PositionEncoding) -> int:
        """Byte offset of a zero-based position. Beyond a line's end: its end; beyond the last line: the text's end; never inside a
        character or a line ending.
        """
        if line < 0:
            return 0
        if line >= len(self.lines):
            return len(self.data)
        start = self.lines.find_start(line)
        return start + count_bytes_before(self.data[start : self.lines.find_end(self.data, line)], column, encoding)

    def to_position(self, offset: int, encoding: PositionEncoding) -> tuple[int, int]:
        """Zero-based line and column of a byte offset, clamped to the text and to the start of a character or line ending."""
        offset = align_to_character(self.data, min(max(offset, 0), len(self.data)))
        line = self.lines.find_line(offset)
        start = self.lines.find_start(line)
        return line, count_columns(self.data[start : min(offset, self.lines.find_end(self.data, line))], encoding)

    def replace_range(self, start: int, end: int, text: str) -> "Snapshot":
        """The same document with the bytes `start` to `end` replaced by `text`; only what changed is parsed again."""
        start, end, new = widen_to_surrogate_pairs(self.data, start, end, encode_text(text))
        data = self.data[:start] + new + self.data[end:]
        lines = self.lines.splice(data, start, end, len(new))
        stop = start + len(new)
        points = self.lines.find_point(self.data, start), self.lines.find_point(self.data, end), lines.find_point(data, stop)
        return self._apply_change(TextChange(start, end, stop, points), data, lines)

    def mask_with(self, data: bytes) -> "Snapshot":
        """The same document for whoever may not see all of it: `data` is as long, with other characters in places within lines."""
        return replace(self, data=data)

    def replace_all(self, text: str) -> "Snapshot":
        """The same document with another text altogether."""
        data = encode_text(text)
        return replace(self, data=data, lines=LineIndex.from_text(data), spans=(), _parse=_ParseState())

    def restrict_to(self, language: Language, spans: tuple[Span, ...]) -> "Snapshot":
        """The same text, of which only the bytes `spans` count and are in another language."""
        parts = self._parse.parts
        restriction = next((part for part in parts if part.language == language and part.spans == spans), None)
        if restriction is None:
            restriction = replace(self, language=language, spans=spans, _parse=_ParseState())
            parts[:] = [*parts[1 - _MAX_PARTS :], restriction]
        return replace(restriction, version=self.version)

    def count_errors(self) -> int:
        """How many places of the text do not fit the grammar (ERROR and MISSING nodes); 0 without a tree."""
        trees = self.trees
        return self._parse.assumed_errors or (trees.error_count if trees else 0)

    def errors_before(self, offset: int) -> int:
        """How many of them end at the byte `offset` or earlier; 0 where the tree is late."""
        trees = self.trees
        return trees.errors_before(offset) if trees and not self._parse.assumed_errors else 0

    def _apply_change(self, change: TextChange, data: bytes, lines: LineIndex) -> "Snapshot":
        trees, late = self._parse.trees, self._parse.assumed_errors
        code = self._select_code(data)
        if trees:
            seen = change if code is data and self._code is self.data else self._find_code_change(code, lines)
            try:
                trees = trees.apply_change(seen, self._code, self._parse_text, spans=self.spans)
            except _LateParse:
                trees = trees.mark_stale(seen.apply_to(trees.full_tree))
        parts = [part._apply_change(change, data, lines) for part in self._parse.parts]
        parse = _ParseState(trees, is_parsed=late > 0, assumed_errors=late, needs_parse=late > 0, parts=parts, code=code)
        return replace(self, data=data, lines=lines, spans=tuple(map(change.shift_span, self.spans)), _parse=parse)

    @property
    def _code(self) -> bytes:
        """The text as it is parsed."""
        if self._parse.code is None:
            self._parse.code = self._select_code(self.data)
        return self._parse.code

    def _select_code(self, data: bytes) -> bytes:
        """What is parsed of a text in its language: all but what IPython knows and the language does not."""
        return hide_magics(data, self.language) if self.has_magics and self.language and self.language.magics else data

    def _find_code_change(self, code: bytes, lines: LineIndex) -> TextChange:
        """What has changed of what is parsed, where that is another text: a magic that is typed changes what other lines are."""
        old = self._code
        start, old_end = find_difference(old, code)
        new_end = old_end + len(code) - len(old)
        points = self.lines.find_point(old, start), self.lines.find_point(old, old_end), lines.find_point(code, new_end)
        return TextChange(start, old_end, new_end, points)

    def _parse_text(self, old_tree: Tree | None, spans: tuple[Span, ...]) -> Tree:
        grammar = self.language.load_grammar() if self.language else None
        assert grammar is not None
        deadline = (
            self._runaway(sum(end - start for start, end in spans))
            if spans or self.background_parser is None or len(self.data) < LONG_TEXT_BYTES
            else time.thread_time() + MAX_PARSE_SECONDS
        )
        tree = grammar.parse_until(partial(_is_past, deadline), self._code, old_tree, self._build_ranges(spans or self.spans))
        if tree is None:
            raise _LateParse
        return tree

    def _runaway(self, size: int = 0) -> float:
        """When a parse of so many bytes, 0 for all, that begins now is taken not to come to an end: this thread's time."""
        return time.thread_time() + RUNAWAY + RUNAWAY_BYTE * (size or len(self.data))

    def _build_ranges(self, spans: tuple[Span, ...]) -> list[Range]:
        return [
            Range(self.lines.find_point(self.data, start), self.lines.find_point(self.data, end), start, end)
            for start, end in spans
        ]
