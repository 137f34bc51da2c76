"""The place a completion goes: the text around the cursor as stops, filters and gate read it. Knows no model.

Text here has `\\n` line endings only; the last filter restores the file's own.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from interfix.completion.brackets import CLOSERS, Nesting, nesting
from interfix.completion.filled import Filled
from interfix.completion.indentation import Habit, habit_of, width
from interfix.completion.shape import Shape, shape_at
from interfix.syntax.document import Snapshot
from interfix.syntax.injections import embedded
from interfix.syntax.queries import words

WINDOW = 32_000
"""Bytes before and after the cursor that rules read: a keystroke costs no more in a longer file, or a longer line."""
_NEAR_LINES = 200
_KEPT_PARSES = 4
_LONGEST_HEADER = 1000
"""Characters of a line that are searched for what opens a block."""
_NEAR_TEXT = 4_000
"""Characters before the cursor in which a here-document may have begun."""
_LETTER = "x"
_LABEL = re.compile(r"<<[-~<]?[ ]?[\"']?([A-Za-z_]\w*)")
_VISIBLE = re.compile(rb"[^\r\n]")
_STRING = re.compile(r"\"[^\"\n\\]{2,}\"|'[^'\n\\]{2,}'")
_TEXT_FILES = (".md", ".markdown", ".rst", ".txt", ".tex", ".adoc")


@dataclass(frozen=True)
class Hole:
    """A cursor in a snapshot, and what was asked of it."""

    document: Snapshot
    """The document as it was when the suggestion was wanted."""
    snapshot: Snapshot
    """The same text as the language at the cursor sees it: a script in a page is no HTML."""
    offset: int
    """Byte offset of the cursor."""
    before: str
    """The text before the cursor, of a long one the last `WINDOW` bytes."""
    after: str
    """The text after the cursor, of a long one the first `WINDOW` bytes."""
    shape: Shape
    """LINE or BLOCK."""
    requested: bool
    """The user asked for it; nothing is held back that may be of use."""
    may_grow: bool
    """A line that opens a block may bring the block along: it was asked for, and not as a line."""
    accepted: bool = False
    """What stands right before the cursor is a suggestion that was just accepted: what comes next may be on the next line."""

    @classmethod
    def at(cls, snapshot: Snapshot, offset: int, asked: Shape, *, requested: bool, accepted: bool = False) -> "Hole":
        """The hole at a byte offset."""
        before = _plain(snapshot.data[_whole(snapshot.data, offset - WINDOW) : offset])
        after = _plain(snapshot.data[offset : _whole(snapshot.data, offset + WINDOW)])
        inner = embedded(snapshot, offset)
        shape = shape_at(inner, offset, after.split("\n", 1)[0], asked, accepted=accepted)
        return cls(snapshot, inner, offset, before, after, shape, requested, requested and asked is Shape.AUTO, accepted)

    @cached_property
    def left(self) -> str:
        """The cursor's line up to the cursor."""
        return self.before.rsplit("\n", 1)[-1]

    @cached_property
    def right(self) -> str:
        """The cursor's line from the cursor on."""
        return self.after.split("\n", 1)[0]

    @cached_property
    def fresh(self) -> bool:
        """Nothing but white space stands left of the cursor."""
        return not self.left.strip()

    @cached_property
    def code_right(self) -> bool:
        """The rest of the cursor's line is code of its own, not what closes or goes on with the code left of it."""
        return self.right.lstrip()[:1] not in ("", *")]};,:.")

    @cached_property
    def above(self) -> tuple[str, ...]:
        """Up to 200 lines above the cursor's, top first."""
        return tuple(self.before.split("\n")[-_NEAR_LINES - 1 : -1])

    @cached_property
    def below(self) -> tuple[str, ...]:
        """Up to 200 lines below the cursor's."""
        return tuple(self.after.split("\n", _NEAR_LINES + 1)[1 : _NEAR_LINES + 1])

    @cached_property
    def last_above(self) -> str:
        """The nearest line above the cursor's that is not blank; empty if there is none."""
        return next((line for line in reversed(self.above) if line.strip()), "")

    @cached_property
    def next_lines(self) -> tuple[str, ...]:
        """What follows the hole, blank lines left out: the rest of the cursor's line if any, then the lines below."""
        here = (self.right,) if self.right.strip() else ()
        return here + tuple(line for line in self.below if line.strip())

    @cached_property
    def in_text_file(self) -> bool:
        """Words are at home in all of the file: a text file, or no known language."""
        return self.snapshot.language is None or self.snapshot.path.endswith(_TEXT_FILES)

    @cached_property
    def in_words(self) -> bool:
        """Words are at home here: a text file, or a string, a comment or the text of a page around the cursor."""
        return self.in_text_file or self.in_tag or self.words_at(_LETTER, 0, within=True)

    @cached_property
    def in_tag(self) -> bool:
        """The cursor is in the tag of a template, which is no code of the file's language."""
        tags = self.snapshot.language.tags if self.snapshot.language else {}
        return any(self.before.rfind(begin) > self.before.rfind(end) for begin, end in tags.items())

    @cached_property
    def unwritten(self) -> bool:
        """Nothing stands below: what is open at the cursor has yet to be closed."""
        return not self.after.strip()

    @cached_property
    def opened(self) -> str:
        """The brackets that are open at the cursor, outermost first."""
        return nesting(self._code(self.offset - WINDOW, self.offset)).opened

    @cached_property
    def ending(self) -> str:
        """What would close all that is open at the cursor, a comment or long string included, where nothing below does."""
        if not self.unwritten:
            return ""
        text = f"{self._open_text}\n" if self._open_text else ""
        return text + "".join(CLOSERS[bracket] for bracket in reversed(self.opened))

    @cached_property
    def misfits(self) -> int:
        """Parse errors in the lines above the cursor: the grammar does not know all that is written in this file."""
        line = self.snapshot.lines.start(self.snapshot.lines.at(self.offset))
        file = self.snapshot.replaced(self.offset, self.offset, self.ending) if self.ending else self.snapshot
        return file.errors_before(line)

    @cached_property
    def _open_text(self) -> str:
        """What ends the comment or the long string that the cursor is in, where nothing below ends it yet."""
        if not self.snapshot.broken or self.filled(_LETTER).words_at(0, within=True):
            return ""
        return next((end for end in self._text_ends("") if self.filled(_LETTER + end).words_at(0, within=True)), "")

    def _text_ends(self, text: str) -> tuple[str, ...]:
        """What may end a comment or a long string that begins in the file or in the completion: a here-document's label, too."""
        language = self.snapshot.language
        labels = _LABEL.findall(self.before[-_NEAR_TEXT:] + text)
        known = (*(language.block_comment or ())[1:], *language.text_ends) if language else ()
        return (*(f"\n{label}\n" for label in labels[-1:]), *known)

    def _code(self, begin: int, end: int) -> str:
        """The text between two bytes with strings, comments and words that lie within blanked out."""
        begin, end = _whole(self.snapshot.data, begin), _whole(self.snapshot.data, end)
        data = bytearray(self.snapshot.data[begin:end])
        for start, stop in words(self.snapshot, begin, end):
            first, last = max(0, start - begin), stop - begin
            if stop <= end:
                data[first:last] = _VISIBLE.sub(b" ", data[first:last])
        return _plain(bytes(data))

    @cached_property
    def _parses(self) -> dict[str, Filled]:
        return {}

    @cached_property
    def habit(self) -> Habit | None:
        """How the lines of code around indent; what stands in a string may be indented as another language is."""
        before = self._code(self.offset - WINDOW, self.offset).split("\n")[-_NEAR_LINES - 1 : -1]
        after = self._code(self.offset, self.offset + WINDOW).split("\n", _NEAR_LINES + 1)[1 : _NEAR_LINES + 1]
        return habit_of((*before, *after)) or habit_of((*self.above, *self.below))

    @cached_property
    def language(self) -> str:
        """The language's id; empty if it is not known."""
        return self.snapshot.language.id if self.snapshot.language else ""

    @cached_property
    def quote(self) -> str:
        """The delimiter of a string of the cursor's line that is open at the cursor; empty if there is none."""
        return self.nesting(self.left, within=False).quote

    def nesting(self, text: str, *, within: bool = True) -> Nesting:
        """Brackets and quotes of a piece of code; `within` a string of the cursor's line, if that leaves one open."""
        comment = self.snapshot.language.line_comment if self.snapshot.language else ""
        return nesting(text, comment, self.quote if within else "")

    def opens(self, line: str) -> bool:
        """Whether a line is one that a block follows."""
        language = self.snapshot.language
        if line.rstrip().endswith((":", "{")):
            return True
        return bool(language and language.opens and len(line) <= _LONGEST_HEADER and re.search(language.opens, line))

    def body_below(self, line: str) -> bool:
        """Whether what follows the hole is indented deeper than a line, and so may be its body."""
        rest = (self.left + self.right if self.fresh else self.right) if self.right.strip() else ""
        following = next((line for line in self.below if line.strip()), "")
        return (width(rest) if rest and self.fresh else max(width(rest), width(following))) > width(line)

    def closed_below(self, line: str) -> bool:
        """Whether the file has the closing line of a block, such as `}` or `end`, where a completion would write it again."""
        closing = line.strip()
        if self.right.strip():
            return self.right.lstrip()[0] == closing[0]
        following = next(iter(self.next_lines), "")
        same_start = following.lstrip()[:1] == closing[0] if not closing[0].isalpha() else following.split()[:1] == [closing]
        return same_start and width(following) == width(line)

    def filled(self, text: str) -> Filled:
        """The file with `text` in the hole, as its tree reads it."""
        found = self._parses.get(text)
        if found is None:
            while len(self._parses) >= _KEPT_PARSES:
                del self._parses[next(iter(self._parses))]
            found = self._parses[text] = Filled(self.snapshot, self.offset, text)
        return found

    def words_at(self, text: str, position: int, *, within: bool = False) -> bool:
        """Whether the character at a position of the completion is in a string, a comment or other words, as the tree tells.

        Where the file does not end them yet, the tree shows them once something does. `within`: they begin before it.
        """
        filled = self.filled(text)
        if filled.words_at(position, within=within):
            return True
        return bool(filled.errors) and any(
            self.filled(text + end).words_at(position, within=within) for end in self._text_ends(text)
        )

    def errors(self, text: str) -> int:
        """Parse errors of the whole file with `text` in the hole; always 0 without a grammar, and in the tag of a template.

        What a string says, and what the grammar does not know and people write all the same, is no error.
        """
        if self.in_tag:
            return 0
        errors = self.filled(text).errors
        neutral = self._neutral(text) if errors else text
        return errors if neutral == text else min(errors, self.filled(neutral).errors)

    def closes(self, text: str, position: int) -> bool:
        """Whether the closing bracket at a position of the completion closes one that is open at the cursor."""
        return self.filled(text).closes(position, self.opened)

    def ends_block(self, text: str, position: int) -> bool:
        """Whether it closes one that is closed below as well."""
        if not self.closes(text, position):
            return False
        return bool(self.misfits) or self.errors(text[: position + 1]) >= self.errors(text[:position])

    def _neutral(self, text: str) -> str:
        """The text without what a string says and with what the grammar knows in place of what it does not."""
        for pattern, known in (self.snapshot.language.foreign if self.snapshot.language else {}).items():
            text = re.sub(pattern, known, text)
        return _STRING.sub(lambda found: found[0][0] + "x" * (len(found[0]) - 2) + found[0][0], text)


def _whole(data: bytes, offset: int) -> int:
    """The offset, or the next one that is not within a character."""
    offset = min(max(0, offset), len(data))
    while offset < len(data) and data[offset] & 0xC0 == 0x80:
        offset += 1
    return offset


def _plain(data: bytes) -> str:
    return data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
