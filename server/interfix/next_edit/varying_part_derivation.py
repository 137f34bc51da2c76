"""Parts of changed lines that differ from one time to the next: where each time they come from, so that another place can be told.

A part is derived from the lines above, where it stood at the same place each time, or it counts up.
"""

from collections.abc import Mapping, Sequence

import msgspec

from interfix.next_edit.line_search_index import LineTable
from interfix.next_edit.rewrites import Example
from interfix.next_edit.template_matches import match_lines, split_parts

MAX_LINES_ABOVE = 4
"""Lines above a change from which its parts may come."""


class DerivedPart(msgspec.Struct, frozen=True):
    """Where one part of the new lines comes from."""

    part: str
    """As it was the newest time."""
    above: int = 0
    """How many lines above the change its source stands; 0: it counts up."""
    number: int = 0
    """Which part of that line it is."""
    step: int = 0
    """What is added from one time to the next, downwards."""


def find_derived_parts(table: LineTable, example: Example, others: Sequence[Example]) -> Sequence[DerivedPart] | None:
    """The parts of an example's new lines that differ where the same lines were changed alike; None where one of them cannot be
    derived. `others` are changes of the same document, the newest first.
    """
    mine, parts = _split(example.new), list[DerivedPart]()
    for other in others:
        varying = _compare(example, other, mine)
        for part, their in varying.items():
            if any(each.part == part for each in parts):
                continue
            derived = _derive(table, example, other, (part, their))
            if derived is None:
                return None
            parts.append(derived)
    return parts


def apply_derived_parts(table: LineTable, parts: Sequence[DerivedPart], line: int, *, is_next: bool) -> Mapping[str, str] | None:
    """What stands for derived parts where the old lines begin at a line; None where a source is missing there."""
    values: dict[str, str] = {}
    for each in parts:
        if each.above:
            source = split_parts(table.lines[line - each.above].strip()) if line >= each.above else []
            if each.number >= len(source) or not source[each.number].isalnum():
                return None
            values[each.part] = source[each.number]
        elif is_next:
            values[each.part] = str(int(each.part) + each.step)
        else:
            return None
    return values


def _split(lines: Sequence[str]) -> list[list[str]]:
    return [split_parts(line.strip()) for line in lines]


def _compare(example: Example, other: Example, mine: Sequence[Sequence[str]]) -> Mapping[str, str]:
    """The parts of the new lines that are other ones in another change of the same lines, and come from no old line of theirs."""
    if len(example.old) != len(other.old) or len(example.new) != len(other.new) or not example.old:
        return {}
    old = match_lines(0, _split(example.old), _split(other.old), least_share=0.0)
    new = match_lines(0, mine, _split(other.new), least_share=0.0)
    if old is None or new is None:
        return {}
    old_substitutes = dict(old.substitutes)
    return {part: their for part, their in new.substitutes if old_substitutes.get(part) != their}


def _derive(table: LineTable, example: Example, other: Example, part: tuple[str, str]) -> DerivedPart | None:
    first, second = min(example.line, other.line), max(example.line, other.line)
    for above in range(1, min(MAX_LINES_ABOVE, first) + 1):
        one, two = (split_parts(table.lines[each.line - above].strip()) for each in (example, other))
        for number, (a, b) in enumerate(zip(one, two, strict=False)):
            if (a, b) == part:
                return DerivedPart(part[0], above, number)
    if first < second and all(each.isdecimal() for each in part):
        step = (int(part[0]) - int(part[1])) * (1 if example.line > other.line else -1)
        return DerivedPart(part[0], step=step) if abs(step) == 1 and example.line > other.line else None
    return None
