"""What the user changed, as edits a person means: keystrokes of a line are one, and what was taken back is none.

In memory only, bounded, over all documents of a session. A change costs as much as the edits that are kept.
"""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from interfix.syntax.document import AppliedEdit, Snapshot

MAX_EDITS = 48
"""Edits that are kept, the newest."""
MAX_EDIT_BYTES = 16_384
"""An edit that replaces more, or by more, is not kept: nothing can be learnt of it."""
_MAX_GAP_BYTES = 4_096
"""Bytes of a line that are looked at for its end."""
_PASTED_BYTES = 120
"""So much text in one change, over several lines, was not typed."""
_BATCH_EDITS = 3
"""So many changes in one message are a program's."""
_LAYOUT = bytes(range(33))
_LAYOUT_MARKS = b",;"


class EditKind(StrEnum):
    """How a text came to be."""

    TYPED = "typed"
    PASTED = "pasted"
    FORMATTED = "formatted"
    """Only its layout is another one."""
    SUGGESTED = "suggested"
    """A next edit that was accepted, perhaps in a line that was typed in before."""


class Edit(msgspec.Struct, frozen=True):
    """One edit, in the document as it is now."""

    uri: str
    """The document's."""
    start: int
    """Byte offset at which the new text begins; -1 where the document is closed."""
    old: bytes
    """The text before."""
    new: bytes
    """The text now."""
    kind: EditKind
    """How it was made."""
    number: int
    """Rises with each edit of the session; an edit that is changed again is the newest."""

    @property
    def end(self) -> int:
        """Byte offset behind the new text."""
        return self.start + len(self.new)


class EditLog:
    """The last edits of a session, by place."""

    def __init__(self) -> None:
        self._edits: list[Edit] = []
        self._number = 0

    def record(self, before: Snapshot, applied: Sequence[AppliedEdit], *, suggested: bool = False) -> None:
        """A document, which was `before`, was changed so, one after another."""
        data, uri = before.data, before.uri
        if len(applied) > MAX_EDITS:
            self.forget(uri)
            return
        batch = len(applied) >= _BATCH_EDITS
        for each in applied:
            self._record_one(uri, data, each, batch=batch, suggested=suggested)
            if len(applied) > 1:
                data = data[: each.start] + each.new + data[each.end :]

    def list_edits(self) -> tuple[Edit, ...]:
        """All that is kept, oldest first; in a document its edits do not overlap."""
        return tuple(self._edits)

    def forget(self, uri: str) -> None:
        """Nothing is known of a document any more."""
        self._edits = [each for each in self._edits if each.uri != uri]

    def close_document(self, snapshot: Snapshot) -> None:
        """A document was closed: what was done in it is still known, as whole lines, but not where."""
        self._edits = [
            msgspec.structs.replace(widen_to_lines(snapshot.data, each), start=-1) if each.uri == snapshot.uri else each
            for each in self._edits
        ]

    def _record_one(self, uri: str, data: bytes, change: AppliedEdit, *, batch: bool, suggested: bool) -> None:
        if change.old == change.new:
            return
        edits_left: list[Edit] = []
        joined: list[Edit] = []
        newest = self._edits[-1] if self._edits else None
        for each in self._edits:
            if each.uri != uri or each.start < 0:
                edits_left.append(each)
            elif _belong_together(data, each, change, is_newest=each is newest):
                joined.append(each)
            else:
                shift = len(change.new) - len(change.old) if each.start >= change.end else 0
                edits_left.append(msgspec.structs.replace(each, start=each.start + shift))
        merged = _merge(data, joined, change, _tell_kind(change, batch=batch, suggested=suggested))
        if merged.old != merged.new and max(len(merged.old), len(merged.new)) <= MAX_EDIT_BYTES:
            self._number += 1
            edits_left.append(msgspec.structs.replace(merged, uri=uri, number=self._number))
        self._edits = edits_left if len(edits_left) <= MAX_EDITS else _drop_one(edits_left)


