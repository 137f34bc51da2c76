"""A text that begins within a line, as it is shown by itself: its lines stand to each other as they would in the document."""

from rich.cells import cell_len

MAX_COLUMNS = 60
"""Columns before a first line at most; behind more of them it would not be seen."""


def align_first_line(text: str, line_prefix: str) -> str:
    """The text behind white space as wide as what stands before it in its line; behind the line's own where that is too wide."""
    if not text.partition("\n")[0].strip():
        return text
    blank = "".join(each if each == "\t" else " " * cell_len(each) for each in line_prefix)
    indent = line_prefix[: len(line_prefix) - len(line_prefix.lstrip(" \t"))]
    return (blank if cell_len(blank.expandtabs(4)) <= MAX_COLUMNS else indent) + text
