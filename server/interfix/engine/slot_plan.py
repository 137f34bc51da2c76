"""How a slot gets from the tokens in its cache to those of a prompt, and what the two have in common."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Self

import msgspec


class Plan(msgspec.Struct, frozen=True):
    """How to bring a slot to a prompt."""

    keep: int
    """Leading tokens that stay in the cache."""
    until: int
    """Tokens from `keep` to here are decoded next."""
    kept: int
    """Tokens from `until` on whose cells are put behind them; 0: none, and all the rest is decoded."""
    source: int
    """Position at which those cells are."""
    target: int
    """Position to which they go."""
    decoded: int
    """Tokens to decode in all."""
    drift: int = 0
    """Tokens before the kept cells that will have changed since these were decoded."""

    @classmethod
    def plain(cls, tokens: Sequence[int], keep: int = 0) -> Self:
        """Decode everything behind the first `keep` tokens."""
        return cls(keep=keep, until=len(tokens), kept=0, source=0, target=0, decoded=len(tokens) - keep)


def shared_tokens(one: Sequence[int], other: Sequence[int]) -> int:
    """Length of the common beginning."""
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def changed_tokens(old: Sequence[int], new: Sequence[int]) -> int:
    """How many tokens differ, inserted or deleted, between a common beginning and a common end."""
    head = shared_tokens(old, new)
    tail = shared_tokens(old[head:][::-1], new[head:][::-1])
    return max(len(old), len(new)) - head - tail


def common_run(here: Sequence[int], wanted: Sequence[int]) -> tuple[int, int, int]:
    """A long run that both have: where it is in each, and its length. The whole, or a common ending, before a search."""
    if here[: len(wanted)] == wanted:
        return 0, 0, len(wanted)
    ending = shared_tokens(here[::-1], wanted[::-1])
    if ending * 2 >= len(wanted):
        return len(here) - ending, len(wanted) - ending, ending
    match = SequenceMatcher(None, here, wanted, autojunk=False).find_longest_match()
    return match.a, match.b, match.size
