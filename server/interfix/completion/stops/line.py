"""Ends by line breaks: the line of a one-line suggestion, and empty space. Knows nothing of what a line says."""

import re

from interfix.completion.hole import Hole
from interfix.completion.shape import Shape
from interfix.completion.stops.block import end_of_body

_EMPTY_SPACE = re.compile(r"\n[ \t]*\n[ \t]*\n")


def end_of_line(hole: Hole, text: str) -> int | None:
    """One line ends at its line break.

    Behind a complete statement a model begins with the line break. Unasked, that is nothing to offer: the cursor is not there
    yet. Asked for, the next line is the answer, and a line of its own that opens a block brings the block along where its body
    does not stand below. The break itself is kept only before a line of code that the cursor stands in front of.
    """
    if hole.shape is not Shape.LINE or "\n" not in text:
        return None
    if not hole.requested and not hole.fresh and not text.split("\n", 1)[0].strip():
        return 0
    begins = len(text) - len(text.lstrip())
    end = text.find("\n", begins)
    if begins == len(text) or end < 0:
        return None
    line = (hole.left + text[:end]).rsplit("\n", 1)[-1]
    own = hole.fresh or "\n" in text[:begins]
    if own and hole.may_grow and hole.opens(line) and not hole.body_below(line):
        return end_of_body(hole, text, end + 1, line)
    return end + 1 if hole.code_right and own else end


def blank_lines(hole: Hole, text: str) -> int | None:  # noqa: ARG001 (every rule is asked alike)
    """Two blank lines in a row end a block, and a suggestion that has not begun by then never does."""
    match = _EMPTY_SPACE.search(text)
    return match.start() if match else None
