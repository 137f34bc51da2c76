"""The code in a model's answer: out of its fence, into the file's own indentation."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from markdown_it import MarkdownIt


def extract_code(answer: str, original: str) -> str:
    """The code an answer holds, with `\\n` between lines and none at the end; empty where there is none.

    Of several fenced blocks the first that is not merely the `original` again counts. Without a fence the answer as a whole does.
    """
    blocks = [token.content.rstrip() for token in MarkdownIt("commonmark").parse(answer) if token.type == "fence"]
    if not blocks:
        return answer.strip("\r\n").rstrip()
    full = [block for block in blocks if block.strip()]
    return next((block for block in full if _strip_indentation(block) != _strip_indentation(original)), full[0] if full else "")


def reindent(code: str, original: str) -> str:
    """`code` at the indentation of the `original`, deeper levels in its units too.

    Lines of a multi-line string that begin left of the selection's own code stay where they are.
    """
    lines = code.split("\n")
    ours, theirs = _indent_unit(original.split("\n")), _indent_unit(lines)
    if ours and theirs and ours != theirs:
        lines = [_convert_indent(line, theirs, ours) for line in lines]
    base, given = _leading_indentation(original), _leading_indentation("\n".join(lines))
    left = {line for line in original.split("\n") if line.strip() and not line.startswith(base)}
    return "\n".join(line if line in left else _shift_line(line, given, base) for line in lines)


def _strip_indentation(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())


def _leading_indentation(text: str) -> str:
    """The white space before the first line that holds more."""
    return next((line[: len(line) - len(line.lstrip())] for line in text.split("\n") if line.strip()), "")


def _shift_line(line: str, given: str, base: str) -> str:
    if not line.strip():
        return ""
    if line.startswith(given):
        return base + line[len(given) :]
    return line


def _indent_unit(lines: Sequence[str]) -> str:
    """One level of indentation: a tab, or as many spaces as lines most often step in by; empty where none does."""
    if any(line.startswith("\t") for line in lines):
        return "\t"
    widths = [len(line) - len(line.lstrip(" ")) for line in lines if line.strip()]
    steps = Counter(b - a for a, b in pairwise(widths) if b > a + 1)  # by one step the stars of a comment
    return " " * min(steps, key=lambda step: (-steps[step], step)) if steps else ""


def _convert_indent(line: str, theirs: str, ours: str) -> str:
    indentation = re.match(r"[ \t]*", line)
    width = indentation.end() if indentation else 0
    levels, rest = divmod(width, len(theirs))
    return ours * levels + " " * rest + line[width:]
