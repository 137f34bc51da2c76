"""Which document keeps its cells when room is short."""

import pytest
from cache import Cache

from interfix.engine.slot import Slot
from interfix.engine.slots import Slots
from interfix.errors import BadUsage


def fill(slot: Slot, tokens: list[int]) -> int:
    """Fill a slot; returns how many tokens that decoded."""
    plan = slot.plan(tokens)
    for _ in slot.fill(plan, tokens):
        pass
    return plan.decoded


def slots(cache: Cache, count: int = 2) -> Slots:
    return Slots(cache, count)  # type: ignore[arg-type]


def test_documents_keep_their_slots_and_the_oldest_goes_first() -> None:
    pool = slots(Cache())
    fill(pool.take("a", 10), [1, 2, 3])
    fill(pool.take("b", 10), [4, 5, 6])
    assert fill(pool.take("a", 10), [1, 2, 3, 7]) == 1
    assert fill(pool.take("c", 10), [8]) == 1
    assert fill(pool.take("a", 10), [1, 2, 3, 7, 7]) == 1
    assert fill(pool.take("b", 10), [4, 5, 6]) == 3


def test_a_full_cache_forgets_the_oldest_document() -> None:
    pool = slots(Cache(tokens=100), count=3)
    for document in "ab":
        fill(pool.take(document, 40), list(range(40)))
    fill(pool.take("c", 50), list(range(50)))
    assert fill(pool.take("b", 41), list(range(41))) == 1
    assert fill(pool.take("a", 40), list(range(40))) == 40


def test_more_than_the_cache_holds_is_refused_with_its_size() -> None:
    with pytest.raises(BadUsage, match="101 tokens"):
        slots(Cache(tokens=100)).take("a", 101)
