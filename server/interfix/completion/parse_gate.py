"""Nothing is shown that breaks the parse. Counts errors before and after, and takes back what made them more."""

import re
from collections.abc import Iterator

from interfix.completion.hole import InfillHole
from interfix.completion.indent_style import get_indent

_MAX_DROPPED_CLOSERS = 8
_CLOSING_WORDS = ("end", "fi", "done")
_MAX_CUT_POINTS = 16
_CUT_POINT = re.compile(r"\w+|[)\]}\"'`;]")
_OPERAND = "x"


def trim_to_parse(hole: InfillHole, text: str) -> str:
    """The longest beginning of the text that leaves the file with no more parse errors than it had.

    Unasked, a line may open what only later lines will close: it counts as whole if a body and closing brackets would make it so.
    Asked for, it brings its block along, and what is left of one that does not parse is nothing. Within the first line only closing
    characters are taken back, as half a statement is worth nothing. Where nothing holds, there is nothing to show.

    A file that the hole itself breaks allows errors; there, the beginning of the line that mends it is worth more than all of it.
    """
    allowed = hole.count_errors("")
    if (errors := hole.count_errors(text)) <= allowed:
        return _trim_to_repair(hole, text) if errors else text
    for lines in _drop_lines(text):
        one = "\n" not in lines.strip()
        if hole.count_errors(lines) <= allowed or (one and not hole.explicit and _is_completable(hole, lines, allowed)):
            return lines
    return next((line for line in _drop_closers(_get_first_line(text)) if hole.count_errors(line) <= allowed), "")


def _trim_to_repair(hole: InfillHole, text: str) -> str:
    """The longest beginning of a line, up to the end of a word or bracket, with which the file parses; the line where none does."""
    if "\n" in text.strip():
        return text
    ends = [match.end() for match in _CUT_POINT.finditer(text)]
    return next((text[:end] for end in reversed(ends[-_MAX_CUT_POINTS:]) if not hole.count_errors(text[:end])), text)


def _is_completable(hole: InfillHole, line: str, max_errors: int) -> bool:
    code = line.rstrip()
    return any(hole.count_errors(code + rest + line[len(code) :]) <= max_errors for rest in _list_continuations(hole, code))


def _drop_lines(text: str) -> Iterator[str]:
    """The text itself, then a line less each time, down to one."""
    yield text
    while "\n" in text.strip():
        text = text[: text.rstrip().rindex("\n")].rstrip()
        yield text


def _get_first_line(text: str) -> str:
    return [*_drop_lines(text)][-1]


def _drop_closers(line: str) -> Iterator[str]:
    """A character less each time, as long as no word and no opening bracket goes: without its brace an `if` means another."""
    for _ in range(_MAX_DROPPED_CLOSERS):
        if not line or line[-1].isalnum() or line[-1] in "_([{":
            return
        line = line[:-1].rstrip()
        if line.strip():
            yield line


def _list_continuations(hole: InfillHole, text: str) -> Iterator[str]:
    """What may well follow a line that is right so far: an operand, closing brackets, a body, the end of the statement."""
    line = (hole.line_prefix + text).rsplit("\n", 1)[-1]
    indent = get_indent(line)
    for operand in ("", f" {_OPERAND}"):
        rest = operand + hole.scan_brackets(text).missing_closers
        yield from (rest, rest + ";")
        if hole.language_id == "python":
            colon = "" if line.endswith(":") else ":"
            yield f"{rest}{colon}\n{indent}    pass"
            yield f"{rest}{colon}\n{indent}    pass\n{indent}finally:\n{indent}    pass"
            yield f"{rest}\n{indent}def {_OPERAND}(): pass"
        elif hole.snapshot.language and hole.snapshot.language.block == "keyword":
            yield from (f"{rest}\n{indent}{word}" for word in _CLOSING_WORDS)
        else:
            yield f"{rest} {{}}"
