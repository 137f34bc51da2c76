"""The place a completion goes: the text around the cursor as stops, filters and gate read it.

Text here has `\\n` line endings only; the last filter restores the file's own.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from interfix.completion.filled_document import FilledDocument
from interfix.completion.indent_style import IndentStyle, detect_indent_style, measure_indent
from interfix.completion.multiline_choice import SuggestionShape, choose_shape
from interfix.completion.unknown_syntax_replacement import KnownFile, begins_tag
from interfix.completion.unmatched_brackets import CLOSERS, UnmatchedBrackets, scan_brackets
from interfix.syntax.document import Snapshot
from interfix.syntax.injections import get_embedded_at
from interfix.syntax.query_matches import words

WINDOW_CHARACTERS = 32_000
"""Bytes before and after the cursor that rules read: a keystroke costs no more in a longer file, or a longer line."""
_MAX_LINES = 200
_KEPT_PARSES = 4
_LONGEST_HEADER = 1000
"""Characters of a line that are searched for what opens a block."""
_NEAR_TEXT = 4_000
"""Characters before the cursor in which a here-document may have begun."""
_LETTER = "x"
_LABEL = re.compile(r"<<[-~<]?[ ]?[\"']?([A-Za-z_]\w*)")
_VISIBLE = re.compile(rb"[^\r\n]")
_PROSE_SUFFIXES = (".md", ".markdown", ".rst", ".txt", ".tex", ".adoc")


@dataclass(frozen=True)
class InfillHole:
    """A cursor in a snapshot, and what was asked of it."""

    document_snapshot: Snapshot
    """The document as it was when the suggestion was wanted."""
    snapshot: Snapshot
    """The same text as the language at the cursor sees it: a script in a page is no HTML."""
    offset: int
    """Byte offset of the cursor."""
    prefix: str
    """The text before the cursor, of a long one the last `WINDOW_CHARACTERS` bytes."""
    suffix: str
    """The text after the cursor, of a long one the first `WINDOW_CHARACTERS` bytes."""
    shape: SuggestionShape
    """LINE or BLOCK."""
    explicit: bool
    """The user asked for it; nothing is held back that may be of use."""
    may_add_block: bool
    """A line that opens a block may bring the block along: it was asked for, and not as a line."""
    after_accepted: bool = False
    """What stands right before the cursor is a suggestion that was just accepted: what comes next may be on the next line."""

    @classmethod
    def from_cursor(
        cls, snapshot: Snapshot, offset: int, requested_shape: SuggestionShape, *, explicit: bool, after_accepted: bool = False
    ) -> "InfillHole":
        """The hole at a byte offset."""
        before = _decode_text(snapshot.data[_whole(snapshot.data, offset - WINDOW_CHARACTERS) : offset])
        after = _decode_text(snapshot.data[offset : _whole(snapshot.data, offset + WINDOW_CHARACTERS)])
        inner = get_embedded_at(snapshot, offset)
        shape = choose_shape(inner, offset, after.split("\n", 1)[0], requested_shape, after_accepted=after_accepted)
        may_add_block = explicit and requested_shape is SuggestionShape.AUTO
        return cls(snapshot, inner, offset, before, after, shape, explicit, may_add_block, after_accepted)

    @cached_property
    def other_cells(self) -> str:
        """The text of the other cells where the document is a cell of a notebook, of many the nearest."""
        if (place := self.document_snapshot.cell_place) is None:
            return ""
        return _decode_text(place.before[-WINDOW_CHARACTERS:]) + "\n" + _decode_text(place.after[:WINDOW_CHARACTERS])

    @cached_property
    def line_prefix(self) -> str:
        """The cursor's line up to the cursor."""
        return self.prefix.rsplit("\n", 1)[-1]

    @cached_property
    def line_suffix(self) -> str:
        """The cursor's line from the cursor on."""
        return self.suffix.split("\n", 1)[0]

    @cached_property
    def is_line_start(self) -> bool:
        """Nothing but white space stands left of the cursor."""
        return not self.line_prefix.strip()

    @cached_property
    def has_code_right(self) -> bool:
        """The rest of the cursor's line is code of its own, not what closes or goes on with the code left of it."""
        return self.line_suffix.lstrip()[:1] not in ("", *")]};,:.")

    @cached_property
    def lines_above(self) -> tuple[str, ...]:
        """Up to 200 lines above the cursor's, top first."""
        return tuple(self.prefix.split("\n")[-_MAX_LINES - 1 : -1])

    @cached_property
    def lines_below(self) -> tuple[str, ...]:
        """Up to 200 lines below the cursor's."""
        return tuple(self.suffix.split("\n", _MAX_LINES + 1)[1 : _MAX_LINES + 1])

    @cached_property
    def last_line_above(self) -> str:
        """The nearest line above the cursor's that is not blank; empty if there is none."""
        return next((line for line in reversed(self.lines_above) if line.strip()), "")

    @cached_property
    def following_lines(self) -> tuple[str, ...]:
        """What follows the hole, blank lines left out: the rest of the cursor's line if any, then the lines below."""
        here = (self.line_suffix,) if self.line_suffix.strip() else ()
        return here + tuple(line for line in self.lines_below if line.strip())

    @cached_property
    def in_text_file(self) -> bool:
        """Words are at home in all of the file: a text file, or no known language."""
        return self.snapshot.language is None or self.snapshot.path.endswith(_PROSE_SUFFIXES)

    @cached_property
    def is_prose(self) -> bool:
        """Words are at home here: a text file, or a string, a comment or the text of a page around the cursor."""
        return self.in_text_file or self.in_tag or self.is_text_at(_LETTER, 0, within=True)

    @cached_property
    def in_tag(self) -> bool:
        """The cursor is in the tag of a template, which is no code of the file's language."""
        return begins_tag(self.prefix, self.snapshot.language)

    @cached_property
    def is_suffix_blank(self) -> bool:
        """Nothing stands below: what is open at the cursor has yet to be closed."""
        return not self.suffix.strip()

    @cached_property
    def open_brackets(self) -> str:
        """The brackets that are open at the cursor, outermost first."""
        return scan_brackets(self._code(self.offset - WINDOW_CHARACTERS, self.offset)).open_brackets

    @cached_property
    def closing_text(self) -> str:
        """What would close all that is open at the cursor, a comment or long string included, where nothing below does."""
        if not self.is_suffix_blank:
            return ""
        text = f"{self._closing_of_text}\n" if self._closing_of_text else ""
        return text + "".join(CLOSERS[bracket] for bracket in reversed(self.open_brackets))

    @cached_property
    def errors_above(self) -> int:
        """Parse errors in the lines above the cursor: the grammar does not know all that is written in this file."""
        line = self.snapshot.lines.find_start(self.snapshot.lines.find_line(self.offset))
        file = self.snapshot.replace_range(self.offset, self.offset, self.closing_text) if self.closing_text else self.snapshot
        return file.errors_before(line)

    @cached_property
    def _closing_of_text(self) -> str:
        """What ends the comment or the long string that the cursor is in, where nothing below ends it yet."""
        if not self.snapshot.broken or self.fill(_LETTER).is_text_at(0, within=True):
            return ""
        return next((end for end in self.list_text_ends("") if self.fill(_LETTER + end).is_text_at(0, within=True)), "")

    def list_text_ends(self, text: str) -> tuple[str, ...]:
        """What may end a comment or a long string that begins in the file or in the completion: a here-document's label, too."""
        language = self.snapshot.language
        labels = _LABEL.findall(self.prefix[-_NEAR_TEXT:] + text)
        language_ends = (*(language.block_comment or ())[1:], *language.text_ends) if language else ()
        return (*(f"\n{label}\n" for label in labels[-1:]), *language_ends)

    def _code(self, begin: int, end: int) -> str:
        """The text between two bytes with strings, comments and words that lie within blanked out."""
        begin, end = _whole(self.snapshot.data, begin), _whole(self.snapshot.data, end)
        data = bytearray(self.snapshot.data[begin:end])
        for start, stop in words(self.snapshot, begin, end):
            first, last = max(0, start - begin), stop - begin
            if stop <= end:
                data[first:last] = _VISIBLE.sub(b" ", data[first:last])
        return _decode_text(bytes(data))

    @cached_property
    def _parses(self) -> dict[str, FilledDocument]:
        return {}

    @cached_property
    def indent_style(self) -> IndentStyle | None:
        """How the lines of code around indent; what stands in a string may be indented as another language is."""
        before = self._code(self.offset - WINDOW_CHARACTERS, self.offset).split("\n")[-_MAX_LINES - 1 : -1]
        after = self._code(self.offset, self.offset + WINDOW_CHARACTERS).split("\n", _MAX_LINES + 1)[1 : _MAX_LINES + 1]
        return detect_indent_style((*before, *after)) or detect_indent_style((*self.lines_above, *self.lines_below))

    @cached_property
    def language_id(self) -> str:
        """The language's id; empty if it is not known."""
        return self.snapshot.language.id if self.snapshot.language else ""

    @cached_property
    def open_quote(self) -> str:
        """The delimiter of a string of the cursor's line that is open at the cursor; empty if there is none."""
        return self.scan_brackets(self.line_prefix, inside_quote=False).open_quote

    def scan_brackets(self, text: str, *, inside_quote: bool = True) -> UnmatchedBrackets:
        """Brackets and quotes of a piece of code; `inside_quote`: in a string of the cursor's line, if that leaves one open."""
        comment = self.snapshot.language.line_comment if self.snapshot.language else ""
        return scan_brackets(text, comment, self.open_quote if inside_quote else "")

    def opens_block(self, line: str) -> bool:
        """Whether a line is one that a block follows."""
        language = self.snapshot.language
        if line.rstrip().endswith((":", "{")):
            return True
        return bool(language and language.opens and len(line) <= _LONGEST_HEADER and re.search(language.opens, line))

    def has_body_below(self, line: str) -> bool:
        """Whether what follows the hole is indented deeper than a line, and so may be its body."""
        rest = (self.line_prefix + self.line_suffix if self.is_line_start else self.line_suffix) if self.line_suffix.strip() else ""
        following = next((line for line in self.lines_below if line.strip()), "")
        return (
            measure_indent(rest) if rest and self.is_line_start else max(measure_indent(rest), measure_indent(following))
        ) > measure_indent(line)

    def is_pattern(self, line: str) -> bool:
        """Whether a line stands more than once around: the file repeats it on purpose."""
        return sum(other.strip() == line.strip() for other in (*self.lines_above, *self.lines_below)) > 1

    def has_closing_line_below(self, line: str) -> bool:
        """Whether the file has the closing line of a block, such as `}` or `end`, where a completion would write it again."""
        closing = line.strip()
        if self.line_suffix.strip():
            return self.line_suffix.lstrip()[0] == closing[0]
        following = next(iter(self.following_lines), "")
        same_start = following.lstrip()[:1] == closing[0] if not closing[0].isalpha() else following.split()[:1] == [closing]
        return same_start and measure_indent(following) == measure_indent(line)

    def fill(self, text: str) -> FilledDocument:
        """The file with `text` in the hole, as its tree reads it."""
        document = self._parses.get(text)
        if document is None:
            while len(self._parses) >= _KEPT_PARSES:
                del self._parses[next(iter(self._parses))]
            document = self._parses[text] = FilledDocument(self.snapshot, self.offset, text)
        return document

    def is_text_at(self, text: str, position: int, *, within: bool = False) -> bool:
        """Whether the character at a position of the completion is in a string, a comment or other words, as the tree tells.

        Where the file does not end them yet, the tree shows them once something does. `within`: they begin before it.
        """
        filled = self.fill(text)
        if filled.is_text_at(position, within=within):
            return True
        return bool(filled.error_count) and any(
            self.fill(text + end).is_text_at(position, within=within) for end in self.list_text_ends(text)
        )

    def count_errors(self, text: str) -> int:
        """Parse errors of the whole file with `text` in the hole; always 0 without a grammar, and in the tag of a template.

        What a string says, and what the grammar does not know and people write all the same, is no error.
        """
        if self.in_tag:
            return 0
        errors = self.fill(text).error_count
        errors_of_known = self._known_file.count_errors(text) if errors and self._known_file else None
        return errors if errors_of_known is None else min(errors, errors_of_known)

    def closes_bracket(self, text: str, position: int) -> bool:
        """Whether the closing bracket at a position of the completion closes one that is open at the cursor."""
        return self.fill(text).closes(position, self.open_brackets)

    def ends_block(self, text: str, position: int) -> bool:
        """Whether it closes one that is closed below as well: the file is no better with it, whatever ends the statement."""
        if self.in_tag or self.is_suffix_blank or not self.closes_bracket(text, position):
            return False
        if self.errors_above and self.suffix.lstrip()[:1] == text[position]:
            return True  # a broken tree tells little of which closes what
        ends = position, position + 1, position + len(text[position:].split("\n", 1)[0])  # the rest of its line may need it
        without, *others = [min(self.count_errors(text[:end] + rest) for rest in ("", ";")) for end in ends]
        return all(errors >= without for errors in others)

    @cached_property
    def _known_file(self) -> KnownFile | None:
        """None where what was taken for a macro or a tag is something else."""
        file = KnownFile(self.snapshot, self.offset, WINDOW_CHARACTERS)
        return file if (file.count_errors("") or 0) <= self.fill("").error_count else None


def _whole(data: bytes, offset: int) -> int:
    """The offset, or the next one that is not within a character."""
    offset = min(max(0, offset), len(data))
    while offset < len(data) and data[offset] & 0xC0 == 0x80:
        offset += 1
    return offset


def _decode_text(data: bytes) -> str:
    return data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
