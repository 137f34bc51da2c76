"""Where a cursor is, as far as names go: behind a link, in a list of imports, between braces, behind a named argument."""

import re
from enum import Enum, auto

import msgspec

from interfix.syntax.injections import get_embedded_at
from interfix.syntax.languages import Language
from interfix.syntax.query_matches import is_in_text
from interfix.syntax.snapshot import Snapshot

NEAR_BYTES = 3_000
"""So much text before the cursor is searched for the bracket that it is in, and so much behind it for the module of an import."""

_PYTHON_IMPORT = re.compile(
    r"^[ \t]*from[ \t]+(\.*)([\w.]*)[ \t]+import(?:[ \t]*\(\s*(?:#[^\n]*\n\s*)*|[ \t]+)"
    r"(?:\w+(?:[ \t]+as[ \t]+\w+)?\s*,\s*(?:#[^\n]*\n\s*)*)*(\w*)\Z",
    re.MULTILINE,
)
_SCRIPT_IMPORT = re.compile(
    r"^[ \t]*(?:import|export)[ \t]+(?:type[ \t]+)?(?:\w+[ \t]*,[ \t]*)?\{\s*(?:[\w$]+(?:[ \t]+as[ \t]+[\w$]+)?\s*,\s*)*([\w$]*)\Z",
    re.MULTILINE,
)
_SCRIPT_MODULE = re.compile(r"[^{}();=]*\}\s*from\s*(['\"])([^'\"\n]+)\1")
_SCRIPTS = frozenset({"javascript", "typescript", "tsx"})
_NO_MEMBER = re.compile(r"^\s*(?:import|from|use|package|module|namespace|using|require|#)\b|(?<![\w)\]])\d+\.$|\.\.\.?$")
_BEFORE_LITERAL = {
    "go": re.compile(r"(?<!\bstruct)(?<!\binterface)(?<=[\w\]])\Z"),
    "": re.compile(r"(?:[=(,:\[?&|]|\breturn|\b(?:const|let|var))\s*\Z"),
}
"""By language, what stands before the brace of a literal or a pattern; the last is that of scripts."""
_BLOCK = re.compile(r"^\s*(?:\}\s*)?(?:func|if|for|switch|select|else|go|defer|case|type|package)\b")
_ITEM_START = re.compile(r"(?:^|,)\s*(?:#[^\n]*\n\s*|//[^\n]*\n\s*)*([A-Za-z_$]?[\w$]*)\Z")
_NAMED_ARGUMENT = re.compile(r"(?:^|,)\s*\w+\s*=(?!=)")
_CALLEE = re.compile(r"(?<![\w.])([A-Za-z_][\w.]*)\Z")
_DEFINITION = re.compile(r"\b(?:def|class)\s+[\w.]*\Z")
_CLOSED = re.compile(r"""\\.|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`""")
_QUOTE = re.compile(r"""["'`]""")


class PositionKind(Enum):
    """What kind of name stands at a cursor."""

    MEMBER = auto()
    IMPORT = auto()
    FIELD = auto()
    """Of an object, in a literal or a pattern between braces."""
    ARGUMENT = auto()
    """The name of an argument, behind one that is named: there none is without."""


class NamePosition(msgspec.Struct, frozen=True):
    """A cursor at a name whose set may be known."""

    kind: PositionKind
    """What it is a name of."""
    start: int
    """Byte offset at which the name begins: right behind the link, or before what is typed of it elsewhere."""
    line: str
    """The cursor's line up to the cursor."""
    module: str = ""
    """Of an import: the module, with its leading dots."""
    callee: str = ""
    """Of an argument: what is called, as it is written."""


