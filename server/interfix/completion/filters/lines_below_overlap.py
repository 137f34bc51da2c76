"""Lines at the end of the completion that repeat the lines below the cursor."""

from interfix.completion.hole import InfillHole
from interfix.completion.indent_style import measure_indent
from interfix.completion.stops.repetition import is_element
from interfix.completion.stops.suffix_reached import is_distinctive

_MAX_LINES = 12


def trim_lines_below_overlap(hole: InfillHole, text: str) -> str:
    """Drops the longest run of last lines that equals the next lines of the file, blank lines aside.

    A run that says little (`}`) counts only where the file parses without it, or better, or as well at the same indentation.
    """
    below = [line for line in hole.lines_below if line.strip()][:_MAX_LINES]
    lines = text.rstrip().split("\n")
    whole = [hole.line_prefix + lines[0], *lines[1:]]
    filled = [index for index, line in enumerate(whole) if line.strip() and (index > 0 or hole.is_line_start)]
    for size in range(min(len(filled), len(below)), 0, -1):
        tail = filled[-size:]
        same = [(whole[index], line) for index, line in zip(tail, below, strict=False)]
        if all(ours.strip() == theirs.strip() for ours, theirs in same) and not (
            len(filled) == 1 and _is_sibling(hole, same[0][0])
        ):
            shorter = "\n".join(lines[: tail[0]])
            errors = hole.count_errors(shorter)
            if errors > hole.count_errors(text):
                continue  # the file needs them: it has such lines twice
            if (
                any(is_distinctive(line) for _, line in same)
                or not errors
                or errors < hole.count_errors(text) + _has_same_indent(same)
            ):
                return shorter
    return text


def _is_sibling(hole: InfillHole, line: str) -> bool:
    """Whether a line is one of several alike in the file: an item of a list, or the beginning of one more block."""
    return hole.is_pattern(line) and (is_element(line) or hole.opens_block(line))


def _has_same_indent(pairs: list[tuple[str, str]]) -> bool:
    return all(measure_indent(ours) == measure_indent(theirs) for ours, theirs in pairs)
