"""Answers of next-edit models, as they were recorded, as they go wrong: an edit or nothing, never garbage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interfix.inference_types import EditWindow
from interfix.prompt.families import Family
from interfix.prompt.families.sweep import SWEEP, SWEEP_V2
from interfix.prompt.families.zeta import ZETA
from interfix.prompt.families.zeta2 import ZETA_2, ZETA_2_1
from interfix.prompt.next_edit_answer import read_next_edit
from tests.unit.prompt.edit_windows import make_window

ALL = (SWEEP, SWEEP_V2, ZETA, ZETA_2, ZETA_2_1)
WINDOW = make_window("head\n", "a = 1\n‸b = 2\nc = 3\n", "d = 4\ne = 5\n")
EDITED = "a = 1\nb = 20\nc = 3\n"


def write_answer(family: Family, text: str) -> str:
    """An answer as the model would give it for this new text of the region, up to where the engine stops it."""
    bare = text.removesuffix("\n")
    return {
        "sweep": f"\n{text}",
        "sweep-v2": bare.removeprefix("a = 1\n") + "\n",
        "zeta": f"<|editable_region_start|>\n{bare}\n",
        "zeta-2": text,
        "zeta-2.1": f"<|marker_1|>{bare}<|marker_2|>",
    }[family.name]


def read(family: Family, answer: str, window: EditWindow = WINDOW, *, is_whole: bool = True) -> str | None:
    assert family.next_edit_format is not None
    return read_next_edit(answer, window, family.next_edit_format, is_whole=is_whole)


each_family = pytest.mark.parametrize("family", ALL, ids=lambda family: family.name)


@each_family
def test_an_edit_is_read(family: Family) -> None:
    assert read(family, write_answer(family, EDITED)) == EDITED


@each_family
def test_the_same_text_is_no_edit(family: Family) -> None:
    assert read(family, write_answer(family, WINDOW.region)) is None


@each_family
def test_an_answer_that_was_cut_off_is_no_edit(family: Family) -> None:
    assert read(family, write_answer(family, EDITED), is_whole=False) is None


@each_family
@pytest.mark.parametrize("text", ["", "\n", "  \n\n"])
def test_a_region_that_is_deleted_whole_is_no_edit(family: Family, text: str) -> None:
    # The second Sweep is given lines, so its answer cannot delete them all; what it deletes behind them is the end of its answer.
    assert read(family, write_answer(family, text) if text else "") is None


@each_family
def test_an_answer_that_stops_within_the_region_is_no_edit(family: Family) -> None:
    assert read(family, write_answer(family, "a = 1\nb = 2\n")) is None


@each_family
def test_what_is_copied_past_the_region_is_cut(family: Family) -> None:
    assert read(family, write_answer(family, EDITED + "d = 4\ne = 5\n")) == EDITED


@each_family
def test_a_last_line_that_also_follows_the_region_stays(family: Family) -> None:
    window = make_window("", "a = 1\n‸b = 2\n}\n", "}\nx\n")
    assert read(family, write_answer(family, "a = 1\nb = 20\n}\n"), window) == "a = 1\nb = 20\n}\n"


@each_family
def test_the_cursor_mark_is_taken_out_where_the_format_has_one(family: Family) -> None:
    mark = {"zeta": "<|user_cursor_is_here|>", "zeta-2": "<|user_cursor|>", "zeta-2.1": "<|user_cursor|>"}.get(family.name, "")
    assert read(family, write_answer(family, EDITED.replace("20", "20" + mark))) == EDITED


@each_family
def test_other_marks_left_in_are_no_edit(family: Family) -> None:
    assert family.next_edit_format is not None
    for mark in family.next_edit_format.text_marks:
        found = read(family, write_answer(family, EDITED.replace("20", f"20{mark}")))
        assert found in (None, EDITED)  # the cursor's mark alone may be taken out


@each_family
def test_windows_line_ends_in_an_answer_are_as_the_prompts(family: Family) -> None:
    assert read(family, write_answer(family, EDITED).replace("\n", "\r\n")) == EDITED


def test_zeta_as_it_was_recorded() -> None:
    # g0t4/zed-zeta-server: the answer of vLLM, which goes on behind the region's end until the engine's stop text ends it.
    window = make_window("", "local M = {}\n\nfunction M.add(a, b)\n    return a + b\nend\n‸\n\nreturn M\n", "")
    written = (
        "local M = {}\n\nfunction M.add(a, b)\n    return a + b\nend\n\nfunction M.sub(a, b)\n    return a - b\nend\n\nreturn M\n"
    )
    assert read(ZETA, f"<|editable_region_start|>\n{written}\n", window) == written
    assert read(ZETA, written, window) is None, "without its start mark an answer is no region"


def test_zeta_2_says_that_nothing_is_to_be_changed() -> None:
    assert read(ZETA_2, "NO_EDITS\n") is None
    assert read(ZETA_2, "a = 1\nb = 2\nc = 3\n=======\nx\n") is None


def test_zeta_2_1_rewrites_what_stands_between_two_marks() -> None:
    body = "".join(f"line{i}\n" for i in range(6))
    window = make_window("", f"{body}\n‸{body}", "")
    assert read(ZETA_2_1, f"<|marker_2|>{body}more\n<|marker_3|>", window) == f"{body}\n{body}more\n"
    assert read(ZETA_2_1, f"<|marker_1|>{body}more\n<|marker_2|>", window) == f"{body}more\n{body}"
    assert read(ZETA_2_1, f"<|marker_1|>new\n<|marker_2|>{body}<|marker_3|>", window) == f"new\n{body}"
    for nothing in ("<|marker_2|><|marker_2|>", "<|marker_3|>x<|marker_1|>", "<|marker_1|>x<|marker_9|>", "<|marker_1|>x", "x"):
        assert read(ZETA_2_1, nothing, window) is None


LINES = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\r\0"), max_size=12), min_size=1, max_size=12)


@given(LINES, LINES, LINES, st.text(max_size=200))
def test_whatever_a_model_says_becomes_a_region_or_nothing(
    before: list[str], region: list[str], after: list[str], answer: str
) -> None:
    window = make_window("\n".join(before) + "\n", "\n".join(region) + "\n", "\n".join(after) + "\n")
    for family in ALL:
        found = read(family, answer, window)
        assert found is None or (found.endswith("\n") and found != window.region and "\r" not in found)
        assert family.next_edit_format is not None
        assert found is None or not any(mark in found for mark in family.next_edit_format.text_marks)
