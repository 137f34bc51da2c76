"""An edit as a unified diff, as next-edit models were shown them."""

from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import takewhile

from interfix.inference_types import PastEdit

CONTEXT_LINES = 3
"""Unchanged lines before and after a change."""


def format_unified_diff(edit: PastEdit) -> str:
    """The edit as one hunk, without the two lines that name the files; each line ends with a newline."""
    old, new = _split_lines(edit.before), _split_lines(edit.after)
    # What both begin with is kept whole, so that of equal lines the last is the one that was added, as git has it.
    same = _count_equal(old, new)
    same_end = _count_equal(old[same:][::-1], new[same:][::-1])
    first, last = max(0, same - CONTEXT_LINES), max(0, same_end - CONTEXT_LINES)
    hunk = "".join(_list_lines(old[first : len(old) - last], new[first : len(new) - last], same - first))
    start = edit.line + first + 1
    return f"@@ -{start},{len(old) - last - first} +{start},{len(new) - last - first} @@\n{hunk}"


def _list_lines(old: list[str], new: list[str], same: int) -> Iterator[str]:
    yield from (f" {line}\n" for line in old[:same])
    old, new = old[same:], new[same:]
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (f" {line}\n" for line in old[old_from:old_to])
        else:
            yield from (f"-{line}\n" for line in old[old_from:old_to])
            yield from (f"+{line}\n" for line in new[new_from:new_to])


def _count_equal(some: list[str], others: list[str]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(some, others, strict=False)))


def _split_lines(text: str) -> list[str]:
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines
