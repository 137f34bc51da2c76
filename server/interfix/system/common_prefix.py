"""How long two sequences are the same from their beginning on."""

from collections.abc import Sequence


def count_common_prefix(one: Sequence[object], other: Sequence[object]) -> int:
    """Length of the common beginning: characters, bytes, tokens."""
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        count += 1
    return count
