"""The next edit by a model that was made for it, where the user has one and rules find nothing: the code around the cursor anew."""

from collections.abc import Sequence

import msgspec

from interfix.context.document_masking import mask_around
from interfix.inference_types import EditWindow, PastEdit
from interfix.masking import mask
from interfix.next_edit.candidate import Candidate
from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.edit_log import Edit, widen_to_lines
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.gate import Obstacle, RefusedEdits, judge_edit
from interfix.next_edit.next_edit_model_request import NextEditProposer
from interfix.next_edit.next_edit_types import Replacement
from interfix.next_edit.ranking import RankedEdit, Weighed

LINES_BEFORE, LINES_AFTER = 6, 14
"""Lines of the region around the cursor's: what follows from an edit stands below it more often."""
CONTEXT_LINES = 3
"""Lines of an edit's surroundings that are shown with it."""
MAX_EDITS = 6
"""Edits that are shown, the newest."""


class ModelRewrite(msgspec.Struct, frozen=True):
    """What the model would change."""

    replacement: Replacement
    """In the document that was asked about, as few bytes as say it."""
    certainty: float
    """How sure the model was, 0 to 1; of a next-edit model not calibrated."""
    model: str = ""
    """Its name."""
    finder: str = "model"
    """What found the place."""
    label: str = ""
    """What it does, for people; empty: its first line."""
    reason: str = ""
    """Why this place, in words for people; empty: the model chose it."""
    number: int | None = None
    """The number of the newest edit that it follows from; None: the newest of all."""
    threshold: float | None = None
    """The least certainty worth showing, of its own table; None: that of rules."""
    evidence: dict[str, float] = {}
    """What speaks for it, by name; each is of the order of one."""


async def propose_rewrite(proposer: NextEditProposer, context: EditContext, path: str) -> ModelRewrite | None:
    """What the model makes of the lines around the cursor; None where it has nothing to say, or nobody has edited anything.

    `path` is the document's in its workspace. Raises what the engine raises.
    """
    data, masked = context.snapshot.data, mask_around(context.snapshot, context.offset).data
    edits = [_show_edit(data, each, path) for each in context.edits if each.uri == context.snapshot.uri and each.start >= 0]
    if not edits or len(masked) != len(data):
        return None
    start, end = _find_region(data, context.offset)
    window = _make_window(masked, start, end, context.offset, path)
    newest = max((each for each in context.edits if each.uri == context.snapshot.uri and each.start >= 0), key=lambda e: e.number)
    original = masked[start:end]
    if start <= newest.start and newest.end <= end:
        original = masked[start : newest.start] + mask(newest.old.decode("utf-8", "replace")).encode() + masked[newest.end : end]
    window = msgspec.structs.replace(
        window, original=mask(original.decode("utf-8", "replace")), has_secret=masked[start:end] != data[start:end]
    )
    rewritten = await proposer.propose(edits[-MAX_EDITS:], window)
    if rewritten is None:
        return None
    replacement = _shrink(start, data[start:end], rewritten.text.encode())
    return ModelRewrite(replacement, rewritten.certainty, proposer.model.name)


def weigh_rewrite(
    context: EditContext, rewrite: ModelRewrite, threshold: float, refused: RefusedEdits
) -> tuple[RankedEdit, Obstacle]:
    """The rewrite as an edit to be offered, and what stands against it."""
    snapshot, replacement, search = context.snapshot, rewrite.replacement, EditSearch(context)
    number = search.history.newest if rewrite.number is None else rewrite.number
    first, last = snapshot.lines.find_line(replacement.start), snapshot.lines.find_line(max(replacement.start, replacement.end - 1))
    new_lines = replacement.text.decode("utf-8", "replace").strip().splitlines() or ["delete"]
    label = rewrite.label or new_lines[0].strip()
    candidate = Candidate(rewrite.finder, "model", first, last + 1, (replacement,), rewrite.evidence, label, number)
    ranked = RankedEdit((Weighed(candidate, rewrite.certainty),), replacement, rewrite.evidence, rewrite.certainty)
    if rewrite.certainty < threshold:
        return ranked, Obstacle.UNSURE
    if refused.holds(snapshot.uri, snapshot.data[replacement.start : replacement.end], replacement.text, number):
        return ranked, Obstacle.REFUSED
    return ranked, judge_edit(context, snapshot, ranked, search.history)


def _find_region(data: bytes, offset: int) -> tuple[int, int]:
    """The lines around the cursor's, whole."""
    start = data.rfind(b"\n", 0, offset) + 1
    for _ in range(LINES_BEFORE):
        start = data.rfind(b"\n", 0, max(0, start - 1)) + 1
    end = offset
    for _ in range(LINES_AFTER + 1):
        newline = data.find(b"\n", end)
        end = len(data) if newline < 0 else newline + 1
    return start, end


def _make_window(masked: bytes, start: int, end: int, offset: int, path: str) -> EditWindow:
    before, region, after = (mask(part.decode("utf-8", "replace")) for part in (masked[:start], masked[start:end], masked[end:]))
    line = before.count("\n")
    return EditWindow(mask(path), line, before, region, after, offset - start, region, begins_file=True)


def _show_edit(data: bytes, edit: Edit, path: str) -> PastEdit:
    """An edit as whole lines, with the lines around it."""
    lines = widen_to_lines(data, edit)
    end = lines.start + len(lines.new)
    first, last = lines.start, end
    for _ in range(CONTEXT_LINES):
        first = data.rfind(b"\n", 0, max(0, first - 1)) + 1
        newline = data.find(b"\n", last)
        last = len(data) if newline < 0 else newline + 1
    head, tail = data[first : lines.start], data[end:last]
    old, new = (mask((head + text + tail).decode("utf-8", "replace")) for text in (lines.old, lines.new))
    return PastEdit(mask(path), data.count(b"\n", 0, first), old, new)


def _shrink(start: int, old: bytes, new: bytes) -> Replacement:
    """The change as whole lines, without those that stay at the beginning and the end."""
    old_lines, new_lines = old.splitlines(keepends=True), new.splitlines(keepends=True)
    same = _count_same(old_lines, new_lines)
    same_end = _count_same(old_lines[same:][::-1], new_lines[same:][::-1])
    first, last = sum(map(len, old_lines[:same])), sum(map(len, old_lines[: len(old_lines) - same_end]))
    return Replacement(start + first, start + last, b"".join(new_lines[same : len(new_lines) - same_end]))


def _count_same(some: Sequence[bytes], others: Sequence[bytes]) -> int:
    count = 0
    while count < min(len(some), len(others)) and some[count] == others[count]:
        count += 1
    return count
