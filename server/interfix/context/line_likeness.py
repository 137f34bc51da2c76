"""How alike the place of a line and that of another are: what is typed there, and the lines above and below."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

import msgspec

LINES_ABOVE = 3
"""Lines above a place that are compared, blank ones and lone brackets aside; the second counts half, the third a third."""
LINES_BELOW = 2
"""The same below it."""
_REACH_LINES = 8
"""No line farther off is compared."""
_MAX_RUN_TOKENS = 5
_MAX_TYPED_WEIGHT = 8.0
_TYPED_SHARE = 0.25
_SIGN_WEIGHT = 0.3
_LETTER_WEIGHT = 0.35
_OTHER_ENDING_WEIGHT = 0.5
_MIN_TEXT_CHARACTERS = 4
_MAX_TEXT_CHARACTERS = 240
_TOKEN = re.compile(r"\w+|[^\w\s]")
_NAME = re.compile(r"[^\W\d]\w+")
_LAST_WORD = re.compile(r"\w+\Z")


class Place(msgspec.Struct, frozen=True):
    """Where the cursor is, as it is compared with other lines."""

    tokens: tuple[str, ...]
    """What is typed of the line, without the word that the cursor is in."""
    word: str
    """What is typed of that word."""
    above: tuple[frozenset[str], ...]
    """The names of the lines above, the nearest first."""
    below: tuple[frozenset[str], ...]
    """The names of the lines below."""


class NameRarity:
    """How much it tells that two lines share a name: the more, the fewer lines have it."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._counts: Counter[str] = Counter()
        self._total = 1
        for line in lines:
            self._counts.update(_find_names(line))
            self._total += 1
        self._weights: dict[str, float] = {}
        self._sums: dict[frozenset[str], float] = {}

    def weigh(self, name: str) -> float:
        """A third of the natural logarithm of inverse document frequency, a line being a document."""
        if (weight := self._weights.get(name)) is None:
            weight = self._weights[name] = math.log(self._total / (1 + self._counts[name]) + 1) / 3
        return weight

    def compare(self, one: frozenset[str], other: frozenset[str]) -> float:
        """The share of the names of both lines that each has, by weight, 0 to 1."""
        both = one & other
        if not both:
            return 0.0
        shared = sum(map(self.weigh, both))
        return shared / (self._add_weights(one) + self._add_weights(other) - shared)

    def _add_weights(self, names: frozenset[str]) -> float:
        if (total := self._sums.get(names)) is None:
            total = self._sums[names] = sum(map(self.weigh, names))
        return total


def describe_place(before: Sequence[str], typed: str, after: Sequence[str]) -> Place:
    """The place behind `typed`, between the lines `before` and `after`."""
    word = match[0] if (match := _LAST_WORD.search(typed)) else ""
    return Place(
        tuple(_TOKEN.findall(typed[: len(typed) - len(word)])),
        word,
        tuple(_list_compared(before, len(before), -1, LINES_ABOVE)),
        tuple(_list_compared(after, -1, 1, LINES_BELOW)),
    )


def measure_likeness(place: Place, lines: Sequence[str], at: int, rarity: NameRarity) -> float:
    """How much the line `at` stands as the cursor's line does: 0 if nothing is shared; more than 2 is hardly ever chance."""
    text = lines[at]
    if not _MIN_TEXT_CHARACTERS <= len(text.strip()) <= _MAX_TEXT_CHARACTERS:
        return 0.0
    likeness = _TYPED_SHARE * min(_MAX_TYPED_WEIGHT, _weigh_typed(place, text, rarity))
    for names, step, count in ((place.above, -1, LINES_ABOVE), (place.below, 1, LINES_BELOW)):
        others = _list_compared(lines, at, step, count)
        likeness += sum(rarity.compare(one, other) / (1 + i) for i, (one, other) in enumerate(zip(names, others, strict=False)))
    return likeness


def _weigh_typed(place: Place, text: str, rarity: NameRarity) -> float:
    """The weight of the tokens before the cursor that stand in a line in the same order, before a word that begins as the typed
    one does."""
    tokens = _tokenize(text)
    if not (place.tokens or place.word):
        return 0.0
    best = 0.0
    for at, token in enumerate(tokens):
        if not token.startswith(place.word) or (token == place.word and at + 1 == len(tokens)):
            continue
        weight = _LETTER_WEIGHT * _count_letters(place.word) + _OTHER_ENDING_WEIGHT * (len(place.word) > 1 and token != place.word)
        for own, other in zip(place.tokens[: -_MAX_RUN_TOKENS - 1 : -1], tokens[at - 1 :: -1] if at else (), strict=False):
            if own != other:
                break
            weight += rarity.weigh(own) if _NAME.match(own) else _SIGN_WEIGHT
        best = max(best, weight)
    return best


def _count_letters(word: str) -> float:
    """One letter tells nothing, three tell half of what more do."""
    return 0.0 if len(word) < 2 else len(word) * (1.0 if len(word) > 3 else 0.5)


def _list_compared(lines: Sequence[str], at: int, step: int, count: int) -> list[frozenset[str]]:
    """The names of the lines next to the one `at` that have more than a bracket, the nearest first."""
    stop = max(-1, at - _REACH_LINES) if step < 0 else min(len(lines), at + _REACH_LINES)
    telling = (line for line in range(at + step, stop, step) if len(lines[line].strip()) > 1)
    return [_find_names(lines[line]) for line, _ in zip(telling, range(count), strict=False)]


@lru_cache(maxsize=16384)
def _find_names(text: str) -> frozenset[str]:
    return frozenset(_NAME.findall(text[:_MAX_TEXT_CHARACTERS]))


@lru_cache(maxsize=16384)
def _tokenize(text: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(text))
