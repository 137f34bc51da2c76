"""What is remembered of where the user was and what was edited."""

from interfix.context.visits import MOST_PLACES, Visit, Visits


def test_the_newest_place_comes_first_and_near_ones_are_one() -> None:
    visits = Visits()
    for path, line in (("a.py", 10), ("b.py", 5), ("a.py", 100), ("a.py", 30)):
        visits.visited(path, line)
    assert [(place.path, place.first) for place in visits.places()] == [("a.py", 30), ("a.py", 100), ("b.py", 5)]


def test_old_places_are_forgotten() -> None:
    visits = Visits()
    for i in range(100):
        visits.visited(f"{i}.py", 0)
    assert len(visits.places()) == MOST_PLACES
    assert visits.places()[0].path == "99.py"


def test_edits_side_by_side_are_one() -> None:
    visits = Visits()
    for line in (3, 4, 5):
        visits.edited("a.py", line, line, 0)
    visits.edited("a.py", 50, 50, 0)
    assert visits.edits() == [Visit("a.py", 50, 50), Visit("a.py", 3, 5)]


def test_edits_move_with_the_text_above_them() -> None:
    visits = Visits()
    visits.edited("a.py", 50, 52, 2)
    visits.edited("a.py", 10, 14, 4)
    visits.edited("b.py", 1, 3, 2)
    assert visits.edits() == [Visit("b.py", 1, 3), Visit("a.py", 10, 14), Visit("a.py", 54, 56)]


def test_what_is_deleted_leaves_no_edit_above_the_file() -> None:
    visits = Visits()
    visits.edited("a.py", 5, 9, 4)
    visits.edited("a.py", 0, 0, -9)
    assert all(edit.first >= 0 and edit.last >= edit.first for edit in visits.edits())
