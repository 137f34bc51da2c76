"""A text in which somebody types and whose tree takes long: what is known meanwhile, and that the tree comes in the end."""

import threading

import pytest

from interfix.syntax import background_parse, incremental_trees, snapshot
from interfix.syntax.document import Document, DocumentEdit, PositionEncoding
from interfix.syntax.enclosing_scopes import find_enclosing_scopes, is_in_empty_block
from interfix.syntax.injections import get_embedded_at

LINE = "value = compute(1)\n"
TEXT = LINE * 40


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every text is long, and no parse of a whole one is waited for."""
    monkeypatch.setattr(snapshot, "LONG_TEXT_BYTES", 100)
    monkeypatch.setattr(snapshot, "MAX_PARSE_SECONDS", 0)
    monkeypatch.setattr(background_parse, "IDLE_SECONDS", 0)


@pytest.fixture
def without_background(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is made in the background."""
    monkeypatch.setattr(background_parse.BackgroundParser, "__call__", lambda _: None)


def open_document(text: str, name: str = "a.py") -> Document:
    """A document whose tree has been asked for."""
    document = Document(f"file:///{name}", text, interactive=True)
    _ = document.snapshot().trees
    return document


def insert_text(document: Document, line: int, text: str) -> None:
    document.apply([DocumentEdit((line, 0), (line, 0), text)], 1, PositionEncoding.UTF16)


def wait_for_rest() -> None:
    """Until nothing is made in the background any more."""
    for thread in threading.enumerate():
        if thread.name == "chase":
            thread.join()


def assert_none_running() -> bool:
    return False


def test_the_tree_comes_while_the_text_rests() -> None:
    document = open_document(TEXT + "def f(:\n")
    wait_for_rest()
    assert not document.snapshot().late
    assert document.snapshot().count_errors() == Document("file:///a.py", document.snapshot().text).snapshot().count_errors() > 0


def test_edits_made_meanwhile_are_in_it() -> None:
    document = open_document(TEXT)
    wait_for_rest()
    for text in ("def g():\n", '    """Says."""\n', "    pass\n"):
        insert_text(document, 20, text)
        _ = document.snapshot().trees
    wait_for_rest()
    now, fresh = document.snapshot(), Document("file:///a.py", document.snapshot().text).snapshot()
    assert not now.late
    assert now.trees is not None
    assert fresh.trees is not None
    assert str(now.trees.full_tree.root_node) == str(fresh.trees.full_tree.root_node)


def test_only_the_newest_text_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    document = open_document(TEXT)
    wait_for_rest()
    parsed = []
    catch_up = snapshot.Snapshot.parse_pending
    monkeypatch.setattr(snapshot.Snapshot, "parse_pending", lambda self, stop: (parsed.append(self.version), catch_up(self, stop)))
    more = iter(range(2, 5))

    def typing(_: float) -> None:
        if (version := next(more, 0)) > 0:
            document.apply([DocumentEdit((0, 0), (0, 0), "x")], version, PositionEncoding.UTF16)

    monkeypatch.setattr(background_parse.time, "sleep", typing)
    insert_text(document, 0, "(")
    _ = document.snapshot().trees
    wait_for_rest()
    assert parsed == [4]
    assert not document.snapshot().late


@pytest.mark.usefixtures("without_background")
def test_what_is_late_goes_by_the_lines_around() -> None:
    document = open_document(TEXT)
    assert (document.snapshot().trees, document.snapshot().late, document.snapshot().broken) == (None, True, True)
    insert_text(document, 3, "def g(a):\n    \n")
    now = document.snapshot()
    cursor = now.to_offset(4, 4, PositionEncoding.UTF16)
    assert is_in_empty_block(now, cursor)
    assert [now.data[scope.header_start : scope.signature_end] for scope in find_enclosing_scopes(now, cursor)] == [b"def g(a):"]


