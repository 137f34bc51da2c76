"""Lines that are made like others: the same but for words that stand for each other, and how to do to them what was done there."""

import re
from bisect import bisect
from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec

from interfix.next_edit.code_tokens import get_shape
from interfix.next_edit.line_search_index import LineTable

MAX_TEMPLATE_LINES = 12
"""Lines of an old text that is looked for elsewhere."""
MAX_COMPARED_LINES = 1000
"""Lines of one shape that are compared with an old one; generated files have very many."""
MAX_STAND_INS = 4
"""Words that may stand for others."""
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\da-zA-Z_]+|.", re.DOTALL)
MIN_EQUAL_SHARE = 0.5
"""Share of the parts that are the same in lines that are alike."""


class TemplateMatch(msgspec.Struct, frozen=True):
    """Lines that an old text fits."""

    line: int
    """Zero-based, the first of them."""
    substitutes: tuple[tuple[str, str], ...]
    """Parts of words of the old text, and what stands for each here."""
    equal: float
    """The share of the parts that are the same, 0 to 1."""


def split_parts(text: str) -> list[str]:
    """A text in the parts of its words, numbers and marks: `readFile_2` is read, File, _, 2."""
    return _PART.findall(text)


def find_template_matches(
    table: LineTable, old: Sequence[str], open_parts: Collection[str] = frozenset(), near: int = 0
) -> Iterator[TemplateMatch]:
    """Where the lines of an old text stand, with other words or the same, one behind the other.

    `open_parts` are parts that are known to vary; what stands for them counts as the same. Where very many lines look like the
    first one, those nearest to the line `near` are compared.
    """
    if not 0 < len(old) <= MAX_TEMPLATE_LINES or not any(map(str.strip, old)):
        return
    shapes = table.shapes
    shapes_of_old = [get_shape(line) for line in old]
    parts = [split_parts(line.strip()) for line in old]
    firsts = shapes.get(shapes_of_old[0], ())
    nearest = max(0, min(bisect(firsts, near) - MAX_COMPARED_LINES // 2, len(firsts) - MAX_COMPARED_LINES))
    for first in firsts[nearest : nearest + MAX_COMPARED_LINES]:
        lines = table.lines[first : first + len(old)]
        if len(lines) == len(old) and all(get_shape(line) == shape for line, shape in zip(lines, shapes_of_old, strict=True)):
            match = match_lines(first, parts, [split_parts(line.strip()) for line in lines], open_parts)
            if match is not None:
                yield match


def match_lines(
    first: int,
    old: Sequence[Sequence[str]],
    now: Sequence[Sequence[str]],
    open_parts: Collection[str] = frozenset(),
    least_share: float = MIN_EQUAL_SHARE,
) -> TemplateMatch | None:
    """Whether lines in their parts are alike but for words that stand for others; `least_share` of the parts are the same."""
    substitutes: dict[str, str] = {}
    equal = total = 0
    for one, other in zip(old, now, strict=True):
        if len(one) != len(other):
            return None
        for a, b in zip(one, other, strict=True):
            if not a.isalnum():
                if a != b:
                    return None
                continue
            total += 1
            equal += a == b or a in open_parts
            if substitutes.setdefault(a, b) != b:
                return None
    changed = {a: b for a, b in substitutes.items() if a != b}
    if not total or equal < least_share * total or len(changed) > MAX_STAND_INS:
        return None
    return TemplateMatch(first, tuple(changed.items()), equal / total)


def apply_template(new: Sequence[str], substitutes: Mapping[str, str]) -> list[str]:
    """The new lines with what stands for their words elsewhere."""
    return ["".join(substitutes.get(part, part) for part in split_parts(line)) for line in new]
