"""A document as it is at one moment: text and lines, which never change, and a tree. Knows nothing of clients or files."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from tree_sitter import Range, Tree

from interfix.syntax.grammar import Stop
from interfix.syntax.languages import Language
from interfix.syntax.positions import Encoding, Lines, bytes_before, columns, encode, seamless, whole
from interfix.syntax.trees import LONG, Change, Span, Trees

TREE_LIMIT = 4_000_000
"""Bytes beyond which a document goes on without a tree."""

PATIENCE = 0.015
"""Seconds of computing that a keystroke waits for a parse of a whole long text."""

RUNAWAY = 1.0
"""Seconds of computing after which the parse of a short text is given up; some grammars never come to an end of some texts, such as
Kotlin's of a backtick behind a call."""

RUNAWAY_BYTE = 5e-6
"""Seconds more for each byte of it."""

_PARTS = 4
"""Parts in other languages that are kept up to date."""


class _Late(Exception):
    """A parse took longer than one may wait for it."""


def _either(one: Stop, other: Stop) -> bool:
    return one() or other()


def _is_past(deadline: float) -> bool:
    return time.thread_time() > deadline


@dataclass(slots=True)
class _Parse:
    """The trees of one text, made when they are first asked for, from those of an earlier text where there are any."""

    trees: Trees | None = None
    done: bool = False
    late: int = 0
    """Where the trees are those of an earlier text, or not there yet: how many errors this one is taken to have; else 0."""
    wanted: bool = False
    """Whether all of the text is to be parsed in the background: the trees are late, or doubtful."""
    parts: list["Snapshot"] = field(default_factory=list)
    """The parts in other languages that have been asked for, the last ones last."""


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Frozen, cheap to take, and safe to keep while its document moves on. Offsets are bytes into `data`."""

    uri: str
    """The document's URI."""
    path: str
    """Absolute path of its file; empty where it is none."""
    version: int
    """The version the client gave it."""
    language: Language | None
    """Its language; None where it is not known."""
    data: bytes
    """The text as UTF-8, lone surrogates kept (surrogatepass)."""
    lines: Lines
    """Where its lines begin."""
    bom: bytes = b""
    """The byte order mark that stood before the text in the file and belongs there again when it is written."""
    spans: tuple[Span, ...] = ()
    """The bytes that are in its language; empty: all of them."""
    chase: Callable[[], None] | None = None
    """Has the trees of the document's newest text made in the background; called when some are late. None: one waits for them."""
    _parse: _Parse = field(default_factory=_Parse, repr=False)

    @property
    def trees(self) -> Trees | None:
        """Its syntax trees, parsed at the first call; None without a grammar or beyond `TREE_LIMIT`.

        Where they are `late` they show an earlier text, at the places of this one, or are None.
        """
        parse = self._parse
        if not parse.done:
            if self.language is None or self.language.load() is None or len(self.data) > TREE_LIMIT:
                parse.trees = None
            else:
                try:
                    parse.trees = parse.trees.parsed(self._parsed) if parse.trees else Trees.of(self._parsed(None, ()))
                except _Late:
                    # One error more than there were: what cannot be told to be right is not.
                    parse.late = 1 + (parse.trees.errors if parse.trees else 0)
                    parse.trees = parse.trees and parse.trees.outdated(parse.trees.whole)
                parse.wanted = parse.late > 0 or (parse.trees is not None and parse.trees.doubtful)
            parse.done = True
        if parse.wanted and self.chase:
            self.chase()
        return parse.trees

    @property
    def tree(self) -> Tree | None:
        """The tree of the whole text; in a long one it may be out of date where `trees` has stretches. For whether there is one."""
        return self.trees.whole if self.trees else None

    @property
    def broken(self) -> bool:
        """Whether there are no trees or only late ones, or something in them does not fit the grammar."""
        return self.trees is None or self._parse.late > 0 or self.trees.broken

    @property
    def late(self) -> bool:
        """Whether its trees, or those of a part in another language, were asked for and are not there yet."""
        return any(each._parse.late for each in (self, *self._parse.parts))

    @property
    def wanted(self) -> bool:
        """Whether trees of the whole text, or of a part in another language, are to be made in the background."""
        return any(each._parse.wanted for each in (self, *self._parse.parts))

    @property
    def settled(self) -> "Snapshot":
        """The same text, for whom being right is worth waiting for: its trees, and those of what it becomes, are never late."""
        return replace(self, chase=None, _parse=_Parse() if self.late else self._parse)

    def catch_up(self, stop: Stop) -> None:
        """Make the trees that are wanted, unless `stop` says so before they are there."""
        for each in (self, *self._parse.parts):
            parse, grammar = each._parse, each.language.load() if each.language else None
            if parse.wanted and grammar:
                old = parse.trees.whole if parse.trees else None
                late = partial(_is_past, each._runaway())
                tree = grammar.parse_unless(partial(_either, stop, late), self.data, old, each._ranges(each.spans))
                if tree is None and late():
                    parse.wanted = False
                if tree:
                    found = Trees.of(tree)
                    # Of two that are broken the one in stretches is kept: in a broken text none are found again.
                    if parse.late or parse.trees is None or found.errors < parse.trees.errors:
                        parse.trees = found
                    parse.late, parse.wanted = 0, False

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

    def offset(self, line: int, column: int, encoding: Encoding) -> int:
        """Byte offset of a zero-based position. Beyond a line's end: its end; beyond the last line: the text's end; never inside a
        character or a line ending.
        """
        if line < 0:
            return 0
        if line >= len(self.lines):
            return len(self.data)
        start = self.lines.start(line)
        return start + bytes_before(self.data[start : self.lines.end(self.data, line)], column, encoding)

    def position(self, offset: int, encoding: Encoding) -> tuple[int, int]:
        """Zero-based line and column of a byte offset, clamped to the text and to the start of a character or line ending."""
        offset = whole(self.data, min(max(offset, 0), len(self.data)))
        line = self.lines.at(offset)
        start = self.lines.start(line)
        return line, columns(self.data[start : min(offset, self.lines.end(self.data, line))], encoding)

    def replaced(self, start: int, end: int, text: str) -> "Snapshot":
        """The same document with the bytes `start` to `end` replaced by `text`; only what changed is parsed again."""
        start, end, new = seamless(self.data, start, end, encode(text))
        data = self.data[:start] + new + self.data[end:]
        lines = self.lines.spliced(data, start, end, len(new))
        stop = start + len(new)
        points = self.lines.point(self.data, start), self.lines.point(self.data, end), lines.point(data, stop)
        return self._after(Change(start, end, stop, points), data, lines)

    def covered(self, data: bytes) -> "Snapshot":
        """The same document for whoever may not see all of it: `data` is as long, with other characters in places within lines."""
        return replace(self, data=data)

    def rewritten(self, text: str) -> "Snapshot":
        """The same document with another text altogether."""
        data = encode(text)
        return replace(self, data=data, lines=Lines.of(data), spans=(), _parse=_Parse())

    def part(self, language: Language, spans: tuple[Span, ...]) -> "Snapshot":
        """The same text, of which only the bytes `spans` count and are in another language."""
        parts = self._parse.parts
        found = next((part for part in parts if part.language == language and part.spans == spans), None)
        if found is None:
            found = replace(self, language=language, spans=spans, _parse=_Parse())
            parts[:] = [*parts[1 - _PARTS :], found]
        return replace(found, version=self.version)

    def errors(self) -> int:
        """How many places of the text do not fit the grammar (ERROR and MISSING nodes); 0 without a tree."""
        trees = self.trees
        return self._parse.late or (trees.errors if trees else 0)

    def errors_before(self, offset: int) -> int:
        """How many of them end at the byte `offset` or earlier; 0 where the tree is late."""
        trees = self.trees
        return trees.errors_before(offset) if trees and not self._parse.late else 0

    def _after(self, change: Change, data: bytes, lines: Lines) -> "Snapshot":
        trees, late = self._parse.trees, self._parse.late
        if trees:
            trees = trees.edited(change, self.data, self._parsed, spans=self.spans)
        parts = [part._after(change, data, lines) for part in self._parse.parts]
        parse = _Parse(trees, done=late > 0, late=late, wanted=late > 0, parts=parts)
        return replace(self, data=data, lines=lines, spans=tuple(map(change.stretched, self.spans)), _parse=parse)

    def _parsed(self, old: Tree | None, spans: tuple[Span, ...]) -> Tree:
        grammar = self.language.load() if self.language else None
        assert grammar is not None
        if spans:
            return grammar.parse(self.data, old, self._ranges(spans))
        deadline = self._runaway() if self.chase is None or len(self.data) < LONG else time.thread_time() + PATIENCE
        tree = grammar.parse_unless(lambda: time.thread_time() > deadline, self.data, old, self._ranges(self.spans))
        if tree is None:
            raise _Late
        return tree

    def _runaway(self) -> float:
        """When a parse that begins now is taken not to come to an end, by this thread's computing time."""
        return time.thread_time() + RUNAWAY + RUNAWAY_BYTE * len(self.data)

    def _ranges(self, spans: tuple[Span, ...]) -> list[Range]:
        return [Range(self.lines.point(self.data, start), self.lines.point(self.data, end), start, end) for start, end in spans]
