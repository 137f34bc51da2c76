"""What is guessed, where from, and when guessing rests."""

from interfix.engine.prompt_lookup import BACKOFF_TOKENS, DRAFT_TOKENS, PromptLookupDrafter


def accept_tokens(drafter: PromptLookupDrafter, *tokens: int) -> PromptLookupDrafter:
    for token in tokens:
        drafter.add(token)
    return drafter


def test_what_followed_before_is_guessed_again() -> None:
    drafter = accept_tokens(PromptLookupDrafter([1, 2, 3, 4, 5, 6, 7]), 1, 2, 3)
    assert drafter.propose(20)[:4] == [4, 5, 6, 7]


def test_a_guess_is_no_longer_than_allowed() -> None:
    prompt = list(range(100))
    assert len(accept_tokens(PromptLookupDrafter(prompt), 1, 2, 3).propose(100)) == DRAFT_TOKENS
    assert accept_tokens(PromptLookupDrafter(prompt), 1, 2, 3).propose(2) == [4, 5]
    assert accept_tokens(PromptLookupDrafter(prompt), 1, 2, 3).propose(0) == []


def test_what_is_new_is_not_guessed() -> None:
    assert accept_tokens(PromptLookupDrafter([1, 2, 3, 4]), 7, 8, 9).propose(20) == []
    assert PromptLookupDrafter([1, 2, 3]).propose(20) == []


def test_among_several_places_the_one_after_the_last_copy_wins() -> None:
    prompt = [1, 2, 3, 10, 11, 1, 2, 3, 20, 21, 1, 2, 3, 30, 31]
    drafter = accept_tokens(PromptLookupDrafter(prompt), 1, 2, 3)
    assert drafter.propose(1) == [10]
    assert accept_tokens(drafter, 10, 11, 1, 2, 3).propose(1) == [20]
    assert accept_tokens(drafter, 20, 21, 1, 2, 3).propose(1) == [30]


def test_guessing_rests_where_it_is_measured_not_to_pay() -> None:
    drafter = accept_tokens(PromptLookupDrafter(list(range(50))), 1, 2, 3)
    drafter.record_decode(0.04, draft_tokens=0, written_tokens=1)
    drafter.record_decode(0.15, draft_tokens=8, written_tokens=1)
    assert drafter.propose(20) == []
    accept_tokens(drafter, *range(100, 100 + BACKOFF_TOKENS), 1, 2, 3)
    assert drafter.propose(20)


def test_guessing_goes_on_where_it_pays() -> None:
    drafter = accept_tokens(PromptLookupDrafter(list(range(50))), 1, 2, 3)
    drafter.record_decode(0.04, draft_tokens=0, written_tokens=1)
    drafter.record_decode(0.15, draft_tokens=8, written_tokens=9)
    assert drafter.propose(20)


def test_without_a_prompt_there_is_nothing_to_copy() -> None:
    assert accept_tokens(PromptLookupDrafter(()), 1, 2, 3, 4, 1, 2, 3).propose(20) == []
