"""A name changed all through a file: right next edits are taken and counted, the rest is done by hand.

About `bench/rename_session.py`.
"""

import asyncio
import random
from types import SimpleNamespace
from typing import Any

import pytest

from interfix.bench.rename_session import RenamePlan, RenameSession, plan_rename, sum_next_edits
from interfix.config.settings import NextEditSettings
from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.feedback_listener import ShownNextEdit
from interfix.next_edit.predictor import NextEditPredictor
from interfix.syntax.document import Document, DocumentEdit, PositionEncoding

TEXT = "total = 1\n\n\ndef show():\n    print(total)\n\n    return total\n\n\ndef twice():\n    return 2 * total\n"


class Feedback:
    def record_next_edit(self, next_edit: ShownNextEdit) -> None:
        """Nothing is made of it."""

    def record_next_edit_outcome(self, id: str, *, accepted: bool) -> None:
        """Nothing is made of it."""


class EditorDocument:
    """What an editor has of a document whose next edits come from a predictor in this process; all texts are ASCII."""

    uri = "file:///project/code.py"

    def __init__(self, text: str, wrong: str = "") -> None:
        self._document = Document(self.uri, text)
        self._predictor = NextEditPredictor(NextEditSettings(), Feedback())
        self._wrong = wrong
        self.is_closed = False

    @property
    def text(self) -> str:
        return self._document.snapshot().text

    def close(self) -> None:
        self.is_closed = True

    async def pause(self, ms: float) -> None:
        """Time passes."""

    def replace(self, start: int, end: int, text: str) -> None:
        before = self._document.snapshot()
        edit = DocumentEdit(self._find_position(start), self._find_position(end), text)
        self._predictor.record_change(None, before, self._document.apply([edit], before.version + 1, PositionEncoding.UTF32))

    async def replace_by_keys(self, start: int, end: int, text: str, _pause_ms: float) -> None:
        self.replace(start, end, text)

    async def request_edit_at(self, offset: int, *, explicit: bool) -> Any:
        snapshot = self._document.snapshot()
        edit = await self._predictor.suggest(EditContext(snapshot, offset, self._predictor.list_edits(None), explicit=explicit))
        if edit is None:
            return SimpleNamespace(edits=[])
        start, end = (SimpleNamespace(line=at[0], character=at[1]) for at in map(self._find_position, (edit.start, edit.end)))
        place_shown = SimpleNamespace(start=start, end=end)
        return SimpleNamespace(
            edits=[SimpleNamespace(text=self._wrong or edit.text, textDocument=SimpleNamespace(uri=self.uri), range=place_shown)]
        )

    def find_offset(self, line: int, character: int) -> int:
        return self._document.snapshot().lines.find_start(line) + character

    def _find_position(self, offset: int) -> tuple[int, int]:
        lines = self._document.snapshot().lines
        line = lines.find_line(offset)
        return line, offset - lines.find_start(line)


def change_names(wrong: str = "") -> tuple[EditorDocument, RenameSession]:
    plan = RenamePlan("old_total", "total")
    document = EditorDocument(TEXT.replace("total", "old_total"), wrong)
    session = RenameSession(document, plan)  # type: ignore[arg-type]
    asyncio.run(session.run())
    return document, session


def test_right_next_edits_are_taken_and_counted() -> None:
    document, session = change_names()
    assert document.text == TEXT
    assert document.is_closed
    stats = session.stats
    assert (stats.places, stats.by_acceptance) == (3, 3)
    assert stats.shown == stats.right <= stats.asked


def test_wrong_ones_are_left_and_the_rest_is_done_by_hand() -> None:
    document, session = change_names(wrong="something")
    assert document.text == TEXT
    assert (session.stats.right, session.stats.by_acceptance) == (0, 0)
    assert session.stats.shown > 0
    assert sum_next_edits([session.stats, session.stats]).places == 6


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (TEXT, RenamePlan("old_total", "total")),
        ("total = 1\nprint(total)\n", None),  # two uses
        ("total = 1\nprint(total, total, 'total')\n", None),  # one in a string
        ("print(total, total)\ntotal = 1\n", None),  # used before it is declared
    ],
)
def test_a_name_with_some_uses_that_are_all_code(text: str, found: RenamePlan | None) -> None:
    assert plan_rename("code.py", text, random.Random(1)) == found
