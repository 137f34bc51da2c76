"""A remark behind the code of a line, which instruct weights like to make. Line comments only."""

import re

from interfix.completion.hole import InfillHole
from interfix.completion.multiline_choice import SuggestionShape

_WORD = re.compile(r"\w")
_FIRST_WORD = re.compile(r"\W*\w\S*\s|\W*\n")
_DIRECTIVE = re.compile(
    r"\W*(?:[\w-]+:(?=[\w-])|[\w-]+-(?:disable|enable|ignore|expect)|no(?:qa|lint|sec|sonar|inspection)\b|(?:type|fmt|rubocop"
    r"|pylint|pragma|ruff|mypy|codespell)\b:)",
    re.IGNORECASE,
)
"""What speaks to a tool: `# noqa`, `// eslint-disable-line`, `//nolint:errcheck`, `# type: ignore`, `# rubocop:disable X`."""


def stop_at_trailing_comment(hole: InfillHole, text: str) -> int | None:
    """A single line ends before a comment behind its code, unless lines around have such comments.

    What closes a block may say which, and so may a directive of a preprocessor; what speaks to a linter is no remark.
    """
    mark = hole.snapshot.language.line_comment if hole.snapshot.language else ""
    if not mark or hole.shape is not SuggestionShape.LINE or mark not in text or hole.is_prose:
        return None
    begin = len(hole.line_prefix)
    line = hole.line_prefix + text
    comment_start = next(iter(hole.scan_brackets(line, inside_quote=False).comment_starts), -1) - begin
    if comment_start < 0 or not _WORD.search(line[: begin + comment_start]) or "\n" in text[:comment_start].lstrip():
        return None
    if hole.language_id in ("c", "cpp", "csharp") and line.lstrip().startswith("#"):
        return None
    if not _FIRST_WORD.match(text, comment_start) or _DIRECTIVE.match(text, comment_start):
        return None  # its first word tells
    if hole.snapshot.tree and not hole.fill(text).has_comment_at(comment_start):
        return None
    if hole.line_suffix.strip() and hole.count_errors(text) < hole.count_errors(text[:comment_start]):
        return None  # what follows on the line is words
    habit = re.compile(rf"\S\s+{re.escape(mark)}")
    return None if any(habit.search(near) for near in (hole.line_suffix, *hole.lines_above, *hole.lines_below)) else comment_start
