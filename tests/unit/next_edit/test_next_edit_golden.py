"""The cases of tests/golden/next_edit: a text and edits in, the text with the next edit made out.

The next edit is told by `next`, as edits of neighbouring lines, or by the whole text `after` it, or by `after = "quiet"`.
About `next_edit/finders/` with the ranking and the gate behind them.
"""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from interfix.next_edit.certainty import load_certainty
from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.edit_log import EditLog
from interfix.next_edit.gate import RefusedEdits
from interfix.next_edit.predictor import find_next_edit
from interfix.syntax.document import Document, DocumentEdit, PositionEncoding

GOLDEN = Path(__file__).parents[2] / "golden" / "next_edit"
FIELDS = {"name", "file", "before", "edits", "next", "after"}
CURSOR = "‸"


def list_cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{file.stem}: {case['name']}")
        for file in sorted(GOLDEN.glob("*.toml"))
        for case in tomllib.loads(file.read_text("utf-8"))["case"]
    ]


def locate_edit(text: str, old: str) -> tuple[int, int]:
    """Where what the edit replaces begins and ends: what stands around the cursors says where."""
    head, part, tail = old.split(CURSOR) if CURSOR in old else ("", old, "")
    assert head + part + tail in text, f"{old!r} is not in the text"
    start = text.index(head + part + tail) + len(head)
    return start, start + len(part)


def make_edit(text: str, old: str, new: str) -> str:
    start, end = locate_edit(text, old)
    return text[:start] + new + text[end:]


def expect_text(case: dict[str, Any]) -> str:
    """The text with the edits of the case and the next edit made."""
    if case.get("after", "quiet") != "quiet":
        return str(case["after"])
    text = str(case["before"])
    for old, new in [*case["edits"], *case.get("next", [])]:
        text = make_edit(text, old, new)
    return text


def find_place(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset), offset - (text.rfind("\n", 0, offset) + 1)


def make_next_edit(case: dict[str, Any], *, by_keys: bool = False) -> str:
    """The text with the edits made and the next edit as well; the cursor stands behind the last of them.

    `by_keys`: key by key, and new lines are begun at the end of the line above, as people do.
    """
    document, log = Document(f"file:///project/{case['file']}", case["before"]), EditLog()
    cursor = 0
    for old, new in case["edits"]:
        before = document.snapshot()
        start, end = locate_edit(before.text, old)
        if by_keys and start == end and new.endswith("\n") and start and before.text[start - 1] == "\n":
            start, end, new = start - 1, start - 1, "\n" + new[:-1]
        keys = [(start, end, new)]
        if by_keys:
            keys = [(start, end, ""), *((start + at, start + at, key) for at, key in enumerate(new))]
        for low, high, text in keys:
            before = document.snapshot()
            edit = DocumentEdit(find_place(before.text, low), find_place(before.text, high), text)
            log.record(before, document.apply([edit], before.version + 1, PositionEncoding.UTF32))
        cursor = len(before.text[:start].encode()) + len(new.encode())
    snapshot = document.snapshot()
    context = EditContext(snapshot, cursor, log.list_edits())
    found = find_next_edit(context, load_certainty().threshold, RefusedEdits())
    if found is None:
        return snapshot.text
    place = found.replacement
    return (snapshot.data[: place.start] + place.text + snapshot.data[place.end :]).decode()


@pytest.mark.parametrize("by_keys", [False, True], ids=["at once", "by keys"])
@pytest.mark.parametrize("case", list_cases())
def test_the_next_edit_is_the_one_that_follows(case: dict[str, Any], by_keys: bool) -> None:
    assert set(case) <= FIELDS
    assert ("next" in case) != ("after" in case)
    assert make_next_edit(case, by_keys=by_keys) == expect_text(case)
