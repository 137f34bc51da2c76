"""What is decoded again and what keeps its cells, over a cache that holds tokens and positions as llama.cpp does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interfix.engine.kv_slot import (
    GAP_POSITIONS,
    MAIN_SEQUENCE,
    MAX_DRIFT_TOKENS,
    MAX_GAP_POSITIONS,
    MIN_STEP_TOKENS,
    PARKING_SEQUENCE,
    SPARE_SEQUENCE,
    STEP_TOKENS,
    SUFFIX_HEAD_TOKENS,
    KvSlot,
)
from interfix.engine.llama_runtime import DecodeAborted
from interfix.engine.prefill_speed import PrefillSpeed
from interfix.engine.state_checkpoints import NEAR_DISTANCE_TOKENS
from tests.unit.engine.fake_kv_cache import HALF_READ, FakeKvCache

PREFIX, SUFFIX, MIDDLE = 900_000, 900_001, 900_002


class TypedSlot:
    """A document's slot, filled with prompts of prefix, suffix, middle."""

    def __init__(self, **options: bool) -> None:
        self.cache = FakeKvCache(**options)
        self.slot = KvSlot(self.cache)  # type: ignore[arg-type]

    def fill_slot(self, before: list[int], after: list[int]) -> int:
        """Fill the slot; returns the tokens decoded, after checking that exactly the prompt stands in the cache, in order."""
        prompt = [PREFIX, *before, SUFFIX, *after, MIDDLE]
        span = (1 + len(before), len(prompt) - 1)
        plan = self.slot.plan_fill(prompt, span)
        decoded = self.cache.decoded_count
        for _ in self.slot.fill(plan, prompt, span):
            pass
        assert self.cache.read_tokens(0) == prompt
        assert self.cache.read_tokens(PARKING_SEQUENCE) == [] or not self.cache.can_truncate
        assert self.cache.find_widest_gap(0) <= MAX_GAP_POSITIONS
        assert self.cache.decoded_count - decoded == plan.decode_count
        return plan.decode_count


def fill_plainly(slot: KvSlot, tokens: list[int]) -> int:
    plan = slot.plan_fill(tokens)
    for _ in slot.fill(plan, tokens):
        pass
    return plan.decode_count


BEFORE, AFTER = list(range(500)), list(range(1000, 1250))


def test_a_prompt_without_a_suffix_decodes_what_differs() -> None:
    slot = TypedSlot().slot
    assert fill_plainly(slot, list(range(50))) == 50
    assert fill_plainly(slot, [*range(50), 99]) == 1
    assert fill_plainly(slot, [*range(40), 7, 8]) == 2


def test_the_last_token_is_always_decoded_for_its_logits() -> None:
    slot = TypedSlot().slot
    fill_plainly(slot, [1, 2, 3])
    assert fill_plainly(slot, [1, 2, 3]) == 1


def test_a_keystroke_decodes_what_is_new_and_the_head_of_the_suffix() -> None:
    typing = TypedSlot()
    assert typing.fill_slot(BEFORE, AFTER) == 753
    assert typing.fill_slot([*BEFORE, 7], AFTER) == 1 + SUFFIX_HEAD_TOKENS + 1
    assert typing.fill_slot([*BEFORE, 7, 8], AFTER) == 1 + SUFFIX_HEAD_TOKENS + 1


def test_the_suffix_is_moved_once_and_then_stands_still() -> None:
    typing = TypedSlot()
    typing.fill_slot(BEFORE, AFTER)
    shifts: list[int] = []
    shift = typing.cache.shift_range
    typing.cache.shift_range = lambda *arguments: (shifts.append(1), shift(*arguments))[1]  # type: ignore[method-assign,func-returns-value]
    for count in range(1, GAP_POSITIONS + 2):
        typing.fill_slot([*BEFORE, *range(2000, 2000 + count)], AFTER)
    assert len(shifts) == 1


def test_an_answer_leaves_a_gap_so_that_no_keystroke_moves_the_suffix() -> None:
    typing = TypedSlot()
    typing.fill_slot(BEFORE, AFTER)
    for count in range(1, 40):
        typing.slot.append([42, 43])
        typing.slot.open_gap()
        shift = typing.cache.shift_range
        typing.cache.shift_range = lambda *_: pytest.fail("a keystroke moved the suffix")  # type: ignore[method-assign,assignment]
        typing.fill_slot([*BEFORE, *range(2000, 2000 + count)], AFTER)
        typing.cache.shift_range = shift  # type: ignore[method-assign]


