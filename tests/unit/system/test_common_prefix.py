"""How long two sequences are the same, of characters, bytes and tokens."""

from collections.abc import Sequence

import pytest

from interfix.system.common_prefix import count_common_prefix


@pytest.mark.parametrize(
    ("one", "other", "length"),
    [("path", "paths", 4), ("", "a", 0), ("Größe", "Größer", 5), (b"ab", b"ac", 1), ([1, 2, 3], (1, 2, 4), 2), ((), (), 0)],
)
def test_the_common_beginning(one: Sequence[object], other: Sequence[object], length: int) -> None:
    assert count_common_prefix(one, other) == count_common_prefix(other, one) == length
