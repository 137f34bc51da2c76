"""The end of a block by its indentation and its closing line. Asks the tree only what a closing bracket closes."""

import re

from interfix.completion.hole import InfillHole
from interfix.completion.indent_style import get_indent, measure_indent
from interfix.completion.multiline_choice import SuggestionShape

_CLOSING_WORDS = ("end", "fi", "done", "esac")
_CLOSING = re.compile(rf"[)\]}}]+[;,]?|(?:{'|'.join(_CLOSING_WORDS)})[;,]?")
_MAY_CLOSE = re.compile(r"[)\]}]+[;,]?")
_FIRST_TOKEN = re.compile(r"\w+(?=\W)|[^\w\s)\]}]")
"""The first word of a line, once it is whole, or the sign it begins with."""
_CONTINUATION_WORDS = frozenset(
    ("else", "elif", "elsif", "except", "finally", "catch", "rescue", "ensure", "when", *_CLOSING_WORDS)
)
_PREPROCESSED_LANGUAGES = ("c", "cpp")


def stop_at_block_end(hole: InfillHole, text: str) -> int | None:
    """A block ends before the first line indented less than it, or before a closing bracket that it did not open.

    The closing line of the block itself (`}`, `});`, `end`) is kept if the file does not have it yet. Lines inside brackets or
    strings that the completion opened may stand anywhere, and so may directives of the C preprocessor.
    """
    if hole.shape is not SuggestionShape.BLOCK:
        return None
    if hole.is_line_start:
        return _find_block_end(hole, text, 0, measure_indent(hole.line_prefix) if hole.line_prefix else None)
    first = text.find("\n")
    if first < 0:
        return None
    floor = measure_indent(hole.line_prefix) + (not hole.after_accepted or hole.opens_block(hole.line_prefix + text[:first]))
    closes = any(hole.ends_block(text, position) for position in hole.scan_brackets(text[:first]).stray_closers)
    return first if closes and not hole.after_accepted else _find_block_end(hole, text, first + 1, floor)


def find_body_end(hole: InfillHole, text: str, start: int, header: str) -> int | None:
    """The same for the body, from `start` on, of a block whose first line, `header`, is the completion's own."""
    return _find_block_end(hole, text, start, measure_indent(header) + 1)


def find_statement_end(hole: InfillHole, text: str) -> int | None:
    """Where the line before the last one ends, if the last has begun as a statement beside the block's first."""
    lines, ended, last = text.rpartition("\n")
    if not ended or not lines.strip() or not last.strip() or len(lines) + 1 in hole.scan_brackets(text).nested_line_starts:
        return None
    first = hole.line_prefix + text if hole.is_line_start else text.split("\n", 1)[-1]
    begins = _FIRST_TOKEN.match(last.strip())
    beside = begins and begins.group() not in _CONTINUATION_WORDS and measure_indent(last) <= measure_indent(first.lstrip("\n"))
    return len(lines) if beside else None


def _find_block_end(hole: InfillHole, text: str, start: int, min_indent: int | None) -> int | None:
    """Where the block of the lines from `start` on ends; `min_indent` is its least indentation, None if its first line tells."""
    nesting = hole.scan_brackets(text[start:], inside_quote=start == 0)
    closed = {start + position for position in nesting.stray_closers}
    inside = {start + position for position in nesting.nested_line_starts}
    for line in text[start:].split("\n"):
        end = start + len(line)
        if line.strip() and start not in inside and not _is_directive(hole, line):
            whole = hole.line_prefix + line if start == 0 else line
            min_indent = measure_indent(whole) if min_indent is None else min_indent
            here = sorted(position for position in closed if start <= position < end and hole.closes_bracket(text, position))
            first = start + len(get_indent(line))
            if (measure_indent(whole) < min_indent and not _within_text(hole, text, start, line)) or here[:1] == [first]:
                return _find_closing_cut(hole, whole, start, end, is_complete=end < len(text))
            surplus = next((position for position in here if hole.ends_block(text, position)), None) if end < len(text) else None
            if surplus is not None:
                return surplus
        start = end + 1
    return None


def _find_closing_cut(hole: InfillHole, line: str, start: int, end: int, *, is_complete: bool) -> int | None:
    word = line.strip()
    goes_on = start == 0 and word[0] in ")]}"
    if not is_complete and (goes_on or _MAY_CLOSE.fullmatch(word) or any(closing.startswith(word) for closing in _CLOSING_WORDS)):
        return None
    return end if (goes_on or _CLOSING.fullmatch(word)) and not hole.has_closing_line_below(line) else start


def _within_text(hole: InfillHole, text: str, start: int, line: str) -> bool:
    """Whether a line goes on with a string or comment of several lines, such as a here-document, which may stand anywhere."""
    return start > 0 and hole.is_text_at(text, start + len(get_indent(line)), within=True)


def _is_directive(hole: InfillHole, line: str) -> bool:
    return hole.language_id in _PREPROCESSED_LANGUAGES and line.lstrip().startswith("#")
