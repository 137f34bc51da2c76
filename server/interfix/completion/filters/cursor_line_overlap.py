"""The rest of the cursor's line, which completions often repeat."""

import re

from interfix.completion.hole import InfillHole
from interfix.completion.stops.suffix_reached import is_distinctive

_SINGLE_LETTER = re.compile(r"\w\b")
"""A word of one letter: that a longer one ends with it is no repetition."""
_WORD_START = re.compile(r"\w")
_WORD_END = re.compile(r"\w\Z")
_MOST_CUTS = 8
_CLOSERS = ")]}>\"'`;,:"


def trim_cursor_line_overlap(hole: InfillHole, text: str) -> str:
    """Cuts the completion where it begins to repeat the text right of the cursor.

    Code is cut where it is the completion's end, or is long enough to be no accident. Closing brackets, quotes and punctuation are
    cut where that leaves the file with fewer parse errors, and where it leaves as many only if the completion closes what it never
    opened.
    """
    right = hole.line_suffix.strip()
    if not right:
        return text
    body = text.rstrip()
    # Behind a space a word of the rest is no part of one: `8080` does not end with the `80` of ` 80`.
    whole_word = _SINGLE_LETTER.match(right) or (hole.line_suffix[:1].isspace() and _WORD_START.match(right))
    ends = body.endswith(right) and not (whole_word and _WORD_END.search(body[: -len(right)]))
    if right.strip(_CLOSERS) and ends:
        return body[: body.rindex(right)]
    again = re.search(rf"(?<!\w){re.escape(right)}[ \t]*\n", body) if is_distinctive(right) and right in body else None
    if right.strip(_CLOSERS) and again:
        return body[: again.start()]
    candidates = sorted({*_find_overlaps(body, right), *_find_stray_closers(hole, body, right)}, reverse=True)[:_MOST_CUTS]
    if not candidates:
        return text
    errors = {cut: hole.count_errors(body[:cut]) for cut in candidates}
    best = min(candidates, key=lambda cut: errors[cut])
    now = hole.count_errors(body)
    return body[:best] if errors[best] < now or (errors[best] == now and _closes_too_much(hole, body)) else text


def _find_overlaps(body: str, line_suffix: str) -> list[int]:
    """Where to cut so that an end of the completion that is also the beginning of the rest, all of it closing, goes."""
    sizes = range(1, min(len(body), len(line_suffix)) + 1)
    return [len(body) - size for size in sizes if body.endswith(line_suffix[:size]) and not line_suffix[:size].strip(_CLOSERS)]


def _find_stray_closers(hole: InfillHole, body: str, line_suffix: str) -> list[int]:
    """Closing brackets of the completion that it did not open and that the rest of the line begins with."""
    return [position for position in hole.scan_brackets(body).stray_closers if body[position] == line_suffix[0]]


def _closes_too_much(hole: InfillHole, body: str) -> bool:
    line = hole.scan_brackets(hole.line_prefix + body + hole.line_suffix, inside_quote=False)
    without = hole.scan_brackets(hole.line_prefix + hole.line_suffix, inside_quote=False)
    return len(line.stray_closers) > len(without.stray_closers) or bool(line.open_quote) > bool(without.open_quote)
