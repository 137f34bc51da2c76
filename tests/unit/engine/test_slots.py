"""Which document keeps its cache when there are more documents than caches, and what happens where memory ends."""

import pytest
from cache import Cache

from interfix.engine.slot import Slot
from interfix.engine.slots import Slots
from interfix.errors import BadUsage, Unavailable


def fill(slot: Slot, tokens: list[int]) -> int:
    """Fill a slot; returns how many tokens that decoded."""
    plan = slot.plan(tokens)
    for _ in slot.fill(plan, tokens):
        pass
    return plan.decoded


class Memory:
    """Makes caches until there is no more room."""

    def __init__(self, most: int = 99) -> None:
        self.most = most
        self.made: list[Cache] = []

    def __call__(self) -> Cache:
        if len(self.made) >= self.most:
            raise Unavailable("There is not enough memory.")
        self.made.append(Cache())
        return self.made[-1]


def slots(memory: Memory, count: int = 2, tokens: int = 100) -> Slots:
    return Slots(memory, tokens, count)  # type: ignore[arg-type]


def test_documents_keep_their_slots_and_the_oldest_goes_first() -> None:
    memory = Memory()
    pool = slots(memory)
    fill(pool.take("a", 10), [1, 2, 3])
    fill(pool.take("b", 10), [4, 5, 6])
    assert fill(pool.take("a", 10), [1, 2, 3, 7]) == 1
    assert fill(pool.take("c", 10), [8]) == 1
    assert fill(pool.take("a", 10), [1, 2, 3, 7, 7]) == 1
    assert fill(pool.take("b", 10), [4, 5, 6]) == 3
    assert len(memory.made) == 2


def test_a_cache_is_made_when_it_is_needed() -> None:
    memory = Memory()
    pool = slots(memory)
    assert memory.made == []
    pool.take("a", 10)
    pool.take("a", 10)
    assert len(memory.made) == 1


def test_where_memory_ends_the_oldest_document_makes_room() -> None:
    pool = slots(Memory(most=1), count=4)
    fill(pool.take("a", 10), [1, 2, 3])
    assert fill(pool.take("b", 10), [1, 2, 3]) == 3
    assert pool.find("a") is None


def test_without_memory_for_a_single_one_it_says_so() -> None:
    with pytest.raises(Unavailable, match="memory"):
        slots(Memory(most=0)).take("a", 10)


def test_more_than_the_cache_holds_is_refused_with_its_size() -> None:
    with pytest.raises(BadUsage, match="101 tokens"):
        slots(Memory()).take("a", 101)
