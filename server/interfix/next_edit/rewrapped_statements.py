"""Statements that a formatter broke into lines in another way since an edit changed them, compared as though in one line."""

import re
from collections.abc import Sequence

from interfix.completion.indent_style import get_indent
from interfix.completion.unmatched_brackets import scan_brackets
from interfix.next_edit.edit_log import Edit
from interfix.next_edit.token_changes import LineChange, compare_line, find_changed_lines

MAX_LINES = 6
"""Lines of a statement, before or now."""
_GOES_ON = re.compile(r"(?:[,=(\[<+*/%&|?.\\-]|->|\b(?:and|or|not|in|is))$")
"""What ends a line whose statement goes on in the next."""
_CONTINUES = re.compile(r"(?:->|=>|[.?:&|+*/%=)\]<>-]|(?:and|or|noexcept|override|throws|where|extends|implements)\b)")
"""What begins a line that goes on with the statement of the last."""
_OPENERS, _CLOSERS = "([", ")]"


def find_rewrapped(edit: Edit) -> LineChange | None:
    """What an edit of whole lines did to the one statement that they are, as though it stood in one line; None where they are not
    one, or nothing but its breaks is another.
    """
    old, new, first = find_changed_lines(edit)
    if len(old) == len(new) or not 0 < len(old) <= MAX_LINES or not 0 < len(new) <= MAX_LINES:
        return None
    before, now = _join_lines(old), _join_lines(new)
    if before is None or now is None or before.strip() == now.strip():
        return None
    return compare_line(before, now, first)


def _join_lines(lines: Sequence[str]) -> str | None:
    """The one statement that lines are, in one line; None where they are several, or none."""
    text = lines[0].rstrip()
    if not text.strip():
        return None
    for line in lines[1:]:
        more = line.strip()
        nesting = scan_brackets(text)
        is_open = not nesting.open_quote and nesting.open_brackets.endswith(tuple(_OPENERS))
        if not more or not (is_open or _GOES_ON.search(text) or _CONTINUES.match(more)):
            return None
        text += more if text[-1] in _OPENERS or more[0] in _CLOSERS else f" {more}"
        text = re.sub(r",\s*(?=[)\]])", "", text) if more[0] in _CLOSERS else text
    return get_indent(lines[0]) + text.strip()
