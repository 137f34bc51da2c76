"""Nothing is shown that breaks the parse. Counts errors before and after, and takes back what made them more; knows no model."""

from collections.abc import Iterator

from interfix.completion.hole import Hole
from interfix.completion.indentation import leading
from interfix.completion.stops.foreign import reads_as_prose

_MOST_STEPS_BACK = 8
_CLOSING_WORDS = ("end", "fi", "done")
_OPERAND = "x"


def gated(hole: Hole, text: str) -> str:
    """The longest beginning of the text that leaves the file with no more parse errors than it had.

    A line may open what only later lines will close: it counts as whole if a body and closing brackets would make it so. Within
    the first line only closing characters are taken back, as half a statement is worth nothing. Where nothing holds, an unasked
    suggestion is dropped, and a requested one is given whole unless it is prose: the user can judge it, and a file full of macros
    has no better.
    """
    allowed = hole.errors("")
    if hole.errors(text) <= allowed:
        return text
    for lines in _fewer_lines(text):
        if hole.errors(lines) <= allowed or ("\n" not in lines.strip() and _may_go_on(hole, lines, allowed)):
            return lines
    for line in _fewer_closers(_first_line(text)):
        if hole.errors(line) <= allowed:
            return line
    return text if hole.requested and not any(map(reads_as_prose, text.split("\n"))) else ""


def _may_go_on(hole: Hole, line: str, allowed: int) -> bool:
    code = line.rstrip()
    return any(hole.errors(code + rest + line[len(code) :]) <= allowed for rest in _rests(hole, code))


def _fewer_lines(text: str) -> Iterator[str]:
    """The text itself, then a line less each time, down to one."""
    yield text
    while "\n" in text.strip():
        text = text[: text.rstrip().rindex("\n")].rstrip()
        yield text


def _first_line(text: str) -> str:
    return [*_fewer_lines(text)][-1]


def _fewer_closers(line: str) -> Iterator[str]:
    """A character less each time, as long as it is no letter, digit or underscore that goes."""
    for _ in range(_MOST_STEPS_BACK):
        if not line or line[-1].isalnum() or line[-1] == "_":
            return
        line = line[:-1].rstrip()
        if line.strip():
            yield line


def _rests(hole: Hole, text: str) -> Iterator[str]:
    """What may well follow a line that is right so far: an operand, closing brackets, a body, the end of the statement."""
    line = (hole.left + text).rsplit("\n", 1)[-1]
    indent = leading(line)
    for operand in ("", f" {_OPERAND}"):
        rest = operand + hole.nesting(text).closers
        yield from (rest, rest + ";")
        if hole.language == "python":
            colon = "" if line.endswith(":") else ":"
            yield f"{rest}{colon}\n{indent}    pass"
            yield f"{rest}{colon}\n{indent}    pass\n{indent}finally:\n{indent}    pass"
            yield f"{rest}\n{indent}def {_OPERAND}(): pass"
        elif hole.snapshot.language and hole.snapshot.language.block == "keyword":
            yield from (f"{rest}\n{indent}{word}" for word in _CLOSING_WORDS)
        else:
            yield f"{rest} {{}}"
