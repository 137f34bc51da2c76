"""Indentation as the file has it: tabs or spaces, and a first line no deeper than the line above it allows."""

import re

from interfix.completion.hole import InfillHole
from interfix.completion.indent_style import TAB_WIDTH, get_indent, measure_indent, reindent_line

_CONTINUED_LINE_END = re.compile(r"(?:[,(\[+\-*/=&|.<\\]|\b(?:and|or|not|in))\s*$")


def match_file_indentation(hole: InfillHole, text: str) -> str:
    """Re-indents a completion that begins on a blank line, and gives the lines after the first the file's own white space."""
    first, *others = _apply_indent_style(hole, text).split("\n")
    surplus = _count_surplus_indent(hole, first)
    if surplus:
        first = first[surplus:]
        if all(measure_indent(line) >= measure_indent(hole.line_prefix) + surplus for line in others if line.strip()):
            others = [line[surplus:] if get_indent(line)[:surplus].isspace() else line for line in others]
    return "\n".join((first, *others))


def _apply_indent_style(hole: InfillHole, text: str) -> str:
    if hole.indent_style is None or _is_local(hole, text):
        return text
    first, *others = text.split("\n")
    widths = [len(get_indent(line)) for line in others if line.startswith(" ")]
    unit = 2 if any(columns % TAB_WIDTH for columns in widths) else TAB_WIDTH
    begun = reindent_line(first, hole.indent_style, unit) if hole.is_line_start else first
    changed = [begun]
    position = len(first) + 1
    for line in others:
        new = reindent_line(line, hole.indent_style, unit)
        # What goes on with a string of several lines stands as it is.
        changed.append(line if new != line and hole.fill(text).is_text_at(position, within=True) else new)
        position += len(line) + 1
    return "\n".join(changed)


def _is_local(hole: InfillHole, text: str) -> bool:
    """Whether the completion indents with the character that the lines right at the cursor are indented with.

    That is so in a file that has both: a shell script with tabs in a here-document, a page with a script.
    """
    near = hole.line_prefix if hole.is_line_start and hole.line_prefix else hole.last_line_above
    ours = {get_indent(line)[:1] for line in text.split("\n")[1:] if line[:1].isspace()}
    return bool(near[:1].isspace()) and ours == {near[:1]}


def _count_surplus_indent(hole: InfillHole, first_line: str) -> int:
    """Characters of white space too many, where the editor had indented the line already."""
    extra = get_indent(first_line)
    if not extra or not hole.is_line_start or not hole.line_prefix or not first_line.strip():
        return 0
    here, above = measure_indent(hole.line_prefix + extra), measure_indent(hole.last_line_above)
    unit = TAB_WIDTH if hole.indent_style is None else hole.indent_style.columns
    if _CONTINUED_LINE_END.search(hole.last_line_above) or (here == above and measure_indent(hole.line_prefix) < above):
        return 0
    return 0 if hole.opens_block(hole.last_line_above) and above < here <= above + unit else len(extra)
