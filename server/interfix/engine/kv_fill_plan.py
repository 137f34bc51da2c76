"""How a slot gets from the tokens in its cache to those of a prompt, and what the two have in common."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Self

import msgspec

from interfix.system.common_prefix import count_common_prefix


class FillPlan(msgspec.Struct, frozen=True):
    """How to bring a slot to a prompt."""

    reused_prefix: int
    """Leading tokens that stay in the cache."""
    decode_end: int
    """Tokens from `reused_prefix` to here are decoded next."""
    reused_suffix: int
    """Tokens from `decode_end` on whose cells are put behind them; 0: none, and all the rest is decoded."""
    source_position: int
    """Position at which those cells are."""
    target_position: int
    """Position to which they go."""
    decode_count: int
    """Tokens to decode in all."""
    drift_tokens: int = 0
    """Tokens before the kept cells that will have changed since these were decoded."""

    @classmethod
    def without_splice(cls, tokens: Sequence[int], reused_prefix: int = 0) -> Self:
        """Decode everything behind the first `reused_prefix` tokens."""
        return cls(
            reused_prefix=reused_prefix,
            decode_end=len(tokens),
            reused_suffix=0,
            source_position=0,
            target_position=0,
            decode_count=len(tokens) - reused_prefix,
        )


def count_changed_tokens(old: Sequence[int], new: Sequence[int]) -> int:
    """How many tokens differ, inserted or deleted, between a common beginning and a common end."""
    head = count_common_prefix(old, new)
    tail = count_common_prefix(old[head:][::-1], new[head:][::-1])
    return max(len(old), len(new)) - head - tail


def find_common_run(cached: Sequence[int], prompt: Sequence[int]) -> tuple[int, int, int]:
    """A long run that both have: where it is in each, and its length. The whole, or a common ending, before a search."""
    if cached[: len(prompt)] == prompt:
        return 0, 0, len(prompt)
    ending = count_common_prefix(cached[::-1], prompt[::-1])
    if ending * 2 >= len(prompt):
        return len(cached) - ending, len(prompt) - ending, ending
    match = SequenceMatcher(None, cached, prompt, autojunk=False).find_longest_match()
    return match.a, match.b, match.size
