"""What is left of accepted text: the cursor `‸` says where it was shown, edits follow, and a look tells the share."""

from collections.abc import Callable

import pytest
from rapidfuzz.distance import Postfix, Prefix

from interfix.stats.survival import LOOKS_SECONDS, Survival
from interfix.syntax.document import Document, Edit, Encoding

URI = "file:///code.py"


class Desk:
    """A document, a suggestion shown at its cursor, and a clock that waits to be told."""

    def __init__(self, marked: str, suggestion: str) -> None:
        before, _, after = marked.partition("‸")
        self.document = Document(URI, before + after)
        self.told: list[tuple[str, int, float]] = []
        self.due: list[tuple[float, Callable[[], None]]] = []
        self.survival = Survival(lambda *news: self.told.append(news), lambda seconds, look: self.due.append((seconds, look)))
        offset = len(before.encode())
        self.survival.shown("id", URI, offset, suggestion, lambda: self.document.snapshot().data)
        self.place = self.document.snapshot().position(offset, Encoding.UTF32)
        self.suggestion = suggestion

    def replace(self, old: str, new: str) -> None:
        """Edit the first occurrence of a text, only where it differs, as editors do."""
        snapshot = self.document.snapshot()
        head = Prefix.similarity(old, new)
        tail = Postfix.similarity(old[head:], new[head:])
        start = snapshot.text.index(old) + head
        old, new = old[head : len(old) - tail], new[head : len(new) - tail]
        ends = [snapshot.position(len(snapshot.text[:index].encode()), Encoding.UTF32) for index in (start, start + len(old))]
        self.edit(Edit(ends[0], ends[1], new))

    def edit(self, *edits: Edit) -> None:
        self.survival.changed(URI, self.document.apply(edits, 0, Encoding.UTF32))

    def accept(self, characters: int | None = None) -> None:
        self.edit(Edit(self.place, self.place, self.suggestion[:characters]))
        self.survival.accepted("id", characters)

    def look(self) -> list[float]:
        for _, look in sorted(self.due, key=lambda each: each[0]):
            look()
        return [round(share, 2) for _, _, share in self.told]


def test_text_that_nobody_touches_is_all_there_at_both_looks() -> None:
    desk = Desk("x = ‸\n", "compute(y)")
    desk.accept()
    assert [seconds for seconds, _ in desk.due] == list(LOOKS_SECONDS)
    assert desk.look() == [1.0, 1.0]
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
    desk = Desk("import os\nx = ‸\ntail", "compute(y)")
    desk.accept()
    desk.replace(old, new)
    assert desk.look() == [share, share]


def test_a_rewritten_document_is_compared_by_what_changed() -> None:
    desk = Desk("a = 1\nx = ‸\n", "compute(y)")
    desk.accept()
    desk.edit(Edit(None, None, "a = 1\n\nx = compute(y)\n"))
    assert desk.look() == [1.0, 1.0]


def test_what_was_typed_before_it_was_accepted_counts_as_part_of_it() -> None:
    desk = Desk("x = ‸\n", "compute(y)")
    desk.replace("= ", "= com")
    desk.replace("com", "compute(y)")
    desk.survival.accepted("id")
    assert desk.look() == [1.0, 1.0]


def test_only_the_part_that_was_taken_is_followed() -> None:
    desk = Desk("x = ‸\n", "compute(y)")
    desk.accept(7)
    desk.replace("compute", "compute + 1")
    assert desk.look() == [1.0, 1.0]


@pytest.mark.parametrize("elsewhere", ["y = compute(y)", ""])
def test_text_that_is_not_where_it_was_shown_is_not_followed(elsewhere: str) -> None:
    desk = Desk("x = ‸\n" + "#" * 300 + elsewhere, "compute(y)")
    desk.survival.accepted("id")
    assert desk.due == []


def test_a_closed_document_tells_nothing() -> None:
    desk = Desk("x = ‸\n", "compute(y)")
    desk.accept()
    desk.survival.closed(URI)
    desk.survival.accepted("id")
    assert desk.look() == []


def test_edits_of_other_documents_move_nothing() -> None:
    desk = Desk("x = ‸\n", "compute(y)")
    desk.accept()
    other = Document("file:///other.py", "abc")
    desk.survival.changed("file:///other.py", other.apply([Edit((0, 0), (0, 3), "")], 1, Encoding.UTF32))
    assert desk.look() == [1.0, 1.0]


def test_many_suggestions_are_forgotten_again() -> None:
    desk = Desk("x = ‸\n", "compute(y)")
    for number in range(100):
        desk.survival.shown(str(number), URI, 4, "other", lambda: b"")
    desk.accept()
    assert desk.due == []
