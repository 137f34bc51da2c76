"""What is left of accepted text: the cursor `‸` says where it was shown, edits follow, and a look tells the share."""

from collections.abc import Callable

import pytest
from rapidfuzz.distance import Postfix, Prefix

from interfix.stats.accepted_text_retention import MEASURE_SECONDS, RetentionTracker
from interfix.syntax.document import Document, DocumentEdit, PositionEncoding

URI = "file:///code.py"


class EditingDesk:
    """A document, a suggestion shown at its cursor, and a clock that waits to be told."""

    def __init__(self, marked: str, suggestion: str) -> None:
        before, _, after = marked.partition("‸")
        self.document = Document(URI, before + after)
        self.told: list[tuple[str, int, float]] = []
        self.due: list[tuple[float, Callable[[], None]]] = []
        self.survival = RetentionTracker(
            lambda *news: self.told.append(news), lambda seconds, look: self.due.append((seconds, look))
        )
        offset = len(before.encode())
        self.survival.track_suggestion("id", URI, offset, suggestion, lambda: self.document.snapshot().data)
        self.place = self.document.snapshot().to_position(offset, PositionEncoding.UTF32)
        self.suggestion = suggestion

    def replace(self, old: str, new: str) -> None:
        """Edit the first occurrence of a text, only where it differs, as editors do."""
        snapshot = self.document.snapshot()
        head = Prefix.similarity(old, new)
        tail = Postfix.similarity(old[head:], new[head:])
        start = snapshot.text.index(old) + head
        old, new = old[head : len(old) - tail], new[head : len(new) - tail]
        ends = [
            snapshot.to_position(len(snapshot.text[:index].encode()), PositionEncoding.UTF32) for index in (start, start + len(old))
        ]
        self.edit(DocumentEdit(ends[0], ends[1], new))

    def edit(self, *edits: DocumentEdit) -> None:
        self.survival.apply_edits(URI, self.document.apply(edits, 0, PositionEncoding.UTF32))

    def accept(self, characters: int | None = None) -> None:
        self.edit(DocumentEdit(self.place, self.place, self.suggestion[:characters]))
        self.survival.mark_accepted("id", characters)

    def run_look(self) -> list[float]:
        for _, look in sorted(self.due, key=lambda each: each[0]):
            look()
        return [round(share, 2) for _, _, share in self.told]


def test_text_that_nobody_touches_is_all_there_at_both_looks() -> None:
    desk = EditingDesk("x = ‸\n", "compute(y)")
    desk.accept()
    assert [seconds for seconds, _ in desk.due] == list(MEASURE_SECONDS)
    assert desk.run_look() == [1.0, 1.0]
    assert desk.told == [("id", 30, 1.0), ("id", 300, 1.0)]


@pytest.mark.parametrize(
    ("old", "new", "share"),
    [
        ("x =", "# über\nlonger = 2\nx =", 1.0),
        ("import os\n", "", 1.0),
        ("compute(y)", "compute(z)", 0.9),
        ("compute(y)", "", 0.0),
        ("(y)", "", 0.7),
        ("tail", "tail\nmore", 1.0),
        ("= compute(y)\n", "= 1\n", 0.0),
        ("x = compute(y)\ntail", "", 0.0),
        ("compute", "  compute", 1.0),
        ("(y)\n", "(y) + 1\n", 1.0),
    ],
)
def test_edits_around_and_inside(old: str, new: str, share: float) -> None:
    desk = EditingDesk("import os\nx = ‸\ntail", "compute(y)")
    desk.accept()
    desk.replace(old, new)
    assert desk.run_look() == [share, share]


def test_a_rewritten_document_is_compared_by_what_changed() -> None:
    desk = EditingDesk("a = 1\nx = ‸\n", "compute(y)")
    desk.accept()
    desk.edit(DocumentEdit(None, None, "a = 1\n\nx = compute(y)\n"))
    assert desk.run_look() == [1.0, 1.0]


def test_what_was_typed_before_it_was_accepted_counts_as_part_of_it() -> None:
    desk = EditingDesk("x = ‸\n", "compute(y)")
    desk.replace("= ", "= com")
    desk.replace("com", "compute(y)")
    desk.survival.mark_accepted("id")
    assert desk.run_look() == [1.0, 1.0]


def test_only_the_part_that_was_taken_is_followed() -> None:
    desk = EditingDesk("x = ‸\n", "compute(y)")
    desk.accept(7)
    desk.replace("compute", "compute + 1")
    assert desk.run_look() == [1.0, 1.0]


@pytest.mark.parametrize("elsewhere", ["y = compute(y)", ""])
def test_text_that_is_not_where_it_was_shown_is_not_followed(elsewhere: str) -> None:
    desk = EditingDesk("x = ‸\n" + "#" * 300 + elsewhere, "compute(y)")
    desk.survival.mark_accepted("id")
    assert desk.due == []


def test_a_closed_document_tells_nothing() -> None:
    desk = EditingDesk("x = ‸\n", "compute(y)")
    desk.accept()
    desk.survival.close_document(URI)
    desk.survival.mark_accepted("id")
    assert desk.run_look() == []


def test_edits_of_other_documents_move_nothing() -> None:
    desk = EditingDesk("x = ‸\n", "compute(y)")
    desk.accept()
    other = Document("file:///other.py", "abc")
    desk.survival.apply_edits("file:///other.py", other.apply([DocumentEdit((0, 0), (0, 3), "")], 1, PositionEncoding.UTF32))
    assert desk.run_look() == [1.0, 1.0]


def test_many_suggestions_are_forgotten_again() -> None:
    desk = EditingDesk("x = ‸\n", "compute(y)")
    for number in range(100):
        desk.survival.track_suggestion(str(number), URI, 4, "other", lambda: b"")
    desk.accept()
    assert desk.due == []
