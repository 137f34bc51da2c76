"""The rest of the cursor's line, which a completion likes to write again."""

import re

from interfix.completion.hole import Hole
from interfix.completion.stops.suffix import telling

_LETTER = re.compile(r"\w\b")
"""A word of one letter: that a longer one ends with it is no repetition."""
_WORD_END = re.compile(r"\w\Z")
_MOST_CUTS = 8
_CLOSING = ")]}>\"'`;,:"


def without_rest_of_line(hole: Hole, text: str) -> str:
    """Cuts the completion where it begins to repeat the text right of the cursor.

    Code is cut where it is the completion's end, or is long enough to be no accident. Closing brackets, quotes and punctuation are
    cut where that leaves the file with fewer parse errors, and where it leaves as many only if the completion closes what it never
    opened.
    """
    right = hole.right.strip()
    if not right:
        return text
    body = text.rstrip()
    ends = body.endswith(right) and not (_LETTER.match(right) and _WORD_END.search(body[: -len(right)]))
    if right.strip(_CLOSING) and ends:
        return body[: body.rindex(right)]
    again = re.search(rf"(?<!\w){re.escape(right)}[ \t]*\n", body) if telling(right) and right in body else None
    if right.strip(_CLOSING) and again:
        return body[: again.start()]
    candidates = sorted({*_overlaps(body, right), *_own_closers(hole, body, right)}, reverse=True)[:_MOST_CUTS]
    if not candidates:
        return text
    errors = {cut: hole.errors(body[:cut]) for cut in candidates}
    best = min(candidates, key=lambda cut: errors[cut])
    now = hole.errors(body)
    return body[:best] if errors[best] < now or (errors[best] == now and _closes_too_much(hole, body)) else text


def _overlaps(body: str, right: str) -> list[int]:
    """Where to cut so that an end of the completion that is also the beginning of the rest, all of it closing, goes."""
    sizes = range(1, min(len(body), len(right)) + 1)
    return [len(body) - size for size in sizes if body.endswith(right[:size]) and not right[:size].strip(_CLOSING)]


def _own_closers(hole: Hole, body: str, right: str) -> list[int]:
    """Closing brackets of the completion that it did not open and that the rest of the line begins with."""
    return [position for position in hole.nesting(body).closed if body[position] == right[0]]


def _closes_too_much(hole: Hole, body: str) -> bool:
    line = hole.nesting(hole.left + body + hole.right, within=False)
    without = hole.nesting(hole.left + hole.right, within=False)
    return len(line.closed) > len(without.closed) or bool(line.quote) > bool(without.quote)