@pytest.mark.usefixtures("without_background")
def test_a_late_tree_keeps_its_errors_and_what_might_be_worse_counts_as_worse() -> None:
    document = open_document(TEXT + "def f(:\n")
    document.snapshot().parse_pending(assert_none_running)
    known = document.snapshot()
    assert known.count_errors() == 1
    guess = known.replace_range(0, 0, "(")
    assert (guess.count_errors(), guess.late, known.late) == (2, True, False)
    assert guess.replace_range(1, 1, ")").count_errors() == 2


@pytest.mark.usefixtures("without_background")
def test_a_parse_that_is_stopped_leaves_it_late() -> None:
    late = open_document(TEXT * 200).snapshot()
    late.parse_pending(lambda: True)
    assert late.late
    late.parse_pending(assert_none_running)
    assert (late.late, late.count_errors()) == (False, 0)


@pytest.mark.usefixtures("without_background")
def test_a_part_in_another_language_is_late_and_comes_with_the_rest() -> None:
    page = open_document("<p></p>\n" * 20 + "<script>\n" + "let a = 1;\n" * 400 + "</script>\n", "a.html").snapshot()
    page.parse_pending(assert_none_running)
    script = get_embedded_at(page, page.to_offset(21, 0, PositionEncoding.UTF16))
    assert (script.language and script.language.id, script.trees, page.late) == ("javascript", None, True)
    page.parse_pending(assert_none_running)
    assert (script.trees is not None, script.late, page.late) == (True, False, False)


@pytest.mark.usefixtures("without_background")
def test_who_has_time_waits() -> None:
    late = open_document(TEXT + "def f(:\n").snapshot()
    settled = late.exact_copy
    assert (late.late, settled.late, settled.count_errors(), settled.replace_range(0, 0, "(").late) == (True, False, 1, False)


def test_whoever_does_not_type_waits() -> None:
    patient = Document("file:///a.py", TEXT).snapshot()
    assert (patient.trees is not None, patient.late) == (True, False)
    assert patient.replace_range(0, 0, "(").late is False


def test_a_text_that_is_broken_elsewhere_is_still_parsed_in_a_stretch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is late, though each keystroke breaks the line it is in."""
    monkeypatch.setattr(incremental_trees, "LONG_TEXT_BYTES", 100)
    monkeypatch.setattr(incremental_trees, "REGION_REACH_BYTES", 60)
    monkeypatch.setattr(incremental_trees, "MAX_CONTEXT_BYTES", 30)
    document = open_document("x = = 1\n" + TEXT + "y = = 1\n")
    wait_for_rest()
    before = document.snapshot().count_errors()
    insert_text(document, 25, "\n")
    errors = []
    for i, character in enumerate("call('a')"):
        document.apply([DocumentEdit((25, i), (25, i), character)], i, PositionEncoding.UTF16)
        errors.append(document.snapshot().count_errors())
        assert not document.snapshot().late
    assert max(errors) > before == errors[-1] > 0


def test_a_comment_that_begins_in_one_stretch_and_ends_in_another_is_understood_when_the_text_rests(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(incremental_trees, "LONG_TEXT_BYTES", 100)
    monkeypatch.setattr(incremental_trees, "REGION_REACH_BYTES", 60)
    document = open_document("let value = compute(1);\n" * 80, "a.js")
    wait_for_rest()
    insert_text(document, 20, "/*")
    assert document.snapshot().count_errors() > 0
    insert_text(document, 60, "*/")
    assert (document.snapshot().count_errors() > 0, document.snapshot().late) == (True, False)
    wait_for_rest()
    assert document.snapshot().count_errors() == 0
    assert not document.snapshot().broken


def test_where_two_places_are_really_broken_both_are_still_parsed_in_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incremental_trees, "LONG_TEXT_BYTES", 100)
    monkeypatch.setattr(incremental_trees, "REGION_REACH_BYTES", 60)
    document = open_document("let value = compute(1);\n" * 80, "a.js")
    wait_for_rest()
    for line in (20, 60, 20, 60):
        insert_text(document, line, "= = ")
        assert document.snapshot().count_errors() > 0
        assert not document.snapshot().late
        wait_for_rest()
