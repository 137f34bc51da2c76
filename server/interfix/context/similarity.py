"""How similar two pieces of code are, by the names and numbers in them."""

import re
from collections.abc import Iterator
from functools import lru_cache

from interfix.syntax.snapshot import Snapshot

_WORD = re.compile(r"\w+")
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")

_CACHED_CHARACTERS = 240
"""Of a name or a line."""

WordSet = frozenset[str]


def extract_words(text: str) -> WordSet:
    """The words of a text: names as they are, and the parts of those that have several."""
    return _extract_line_words(text) if len(text) <= _CACHED_CHARACTERS else _extract_words(text)


def _extract_words(text: str) -> WordSet:
    words = set(_WORD.findall(text))
    parts = {part.lower() for name in words if len(name) > 3 for part in _PARTS.findall(name)}
    return frozenset(words | parts)


# The same names and signatures are compared at every line that is typed.
_extract_line_words = lru_cache(maxsize=4096)(_extract_words)


def compute_jaccard(one: WordSet, other: WordSet) -> float:
    """The share of the words of both that each has, 0 to 1."""
    both = len(one & other)
    either = len(one) + len(other) - both
    return both / either if either else 0.0


def measure_repetition(text: str, other: str) -> float:
    """The share of the lines of a text that stand in another one too, white space and short lines aside."""
    lines = [line for line in map(str.strip, text.splitlines()) if len(line) > 8]
    other_lines = {line.strip() for line in other.splitlines()}
    return sum(line in other_lines for line in lines) / len(lines) if lines else 0.0


def slide_passages(snapshot: Snapshot, size: int) -> Iterator[range]:
    """Lines of a file in passages of a size, each begun in the middle of the one before."""
    step = max(1, size // 2)
    for first in range(0, max(1, len(snapshot.lines) - step), step):
        yield range(first, min(first + size, len(snapshot.lines)))
