"""A remark behind the code of a line, which instruct weights like to make. Line comments only."""

import re

from interfix.completion.hole import Hole
from interfix.completion.shape import Shape

_WORD = re.compile(r"\w")


def remark(hole: Hole, text: str) -> int | None:
    """A single line ends before a comment behind its code, unless lines around have such comments.

    What closes a block may say which.
    """
    mark = hole.snapshot.language.line_comment if hole.snapshot.language else ""
    if not mark or hole.shape is not Shape.LINE or mark not in text or hole.in_words:
        return None
    begin = len(hole.left)
    line = hole.left + text
    found = next(iter(hole.nesting(line, within=False).comments), -1) - begin
    if found < 0 or not _WORD.search(line[: begin + found]) or "\n" in text[:found].lstrip():
        return None
    if hole.snapshot.tree and not hole.filled(text).comment_at(found):
        return None
    habit = re.compile(rf"\S\s+{re.escape(mark)}")
    return None if any(habit.search(near) for near in (hole.right, *hole.above, *hole.below)) else found
