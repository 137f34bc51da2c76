"""Where the completion meets the cursor: no second space, no empty line left behind."""

from interfix.completion.hole import InfillHole


def trim_boundary_space(hole: InfillHole, text: str) -> str:
    """Drops what a prefix cut in the middle of a token brings about: a second space, or a line break on an indented blank line.

    On such a line the cursor is where the code goes, so the completion's first line moves up to it.
    """
    if not hole.is_line_start:
        return text.lstrip(" ") if hole.line_prefix.endswith((" ", "\t")) else text
    blank = text.rfind("\n", 0, len(text) - len(text.lstrip())) + 1
    return text[blank:].removeprefix(hole.line_prefix) if blank and hole.line_prefix else text