def _drop_one(edits: Sequence[Edit]) -> list[Edit]:
    """The edits without the oldest; where most were accepted, without the oldest of those, which say no more than the change that
    they followed from: who goes through a hundred places still has that.
    """
    accepted = [at for at, each in enumerate(edits) if each.kind is EditKind.SUGGESTED]
    dropped = accepted[0] if len(accepted) > MAX_EDITS // 2 else 0
    return [each for at, each in enumerate(edits) if at != dropped]


def widen_to_lines(data: bytes, edit: Edit) -> Edit:
    """The same edit as whole lines, their last line ending included where there is one."""
    if edit.start < 0:
        return edit
    start, end = data.rfind(b"\n", 0, edit.start) + 1, edit.end
    if _is_linewise(data, edit.start, edit.old, edit.new):
        return edit
    newline = data.find(b"\n", end)
    stop = len(data) if newline < 0 else newline + 1
    head, tail = data[start : edit.start], data[end:stop]
    return msgspec.structs.replace(edit, start=start, old=head + edit.old + tail, new=head + edit.new + tail)


def is_layout_only(old: bytes, new: bytes, *, marks: bool) -> bool:
    """Whether two texts differ in white space only; with `marks`, in commas, semicolons and kinds of quotes as well."""
    drop = _LAYOUT + (_LAYOUT_MARKS if marks else b"")
    quotes = bytes.maketrans(b"'", b'"') if marks else None
    return old.translate(quotes, drop) == new.translate(quotes, drop)


def _tell_kind(change: AppliedEdit, *, batch: bool, suggested: bool) -> EditKind:
    if suggested:
        return EditKind.SUGGESTED
    if change.old and is_layout_only(change.old, change.new, marks=batch):
        return EditKind.FORMATTED
    pasted = len(change.new) >= _PASTED_BYTES and b"\n" in change.new and not change.old
    return EditKind.PASTED if pasted else EditKind.TYPED


def _merge(data: bytes, edits: Sequence[Edit], change: AppliedEdit, kind: EditKind) -> Edit:
    """One edit for a change of `data` and the edits before it that it goes on with."""
    start = min([change.start, *(each.start for each in edits)])
    end = max([change.end, *(each.end for each in edits)])
    old, at = b"", start
    for each in sorted(edits, key=lambda each: each.start):
        old += data[at : each.start] + each.old
        at = each.end
    old += data[at:end]
    new = data[start : change.start] + change.new + data[change.end : end]
    kinds = {kind, *(each.kind for each in edits)}
    stays = len(kinds) == 1 or kind is EditKind.SUGGESTED
    return Edit("", start, old, new, kind if stays else EditKind.TYPED, 0)


def _belong_together(data: bytes, edit: Edit, change: AppliedEdit, *, is_newest: bool) -> bool:
    """Whether a change goes on with an edit: both touch one line, or it is typed on where the newest edit ends."""
    if is_newest and change.start == edit.end == change.end:
        return True
    if (not edit.new and edit.start == change.start < change.end) or (not change.new and change.end == edit.start):
        return True  # apart they would begin at one place, and nobody could tell which text stood first
    edit_span = _find_span(data, edit.start, edit.end, linewise=_is_linewise(data, edit.start, edit.old, edit.new))
    change_span = _find_span(data, change.start, change.end, linewise=_is_linewise(data, change.start, change.old, change.new))
    return edit_span[0] < change_span[1] and change_span[0] < edit_span[1]


def _find_span(data: bytes, start: int, end: int, *, linewise: bool) -> tuple[int, int]:
    """The bytes of the lines that a change touches, their line endings included."""
    if linewise:
        return start, end
    newline = data.find(b"\n", end, end + _MAX_GAP_BYTES)
    first = max(data.rfind(b"\n", max(0, start - _MAX_GAP_BYTES), start) + 1, start - _MAX_GAP_BYTES, 0)
    return first, newline + 1 if newline >= 0 else min(len(data), end + _MAX_GAP_BYTES) + 1


def _is_linewise(data: bytes, start: int, old: bytes, new: bytes) -> bool:
    return (start == 0 or data[start - 1 : start] == b"\n") and all(not text or text.endswith(b"\n") for text in (old, new))
