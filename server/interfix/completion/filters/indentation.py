"""Indentation as the file has it: tabs or spaces, and a first line no deeper than the line above it allows."""

import re

from interfix.completion.hole import Hole
from interfix.completion.indentation import TAB_WIDTH, in_habit, leading, width

_CONTINUES = re.compile(r"(?:[,(\[+\-*/=&|.<\\]|\b(?:and|or|not|in))\s*$")


def as_file_indents(hole: Hole, text: str) -> str:
    """Re-indents a completion that begins on a blank line, and gives the lines after the first the file's own white space."""
    first, *others = _as_file(hole, text).split("\n")
    surplus = _surplus(hole, first)
    if surplus:
        first = first[surplus:]
        if all(width(line) >= width(hole.left) + surplus for line in others if line.strip()):
            others = [line[surplus:] if leading(line)[:surplus].isspace() else line for line in others]
    return "\n".join((first, *others))


def _as_file(hole: Hole, text: str) -> str:
    if hole.habit is None or _is_local(hole, text):
        return text
    first, *others = text.split("\n")
    widths = [len(leading(line)) for line in others if line.startswith(" ")]
    unit = 2 if any(columns % TAB_WIDTH for columns in widths) else TAB_WIDTH
    begun = in_habit(first, hole.habit, unit) if hole.fresh else first
    changed = [begun]
    position = len(first) + 1
    for line in others:
        new = in_habit(line, hole.habit, unit)
        # What goes on with a string of several lines stands as it is.
        changed.append(line if new != line and hole.filled(text).words_at(position, within=True) else new)
        position += len(line) + 1
    return "\n".join(changed)


def _is_local(hole: Hole, text: str) -> bool:
    """Whether the completion indents with the character that the lines right at the cursor are indented with.

    That is so in a file that has both: a shell script with tabs in a here-document, a page with a script.
    """
    near = hole.left if hole.fresh and hole.left else hole.last_above
    ours = {leading(line)[:1] for line in text.split("\n")[1:] if line[:1].isspace()}
    return bool(near[:1].isspace()) and ours == {near[:1]}


def _surplus(hole: Hole, first: str) -> int:
    """Characters of white space too many, where the editor had indented the line already."""
    extra = leading(first)
    if not extra or not hole.fresh or not hole.left or not first.strip():
        return 0
    here, above = width(hole.left + extra), width(hole.last_above)
    unit = TAB_WIDTH if hole.habit is None else hole.habit.unit
    if _CONTINUES.search(hole.last_above) or (here == above and width(hole.left) < above):
        return 0
    return 0 if hole.opens(hole.last_above) and above < here <= above + unit else len(extra)
