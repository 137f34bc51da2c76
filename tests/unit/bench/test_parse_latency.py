"""The bench of long documents, on shorter ones, and what it shows: no edit has to wait for a parse of the whole text."""

import json

import pytest

from interfix.syntax import snapshot as snapshots
from interfix.syntax.document import Document
from interfix.syntax.grammar_check import load_example
from interfix.syntax.languages import Language, load_languages
from tests.bench.parse_latency import repeat_source, run

LINES = 12_000
"""Enough for every language's text to be parsed in stretches."""


def test_typing_in_a_long_text_needs_a_stretch_only(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What needs a parse of the whole text is late, as nothing is waited for: seldom, as when a line swallows the next one."""
    monkeypatch.setattr(snapshots, "MAX_PARSE_SECONDS", 0)
    found = run(LINES, [])
    assert {each.language for each in found} == {language.id for language in load_languages() if load_example(language)}
    assert {each.language: each.late for each in found if each.late > 0.15 or each.errors} == {}
    assert all(each.lines >= LINES and each.opened > 0 and each.edit.p50 <= each.edit.p95 for each in found)
    printed = capsys.readouterr()
    assert [row["language"] for row in json.loads(printed.out)] == [each.language for each in found]
    assert "edits, parse included" in printed.err


def test_only_the_named_languages_are_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert [each.language for each in run(10, ["json", "css"])] == ["css", "json"]
    assert json.loads(capsys.readouterr().out)[0]["late"] == 0


@pytest.mark.parametrize("language", list(load_languages()), ids=lambda language: language.id)
def test_an_example_is_repeated_so_that_it_parses(language: Language) -> None:
    snapshot = load_example(language)
    assert snapshot is not None
    longer = Document(snapshot.uri, repeat_source(snapshot, 1000)).snapshot()
    assert (len(longer.lines) >= 1000, longer.count_errors()) == (True, 0)


def test_what_can_stand_only_once_is_not_repeated() -> None:
    lua = Document("file:///a.lua", "local a = 1\nreturn a\n").snapshot()
    assert repeat_source(lua, 4) == "local a = 1\n" * 5 + "return a\n\n"
    hopeless = Document("file:///a.py", "def f(:\n").snapshot()
    assert repeat_source(hopeless, 2) == "def f(:\n\n" * 2
