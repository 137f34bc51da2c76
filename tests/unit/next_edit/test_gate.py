"""What is held back however certain it is: undoing, breaking the parse, typing over the user, what was refused."""

import pytest

from interfix.next_edit.candidate import Candidate
from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.edit_log import EditLog
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.gate import MAX_REFUSED, RefusedEdits, is_admissible
from interfix.next_edit.next_edit_types import Replacement
from interfix.next_edit.ranking import RankedEdit, Weighed
from interfix.syntax.document import Document, DocumentEdit, PositionEncoding

URI = "file:///project/code.py"
TEXT = "first = 1\nother = first\nthird = first\n"


def judge(replaced: str, text: str, *, cursor: int = 0, explicit: bool = False, nth: int = 1) -> bool:
    """Whether an edit may be offered after `first` was renamed to `total` in the first line."""
    document, log = Document(URI, TEXT), EditLog()
    before = document.snapshot()
    log.record(before, document.apply([DocumentEdit((0, 0), (0, 5), "total")], 2, PositionEncoding.UTF32))
    snapshot = document.snapshot()
    context = EditContext(snapshot, cursor, log.list_edits(), explicit=explicit)
    start = -1
    for _ in range(nth):
        start = snapshot.text.index(replaced, start + 1)
    place = Replacement(start, start + len(replaced), text.encode())
    edit = RankedEdit((Weighed(Candidate("rename", "rename", 1, 2, (place,), {}), 0.99),), place, {}, 0.99)
    return is_admissible(context, snapshot, edit, EditSearch(context).history)


def test_what_follows_is_let_through() -> None:
    assert judge("first", "total")


@pytest.mark.parametrize(
    ("replaced", "text"),
    [
        ("total", "first"),  # undoes the change in its place
        ("first", "first"),  # changes nothing
        ("first", "total("),  # does not parse any more
    ],
)
def test_what_is_held_back(replaced: str, text: str) -> None:
    assert not judge(replaced, text)


def test_what_the_user_made_elsewhere_is_not_unmade() -> None:
    document, log = Document(URI, "a = total\nfirst = 1\n"), EditLog()
    before = document.snapshot()
    log.record(before, document.apply([DocumentEdit((1, 0), (1, 5), "total")], 2, PositionEncoding.UTF32))
    context = EditContext(document.snapshot(), 0, log.list_edits())
    place = Replacement(4, 9, b"first")
    edit = RankedEdit((Weighed(Candidate("rename", "rename", 0, 1, (place,), {}), 0.99),), place, {}, 0.99)
    assert not is_admissible(context, document.snapshot(), edit, EditSearch(context).history)


def test_nothing_is_offered_where_the_user_is_typing() -> None:
    assert not judge(" = 1", "", cursor=len("total"))
    assert judge(" = 1", "", cursor=len("total"), explicit=True)


@pytest.mark.parametrize("within", range(len("first") + 1))
def test_where_the_user_only_went_it_is_offered(within: int) -> None:
    assert judge("first", "total", cursor=TEXT.index("first", 12) + within)


def test_a_refused_edit_is_held_until_the_change_it_follows_from_is_made_anew() -> None:
    refused = RefusedEdits()
    refused.add(URI, b"first", b"total", 3)
    assert refused.holds(URI, b"first", b"total", 3)
    assert not refused.holds(URI, b"first", b"total", 4)
    assert not refused.holds("file:///other.py", b"first", b"total", 3)


def test_refusals_are_bounded() -> None:
    refused = RefusedEdits()
    for number in range(MAX_REFUSED + 1):
        refused.add(URI, b"%d" % number, b"", 1)
    assert not refused.holds(URI, b"0", b"", 1)
    assert refused.holds(URI, b"1", b"", 1)


def can_follow(file: str, code: str, old: str, new: str, *, more: str = "") -> bool:
    """Whether the second place of a text may be changed as the first was, or with `more` behind."""
    document, log = Document(f"file:///project/{file}", code), EditLog()
    before = document.snapshot()
    at = code.index(old)
    start, end = (before.to_position(place, PositionEncoding.UTF8) for place in (at, at + len(old)))
    log.record(before, document.apply([DocumentEdit(start, end, new)], 2, PositionEncoding.UTF8))
    snapshot = document.snapshot()
    context = EditContext(snapshot, 0, log.list_edits())
    second = snapshot.data.index(old.encode())
    place = Replacement(second, second + len(old), (new + more).encode())
    edit = RankedEdit((Weighed(Candidate("repeat", "replace", 1, 2, (place,), {}, number=1), 0.99),), place, {}, 0.99)
    return is_admissible(context, snapshot, edit, EditSearch(context).history)


MACROS = """\
class Store {
  void add(const T& value) {
    if (is_set(need<T>::value))
      push(value);
  }
  void put(const T& value) {
    if (is_set(need<T>::value)) {
      push(value);
    } else {
      drop(value);
    }
  }
};
"""


@pytest.mark.parametrize("new", ["IF_CONSTANT (need<T>::value)", "UNLIKELY(need<T>::value)"])
def test_what_no_grammar_knows_may_be_written_again_with_all_that_follows_from_it(new: str) -> None:
    assert can_follow("store.cc", MACROS, "(is_set(need<T>::value))", new)
    assert not can_follow("store.cc", MACROS, "(is_set(need<T>::value))", new, more=" ) ] } (")


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("code.c", "int a(int x) {\n  return f(x);\n}\nint b(int x) {\n  return f(x);\n}\n"),
        ("code.py", "def a(x):\n    return f(x)\n\ndef b(x):\n    return f(x)\n"),
    ],
)
def test_a_change_that_parsed_may_not_break_the_next_place(file: str, code: str) -> None:
    assert can_follow(file, code, "f(x)", "g(x)")
    assert not can_follow(file, code, "f(x)", "g(x)", more=")")
