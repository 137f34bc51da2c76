"""Ends by line breaks: the line of a one-line suggestion, and empty space."""

import re

from interfix.completion.hole import InfillHole
from interfix.completion.multiline_choice import SuggestionShape
from interfix.completion.stops.block_end import find_body_end

_BLANK_LINES = re.compile(r"\n[ \t]*\n[ \t]*\n")


def stop_at_line_end(hole: InfillHole, text: str) -> int | None:
    """One line ends at its line break.

    Behind a complete statement a model begins with the line break. Unasked, that is nothing to offer: the cursor is not there
    yet. Asked for, the next line is the answer, and a line of its own that opens a block brings the block along where its body
    does not stand below. The break itself is kept only before a line of code that the cursor stands in front of.
    """
    if hole.shape is not SuggestionShape.LINE or "\n" not in text:
        return None
    if not hole.explicit and not hole.is_line_start and not text.split("\n", 1)[0].strip():
        return 0
    begins = len(text) - len(text.lstrip())
    end = text.find("\n", begins)
    if begins == len(text) or end < 0:
        return None
    line = (hole.line_prefix + text[:end]).rsplit("\n", 1)[-1]
    own = hole.is_line_start or "\n" in text[:begins]
    if own and hole.may_add_block and hole.opens_block(line) and not hole.has_body_below(line):
        return find_body_end(hole, text, end + 1, line)
    return end + 1 if hole.has_code_right and own else end


def stop_at_blank_lines(hole: InfillHole, text: str) -> int | None:  # noqa: ARG001 (every rule is asked alike)
    """Two blank lines in a row end a block, and a suggestion that has not begun by then never does."""
    match = _BLANK_LINES.search(text)
    return match.start() if match else None
