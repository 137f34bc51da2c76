"""Which document keeps its cache when there are more documents than caches, and what happens where memory ends."""

import pytest

from interfix.engine.document_slot_pool import RETRY_SECONDS, KvSlotPool
from interfix.engine.kv_slot import KvSlot, SlotKey
from interfix.errors import UnavailableError, UsageError
from tests.unit.engine.fake_kv_cache import FakeKvCache


def fill_slot(slot: KvSlot, tokens: list[int]) -> int:
    """Fill a slot; returns how many tokens that decoded."""
    plan = slot.plan_fill(tokens)
    for _ in slot.fill(plan, tokens):
        pass
    return plan.decode_count


class LimitedMemory:
    """Makes caches until there is no more room."""

    def __init__(self, most: int = 99) -> None:
        self.most = most
        self.made: list[FakeKvCache] = []

    def __call__(self) -> FakeKvCache:
        if len(self.made) >= self.most:
            raise UnavailableError("There is not enough memory.")
        self.made.append(FakeKvCache())
        return self.made[-1]


def make_slots(memory: LimitedMemory, count: int = 2, tokens: int = 100) -> KvSlotPool:
    return KvSlotPool(memory, tokens, count)  # type: ignore[arg-type]


def test_documents_keep_their_slots_and_the_oldest_goes_first() -> None:
    memory = LimitedMemory()
    pool = make_slots(memory)
    fill_slot(pool.acquire(SlotKey("a"), 10), [1, 2, 3])
    fill_slot(pool.acquire(SlotKey("b"), 10), [4, 5, 6])
    assert fill_slot(pool.acquire(SlotKey("a"), 10), [1, 2, 3, 7]) == 1
    assert fill_slot(pool.acquire(SlotKey("c"), 10), [8]) == 1
    assert fill_slot(pool.acquire(SlotKey("a"), 10), [1, 2, 3, 7, 7]) == 1
    assert fill_slot(pool.acquire(SlotKey("b"), 10), [4, 5, 6]) == 3
    assert len(memory.made) == 2


def test_a_cache_is_made_when_it_is_needed() -> None:
    memory = LimitedMemory()
    pool = make_slots(memory)
    assert memory.made == []
    pool.acquire(SlotKey("a"), 10)
    pool.acquire(SlotKey("a"), 10)
    assert len(memory.made) == 1


def test_where_memory_ends_the_oldest_document_makes_room() -> None:
    pool = make_slots(LimitedMemory(most=1), count=4)
    fill_slot(pool.acquire(SlotKey("a"), 10), [1, 2, 3])
    assert fill_slot(pool.acquire(SlotKey("b"), 10), [1, 2, 3]) == 3
    assert pool.find(SlotKey("a")) is None


def test_without_memory_for_a_single_one_it_says_so() -> None:
    with pytest.raises(UnavailableError, match="memory"):
        make_slots(LimitedMemory(most=0)).acquire(SlotKey("a"), 10)


def test_more_than_the_cache_holds_is_refused_with_its_size() -> None:
    with pytest.raises(UsageError, match="101 tokens"):
        make_slots(LimitedMemory()).acquire(SlotKey("a"), 101)


def test_memory_that_comes_back_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    memory = LimitedMemory(most=1)
    pool = make_slots(memory, count=3)
    pool.acquire(SlotKey("a"), 10)
    pool.acquire(SlotKey("b"), 10)
    memory.most = 9
    pool.acquire(SlotKey("c"), 10)
    assert len(memory.made) == 1
    now += RETRY_SECONDS
    pool.acquire(SlotKey("d"), 10)
    pool.acquire(SlotKey("e"), 10)
    pool.acquire(SlotKey("f"), 10)
    assert len(memory.made) == 3


def test_what_is_read_ahead_takes_no_slot_of_a_document_that_was_completed_in() -> None:
    pool = make_slots(LimitedMemory())
    fill_slot(pool.acquire(SlotKey("typed"), 10), [1, 2, 3])
    ahead = pool.acquire_ahead(SlotKey("opened"), 10)
    assert ahead is not None
    fill_slot(ahead, [4, 5, 6])
    assert pool.acquire_ahead(SlotKey("next"), 10) is ahead, "what was read ahead before makes room"
    assert pool.find(SlotKey("opened")) is None
    assert fill_slot(pool.acquire(SlotKey("next"), 10), [7]) == 1
    assert pool.acquire_ahead(SlotKey("another"), 10) is None, "both are somebody's"
    assert pool.find(SlotKey("typed")) is not None


def test_what_was_read_ahead_makes_room_first() -> None:
    pool = make_slots(LimitedMemory(), count=3)
    pool.acquire(SlotKey("older"), 10)
    pool.acquire_ahead(SlotKey("ahead"), 10)
    pool.acquire(SlotKey("newer"), 10)
    pool.acquire_ahead(SlotKey("older"), 10)
    pool.acquire(SlotKey("newest"), 10)
    assert [pool.find(SlotKey(name)) is not None for name in ("older", "ahead", "newer", "newest")] == [True, False, True, True]


def test_a_slot_that_holds_nothing_is_taken_first() -> None:
    pool = make_slots(LimitedMemory())
    pool.acquire(SlotKey("a"), 10)
    pool.acquire(SlotKey("a", is_brief=True), 10).clear()
    pool.acquire(SlotKey("b"), 10)
    assert pool.find(SlotKey("a")) is not None
