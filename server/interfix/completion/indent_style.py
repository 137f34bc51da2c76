"""Leading white space: how wide a line's is, and the habit of a file."""

import re
from collections import Counter
from collections.abc import Iterable

import msgspec

TAB_WIDTH = 4
"""Columns a tab counts for where tabs and spaces are compared."""

_LEADING = re.compile(r"[ \t]*")


class IndentStyle(msgspec.Struct, frozen=True):
    """How a file indents."""

    uses_tabs: bool
    """One tab a level, not spaces."""
    columns: int
    """Columns a level takes where it is spaces."""


def get_indent(line: str) -> str:
    """The white space a line begins with."""
    match = _LEADING.match(line)
    return match.group() if match else ""


def measure_indent(line: str) -> int:
    """Columns of white space a line begins with."""
    return len(get_indent(line).expandtabs(TAB_WIDTH))


def detect_indent_style(lines: Iterable[str]) -> IndentStyle | None:
    """What most indented lines do; None where none is indented."""
    tabs = spaces = last = 0
    steps: Counter[int] = Counter()
    for line in lines:
        if not line.strip():
            continue
        indent = get_indent(line)
        tabs += indent.startswith("\t")
        spaces += indent.startswith("  ")
        if not indent.startswith("\t"):
            if len(indent) - last > 1:
                steps[len(indent) - last] += 1
            last = len(indent)
    if not tabs and not spaces:
        return None
    usual = [step for step, _ in steps.most_common() if step in (2, 3, 4, 8)]
    return IndentStyle(uses_tabs=tabs > spaces, columns=usual[0] if usual else TAB_WIDTH)


def reindent_line(line: str, style: IndentStyle, source_columns: int) -> str:
    """The line indented as the file indents; `source_columns` is the columns of a level in the line's own spaces."""
    indent = get_indent(line)
    rest = line[len(indent) :]
    if style.uses_tabs:
        levels, odd = divmod(len(indent.expandtabs(source_columns)), source_columns)
        return "\t" * levels + " " * odd + rest
    return indent.replace("\t", " " * style.columns) + rest
