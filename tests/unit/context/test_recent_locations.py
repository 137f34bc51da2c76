"""What is remembered of where the user was and what was edited."""

from interfix.context.recent_locations import MAX_LOCATIONS, RecentLocation, RecentLocations


def test_the_newest_place_comes_first_and_near_ones_are_one() -> None:
    visits = RecentLocations()
    for path, line in (("a.py", 10), ("b.py", 5), ("a.py", 100), ("a.py", 30)):
        visits.record_visit(path, line)
    assert [(place.path, place.first_line) for place in visits.list_visits()] == [("a.py", 30), ("a.py", 100), ("b.py", 5)]


def test_old_places_are_forgotten() -> None:
    visits = RecentLocations()
    for i in range(100):
        visits.record_visit(f"{i}.py", 0)
    assert len(visits.list_visits()) == MAX_LOCATIONS
    assert visits.list_visits()[0].path == "99.py"


def test_edits_side_by_side_are_one() -> None:
    visits = RecentLocations()
    for line in (3, 4, 5):
        visits.record_edit("a.py", line, line, 0)
    visits.record_edit("a.py", 50, 50, 0)
    assert visits.list_edits() == [RecentLocation("a.py", 50, 50), RecentLocation("a.py", 3, 5)]


def test_edits_move_with_the_text_above_them() -> None:
    visits = RecentLocations()
    visits.record_edit("a.py", 50, 52, 2)
    visits.record_edit("a.py", 10, 14, 4)
    visits.record_edit("b.py", 1, 3, 2)
    assert visits.list_edits() == [RecentLocation("b.py", 1, 3), RecentLocation("a.py", 10, 14), RecentLocation("a.py", 54, 56)]


def test_what_is_deleted_leaves_no_edit_above_the_file() -> None:
    visits = RecentLocations()
    visits.record_edit("a.py", 5, 9, 4)
    visits.record_edit("a.py", 0, 0, -9)
    assert all(edit.first_line >= 0 and edit.last_line >= edit.first_line for edit in visits.list_edits())
