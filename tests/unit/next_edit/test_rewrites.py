"""What the edits of other documents count for, once the same name got another one in this document."""

import pytest

from interfix.next_edit.certainty import load_certainty
from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.edit_log import EditLog
from interfix.next_edit.gate import RefusedEdits
from interfix.next_edit.predictor import find_next_edit
from interfix.syntax.document import Document, DocumentEdit, PositionEncoding

CODE = """def mean(values):
    count = len(values)
    if count == 0:
        raise ValueError
    print('mean of', count)
    result = sum(values)
    result = result / 1
    return result / count
"""
USES = [(1, 4), (2, 7), (4, 21), (7, 20)]
"""Line and column of each `count`."""


def rename(log: EditLog, document: Document, places: list[tuple[int, int]], name: str) -> None:
    """Give `count` another name there."""
    for line, column in places:
        before = document.snapshot()
        edit = DocumentEdit((line, column), (line, column + len("count")), name)
        log.record(before, document.apply([edit], before.version + 1, PositionEncoding.UTF32))


def predict(names: tuple[str, str], *, is_closed: bool) -> str:
    """The text of the next edit where another document had each `count` renamed first, and this one has its declaration."""
    log, other, document = EditLog(), Document("file:///project/other.py", CODE), Document("file:///project/code.py", CODE)
    rename(log, other, USES, names[0])
    if is_closed:
        log.close_document(other.snapshot())
    rename(log, document, USES[:1], names[1])
    snapshot = document.snapshot()
    cursor = snapshot.data.index(names[1].encode()) + len(names[1])
    found = find_next_edit(EditContext(snapshot, cursor, log.list_edits()), load_certainty().threshold, RefusedEdits())
    return found.replacement.text.decode() if found else ""


@pytest.mark.parametrize("is_closed", [True, False])
@pytest.mark.parametrize("names", [("total", "totals"), ("n", "size"), ("size", "n"), ("total", "total")])
def test_the_newest_name_here_wins_over_that_of_another_document(names: tuple[str, str], is_closed: bool) -> None:
    assert predict(names, is_closed=is_closed) == names[1]
