"""How hard tests of many cases try: in the fast suite, run after every change, a twentieth of what they try in the whole one."""

import os
from collections.abc import Sequence
from typing import TypeVar

FAST_VARIABLE = "TEST_FAST"
"""Set to 1 by `tests/conftest.py` where slow tests are left out."""


FAST_SHARE = 20
"""The fast suite tries one in so many."""
T = TypeVar("T")


def is_fast() -> bool:
    """Whether only the fast tests run."""
    return os.environ.get(FAST_VARIABLE) == "1"


def scale_examples(count: int) -> int:
    """How many examples to try where `count` are to be tried in the whole suite."""
    return max(5, count // FAST_SHARE) if is_fast() else count


def take_share(cases: Sequence[T]) -> Sequence[T]:
    """The cases to try, of every kind that stands in the sequence in turn: all of them in the whole suite."""
    return cases[::FAST_SHARE] if is_fast() else cases
