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


def make_next_edit(case: dict[str, Any], *, by_keys: bool = False) -> str:
    """The text with the edits made and the next edit as well; the cursor stands behind the last of them.

    `by_keys`: key by key, and new lines are begun at the end of the line above, as people do.
    """
    document, log = Document(f"file:///project/{case['file']}", case["before"]), EditLog()
    cursor = 0
    for old, new in case["edits"]:
        before = document.snapshot()
        assert before.text.count(old.replace(CURSOR, "")) >= 1, f"{old!r} is not in the text"
        # What stands around the cursors says where; what stands between them is replaced.
        head, part, tail = old.split(CURSOR) if CURSOR in old else ("", old, "")
        start = before.text.index(head + part + tail) + len(head)
        if by_keys and not part and new.endswith("\n") and start and before.text[start - 1] == "\n":
            start, new = start - 1, "\n" + new[:-1]
        keys = [(start, start + len(part), new)]
        if by_keys:
            keys = [(start, start + len(part), ""), *((start + at, start + at, key) for at, key in enumerate(new))]
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
    after = case["after"]
    if after == "quiet":
        text = case["before"]
        for old, new in case["edits"]:
            head, part, tail = old.split(CURSOR) if CURSOR in old else ("", old, "")
            text = text.replace(head + part + tail, head + new + tail, 1)
        after = text
    assert make_next_edit(case, by_keys=by_keys) == after
