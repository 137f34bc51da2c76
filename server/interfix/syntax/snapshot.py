"""A document as it is at one moment: text, lines and tree, none of which ever changes. Knows nothing of clients or files."""

from dataclasses import dataclass, field, replace

from tree_sitter import Range, Tree

from interfix.syntax.languages import Language
from interfix.syntax.positions import Encoding, Lines, bytes_before, columns, encode, seamless, whole
from interfix.syntax.trees import Change, Span, Trees

TREE_LIMIT = 4_000_000
"""Bytes beyond which a document goes on without a tree: parsing it would take longer than a suggestion may."""

_PARTS = 4
"""Parts in other languages that are kept up to date."""


@dataclass(slots=True)
class _Parse:
    """The trees of one text, made when they are first asked for, from those of an earlier text where there are any."""

    trees: Trees | None = None
    done: bool = False
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
    _parse: _Parse = field(default_factory=_Parse, repr=False)

    @property
    def trees(self) -> Trees | None:
        """Its syntax trees, parsed at the first call; None without a grammar or beyond `TREE_LIMIT`."""
        parse = self._parse
        if not parse.done:
            if self.language is None or self.language.load() is None or len(self.data) > TREE_LIMIT:
                parse.trees = None
            else:
                parse.trees = parse.trees.parsed(self._parsed) if parse.trees else Trees(self._parsed(None, self.spans))
            parse.done = True
        return parse.trees

    @property
    def tree(self) -> Tree | None:
        """The tree of the whole text; in a long one it may be out of date where `trees` has stretches. For whether there is one."""
        return self.trees.whole if self.trees else None

    @property
    def broken(self) -> bool:
        """Whether there are no trees, or something in them does not fit the grammar."""
        return self.trees is None or self.trees.broken

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
        return self.trees.errors if self.trees else 0

    def _after(self, change: Change, data: bytes, lines: Lines) -> "Snapshot":
        trees = self._parse.trees
        if trees:
            trees = trees.edited(change, self.data, self._parsed, spans=self.spans)
        parse = _Parse(trees, parts=[part._after(change, data, lines) for part in self._parse.parts])
        return replace(self, data=data, lines=lines, spans=tuple(map(change.stretched, self.spans)), _parse=parse)

    def _parsed(self, old: Tree | None, spans: tuple[Span, ...]) -> Tree:
        grammar = self.language.load() if self.language else None
        assert grammar is not None
        ranges = [
            Range(self.lines.point(self.data, start), self.lines.point(self.data, end), start, end)
            for start, end in spans or self.spans
        ]
        return grammar.parse(self.data, old, ranges)
