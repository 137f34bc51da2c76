"""About `next_edit/one_off_changes.py`: what one change says of other places."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interfix.next_edit.edit_log import Edit, EditKind
from interfix.next_edit.one_off_changes import is_local_change
from interfix.next_edit.token_changes import LineChange, TokenChange, list_changes
from interfix.syntax.languages import load_languages
from interfix.syntax.name_place import TextKind


def compare(old: str, new: str) -> tuple[TokenChange, ...]:
    edit = Edit("file:///a.py", 0, old.encode() + b"\n", new.encode() + b"\n", EditKind.TYPED, 1)
    return tuple(change for line in list_changes(edit) if isinstance(line, LineChange) for change in line.changes)


@pytest.mark.parametrize(
    ("old", "new", "is_local"),
    [
        ("connect(timeout=30)", "connect(timeout=60)", True),
        ("3.times do", "5.times do", True),
        ("if done:", "if not done:", True),
        ("if (a < b) {", "if (a <= b) {", True),
        ("if (a == b) {", "if (a === b) {", False),
        ("cops.each", "cops&.each", True),
        ("debug = True", "debug = False", True),
        ("LIMIT = 262146", "LIMIT = 262142", False),
        ("total = price", "total = amount", False),
        ("f(a)", "f(a, b)", False),
        ('host = "localhost"', 'host = "0.0.0.0"', True),
        ('read("timeout")', 'read("timeout_seconds")', False),
        ("if x > 0 {", "if x > 0 && x < 10 {", True),
        ("if a:", "if ready and a:", True),
        ("log(a)", "log(a);", False),
    ],
)
def test_code(old: str, new: str, is_local: bool) -> None:
    assert is_local_change(compare(old, new), TextKind.CODE, None) is is_local


@pytest.mark.parametrize(
    ("old", "new", "is_local"),
    [
        ("color: red;", "color: blue;", True),
        ("color: var(--main);", "color: var(--accent);", False),
        (".main {", ".page {", False),
        ("--main: #333;", "--accent: #333;", False),
    ],
)
def test_style_sheets(old: str, new: str, is_local: bool) -> None:
    assert is_local_change(compare(old, new), TextKind.CODE, load_languages().find_by_folder("css")) is is_local


@pytest.mark.parametrize(
    ("old", "new", "is_local"),
    [
        ("# name is missing here", "# name is required here", True),
        ("# the bounaries of it", "# the boundaries of it", False),
        ("# see read_file", "# see load_file", False),
        ("# btn-main", "# btn-primary", False),
    ],
)
def test_sentences(old: str, new: str, is_local: bool) -> None:
    assert is_local_change(compare(old, new), TextKind.COMMENT, None) is is_local


@given(st.from_regex(r"[a-z]{2,8}", fullmatch=True), st.from_regex(r"[a-z]{2,8}", fullmatch=True))
def test_a_rename_in_code_is_never_local(old: str, new: str) -> None:
    values = {"true", "false", "null", "nil", "undefined", "not", "and", "or"}
    if old != new and not {old, new} & values:
        assert not is_local_change(compare(f"use({old}, 1)", f"use({new}, 1)"), TextKind.CODE, None)
