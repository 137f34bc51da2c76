"""A parse that does not come to its end is given up, in every language, whatever part of a text is parsed.

About `syntax/snapshot.py`.
"""

from pathlib import Path

import pytest

from interfix.syntax import snapshot
from interfix.syntax.document import Document, DocumentEdit, PositionEncoding
from interfix.syntax.enclosing_scopes import find_enclosing_scopes, find_scopes
from interfix.syntax.languages import load_languages

GRAMMARS = Path(__file__).parents[3] / "grammars"
EXAMPLES = {path.parent.name: path for path in sorted(GRAMMARS.glob("*/example.*"))}
LEAST_BYTES = 40_000


@pytest.fixture
def no_time(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Every parse takes too long at once."""
    monkeypatch.setattr(snapshot, "RUNAWAY", 0.0)
    monkeypatch.setattr(snapshot, "RUNAWAY_BYTE", 0.0)
    monkeypatch.setattr(snapshot, "MAX_PARSE_SECONDS", 0.0)
    return monkeypatch


def repeat_example(path: Path) -> str:
    text = path.read_text("utf-8")
    return text * (LEAST_BYTES // len(text) + 1)


def test_every_language_has_an_example() -> None:
    assert len(EXAMPLES) >= 24


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_text_goes_on_without_its_tree(name: str, no_time: pytest.MonkeyPatch) -> None:
    text = repeat_example(EXAMPLES[name])
    uri = EXAMPLES[name].as_uri()
    document = Document(uri, text)
    late = document.snapshot()
    assert late.language is not None
    assert late.language.load_grammar() is not None
    assert late.trees is None
    assert late.broken
    assert late.late
    assert late.count_errors() == 1
    assert isinstance(find_enclosing_scopes(late, len(late.data) // 2), tuple)
    assert find_scopes(late, 0, len(late.data)) == ()
    document.apply([DocumentEdit((1, 0), (1, 0), "\n")], 1, PositionEncoding.UTF16)
    assert document.snapshot().late
    no_time.undo()
    assert document.snapshot().exact_copy.tree is not None


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_edit_in_a_long_text_is_given_up_as_well(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    document = Document(EXAMPLES[name].as_uri(), repeat_example(EXAMPLES[name]))
    monkeypatch.setattr(snapshot, "LONG_TEXT_BYTES", 1000)
    monkeypatch.setattr("interfix.syntax.incremental_trees.LONG_TEXT_BYTES", 1000)
    before = document.snapshot()
    assert before.trees is not None
    monkeypatch.setattr(snapshot, "RUNAWAY", 0.0)
    monkeypatch.setattr(snapshot, "RUNAWAY_BYTE", 0.0)
    for line in (len(before.lines) // 2, len(before.lines) // 2 + 1):
        document.apply([DocumentEdit((line, 0), (line, 0), "x")], line, PositionEncoding.UTF16)
        assert document.snapshot().trees is not None
    monkeypatch.undo()
    now = document.snapshot().exact_copy
    fresh = Document(EXAMPLES[name].as_uri(), now.text).snapshot()
    assert now.count_errors() == fresh.count_errors()


def test_the_limit_is_one_of_computing_and_grows_with_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    # 180 kB of nested calls: no machine reads that in a thousandth of a second.
    monkeypatch.setattr(snapshot, "RUNAWAY", 0.001)
    monkeypatch.setattr(snapshot, "RUNAWAY_BYTE", 0.0)
    text = "val x = " + "f(`a`) { " * 20_000 + "\n"
    nested = Document("file:///a.kt", text).snapshot()
    assert nested.trees is None
    assert nested.late
    monkeypatch.setattr(snapshot, "RUNAWAY_BYTE", 1.0)
    short = Document("file:///a.kt", "val x = 1\n").snapshot()
    assert short.trees is not None
    assert not short.late


def test_the_languages_are_those_that_are_shipped() -> None:
    assert {EXAMPLES[name].parent.name for name in EXAMPLES} == {path.name for path in GRAMMARS.iterdir() if path.is_dir()}
    assert all(load_languages().find_by_path(str(path)) is not None for path in EXAMPLES.values())
