"""The end of a block by its indentation and its closing line. Asks the tree only what a closing bracket closes."""

import re

from interfix.completion.hole import Hole
from interfix.completion.indentation import leading, width
from interfix.completion.shape import Shape

_WORDS = ("end", "fi", "done", "esac")
_CLOSING = re.compile(rf"[)\]}}]+[;,]?|(?:{'|'.join(_WORDS)})[;,]?")
_MAY_CLOSE = re.compile(r"[)\]}]+[;,]?")
_BEGINS = re.compile(r"\w+(?=\W)|[^\w\s)\]}]")
"""The first word of a line, once it is whole, or the sign it begins with."""
_CONTINUING = frozenset(("else", "elif", "elsif", "except", "finally", "catch", "rescue", "ensure", "when", *_WORDS))
_PREPROCESSED = ("c", "cpp")


def end_of_block(hole: Hole, text: str) -> int | None:
    """A block ends before the first line indented less than it, or before a closing bracket that it did not open.

    The closing line of the block itself (`}`, `});`, `end`) is kept if the file does not have it yet. Lines inside brackets or
    strings that the completion opened may stand anywhere, and so may directives of the C preprocessor.
    """
    if hole.shape is not Shape.BLOCK:
        return None
    if hole.fresh:
        return _end(hole, text, 0, width(hole.left) if hole.left else None)
    first = text.find("\n")
    if first < 0:
        return None
    floor = width(hole.left) + (not hole.accepted or hole.opens(hole.left + text[:first]))
    closes = any(hole.ends_block(text, position) for position in hole.nesting(text[:first]).closed)
    return first if closes and not hole.accepted else _end(hole, text, first + 1, floor)


def end_of_body(hole: Hole, text: str, start: int, header: str) -> int | None:
    """The same for the body, from `start` on, of a block whose first line, `header`, is the completion's own."""
    return _end(hole, text, start, width(header) + 1)


def next_statement(hole: Hole, text: str) -> int | None:
    """Where the line before the last one ends, if the last has begun as a statement beside the block's first."""
    lines, ended, last = text.rpartition("\n")
    if not ended or not lines.strip() or not last.strip() or len(lines) + 1 in hole.nesting(text).inside:
        return None
    first = hole.left + text if hole.fresh else text.split("\n", 1)[-1]
    begins = _BEGINS.match(last.strip())
    beside = begins and begins.group() not in _CONTINUING and width(last) <= width(first.lstrip("\n"))
    return len(lines) if beside else None


def _end(hole: Hole, text: str, start: int, floor: int | None) -> int | None:
    """Where the block of the lines from `start` on ends; `floor` is its least indentation, None if its first line tells."""
    nesting = hole.nesting(text[start:], within=start == 0)
    closed = {start + position for position in nesting.closed}
    inside = {start + position for position in nesting.inside}
    for line in text[start:].split("\n"):
        end = start + len(line)
        if line.strip() and start not in inside and not _directive(hole, line):
            whole = hole.left + line if start == 0 else line
            floor = width(whole) if floor is None else floor
            here = sorted(position for position in closed if start <= position < end and hole.closes(text, position))
            first = start + len(leading(line))
            if (width(whole) < floor and not _within_text(hole, text, start, line)) or here[:1] == [first]:
                return _at_closing_line(hole, whole, start, end, ended=end < len(text))
            surplus = next((position for position in here if hole.ends_block(text, position)), None)
            if surplus is not None:
                return surplus
        start = end + 1
    return None


def _at_closing_line(hole: Hole, line: str, start: int, end: int, *, ended: bool) -> int | None:
    word = line.strip()
    goes_on = start == 0 and word[0] in ")]}"
    if not ended and (goes_on or _MAY_CLOSE.fullmatch(word) or any(closing.startswith(word) for closing in _WORDS)):
        return None
    return end if (goes_on or _CLOSING.fullmatch(word)) and not hole.closed_below(line) else start


def _within_text(hole: Hole, text: str, start: int, line: str) -> bool:
    """Whether a line goes on with a string or comment of several lines, such as a here-document, which may stand anywhere."""
    return start > 0 and hole.words_at(text, start + len(leading(line)), within=True)


def _directive(hole: Hole, line: str) -> bool:
    return hole.language in _PREPROCESSED and line.lstrip().startswith("#")
