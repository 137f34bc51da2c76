"""Hunks: the fewest whole lines, which make the change and nothing else."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from interfix.commands.edit_hunks import CheckedEdit, apply_hunks, compute_hunks
from interfix.syntax.document import Document
from tests.effort import scale_examples


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ("a\nb\nc\n", "a\nx\nc\n", ["x\n"]),
        ("a\nb\nc\n", "a\nb\nc\n", []),
        ("a\nb\nc\nd\ne\n", "x\nb\nc\nd\ny\n", ["x\n", "y\n"]),
        ("a\nb\n", "a\nb\nc\n", ["c\n"]),
        ("a\r\nb\r\n", "a\r\nc\r\nb\r\n", ["c\r\n"]),
        ("a\rb\r", "a\r", [""]),
        ("a\nb\r\nc\n", "a\nx\nc\n", ["x\r\n"]),
        ("a", "b", ["b"]),
        ("é\u2028😀\n", "é\u2028x\n", ["é\u2028x\n"]),
    ],
)
def test_only_the_lines_that_differ_change(before: str, after: str, changed: list[str]) -> None:
    snapshot = Document("file:///t/code", before).snapshot()
    found = compute_hunks(snapshot, 0, len(snapshot.data), after)
    assert [hunk.text for hunk in found] == changed
    assert with_plain_ends(apply_hunks(snapshot.data, found)) == with_plain_ends(after.encode())


def with_plain_ends(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


TEXTS = st.lists(st.sampled_from(["a", "b", "é", "\n", "\r\n", "\r", " ", "😀"]), max_size=20).map("".join)


@given(TEXTS, TEXTS, TEXTS)
@example("", "\r", "\n\n")
@example("", "a\rb\n\nc", "a\n\nc")
@example("", "a\r\rb\nb", "a\n\nb")
@settings(max_examples=scale_examples(400), deadline=None)
def test_any_change_is_made_in_its_place(before: str, old: str, new: str) -> None:
    snapshot = Document("file:///t/code", before + old).snapshot()
    start = len(before.encode())
    after = apply_hunks(snapshot.data, compute_hunks(snapshot, start, len(snapshot.data), new))
    assert after.startswith(before.encode())
    assert with_plain_ends(after[start:]) == with_plain_ends(new.encode())


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["\n", "\r\n", "\r"])), max_size=12), st.data())
def test_a_line_that_stays_keeps_its_end(lines: list[tuple[str, str]], data: st.DataObject) -> None:
    lines = [(f"{text}{number}", ending) for number, (text, ending) in enumerate(lines)]
    kept = [line for line in lines if data.draw(st.booleans())]
    snapshot = Document("file:///t/code", "".join(text + ending for text, ending in lines)).snapshot()
    written = "".join(f"{text}\n" if data.draw(st.booleans()) else f"new {text}\n{text}\n" for text, _ in kept)
    after = apply_hunks(snapshot.data, compute_hunks(snapshot, 0, len(snapshot.data), written)).decode()
    for text, ending in kept:
        assert re.search(rf"(?:^|[\r\n]){text}{ending}(?!\n)" if ending == "\r" else rf"(?:^|[\r\n]){text}{ending}", after)


def test_the_verdict_says_what_was_checked_how_much_changes_and_what_to_look_at() -> None:
    snapshot = Document("file:///t/code", "a\n").snapshot()
    changed = compute_hunks(snapshot, 0, 2, "b\n")
    assert CheckedEdit(snapshot, changed, ("parses", "signature kept")).summary == "parses · signature kept · 1 hunk"
    assert CheckedEdit(snapshot, changed, ("parses",), ("Gone: x.", "Look.")).summary == "parses · 1 hunk. Gone: x. Look."
    assert CheckedEdit(snapshot, (), ("parses",)).summary == "The model left the code as it was."
