"""What is decoded again and what keeps its cells, over a cache that holds tokens and positions as llama.cpp does."""

import pytest
from cache import HALF_READ, Cache
from hypothesis import given
from hypothesis import strategies as st

from interfix.engine.checkpoints import NEAR_TOKENS
from interfix.engine.runtime import Aborted
from interfix.engine.slot import (
    FRESH_TOKENS,
    GAP,
    LARGE_DRIFT,
    LARGEST_GAP,
    LEAST_STEP_TOKENS,
    MAIN,
    PARKING,
    SPARE,
    STEP_TOKENS,
    Slot,
)

PREFIX, SUFFIX, MIDDLE = 900_000, 900_001, 900_002


class Typing:
    """A document's slot, filled with prompts of prefix, suffix, middle."""

    def __init__(self, **options: bool) -> None:
        self.cache = Cache(**options)
        self.slot = Slot(self.cache)  # type: ignore[arg-type]

    def show(self, before: list[int], after: list[int]) -> int:
        """Fill the slot; returns the tokens decoded, after checking that exactly the prompt stands in the cache, in order."""
        prompt = [PREFIX, *before, SUFFIX, *after, MIDDLE]
        span = (1 + len(before), len(prompt) - 1)
        plan = self.slot.plan(prompt, span)
        decoded = self.cache.decoded
        for _ in self.slot.fill(plan, prompt, span):
            pass
        assert self.cache.text(0) == prompt
        assert self.cache.text(PARKING) == [] or not self.cache.can_truncate
        assert self.cache.widest_gap(0) <= LARGEST_GAP
        assert self.cache.decoded - decoded == plan.decoded
        return plan.decoded


def plain(slot: Slot, tokens: list[int]) -> int:
    plan = slot.plan(tokens)
    for _ in slot.fill(plan, tokens):
        pass
    return plan.decoded


BEFORE, AFTER = list(range(500)), list(range(1000, 1250))


def test_a_prompt_without_a_suffix_decodes_what_differs() -> None:
    slot = Typing().slot
    assert plain(slot, list(range(50))) == 50
    assert plain(slot, [*range(50), 99]) == 1
    assert plain(slot, [*range(40), 7, 8]) == 2


def test_the_last_token_is_always_decoded_for_its_logits() -> None:
    slot = Typing().slot
    plain(slot, [1, 2, 3])
    assert plain(slot, [1, 2, 3]) == 1


def test_a_keystroke_decodes_what_is_new_and_the_head_of_the_suffix() -> None:
    typing = Typing()
    assert typing.show(BEFORE, AFTER) == 753
    assert typing.show([*BEFORE, 7], AFTER) == 1 + FRESH_TOKENS + 1
    assert typing.show([*BEFORE, 7, 8], AFTER) == 1 + FRESH_TOKENS + 1


def test_the_suffix_is_moved_once_and_then_stands_still() -> None:
    typing = Typing()
    typing.show(BEFORE, AFTER)
    shifts: list[int] = []
    shift = typing.cache.shift
    typing.cache.shift = lambda *arguments: (shifts.append(1), shift(*arguments))[1]  # type: ignore[method-assign,func-returns-value]
    for count in range(1, GAP + 2):
        typing.show([*BEFORE, *range(2000, 2000 + count)], AFTER)
    assert len(shifts) == 1


def test_an_answer_leaves_a_gap_so_that_no_keystroke_moves_the_suffix() -> None:
    typing = Typing()
    typing.show(BEFORE, AFTER)
    for count in range(1, 40):
        typing.slot.append([42, 43])
        typing.slot.settle()
        shift = typing.cache.shift
        typing.cache.shift = lambda *_: pytest.fail("a keystroke moved the suffix")  # type: ignore[method-assign,assignment]
        typing.show([*BEFORE, *range(2000, 2000 + count)], AFTER)
        typing.cache.shift = shift  # type: ignore[method-assign]


def test_a_suffix_too_short_to_keep_is_not_settled() -> None:
    typing = Typing()
    typing.show(BEFORE, AFTER[:5])
    typing.slot.settle()
    assert typing.show([*BEFORE, 7], AFTER[:5]) == 1 + 1 + 5 + 1


def test_a_deletion_is_as_cheap_as_typing() -> None:
    typing = Typing()
    typing.show(BEFORE, AFTER)
    typing.show([*BEFORE, 7, 8], AFTER)
    assert typing.show(BEFORE[:-3], AFTER) == FRESH_TOKENS + 1


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
    typing = Typing()
    typing.show(BEFORE, AFTER)
    assert typing.show(before, after) < 100
    assert typing.slot.drift == drift
    typing.show(BEFORE, AFTER)
    assert typing.slot.drift in (2 * drift, 0)  # what comes back has been somewhere else: too far, and all is decoded in full


@pytest.mark.parametrize(("before", "after"), [(BEFORE[: -LARGE_DRIFT - 1], AFTER), (BEFORE, AFTER[LARGE_DRIFT + 1 :])])
def test_a_large_deletion_decodes_the_suffix_in_full(before: list[int], after: list[int]) -> None:
    typing = Typing()
    typing.show(BEFORE, AFTER)
    assert typing.show(before, after) >= len(after)
    assert typing.slot.drift == 0


