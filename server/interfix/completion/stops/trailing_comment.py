"""A remark behind the code of a line, which instruct weights like to make. Line comments only."""

import re

from interfix.completion.hole import InfillHole
from interfix.completion.suggestion_shape import SuggestionShape

_WORD = re.compile(r"\w")


def stop_at_trailing_comment(hole: InfillHole, text: str) -> int | None:
    """A single line ends before a comment behind its code, unless lines around have such comments.

    What closes a block may say which, and so may a directive.
    """
    mark = hole.snapshot.language.line_comment if hole.snapshot.language else ""
    if not mark or hole.shape is not SuggestionShape.LINE or mark not in text or hole.is_prose:
        return None
    begin = len(hole.line_prefix)
    line = hole.line_prefix + text
    found = next(iter(hole.scan_brackets(line, inside_quote=False).comment_starts), -1) - begin
    if found < 0 or not _WORD.search(line[: begin + found]) or "\n" in text[:found].lstrip():
        return None
    if hole.language_id in ("c", "cpp", "csharp") and line.lstrip().startswith("#"):
        return None
    if hole.snapshot.tree and not hole.fill(text).has_comment_at(found):
        return None
    habit = re.compile(rf"\S\s+{re.escape(mark)}")
    return None if any(habit.search(near) for near in (hole.line_suffix, *hole.lines_above, *hole.lines_below)) else found
