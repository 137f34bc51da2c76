"""The place a completion goes: the text around the cursor as stops, filters and gate read it.

Text here has `\\n` line endings only; the last filter restores the file's own.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from interfix.completion.bracket_nesting import BracketNesting, scan_brackets
from interfix.completion.indent_style import IndentStyle, detect_indent_style, measure_indent
from interfix.completion.trigger_policy import SuggestionShape, choose_shape
from interfix.syntax.document import Snapshot
from interfix.syntax.injections import get_embedded_at

_MAX_LINES = 200
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
    """All text before the cursor."""
    suffix: str
    """All text after the cursor."""
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
        before, after = _decode_text(snapshot.data[:offset]), _decode_text(snapshot.data[offset:])
        inner = get_embedded_at(snapshot, offset)
        shape = choose_shape(inner, offset, after.split("\n", 1)[0], requested_shape, after_accepted=after_accepted)
        return cls(
            snapshot,
            inner,
            offset,
            before,
            after,
            shape,
            explicit,
            explicit and requested_shape is SuggestionShape.AUTO,
            after_accepted,
        )

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
    def is_prose(self) -> bool:
        """Words are at home here: a text file, no known language, or a long comment or string begun above the cursor."""
        if self.snapshot.language is None or self.snapshot.path.endswith(_PROSE_SUFFIXES):
            return True
        in_comment = self.prefix.rfind("/*") > self.prefix.rfind("*/")
        return in_comment or any(self.prefix.count(quotes) % 2 for quotes in ('"""', "'''"))

    @cached_property
    def indent_style(self) -> IndentStyle | None:
        """How the lines around indent."""
        return detect_indent_style((*self.lines_above, *self.lines_below))

    @cached_property
    def language_id(self) -> str:
        """The language's id; empty if it is not known."""
        return self.snapshot.language.id if self.snapshot.language else ""

    @cached_property
    def open_quote(self) -> str:
        """The delimiter of a string of the cursor's line that is open at the cursor; empty if there is none."""
        return self.scan_brackets(self.line_prefix, inside_quote=False).open_quote

    def scan_brackets(self, text: str, *, inside_quote: bool = True) -> BracketNesting:
        """Brackets and quotes of a piece of code; `within` a string of the cursor's line, if that leaves one open."""
        comment = self.snapshot.language.line_comment if self.snapshot.language else ""
        return scan_brackets(text, comment, self.open_quote if inside_quote else "")

    def opens_block(self, line: str) -> bool:
        """Whether a line is one that a block follows."""
        language = self.snapshot.language
        return line.rstrip().endswith((":", "{")) or bool(language and language.opens and re.search(language.opens, line))

    def has_body_below(self, line: str) -> bool:
        """Whether what follows the hole is indented deeper than a line, and so may be its body."""
        rest = (self.line_prefix + self.line_suffix if self.is_line_start else self.line_suffix) if self.line_suffix.strip() else ""
        following = next((line for line in self.lines_below if line.strip()), "")
        return (
            measure_indent(rest) if rest and self.is_line_start else max(measure_indent(rest), measure_indent(following))
        ) > measure_indent(line)

    def has_closing_line_below(self, line: str) -> bool:
        """Whether the file has the closing line of a block, such as `}` or `end`, where a completion would write it again."""
        closing = line.strip()
        if self.line_suffix.strip():
            return self.line_suffix.lstrip()[0] == closing[0]
        following = next(iter(self.following_lines), "")
        same_start = following.lstrip()[:1] == closing[0] if not closing[0].isalpha() else following.split()[:1] == [closing]
        return same_start and measure_indent(following) == measure_indent(line)

    def count_errors(self, text: str) -> int:
        """Parse errors of the whole file with `text` in the hole; always 0 without a grammar."""
        return self.snapshot.replace_range(self.offset, self.offset, text).count_errors()


def _decode_text(data: bytes) -> str:
    return data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
