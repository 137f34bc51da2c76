"""The place a completion goes: the text around the cursor as stops, filters and gate read it. Knows no model.

Text here has `\\n` line endings only; the last filter restores the file's own.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from interfix.completion.brackets import Nesting, nesting
from interfix.completion.indentation import Habit, habit_of, width
from interfix.completion.shape import Shape, shape_at
from interfix.syntax.document import Snapshot
from interfix.syntax.injections import embedded

_NEAR_LINES = 200
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
    """All text before the cursor."""
    after: str
    """All text after the cursor."""
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
        before, after = _plain(snapshot.data[:offset]), _plain(snapshot.data[offset:])
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
    def in_words(self) -> bool:
        """Words are at home here: a text file, no known language, or a long comment or string begun above the cursor."""
        if self.snapshot.language is None or self.snapshot.path.endswith(_TEXT_FILES):
            return True
        in_comment = self.before.rfind("/*") > self.before.rfind("*/")
        return in_comment or any(self.before.count(quotes) % 2 for quotes in ('"""', "'''"))

    @cached_property
    def habit(self) -> Habit | None:
        """How the lines around indent."""
        return habit_of((*self.above, *self.below))

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
        return line.rstrip().endswith((":", "{")) or bool(language and language.opens and re.search(language.opens, line))

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

    def errors(self, text: str) -> int:
        """Parse errors of the whole file with `text` in the hole; always 0 without a grammar."""
        return self.snapshot.replaced(self.offset, self.offset, text).errors()


def _plain(data: bytes) -> str:
    return data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
