"""The log of edits: whatever is typed, the edits say exactly what became of the text; what is taken back is no edit."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from interfix.next_edit.edit_log import MAX_EDITS, Edit, EditKind, EditLog
from interfix.syntax.document import Document, DocumentEdit, PositionEncoding
from tests.effort import scale_examples

URI = "file:///project/code.py"
TEXT = "alpha = 1\nbeta = 2\n\ndef gamma(delta):\n    return delta\n"


class Typing:
    """A document that is edited, and its log."""

    def __init__(self, text: str = TEXT) -> None:
        self.document = Document(URI, text)
        self.log = EditLog()

    def replace(self, start: tuple[int, int], end: tuple[int, int], text: str) -> None:
        self.change(DocumentEdit(start, end, text))

    def change(self, *edits: DocumentEdit) -> None:
        before = self.document.snapshot()
        self.log.record(before, self.document.apply(edits, before.version + 1, PositionEncoding.UTF32))

    def type_keys(self, line: int, column: int, text: str) -> None:
        for number, key in enumerate(text):
            self.replace((line, column + number), (line, column + number), key)

    @property
    def edits(self) -> list[tuple[str, str]]:
        return [(edit.old.decode(), edit.new.decode()) for edit in self.log.list_edits()]


def revert(data: bytes, edits: tuple[Edit, ...]) -> bytes:
    """The text before all edits."""
    for edit in sorted(edits, key=lambda edit: -edit.start):
        assert data[edit.start : edit.end] == edit.new
        data = data[: edit.start] + edit.old + data[edit.end :]
    return data


places = st.tuples(st.integers(0, 8), st.integers(0, 12))
changes = st.lists(st.tuples(places, places, st.text("ab\n é😀", max_size=4)), max_size=MAX_EDITS - 1)


@given(changes)
@example([((0, 0), (1, 0), ""), ((0, 0), (1, 0), "a")])
@example([((1, 0), (2, 1), ""), ((0, 0), (0, 1), ""), ((0, 0), (1, 0), ""), ((0, 0), (0, 0), "a")])
@settings(max_examples=scale_examples(300), deadline=None)
def test_taking_all_edits_back_gives_the_first_text(made: list[tuple[tuple[int, int], tuple[int, int], str]]) -> None:
    typing = Typing("one two\n\nthré 😀 four\nfive\n    six\nseven")
    before = typing.document.snapshot().data
    for start, end, text in made:
        typing.replace(*sorted((start, end)), text)
    edits = typing.log.list_edits()
    assert revert(typing.document.snapshot().data, edits) == before
    assert all(edit.old != edit.new for edit in edits)


@given(st.lists(st.tuples(places, places, st.text("ab\n ", max_size=3)), min_size=60, max_size=80))
@settings(max_examples=scale_examples(20), deadline=None)
def test_a_long_session_keeps_the_newest(made: list[tuple[tuple[int, int], tuple[int, int], str]]) -> None:
    typing = Typing()
    for start, end, text in made:
        typing.replace(*sorted((start, end)), text)
    edits, data = typing.log.list_edits(), typing.document.snapshot().data
    assert len(edits) <= MAX_EDITS
    assert all(data[edit.start : edit.end] == edit.new for edit in edits)


def test_the_keys_of_a_word_are_one_edit() -> None:
    typing = Typing()
    typing.replace((0, 0), (0, 5), "")
    typing.type_keys(0, 0, "first")
    assert typing.edits == [("alpha", "first")]


def test_two_words_of_a_line_are_one_edit() -> None:
    typing = Typing()
    typing.replace((0, 0), (0, 5), "first")
    typing.replace((0, 8), (0, 9), "10")
    assert typing.edits == [("alpha = 1", "first = 10")]


def test_neighbouring_lines_are_two_edits() -> None:
    typing = Typing()
    typing.replace((0, 8), (0, 9), "10")
    typing.replace((1, 7), (1, 8), "20")
    assert typing.edits == [("1", "10"), ("2", "20")]


def test_lines_typed_one_after_the_other_are_one_edit() -> None:
    typing = Typing()
    typing.type_keys(1, 8, "\n")
    typing.type_keys(2, 0, "new = 3\n")
    typing.type_keys(3, 0, "newer = 4")
    assert typing.edits == [("", "\nnew = 3\nnewer = 4")]


def test_what_is_taken_back_is_no_edit() -> None:
    typing = Typing()
    typing.replace((1, 0), (1, 4), "second")
    typing.replace((0, 0), (0, 5), "first")
    typing.replace((1, 0), (1, 6), "beta")
    assert typing.edits == [("alpha", "first")]


def test_an_edit_that_is_gone_on_with_is_the_newest() -> None:
    typing = Typing()
    typing.replace((0, 0), (0, 5), "first")
    typing.replace((1, 0), (1, 4), "second")
    typing.replace((0, 0), (0, 5), "1st")
    assert typing.edits == [("beta", "second"), ("alpha", "1st")]


def test_layout_is_known_as_such() -> None:
    typing = Typing("f(a,b)\ng(c)\n")
    typing.change(DocumentEdit(None, None, "f(a, b)\ng( c )\n"))
    assert {edit.kind for edit in typing.log.list_edits()} == {EditKind.FORMATTED}


def test_a_pasted_block_is_known_as_such() -> None:
    typing = Typing()
    typing.replace((2, 0), (2, 0), "pasted = 1\n" * 20)
    assert [edit.kind for edit in typing.log.list_edits()] == [EditKind.PASTED]


def test_a_huge_replacement_is_not_kept() -> None:
    typing = Typing()
    typing.change(DocumentEdit(None, None, "x = 1\n" * 10_000))
    assert typing.edits == []


def test_what_was_done_in_a_closed_document_is_known_as_lines() -> None:
    typing = Typing()
    typing.replace((0, 0), (0, 5), "first")
    typing.log.close_document(typing.document.snapshot())
    assert typing.edits == [("alpha = 1\n", "first = 1\n")]
    assert typing.log.list_edits()[0].start == -1


def test_the_change_that_a_hundred_others_follow_from_is_kept() -> None:
    document, log = Document("file:///a.py", "count = 1\n" + "print(count)\n" * 100), EditLog()
    for line in range(101):
        before, column = document.snapshot(), 6 if line else 0
        change = DocumentEdit((line, column), (line, column + 5), "total")
        log.record(before, document.apply([change], line + 2, PositionEncoding.UTF32), suggested=line > 0)
    edits = log.list_edits()
    assert len(edits) == MAX_EDITS
    assert (edits[0].start, edits[0].new, edits[0].kind) == (0, b"total", EditKind.TYPED)
    assert edits[-1].number == 101
