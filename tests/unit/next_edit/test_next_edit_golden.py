"""The cases of tests/golden/next_edit: a text and edits in, the text with the next edit made out.

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
FIELDS = {"name", "file", "before", "edits", "after"}
CURSOR = "‸"


def list_cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{file.stem}: {case['name']}")
        for file in sorted(GOLDEN.glob("*.toml"))
        for case in tomllib.loads(file.read_text("utf-8"))["case"]
    ]


def find_place(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset), offset - (text.rfind("\n", 0, offset) + 1)


def make_next_edit(case: dict[str, Any]) -> str:
    """The text with the edits made and the next edit as well; the cursor stands behind the last of them."""
    document, log = Document(f"file:///project/{case['file']}", case["before"]), EditLog()
    cursor = 0
    for old, new in case["edits"]:
        before = document.snapshot()
        assert before.text.count(old.replace(CURSOR, "")) >= 1, f"{old!r} is not in the text"
        # What stands around the cursors says where; what stands between them is replaced.
        head, part, tail = old.split(CURSOR) if CURSOR in old else ("", old, "")
        start = before.text.index(head + part + tail) + len(head)
        edit = DocumentEdit(find_place(before.text, start), find_place(before.text, start + len(part)), new)
        log.record(before, document.apply([edit], before.version + 1, PositionEncoding.UTF32))
        cursor = len(before.text[:start].encode()) + len(new.encode())
    snapshot = document.snapshot()
    context = EditContext(snapshot, cursor, log.list_edits())
    found = find_next_edit(context, load_certainty().threshold, RefusedEdits())
    if found is None:
        return snapshot.text
    place = found.replacement
    return (snapshot.data[: place.start] + place.text + snapshot.data[place.end :]).decode()


@pytest.mark.parametrize("case", list_cases())
def test_the_next_edit_is_the_one_that_follows(case: dict[str, Any]) -> None:
    assert set(case) <= FIELDS
    after = case["after"]
    if after == "quiet":
        text = case["before"]
        for old, new in case["edits"]:
            head, part, tail = old.split(CURSOR) if CURSOR in old else ("", old, "")
            text = text.replace(head + part + tail, head + new + tail, 1)
        after = text
    assert make_next_edit(case) == after