def test_a_suffix_too_short_to_keep_is_not_settled() -> None:
    typing = TypedSlot()
    typing.fill_slot(BEFORE, AFTER[:5])
    typing.slot.open_gap()
    assert typing.fill_slot([*BEFORE, 7], AFTER[:5]) == 1 + 1 + 5 + 1


def test_a_deletion_is_as_cheap_as_typing() -> None:
    typing = TypedSlot()
    typing.fill_slot(BEFORE, AFTER)
    typing.fill_slot([*BEFORE, 7, 8], AFTER)
    assert typing.fill_slot(BEFORE[:-3], AFTER) == SUFFIX_HEAD_TOKENS + 1


@pytest.mark.parametrize(
    ("before", "after", "drift"),
    [
        ([*BEFORE, 7, 8], AFTER, 2),
        (BEFORE[:-30], AFTER, 30),
        ([*BEFORE[:-30], *range(20)], AFTER, 30),
        ([*BEFORE[:-20], *range(30)], AFTER, 30),
        (BEFORE, AFTER[30:], 30),
        (BEFORE, [*AFTER[:20], *AFTER[50:]], 30),
        (BEFORE, [*range(30), *AFTER], 30),
    ],
)
def test_what_is_deleted_counts_as_much_as_what_is_inserted(before: list[int], after: list[int], drift: int) -> None:
    typing = TypedSlot()
    typing.fill_slot(BEFORE, AFTER)
    assert typing.fill_slot(before, after) < 100
    assert typing.slot.drift_tokens == drift
    typing.fill_slot(BEFORE, AFTER)
    assert typing.slot.drift_tokens in (
        2 * drift,
        0,
    )  # what comes back has been somewhere else: too far, and all is decoded in full


@pytest.mark.parametrize(("before", "after"), [(BEFORE[: -MAX_DRIFT_TOKENS - 1], AFTER), (BEFORE, AFTER[MAX_DRIFT_TOKENS + 1 :])])
def test_a_large_deletion_decodes_the_suffix_in_full(before: list[int], after: list[int]) -> None:
    typing = TypedSlot()
    typing.fill_slot(BEFORE, AFTER)
    assert typing.fill_slot(before, after) >= len(after)
    assert typing.slot.drift_tokens == 0


def test_a_new_line_that_takes_the_head_of_the_suffix_keeps_its_rest() -> None:
    typing = TypedSlot()
    typing.fill_slot(BEFORE, AFTER)
    assert typing.fill_slot([*BEFORE, *AFTER[:5]], AFTER[5:]) < 40


def test_an_edit_in_the_suffix_keeps_what_follows_it() -> None:
    typing = TypedSlot()
    typing.fill_slot(BEFORE, AFTER)
    assert typing.fill_slot(BEFORE, [*AFTER[:100], 7, *AFTER[101:]]) < 160


def test_generated_tokens_do_not_disturb_the_next_prompt() -> None:
    typing = TypedSlot()
    for before in (BEFORE, [*BEFORE, 7]):
        typing.fill_slot(before, AFTER)
        typing.slot.append([42, 44])
        typing.slot.drop_last(1)
    assert typing.fill_slot([*BEFORE, 7, 8], AFTER) == 1 + SUFFIX_HEAD_TOKENS + 1


def test_a_large_change_decodes_the_suffix_in_full() -> None:
    typing = TypedSlot()
    typing.fill_slot(BEFORE, AFTER)
    assert typing.fill_slot([*BEFORE, *range(2000, 2200)], AFTER) == 200 + 1 + len(AFTER) + 1
    assert typing.slot.drift_tokens == 0


