"""Where rules know the place and not the text: which lines, and why.

About `next_edit/stale_spans.py`.
"""

import pytest

from interfix.next_edit.certainty import load_certainty
from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.finders import collect_candidates
from interfix.next_edit.ranking import rank_edits
from interfix.next_edit.stale_spans import StaleSpan, list_stale_spans
from tests.unit.next_edit.edit_contexts import make_context


def find_spans(context: EditContext) -> list[StaleSpan]:
    search = EditSearch(context)
    ranked = rank_edits(context.snapshot, collect_candidates(search), load_certainty(), context.offset)
    return list_stale_spans(search, ranked)


def describe(context: EditContext, finder: str) -> list[str]:
    lines = context.snapshot.text.splitlines()
    return ["\n".join(lines[each.first : each.end]) for each in find_spans(context) if each.finder == finder]


CALLS = "def load(path):\n    return read(path)\n\n\nfirst = load('a')\nsecond = load(\n    'b',\n)\nthird = reload('c')\n"


def test_calls_of_a_function_that_takes_another_value() -> None:
    context = make_context(CALLS, ("load(path)", "load(path, mode)"))
    found = describe(context, "signature")
    assert found == ["    return read(path)", "first = load('a')", "second = load(\n    'b',\n)"]


def test_no_call_is_stale_where_the_new_value_may_be_left_out() -> None:
    context = make_context(CALLS, ("load(path)", "load(path, mode=None)"))
    assert describe(context, "signature") == ["    return read(path)"]


def test_nothing_passes_on_what_the_body_uses_already() -> None:
    context = make_context(CALLS.replace("read(path)", "read(path), mode"), ("load(path)", "load(path, mode=None)"))
    assert describe(context, "signature") == []


LIKE = """\
for i in range(len(first)):
    show(first[i])

for k in range(len(second)):
    show(second[k])

while True:
    pass
"""


def test_lines_that_are_like_a_changed_one_and_hold_some_of_what_it_lost() -> None:
    context = make_context(LIKE, ("i in range(len(first))", "i, _ in enumerate(first)"))
    found = {context.snapshot.text.splitlines()[each.first]: each for each in find_spans(context)}
    assert "for k in range(len(second)):" in found
    assert "while True:" not in found


def test_a_word_that_an_edit_took_away_and_that_is_still_there() -> None:
    code = "import httpx\n\n\ndef get():\n    '''An httpx answer.'''\n    return None\n"
    context = make_context(code, ("import httpx", "import niquests"))
    assert any(each.evidence.get("leftover") for each in find_spans(context) if each.first == 4)


def test_no_span_is_where_the_user_has_edited() -> None:
    context = make_context(LIKE, ("i in range(len(first))", "i, _ in enumerate(first)"), ("k in range(len(second))", "k in second"))
    edited = {0, 3}
    assert all(edited.isdisjoint(range(each.first, each.end)) for each in find_spans(context))


@pytest.mark.parametrize("code", ["", "\n", "x\n", "x"])
def test_a_document_without_more_has_no_span(code: str) -> None:
    context = make_context(code + "y", ("y", "z"))
    assert find_spans(context) == []
