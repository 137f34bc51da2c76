"""What the base model is shown to fill a stale span: the code around it, and the edits before as changes of the same form."""

from collections.abc import Iterator, Sequence

import msgspec
from rapidfuzz import fuzz

from interfix.context.document_masking import mask_around
from interfix.inference_types import Segment, SegmentKind
from interfix.masking import MaskedText, mask
from interfix.next_edit.edit_log import Edit, EditKind, widen_to_lines
from interfix.next_edit.stale_spans import StaleSpan
from interfix.next_edit.token_changes import trim_equal_lines
from interfix.syntax.document import Snapshot
from interfix.syntax.snapshot_text import decode_text

LINES_BEFORE, LINES_AFTER = 8, 4
"""Lines of code around the span: prompts are short, for most of one is read anew for each span."""
MAX_EDITS = 3
"""Edits that are shown, those that are most like the span."""
MAX_EDIT_CHARACTERS = 480
"""Characters of an edit, old and new; a larger one is not shown."""
OLD_MARK, NEW_MARK, END_MARK = "<<<<<<< before\n", "=======\n", ">>>>>>> after\n"
"""Around the two texts of a change, as version control marks a conflict: models have seen many."""


class SpanPrompt(msgspec.Struct, frozen=True):
    """What is asked for a span."""

    segments: tuple[Segment, ...]
    """The prompt's, whose hole is where the new text stands."""
    old: MaskedText
    """The span's text, `\\n` at its line ends and none at its end."""
    start: int
    """The byte at which the span begins."""
    end: int
    """The byte behind its last line, its line ending left out."""
    examples: tuple[tuple[str, str], ...]
    """The edits that are shown, old and new text, the most like the span last."""


def build_span_prompt(snapshot: Snapshot, span: StaleSpan, edits: Sequence[Edit], path: str) -> SpanPrompt | None:
    """The prompt for a span of a document; None where it holds a secret, or no edit can be shown."""
    lines, data = snapshot.lines, snapshot.data
    start, end = lines.find_start(span.first), lines.find_end(data, span.end - 1)
    masked = mask_around(snapshot, start, end).data
    if len(masked) != len(data) or masked[start:end] != data[start:end]:
        return None  # what is hidden would be written over
    old = _decode(data[start:end])
    examples = _choose_examples(snapshot, edits, old)
    if not examples:
        return None
    first = lines.find_start(max(0, span.first - LINES_BEFORE))
    last = lines.find_end(data, min(len(lines), span.end + LINES_AFTER) - 1)
    example_text = "".join(f"{OLD_MARK}{before}{NEW_MARK}{after}{END_MARK}" for before, after in examples)
    before, after = _decode(masked[first:start]), _decode(masked[end:last])
    prefix = f"{example_text}{before}{OLD_MARK}{old}\n{NEW_MARK}"
    segments = (
        Segment(SegmentKind.PREFIX, mask(prefix), path=mask(path), line=max(0, span.first - LINES_BEFORE), source="near"),
        Segment(SegmentKind.SUFFIX, mask(f"\n{END_MARK.rstrip()}{after}"), source="suffix"),
    )
    return SpanPrompt(segments, mask(old), start, end, examples)


def _decode(data: bytes) -> str:
    """A part of a document with the line ends that models know."""
    return decode_text(data).replace("\r\n", "\n")


def _choose_examples(snapshot: Snapshot, edits: Sequence[Edit], old: str) -> tuple[tuple[str, str], ...]:
    """The edits that are most like the span, each as the lines that it changed."""
    changed_lines = list(dict.fromkeys(_list_changed_lines(snapshot, edits)))
    likest = sorted(changed_lines, key=lambda pair: fuzz.ratio(pair[0], old))[-MAX_EDITS:]
    return tuple(likest)


def _list_changed_lines(snapshot: Snapshot, edits: Sequence[Edit]) -> Iterator[tuple[str, str]]:
    """The old and new text of edits. A model that is shown what was deleted deletes; where that is to go on, rules know."""
    for edit in edits:
        if edit.kind is EditKind.FORMATTED:
            continue
        before, after = trim_equal_lines(widen_to_lines(snapshot.data, edit) if edit.uri == snapshot.uri else edit)
        old, new = ("".join(f"{line}\n" for line in lines) for lines in (before, after))
        if new.strip() and len(old) + len(new) <= MAX_EDIT_CHARACTERS:
            yield mask(old), mask(new)