def find_name_position(snapshot: Snapshot, offset: int) -> NamePosition | None:
    """The name at a byte offset; None where there is none: elsewhere in code, in a string or a comment, without a language."""
    inner = get_embedded_at(snapshot, offset)
    language = inner.language
    if language is None:
        return None
    line = read_line_before(snapshot, offset)
    before = snapshot.data[max(0, offset - NEAR_BYTES) : offset].decode("utf-8", "replace")
    if "import" in language.name_positions and (listed := _find_import(language, before, snapshot, offset)) is not None:
        typed_name, module = listed
        return NamePosition(PositionKind.IMPORT, offset - len(typed_name.encode()), line, module)
    typed = re.search(r"[^\W\d]?[\w$]*$", line)
    rest = line[: typed.start()] if typed else line
    start = offset - len(line[len(rest) :].encode())
    if not rest.endswith(language.links):
        position = _find_in_brackets(language, before, line, start)
        return position if position is not None and not is_in_string(inner, offset) else None
    if _NO_MEMBER.search(rest) or is_in_string(inner, offset):
        return None
    return NamePosition(PositionKind.MEMBER, start, line)


def is_in_string(snapshot: Snapshot, offset: int) -> bool:
    """Whether the byte before `offset` lies in a string or a comment, as the tree tells, or in a string that is not closed yet."""
    return offset > 0 and (
        is_in_text(snapshot, offset - 1) or bool(_QUOTE.search(_CLOSED.sub("", read_line_before(snapshot, offset))))
    )


def read_line_before(snapshot: Snapshot, offset: int) -> str:
    """The line of a byte offset up to it."""
    start = snapshot.lines.find_start(snapshot.lines.find_line(offset))
    return snapshot.data[start:offset].decode("utf-8", "replace")


def _find_import(language: Language, before: str, snapshot: Snapshot, offset: int) -> tuple[str, str] | None:
    """What is typed of a name in a list of imports, and the module; None where there is no such list."""
    if language.id == "python":
        listed = _PYTHON_IMPORT.search(before)
        return (listed[3], listed[1] + listed[2]) if listed else None
    if language.id not in _SCRIPTS or (listed := _SCRIPT_IMPORT.search(before)) is None:
        return None
    module_match = _SCRIPT_MODULE.match(snapshot.data[offset : offset + NEAR_BYTES].decode("utf-8", "replace"))
    return (listed[1], module_match[2]) if module_match else None


def _find_in_brackets(language: Language, before: str, line: str, start: int) -> NamePosition | None:
    """A name between brackets that is sure to be one of a field or an argument, if the language's are guided."""
    if not {"field", "argument"} & set(language.name_positions):
        return None
    text = _CLOSED.sub(lambda each: "_" * len(each[0]), before)
    at = _find_open_bracket(text)
    if at < 0 or not _ITEM_START.search(_hide_nested(text[at + 1 :])):
        return None
    inside, outside = _hide_nested(text[at + 1 :]), text[:at].rstrip(" \t")
    if text[at] == "{" and "field" in language.name_positions:
        literal = _BEFORE_LITERAL.get(language.id, _BEFORE_LITERAL[""])
        is_block = language.id == "go" and _BLOCK.match(outside.rsplit("\n", 1)[-1])
        return NamePosition(PositionKind.FIELD, start, line) if literal.search(outside) and not is_block else None
    callee = _CALLEE.search(outside)
    if text[at] != "(" or "argument" not in language.name_positions or callee is None or _DEFINITION.search(outside):
        return None
    return NamePosition(PositionKind.ARGUMENT, start, line, callee=callee[1]) if _NAMED_ARGUMENT.search(inside) else None


def _find_open_bracket(text: str) -> int:
    """Where the innermost bracket is that a text ends in; -1 where there is none."""
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        if text[at] in ")]}":
            depth += 1
        elif text[at] in "([{":
            if not depth:
                return at
            depth -= 1
    return -1


def _hide_nested(text: str) -> str:
    """A text with what stands in brackets replaced."""
    depth, characters = 0, []
    for character in text:
        depth -= character in ")]}"
        characters.append("_" if depth > 0 else character)
        depth += character in "([{"
    return "".join(characters)
