"""Where a cursor is, as far as names go: behind a link, or in a list of imports."""

import re
from enum import Enum, auto

import msgspec

from interfix.syntax.injections import get_embedded_at
from interfix.syntax.query_matches import is_in_text
from interfix.syntax.snapshot import Snapshot

_PYTHON_IMPORT = re.compile(r"\s*from\s+(\.*)([\w.]*)\s+import\s+\(?\s*(?:\w+(?:\s+as\s+\w+)?\s*,\s*)*(\w*)$")
_NO_MEMBER = re.compile(r"^\s*(?:import|from|use|package|module|namespace|using|require|#)\b|(?<![\w)\]])\d+\.$|\.\.\.?$")

_CLOSED = re.compile(r"""\\.|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`""")
_QUOTE = re.compile(r"""["'`]""")


class PositionKind(Enum):
    """What kind of name stands at a cursor."""

    MEMBER = auto()
    IMPORT = auto()


class NamePosition(msgspec.Struct, frozen=True):
    """A cursor at a name whose set may be known."""

    kind: PositionKind
    """What it is a name of."""
    start: int
    """Byte offset at which the name begins: right behind the link, or before what is typed of an imported name."""
    line: str
    """The cursor's line up to the cursor."""
    module: str = ""
    """Of an import: the module, with its leading dots."""


def find_name_position(snapshot: Snapshot, offset: int) -> NamePosition | None:
    """The name at a byte offset; None where there is none: elsewhere in code, in a string or a comment, without a language."""
    inner = get_embedded_at(snapshot, offset)
    language = inner.language
    if language is None:
        return None
    line = read_line_before(snapshot, offset)
    if language.id == "python" and (listed := _PYTHON_IMPORT.match(line)):
        return NamePosition(PositionKind.IMPORT, offset - len(listed[3].encode()), line, listed[1] + listed[2])
    typed = re.search(r"[^\W\d]?[\w$]*$", line)
    before = line[: typed.start()] if typed else line
    if not before.endswith(language.links) or _NO_MEMBER.search(before) or is_in_string(inner, offset):
        return None
    return NamePosition(PositionKind.MEMBER, offset - len(line[len(before) :].encode()), line)


def is_in_string(snapshot: Snapshot, offset: int) -> bool:
    """Whether the byte before `offset` lies in a string or a comment, as the tree tells, or in a string that is not closed yet."""
    return offset > 0 and (
        is_in_text(snapshot, offset - 1) or bool(_QUOTE.search(_CLOSED.sub("", read_line_before(snapshot, offset))))
    )


def read_line_before(snapshot: Snapshot, offset: int) -> str:
    """The line of a byte offset up to it."""
    start = snapshot.lines.find_start(snapshot.lines.find_line(offset))
    return snapshot.data[start:offset].decode("utf-8", "replace")
