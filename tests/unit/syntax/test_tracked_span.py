"""A tracked place stays where it was, whatever else is edited, in text that repeats itself."""

from hypothesis import given
from hypothesis import strategies as st

from interfix.syntax.document import AppliedEdit, Document, DocumentEdit, PositionEncoding
from interfix.syntax.tracked_span import MIN_SLIDE_BYTES, SpanTracker, TrackedSpan

MAX_AROUND = 3
"""Bytes on each side that an editor may send again."""
repeats = st.builds(lambda unit, count: unit * count, st.text("ab\n", min_size=1, max_size=3), st.integers(0, 8))
steps = st.lists(st.tuples(st.sampled_from(["type", "delete", "left", "right"]), st.data()), max_size=6)


def make_edit(start: int, old: bytes, new: bytes) -> AppliedEdit:
    return AppliedEdit(start, start + len(old), len(new), len(new), old, new)


def spell_edit(before: bytes, start: int, removed: int, new: bytes, data: st.DataObject) -> AppliedEdit:
    """An edit as some editor tells it: as it was, elsewhere with the same result, or with text around it that stays.

    Together no farther away than a span looks: what is cut off of the text around it moves it by as much again.
    """
    after = before[:start] + new + before[start + removed :]
    reach = MIN_SLIDE_BYTES - MAX_AROUND
    places = [
        place
        for place in range(max(0, start - reach), min(len(before) - removed, start + reach) + 1)
        if before[:place] + after[place : place + len(new)] + before[place + removed :] == after
    ]
    place = data.draw(st.sampled_from(places))
    left, right = data.draw(st.integers(0, MAX_AROUND)), data.draw(st.integers(0, MAX_AROUND))
    begin, end = max(0, place - left), min(len(before), place + removed + right)
    edit = make_edit(begin, before[begin:end], after[begin : len(after) - (len(before) - end)])
    assert before[: edit.start] + edit.new + before[edit.end :] == after
    return edit


@given(repeats, repeats, st.data())
def test_what_is_put_in_is_known_however_an_editor_tells_it(left: str, right: str, data: st.DataObject) -> None:
    before, inside, after = left.encode(), b"", right.encode()
    span = TrackedSpan(len(before), len(before))
    for _ in range(data.draw(st.integers(1, 6))):
        text = before + inside + after
        if inside and data.draw(st.booleans()):
            removed = data.draw(st.integers(1, len(inside)))
            edit = spell_edit(text, len(before) + len(inside) - removed, removed, b"", data)
            inside = inside[:-removed]
        else:
            new = data.draw(st.text("ab\n", min_size=1, max_size=4)).encode()
            edit = spell_edit(text, len(before) + len(inside), 0, new, data)
            inside += new
        span.apply(edit, before + inside + after)
        assert not span.is_lost
        assert (before + inside + after)[span.start : span.end] == inside


@given(repeats, repeats, st.text("ab\n", max_size=4), st.data())
def test_what_is_edited_elsewhere_does_not_count(left: str, right: str, typed: str, data: st.DataObject) -> None:
    before, inside, after = left.encode(), typed.encode(), right.encode()
    span = TrackedSpan(len(before), len(before) + len(inside))
    for number in range(data.draw(st.integers(1, 5))):
        # A text of which there is no copy, nor of its end: what replaces a text that ends alike is only a deletion.
        new = data.draw(st.sampled_from([b"z", b"z\xc3\xa9", b"zz\n"])) + b"%d" % number
        if data.draw(st.booleans()):
            start = data.draw(st.integers(0, max(0, len(before) - 1)))
            end = data.draw(st.integers(start, max(start, len(before) - 1)))
            if end >= len(before):
                continue
            edit = make_edit(start, before[start:end], new)
            before = before[:start] + new + before[end:]
        else:
            if not after:
                continue
            start = data.draw(st.integers(1, len(after)))
            end = data.draw(st.integers(start, len(after)))
            edit = make_edit(len(before + inside) + start, after[start:end], new)
            after = after[:start] + new + after[end:]
        span.apply(edit, before + inside + after)
        assert (span.is_lost, span.start, span.end) == (False, len(before), len(before) + len(inside))


def test_what_is_cut_at_its_edge_is_lost() -> None:
    span = TrackedSpan(3, 5)
    span.apply(make_edit(2, b"cd", b"X"))
    assert span.is_lost


def test_a_place_of_a_moment_ago_is_found() -> None:
    document, tracker = Document("file:///a.py", "one two"), SpanTracker()
    older = document.snapshot()
    edits = document.apply([DocumentEdit((0, 0), (0, 0), "zero ")], 1, PositionEncoding.UTF8)
    tracker.apply(document.snapshot(), edits)
    assert tracker.track(older, 4).start == 9
    assert tracker.track(document.snapshot(), 4).start == 4


def test_spans_that_nobody_keeps_are_forgotten() -> None:
    document, tracker = Document("file:///a.py", "x"), SpanTracker()
    kept = tracker.track(document.snapshot(), 1)
    tracker.track(document.snapshot(), 1)
    assert list(tracker._spans[document.snapshot().key]) == [kept]
    tracker.close_document(document.snapshot().key)
    assert not tracker._spans