def test_many_small_changes_refresh_the_suffix_at_last() -> None:
    typing = TypedSlot()
    typing.fill_slot(BEFORE, AFTER)
    costs = [typing.fill_slot([*BEFORE, *range(2000, 2000 + count)], AFTER) for count in range(1, 80)]
    assert max(costs) > len(AFTER)
    assert sorted(costs)[len(costs) // 2] < 60


def test_a_model_that_cannot_shift_falls_back_to_the_common_prefix() -> None:
    typing = TypedSlot(can_shift=False)
    typing.fill_slot(BEFORE, AFTER)
    assert typing.fill_slot([*BEFORE, 7], AFTER) == 1 + 1 + len(AFTER) + 1


def test_a_model_that_cannot_forget_a_part_begins_anew() -> None:
    typing = TypedSlot(can_shift=False, can_truncate_partly=False)
    slot = typing.slot
    fill_plainly(slot, [1, 2, 3, 4])
    fill_plainly(slot, [1, 2, 9])
    assert typing.cache.read_tokens(0) == [1, 2, 9]


def test_a_keystroke_of_a_state_decodes_the_end_of_the_prefix_and_the_suffix() -> None:
    typing = TypedSlot(**STATE)
    assert typing.fill_slot(BEFORE, AFTER) == 753
    for count in range(1, 5):
        assert typing.fill_slot([*BEFORE, *range(count)], AFTER) == NEAR_DISTANCE_TOKENS + 1 + 1 + len(AFTER) + 1
    assert typing.fill_slot(BEFORE, AFTER) == NEAR_DISTANCE_TOKENS - 4 + 4 + 1 + len(AFTER) + 1 - 4
    assert typing.fill_slot(BEFORE[:-100], AFTER) <= 320 + 1 + len(AFTER) + 1


@pytest.mark.parametrize("aborted", [0, 3, 100])
def test_after_an_abort_a_state_goes_on_from_its_checkpoint(aborted: int) -> None:
    typing = TypedSlot(**STATE)
    typing.fill_slot(BEFORE, AFTER)
    typing.cache.abort_after = aborted
    with pytest.raises(DecodeAborted):
        typing.fill_slot([*BEFORE, 7], AFTER)
    assert HALF_READ not in typing.cache.read_tokens(MAIN_SEQUENCE)
    assert typing.fill_slot([*BEFORE, 7, 8], AFTER) <= NEAR_DISTANCE_TOKENS + 2 + 1 + len(AFTER) + 1


@pytest.mark.parametrize("act", ["settle", "drop", "renew", "nothing"])
def test_a_cache_that_forgets_all_instead_of_a_part_is_believed_not_to_hold_it(act: str) -> None:
    typing = TypedSlot()
    typing.fill_slot(BEFORE, AFTER)
    typing.fill_slot([*BEFORE, 7], AFTER)
    typing.slot.append([42, 43, 44])
    typing.cache.can_truncate_partly = False
    if act == "settle":
        typing.slot.open_gap()
    elif act == "drop":
        assert not typing.slot.drop_last(2)
    elif act == "renew":
        list(typing.slot.redecode_suffix([42]))
    assert typing.slot.count_cells() == len(typing.cache.read_tokens(MAIN_SEQUENCE))
    prompt = [PREFIX, *BEFORE, 7, 8, SUFFIX, *AFTER, MIDDLE]
    span = (len(BEFORE) + 3, len(prompt) - 1)
    list(typing.slot.fill(typing.slot.plan_fill(prompt, span), prompt, span))
    assert typing.cache.read_tokens(MAIN_SEQUENCE) == prompt
    assert typing.slot.count_cells() == len(prompt)


def test_a_long_prompt_pauses_between_steps() -> None:
    tokens = list(range(STEP_TOKENS * 2 + 1))
    for tokens_per_second, steps in ((1_000_000.0, 3), (100.0, 4), (1.0, 17)):
        speed = PrefillSpeed(tokens_per_second)
        speed.record = lambda *_: None  # type: ignore[method-assign]
        slot = KvSlot(FakeKvCache(), speed)  # type: ignore[arg-type]
        assert len(list(slot.fill(slot.plan_fill(tokens), tokens))) == steps, "none takes long"


def test_a_step_that_is_interrupted_is_taken_again_and_shorter() -> None:
    typing = TypedSlot()
    fill_plainly(typing.slot, list(range(STEP_TOKENS)))  # how fast that goes is known
    typing.slot.clear()
    typing.cache.decoded_count, typing.cache.pending_interrupts = 0, 9
    tokens = list(range(STEP_TOKENS * 4))
    sizes = [typing.cache.decoded_count for _ in typing.slot.fill(typing.slot.plan_fill(tokens), tokens)]
    assert sizes[:11] == [0] * 9 + [MIN_STEP_TOKENS, MIN_STEP_TOKENS * 3]
    assert typing.cache.read_tokens(0) == tokens
    assert sizes[-1] - sizes[-2] <= STEP_TOKENS


@pytest.mark.parametrize("after", [0, 3, SUFFIX_HEAD_TOKENS + 1, SUFFIX_HEAD_TOKENS + 2])
def test_after_an_abort_the_next_prompt_is_right(after: int) -> None:
    typing = TypedSlot()
    typing.fill_slot(BEFORE, AFTER)
    typing.cache.abort_after = after
    with pytest.raises(DecodeAborted):
        typing.fill_slot([*BEFORE, 7, 8, 9], AFTER)
    assert typing.fill_slot([*BEFORE, 7, 8], AFTER) < 60


def test_a_job_closed_between_two_steps_leaves_nothing_parked() -> None:
    typing = TypedSlot()
    typing.fill_slot(BEFORE, AFTER)
    prompt = [PREFIX, *BEFORE, *range(3000, 3020), SUFFIX, *AFTER, MIDDLE]
    span = (521, len(prompt) - 1)
    steps = typing.slot.fill(typing.slot.plan_fill(prompt, span), prompt, span)
    next(steps)
    steps.close()  # type: ignore[attr-defined]
    assert typing.cache.read_tokens(PARKING_SEQUENCE) == []
    assert typing.fill_slot(BEFORE, AFTER) < 60


def test_a_refresh_decodes_the_suffix_anew_and_leaves_a_gap_for_typing() -> None:
    typing = TypedSlot()
    typing.fill_slot(BEFORE, AFTER)
    typing.fill_slot([*BEFORE, 7], AFTER)
    decoded = typing.cache.decoded_count
    for _ in typing.slot.refresh_suffix():
        pass
    assert typing.cache.decoded_count - decoded == 1 + len(AFTER) + 1 + 1
    assert typing.cache.read_tokens(SPARE_SEQUENCE) == []
    assert typing.slot.drift_tokens == 0
    shifted = typing.cache.shift_range
    typing.cache.shift_range = lambda *_: pytest.fail("the gap makes a move needless")  # type: ignore[method-assign,assignment]
    assert typing.fill_slot([*BEFORE, 7, 8], AFTER) == 1 + SUFFIX_HEAD_TOKENS + 1
    typing.cache.shift_range = shifted  # type: ignore[method-assign]


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_a_refresh_that_is_interrupted_leaves_the_slot_as_it_was(steps: int) -> None:
    typing = TypedSlot()
    typing.fill_slot(BEFORE, AFTER)
    typing.fill_slot([*BEFORE, 7], AFTER)
    refresh = typing.slot.refresh_suffix()
    for _ in range(steps):
        next(refresh)
    typing.cache.abort_after = 5
    with pytest.raises(DecodeAborted):
        next(refresh)
    assert typing.cache.read_tokens(SPARE_SEQUENCE) == []
    assert typing.fill_slot([*BEFORE, 7, 8], AFTER) == 1 + SUFFIX_HEAD_TOKENS + 1


def test_a_suffix_is_not_refreshed_without_room_beside_it() -> None:
    typing = TypedSlot()
    typing.fill_slot(BEFORE, AFTER)
    typing.fill_slot([*BEFORE, 7], AFTER)
    typing.cache.tokens = 900
    assert list(typing.slot.refresh_suffix()) == []


def test_what_has_not_drifted_is_not_refreshed() -> None:
    typing = TypedSlot()
    typing.fill_slot(BEFORE, AFTER)
    assert list(typing.slot.refresh_suffix()) == []


def test_in_the_middle_of_an_answer_a_renewed_suffix_keeps_what_was_written() -> None:
    typing = TypedSlot()
    typing.fill_slot(BEFORE, AFTER)
    typing.fill_slot([*BEFORE, 7], AFTER)
    typing.slot.append([42])
    typing.slot.append([43])
    for _ in typing.slot.redecode_suffix([42, 43]):
        pass
    assert typing.cache.read_tokens(0) == [PREFIX, *BEFORE, 7, SUFFIX, *AFTER, MIDDLE, 42, 43]
    assert typing.slot.drift_tokens == 0
    assert typing.fill_slot([*BEFORE, 7, 8], AFTER) == 1 + SUFFIX_HEAD_TOKENS + 1


TOKENS = st.lists(st.integers(0, 6), max_size=90)


STATE = {"can_truncate": False, "can_truncate_partly": False, "can_shift": False}


@pytest.mark.parametrize("options", [{}, {"can_shift": False}, STATE])
@given(st.lists(st.tuples(TOKENS, TOKENS, st.integers(0, 3), st.one_of(st.none(), st.integers(0, 40))), max_size=8), TOKENS, TOKENS)
def test_whatever_is_edited_the_cache_holds_the_prompt(
    options: dict[str, bool], edits: list[tuple[list[int], list[int], int, int | None]], before: list[int], after: list[int]
) -> None:
    typing = TypedSlot(**options)
    typing.fill_slot(before, after)
    for typed, inserted, generated, abort in edits:
        before = before[: len(before) // 2] + typed if len(typed) % 2 else before + typed[:9]
        after = after[:20] + inserted[:5] + after[20:] if len(inserted) % 2 else after[3:] + inserted
        typing.cache.abort_after = None
        for token in range(generated):
            typing.slot.append([token, token])
            typing.slot.drop_last(token % 2)
        typing.cache.abort_after = abort
        try:
            typing.fill_slot(before, after)
            if generated != 1:
                typing.slot.open_gap()
            if generated != 2:
                for _ in typing.slot.refresh_suffix():
                    pass
        except DecodeAborted:
            typing.fill_slot(before, after)
