"""A window stands while its user types at one place, whatever the tree makes of half a statement."""

from collections.abc import Callable
from pathlib import Path

import pytest

from interfix.context.window_cache import MAX_MOVE_BYTES, CachedWindow, cache_window, update_window
from interfix.inference_types import Segment, SegmentKind
from interfix.syntax.document import Document
from interfix.syntax.snapshot import Snapshot

CODE = "import os\n\n\n" + "".join(
    f"def step_{i}(value):\n    total = value * {i}\n    return total + len(os.sep)\n\n\n" for i in range(60)
)
PLACE = CODE.index("    return total", len(CODE) // 2)


def make_snapshot(typed: str, *, rest: str = "") -> tuple[Snapshot, int]:
    text = CODE[:PLACE] + typed + rest + CODE[PLACE:]
    return Document("file:///steps.py", text, 1, "python").snapshot(), len((CODE[:PLACE] + typed).encode())


def open_window() -> CachedWindow:
    return cache_window(*make_snapshot(""), None)


def far_segments(window: CachedWindow) -> list[Segment]:
    return [segment for segment in window.segments if segment.rank]


def near_segments(window: CachedWindow) -> tuple[str, str]:
    """The nearest code before and after the cursor."""
    near = [segment.text for segment in window.segments if segment.rank == 0]
    return near[0], near[1]


@pytest.mark.parametrize(
    "typed", ["    items = [value", "    if (", '    x = """', "    def inner(", "    a = 1\n    b = (", "é😀"]
)
def test_what_is_typed_changes_the_nearest_code_only(typed: str) -> None:
    was = open_window()
    now = update_window(was, *make_snapshot(typed), None)
    assert now is not None
    assert [segment.text for segment in far_segments(now)] == [segment.text for segment in far_segments(was)]
    before, after = near_segments(was)
    assert near_segments(now) == (before + typed, after)


def test_what_stands_right_of_the_cursor_is_shown_behind_it() -> None:
    was = open_window()
    now = update_window(was, *make_snapshot("    call(", rest=")"), None)
    assert now is not None
    assert near_segments(now)[1] == ")" + near_segments(was)[1]


def test_what_follows_counts_its_lines_anew() -> None:
    was = open_window()
    now = update_window(was, *make_snapshot("    a = 1\n    b = 2\n"), None)
    assert now is not None
    lines = [[s.line for s in window.segments if s.kind is SegmentKind.SUFFIX and s.rank] for window in (was, now)]
    assert lines[1] == [line + 2 for line in lines[0]] != []


def test_a_window_goes_on_from_the_last_one() -> None:
    window, text = open_window(), ""
    for character in "    result = value + 1\n    other = result":
        text += character
        following = update_window(window, *make_snapshot(text), None)
        assert following is not None
        window = following
    assert near_segments(window) == (near_segments(open_window())[0] + text, near_segments(open_window())[1])


def test_elsewhere_another_window_is_due() -> None:
    was = open_window()
    assert update_window(was, *make_snapshot("x" * (MAX_MOVE_BYTES + 1)), None) is None
    snapshot, _ = make_snapshot("")
    assert update_window(was, snapshot, 20, None) is None
    assert update_window(was, snapshot, len(CODE), None) is None
    assert update_window(was, *make_snapshot(""), Path("/workspace")) is None


@pytest.mark.parametrize("change", [lambda text: "# new\n" + text, lambda text: text + "# new\n"])
def test_an_edit_elsewhere_makes_another_window_due(change: Callable[[str], str]) -> None:
    text = change(CODE)
    offset = text.index(CODE[PLACE : PLACE + 40], PLACE - 10)
    assert update_window(open_window(), Document("file:///steps.py", text, 1, "python").snapshot(), offset, None) is None


def test_a_window_cut_inside_a_line_does_not_stand() -> None:
    text = "x = [" + "1, " * 20_000
    snapshot = Document("file:///long.py", text, 1, "python").snapshot()
    was = cache_window(snapshot, 40_000, None)
    assert update_window(was, snapshot, 40_000, None) is None