def test_a_new_line_that_takes_the_head_of_the_suffix_keeps_its_rest() -> None:
    typing = Typing()
    typing.show(BEFORE, AFTER)
    assert typing.show([*BEFORE, *AFTER[:5]], AFTER[5:]) < 40


def test_an_edit_in_the_suffix_keeps_what_follows_it() -> None:
    typing = Typing()
    typing.show(BEFORE, AFTER)
    assert typing.show(BEFORE, [*AFTER[:100], 7, *AFTER[101:]]) < 160


def test_generated_tokens_do_not_disturb_the_next_prompt() -> None:
    typing = Typing()
    for before in (BEFORE, [*BEFORE, 7]):
        typing.show(before, AFTER)
        typing.slot.append([42, 44])
        typing.slot.drop(1)
    assert typing.show([*BEFORE, 7, 8], AFTER) == 1 + FRESH_TOKENS + 1


def test_a_large_change_decodes_the_suffix_in_full() -> None:
    typing = Typing()
    typing.show(BEFORE, AFTER)
    assert typing.show([*BEFORE, *range(2000, 2200)], AFTER) == 200 + 1 + len(AFTER) + 1
    assert typing.slot.drift == 0


def test_many_small_changes_refresh_the_suffix_at_last() -> None:
    typing = Typing()
    typing.show(BEFORE, AFTER)
    costs = [typing.show([*BEFORE, *range(2000, 2000 + count)], AFTER) for count in range(1, 80)]
    assert max(costs) > len(AFTER)
    assert sorted(costs)[len(costs) // 2] < 60


def test_a_model_that_cannot_shift_falls_back_to_the_common_prefix() -> None:
    typing = Typing(can_shift=False)
    typing.show(BEFORE, AFTER)
    assert typing.show([*BEFORE, 7], AFTER) == 1 + 1 + len(AFTER) + 1


def test_a_model_that_cannot_forget_a_part_begins_anew() -> None:
    typing = Typing(can_shift=False, forgets_parts=False)
    slot = typing.slot
    plain(slot, [1, 2, 3, 4])
    plain(slot, [1, 2, 9])
    assert typing.cache.text(0) == [1, 2, 9]


def test_a_keystroke_of_a_state_decodes_the_end_of_the_prefix_and_the_suffix() -> None:
    typing = Typing(**STATE)
    assert typing.show(BEFORE, AFTER) == 753
    for count in range(1, 5):
        assert typing.show([*BEFORE, *range(count)], AFTER) == NEAR_TOKENS + 1 + 1 + len(AFTER) + 1
    assert typing.show(BEFORE, AFTER) == NEAR_TOKENS - 4 + 4 + 1 + len(AFTER) + 1 - 4
    assert typing.show(BEFORE[:-100], AFTER) <= 320 + 1 + len(AFTER) + 1


@pytest.mark.parametrize("aborted", [0, 3, 100])
def test_after_an_abort_a_state_goes_on_from_its_checkpoint(aborted: int) -> None:
    typing = Typing(**STATE)
    typing.show(BEFORE, AFTER)
    typing.cache.abort_after = aborted
    with pytest.raises(Aborted):
        typing.show([*BEFORE, 7], AFTER)
    assert HALF_READ not in typing.cache.text(MAIN)
    assert typing.show([*BEFORE, 7, 8], AFTER) <= NEAR_TOKENS + 2 + 1 + len(AFTER) + 1


@pytest.mark.parametrize("act", ["settle", "drop", "renew", "nothing"])
def test_a_cache_that_forgets_all_instead_of_a_part_is_believed_not_to_hold_it(act: str) -> None:
    typing = Typing()
    typing.show(BEFORE, AFTER)
    typing.show([*BEFORE, 7], AFTER)
    typing.slot.append([42, 43, 44])
    typing.cache.forgets_parts = False
    if act == "settle":
        typing.slot.settle()
    elif act == "drop":
        assert not typing.slot.drop(2)
    elif act == "renew":
        list(typing.slot.renew([42]))
    assert typing.slot.cells() == len(typing.cache.text(MAIN))
    prompt = [PREFIX, *BEFORE, 7, 8, SUFFIX, *AFTER, MIDDLE]
    span = (len(BEFORE) + 3, len(prompt) - 1)
    list(typing.slot.fill(typing.slot.plan(prompt, span), prompt, span))
    assert typing.cache.text(MAIN) == prompt
    assert typing.slot.cells() == len(prompt)


def test_a_long_prompt_pauses_between_steps() -> None:
    slot = Typing().slot
    tokens = list(range(STEP_TOKENS * 2 + 1))
    assert len(list(slot.fill(slot.plan(tokens), tokens))) == 3


def test_a_step_that_is_interrupted_is_taken_again_and_shorter() -> None:
    typing = Typing()
    typing.cache.interrupts = 9
    tokens = list(range(STEP_TOKENS * 4))
    sizes = [typing.cache.decoded for _ in typing.slot.fill(typing.slot.plan(tokens), tokens)]
    assert sizes[:11] == [0] * 9 + [LEAST_STEP_TOKENS, LEAST_STEP_TOKENS * 3]
    assert typing.cache.text(0) == tokens
    assert sizes[-1] - sizes[-2] <= STEP_TOKENS


@pytest.mark.parametrize("after", [0, 3, FRESH_TOKENS + 1, FRESH_TOKENS + 2])
def test_after_an_abort_the_next_prompt_is_right(after: int) -> None:
    typing = Typing()
    typing.show(BEFORE, AFTER)
    typing.cache.abort_after = after
    with pytest.raises(Aborted):
        typing.show([*BEFORE, 7, 8, 9], AFTER)
    assert typing.show([*BEFORE, 7, 8], AFTER) < 60


def test_a_job_closed_between_two_steps_leaves_nothing_parked() -> None:
    typing = Typing()
    typing.show(BEFORE, AFTER)
    prompt = [PREFIX, *BEFORE, *range(3000, 3020), SUFFIX, *AFTER, MIDDLE]
    span = (521, len(prompt) - 1)
    steps = typing.slot.fill(typing.slot.plan(prompt, span), prompt, span)
    next(steps)
    steps.close()  # type: ignore[attr-defined]
    assert typing.cache.text(PARKING) == []
    assert typing.show(BEFORE, AFTER) < 60


def test_a_refresh_decodes_the_suffix_anew_and_leaves_a_gap_for_typing() -> None:
    typing = Typing()
    typing.show(BEFORE, AFTER)
    typing.show([*BEFORE, 7], AFTER)
    decoded = typing.cache.decoded
    for _ in typing.slot.refresh():
        pass
    assert typing.cache.decoded - decoded == 1 + len(AFTER) + 1 + 1
    assert typing.cache.text(SPARE) == []
    assert typing.slot.drift == 0
    shifted = typing.cache.shift
    typing.cache.shift = lambda *_: pytest.fail("the gap makes a move needless")  # type: ignore[method-assign,assignment]
    assert typing.show([*BEFORE, 7, 8], AFTER) == 1 + FRESH_TOKENS + 1
    typing.cache.shift = shifted  # type: ignore[method-assign]


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_a_refresh_that_is_interrupted_leaves_the_slot_as_it_was(steps: int) -> None:
    typing = Typing()
    typing.show(BEFORE, AFTER)
    typing.show([*BEFORE, 7], AFTER)
    refresh = typing.slot.refresh()
    for _ in range(steps):
        next(refresh)
    typing.cache.abort_after = 5
    with pytest.raises(Aborted):
        next(refresh)
    assert typing.cache.text(SPARE) == []
    assert typing.show([*BEFORE, 7, 8], AFTER) == 1 + FRESH_TOKENS + 1


def test_a_suffix_is_not_refreshed_without_room_beside_it() -> None:
    typing = Typing()
    typing.show(BEFORE, AFTER)
    typing.show([*BEFORE, 7], AFTER)
    typing.cache.tokens = 900
    assert list(typing.slot.refresh()) == []


def test_what_has_not_drifted_is_not_refreshed() -> None:
    typing = Typing()
    typing.show(BEFORE, AFTER)
    assert list(typing.slot.refresh()) == []


def test_in_the_middle_of_an_answer_a_renewed_suffix_keeps_what_was_written() -> None:
    typing = Typing()
    typing.show(BEFORE, AFTER)
    typing.show([*BEFORE, 7], AFTER)
    typing.slot.append([42])
    typing.slot.append([43])
    for _ in typing.slot.renew([42, 43]):
        pass
    assert typing.cache.text(0) == [PREFIX, *BEFORE, 7, SUFFIX, *AFTER, MIDDLE, 42, 43]
    assert typing.slot.drift == 0
    assert typing.show([*BEFORE, 7, 8], AFTER) == 1 + FRESH_TOKENS + 1


TOKENS = st.lists(st.integers(0, 6), max_size=90)


STATE = {"can_truncate": False, "forgets_parts": False, "can_shift": False}


@pytest.mark.parametrize("options", [{}, {"can_shift": False}, STATE])
@given(st.lists(st.tuples(TOKENS, TOKENS, st.integers(0, 3), st.one_of(st.none(), st.integers(0, 40))), max_size=8), TOKENS, TOKENS)
def test_whatever_is_edited_the_cache_holds_the_prompt(
    options: dict[str, bool], edits: list[tuple[list[int], list[int], int, int | None]], before: list[int], after: list[int]
) -> None:
    typing = Typing(**options)
    typing.show(before, after)
    for typed, inserted, generated, abort in edits:
        before = before[: len(before) // 2] + typed if len(typed) % 2 else before + typed[:9]
        after = after[:20] + inserted[:5] + after[20:] if len(inserted) % 2 else after[3:] + inserted
        typing.cache.abort_after = None
        for token in range(generated):
            typing.slot.append([token, token])
            typing.slot.drop(token % 2)
        typing.cache.abort_after = abort
        try:
            typing.show(before, after)
            if generated != 1:
                typing.slot.settle()
            if generated != 2:
                for _ in typing.slot.refresh():
                    pass
        except Aborted:
            typing.show(before, after)
