"""A text in which somebody types and whose tree takes long: what is known meanwhile, and that the tree comes in the end."""

import threading

import pytest

from interfix.syntax import chase, snapshot, trees
from interfix.syntax.document import Document, Edit, Encoding
from interfix.syntax.injections import embedded
from interfix.syntax.scopes import enclosing, opens_block

LINE = "value = compute(1)\n"
TEXT = LINE * 40


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every text is long, and no parse of a whole one is waited for."""
    monkeypatch.setattr(snapshot, "LONG", 100)
    monkeypatch.setattr(snapshot, "PATIENCE", 0)
    monkeypatch.setattr(chase, "REST_SECONDS", 0)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is made in the background."""
    monkeypatch.setattr(chase.Chase, "__call__", lambda _: None)


def typed(text: str, name: str = "a.py") -> Document:
    """A document whose tree has been asked for."""
    document = Document(f"file:///{name}", text, typed=True)
    _ = document.snapshot().trees
    return document


def insert(document: Document, line: int, text: str) -> None:
    document.apply([Edit((line, 0), (line, 0), text)], 1, Encoding.UTF16)


def rest() -> None:
    """Until nothing is made in the background any more."""
    for thread in threading.enumerate():
        if thread.name == "chase":
            thread.join()


def none_to_stop() -> bool:
    return False


def test_the_tree_comes_while_the_text_rests() -> None:
    document = typed(TEXT + "def f(:\n")
    rest()
    assert not document.snapshot().late
    assert document.snapshot().errors() == Document("file:///a.py", document.snapshot().text).snapshot().errors() > 0


def test_edits_made_meanwhile_are_in_it() -> None:
    document = typed(TEXT)
    rest()
    for text in ("def g():\n", '    """Says."""\n', "    pass\n"):
        insert(document, 20, text)
        _ = document.snapshot().trees
    rest()
    now, fresh = document.snapshot(), Document("file:///a.py", document.snapshot().text).snapshot()
    assert not now.late
    assert now.trees is not None
    assert fresh.trees is not None
    assert str(now.trees.whole.root_node) == str(fresh.trees.whole.root_node)


def test_only_the_newest_text_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    document = typed(TEXT)
    rest()
    parsed = []
    catch_up = snapshot.Snapshot.catch_up
    monkeypatch.setattr(snapshot.Snapshot, "catch_up", lambda self, stop: (parsed.append(self.version), catch_up(self, stop)))
    more = iter(range(2, 5))

    def typing(_: float) -> None:
        if (version := next(more, 0)) > 0:
            document.apply([Edit((0, 0), (0, 0), "x")], version, Encoding.UTF16)

    monkeypatch.setattr(chase.time, "sleep", typing)
    insert(document, 0, "(")
    _ = document.snapshot().trees
    rest()
    assert parsed == [4]
    assert not document.snapshot().late


@pytest.mark.usefixtures("alone")
def test_what_is_late_goes_by_the_lines_around() -> None:
    document = typed(TEXT)
    assert (document.snapshot().trees, document.snapshot().late, document.snapshot().broken) == (None, True, True)
    insert(document, 3, "def g(a):\n    \n")
    now = document.snapshot()
    cursor = now.offset(4, 4, Encoding.UTF16)
    assert opens_block(now, cursor)
    assert [now.data[scope.header : scope.signature_end] for scope in enclosing(now, cursor)] == [b"def g(a):"]


@pytest.mark.usefixtures("alone")
def test_a_late_tree_keeps_its_errors_and_what_might_be_worse_counts_as_worse() -> None:
    document = typed(TEXT + "def f(:\n")
    document.snapshot().catch_up(none_to_stop)
    known = document.snapshot()
    assert known.errors() == 1
    guess = known.replaced(0, 0, "(")
    assert (guess.errors(), guess.late, known.late) == (2, True, False)
    assert guess.replaced(1, 1, ")").errors() == 2


@pytest.mark.usefixtures("alone")
def test_a_parse_that_is_stopped_leaves_it_late() -> None:
    late = typed(TEXT * 200).snapshot()
    late.catch_up(lambda: True)
    assert late.late
    late.catch_up(none_to_stop)
    assert (late.late, late.errors()) == (False, 0)


@pytest.mark.usefixtures("alone")
def test_a_part_in_another_language_is_late_and_comes_with_the_rest() -> None:
    page = typed("<p></p>\n" * 20 + "<script>\n" + "let a = 1;\n" * 400 + "</script>\n", "a.html").snapshot()
    page.catch_up(none_to_stop)
    script = embedded(page, page.offset(21, 0, Encoding.UTF16))
    assert (script.language and script.language.id, script.trees, page.late) == ("javascript", None, True)
    page.catch_up(none_to_stop)
    assert (script.trees is not None, script.late, page.late) == (True, False, False)


@pytest.mark.usefixtures("alone")
def test_who_has_time_waits() -> None:
    late = typed(TEXT + "def f(:\n").snapshot()
    settled = late.settled
    assert (late.late, settled.late, settled.errors(), settled.replaced(0, 0, "(").late) == (True, False, 1, False)


def test_whoever_does_not_type_waits() -> None:
    patient = Document("file:///a.py", TEXT).snapshot()
    assert (patient.trees is not None, patient.late) == (True, False)
    assert patient.replaced(0, 0, "(").late is False


def test_a_text_that_is_broken_elsewhere_is_still_parsed_in_a_stretch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is late, though each keystroke breaks the line it is in."""
    monkeypatch.setattr(trees, "LONG", 100)
    monkeypatch.setattr(trees, "REACH", 60)
    monkeypatch.setattr(trees, "CONTEXT", 30)
    document = typed("x = = 1\n" + TEXT + "y = = 1\n")
    rest()
    before = document.snapshot().errors()
    insert(document, 25, "\n")
    errors = []
    for i, character in enumerate("call('a')"):
        document.apply([Edit((25, i), (25, i), character)], i, Encoding.UTF16)
        errors.append(document.snapshot().errors())
        assert not document.snapshot().late
    assert max(errors) > before == errors[-1] > 0


def test_a_comment_that_begins_in_one_stretch_and_ends_in_another_is_understood_when_the_text_rests(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trees, "LONG", 100)
    monkeypatch.setattr(trees, "REACH", 60)
    document = typed("let value = compute(1);\n" * 80, "a.js")
    rest()
    insert(document, 20, "/*")
    assert document.snapshot().errors() > 0
    insert(document, 60, "*/")
    assert (document.snapshot().errors() > 0, document.snapshot().late) == (True, False)
    rest()
    assert document.snapshot().errors() == 0
    assert not document.snapshot().broken


def test_where_two_places_are_really_broken_both_are_still_parsed_in_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "LONG", 100)
    monkeypatch.setattr(trees, "REACH", 60)
    document = typed("let value = compute(1);\n" * 80, "a.js")
    rest()
    for line in (20, 60, 20, 60):
        insert(document, line, "= = ")
        assert document.snapshot().errors() > 0
        assert not document.snapshot().late
        rest()
