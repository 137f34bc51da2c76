"""What is guessed, where from, and when guessing rests."""

from interfix.engine.drafting import DRAFT_TOKENS, REST_TOKENS, Drafter


def written(drafter: Drafter, *tokens: int) -> Drafter:
    for token in tokens:
        drafter.add(token)
    return drafter


def test_what_followed_before_is_guessed_again() -> None:
    drafter = written(Drafter([1, 2, 3, 4, 5, 6, 7]), 1, 2, 3)
    assert drafter.propose(20)[:4] == [4, 5, 6, 7]


def test_a_guess_is_no_longer_than_allowed() -> None:
    prompt = list(range(100))
    assert len(written(Drafter(prompt), 1, 2, 3).propose(100)) == DRAFT_TOKENS
    assert written(Drafter(prompt), 1, 2, 3).propose(2) == [4, 5]
    assert written(Drafter(prompt), 1, 2, 3).propose(0) == []


def test_what_is_new_is_not_guessed() -> None:
    assert written(Drafter([1, 2, 3, 4]), 7, 8, 9).propose(20) == []
    assert Drafter([1, 2, 3]).propose(20) == []


def test_among_several_places_the_one_after_the_last_copy_wins() -> None:
    prompt = [1, 2, 3, 10, 11, 1, 2, 3, 20, 21, 1, 2, 3, 30, 31]
    drafter = written(Drafter(prompt), 1, 2, 3)
    assert drafter.propose(1) == [10]
    assert written(drafter, 10, 11, 1, 2, 3).propose(1) == [20]
    assert written(drafter, 20, 21, 1, 2, 3).propose(1) == [30]


def test_guessing_rests_where_it_is_measured_not_to_pay() -> None:
    drafter = written(Drafter(list(range(50))), 1, 2, 3)
    drafter.measured(0.04, drafted=0, written=1)
    drafter.measured(0.15, drafted=8, written=1)
    assert drafter.propose(20) == []
    written(drafter, *range(100, 100 + REST_TOKENS), 1, 2, 3)
    assert drafter.propose(20)


def test_guessing_goes_on_where_it_pays() -> None:
    drafter = written(Drafter(list(range(50))), 1, 2, 3)
    drafter.measured(0.04, drafted=0, written=1)
    drafter.measured(0.15, drafted=8, written=9)
    assert drafter.propose(20)


def test_without_a_prompt_there_is_nothing_to_copy() -> None:
    assert written(Drafter(()), 1, 2, 3, 4, 1, 2, 3).propose(20) == []
