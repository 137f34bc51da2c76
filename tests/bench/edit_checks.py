"""What an edit breaks that it must not, judged from the texts before and after and by none of the rules that let it through.

Whether it parses is asked of the language's own parser where that can be had; else of the grammar, from the whole text. What is
outside of the range is compared as text: lines behind it are the same, lines above as well but for imports that were added.
"""

import re
from pathlib import Path

from interfix.syntax.document import open_file
from tests.bench.program_runner import ToolchainMissing, parses_natively

_IMPORTS = re.compile(
    r"^(?:from \S+ import (?:\([^)]*\)|.*)|import .*|#include .*|use [^;]*;|(?:const|let|var|local)\b[^=\n]*=\s*require\b.*)\n",
    re.MULTILINE,
)
_COMMENT = re.compile(r"\s*(?:#(?!include|define)|//|/?\*|--)")


async def breaks_parse(file: Path) -> bool:
    """Whether a file, as it stands on the disk, is no longer code."""
    try:
        return not await parses_natively(file)
    except ToolchainMissing:
        return open_file(file).snapshot().count_errors() > 0


def changes_outside(before: str, after: str, first: int, last: int) -> bool:
    """Whether more has changed than the lines `first` to `last`, counted from 0, the comments right above them, and imports."""
    lines = before.splitlines(keepends=True)
    while first and _COMMENT.match(lines[first - 1]):
        first -= 1
    behind = "".join(lines[last + 1 :])
    if not after.endswith(behind):
        return True
    above = _code_lines("".join(lines[:first]))
    return _code_lines(after[: len(after) - len(behind)])[: len(above)] != above


def loses_lines(before: str, after: str) -> bool:
    """Whether anything has gone, where something was only to be added."""
    rest = iter(after.splitlines())
    return not all(line in rest for line in before.splitlines())


def _code_lines(text: str) -> list[str]:
    return [line.strip() for line in _IMPORTS.sub("", text).splitlines() if line.strip()]
