"""What holds a next edit back, however certain it is."""

from collections import OrderedDict
from enum import StrEnum

from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.edit_log import Edit
from interfix.next_edit.next_edit_types import Replacement
from interfix.next_edit.ranking import RankedEdit
from interfix.next_edit.rewrites import History
from interfix.syntax.document import Snapshot

STRING_TEMPLATE = "string_template"
_SAME_WORDS = frozenset(["rename", "rename_member", "rename_declared", "replace", "insert", "delete", "same_block"])
"""The kinds of candidates that do what the user did, word for word."""
MAX_REFUSED = 64
"""Refused edits that are remembered, the latest."""


class Obstacle(StrEnum):
    """What stands against an edit."""

    NONE = ""
    UNSURE = "unsure"
    AT_CURSOR = "at_cursor"
    UNDOES = "undoes"
    BREAKS_PARSE = "breaks_parse"
    REFUSED = "refused"


class RefusedEdits:
    """What the user did not want, in memory only."""

    def __init__(self) -> None:
        self._refused: OrderedDict[tuple[str, bytes, bytes], int] = OrderedDict()

    def add(self, uri: str, old: bytes, new: bytes, number: int) -> None:
        """An edit was refused when the newest edit of the log had this number."""
        self._refused[(uri, old, new)] = number
        self._refused.move_to_end((uri, old, new))
        while len(self._refused) > MAX_REFUSED:
            self._refused.popitem(last=False)

    def holds(self, uri: str, old: bytes, new: bytes, number: int) -> bool:
        """Whether an edit was refused, and the edit it follows from, of this number, was not made anew since."""
        refused = self._refused.get((uri, old, new))
        return refused is not None and number <= refused


def is_admissible(context: EditContext, snapshot: Snapshot, edit: RankedEdit, history: History) -> bool:
    """Whether an edit may be offered: not where the user types, undoing nothing, and with no more parse errors than there are."""
    return not judge_edit(context, snapshot, edit, history)


def judge_edit(context: EditContext, snapshot: Snapshot, edit: RankedEdit, history: History) -> Obstacle:
    """What holds an edit back; none: it may be offered."""
    replacement = edit.replacement
    if snapshot.uri == context.snapshot.uri and not context.explicit and _is_at_cursor(context, edit):
        return Obstacle.AT_CURSOR
    old = snapshot.data[replacement.start : replacement.end]
    if old == replacement.text or _undoes(context, snapshot, replacement, history):
        return Obstacle.UNDOES
    if _count_new_errors(snapshot, replacement) <= 0 or _errs_as_the_user_did(context, snapshot, edit):
        return Obstacle.NONE
    return Obstacle.BREAKS_PARSE


def _is_at_cursor(context: EditContext, edit: RankedEdit) -> bool:
    """Whether the user is typing in or beside what is replaced: the cursor is there, and so is the newest change.

    Who only went there, by themselves or by the editor's key, is offered the edit like everybody. The quotes of a string that the
    user has just put a placeholder into change around the cursor.
    """
    if not _is_typing(context):
        return False
    start, end = edit.replacement.start, edit.replacement.end
    if edit.parts[0].candidate.kind == STRING_TEMPLATE:
        return context.offset in (start, end)
    return start <= context.offset <= end


def _is_typing(context: EditContext) -> bool:
    """Whether the newest change is where the cursor is."""
    newest = context.edits[-1] if context.edits else None
    return newest is not None and newest.uri == context.snapshot.uri and 0 <= newest.start <= context.offset <= newest.end


def _undoes(context: EditContext, snapshot: Snapshot, replacement: Replacement, history: History) -> bool:
    """Whether the edit makes what the user changed what it was before, there or as the user changed it elsewhere."""
    for edit in context.edits:
        if edit.uri == snapshot.uri and edit.start >= 0 and replacement.start < edit.end and edit.start < replacement.end:
            start, end = min(replacement.start, edit.start), max(replacement.end, edit.end)
            made = snapshot.data[start : replacement.start] + replacement.text + snapshot.data[replacement.end : end]
            was = snapshot.data[start : edit.start] + edit.old + snapshot.data[edit.end : end]
            if made == was:
                return True
    old, new = (
        snapshot.data[replacement.start : replacement.end].decode("utf-8", "replace"),
        replacement.text.decode("utf-8", "replace"),
    )
    return any(rewrite.changes == ((new, old),) for rewrite in history.rewrites)


def _count_new_errors(snapshot: Snapshot, replacement: Replacement) -> int:
    """How many parse errors a change adds."""
    text = replacement.text.decode("utf-8", "surrogatepass")
    return snapshot.replace_range(replacement.start, replacement.end, text).count_errors() - snapshot.count_errors()


def _errs_as_the_user_did(context: EditContext, snapshot: Snapshot, edit: RankedEdit) -> bool:
    """Whether an edit adds no more parse errors than the user's own change did, which it makes once more in the same words: macros
    of C are no code that a grammar knows. What follows from such an error behind its lines, a missing brace, is not counted.
    """
    made = [Replacement(each.start, each.end, each.old) for each in _list_own_changes(context, snapshot, edit)]
    counts = (_count_new_errors, _count_errors_in_lines)
    new = (count(snapshot, edit.replacement) for count in counts)
    own = (-min((count(snapshot, each) for each in made), default=0) * len(edit.parts) for count in counts)
    return any(allowed > 0 and added <= allowed for added, allowed in zip(new, own, strict=True))


def _count_errors_in_lines(snapshot: Snapshot, replacement: Replacement) -> int:
    """How many parse errors a change adds in the lines it is made in."""
    changed = snapshot.replace_range(replacement.start, replacement.end, replacement.text.decode("utf-8", "surrogatepass"))
    here = _count_between(snapshot, replacement.start, replacement.end)
    return _count_between(changed, replacement.start, replacement.start + len(replacement.text)) - here


def _count_between(snapshot: Snapshot, start: int, end: int) -> int:
    """How many parse errors end in the lines of a range."""
    first, last = (snapshot.lines.find_line(at) for at in (start, end))
    begin, stop = snapshot.lines.find_start(first), snapshot.lines.find_end(snapshot.data, last)
    return snapshot.errors_before(stop) - snapshot.errors_before(begin)


def _list_own_changes(context: EditContext, snapshot: Snapshot, edit: RankedEdit) -> list[Edit]:
    """The changes of one line that an edit does once more in the same words: of a larger one nobody knows which part did it."""
    first = edit.parts[0].candidate
    if snapshot.uri != context.snapshot.uri or first.kind not in _SAME_WORDS:
        return []
    made = (each for each in context.edits if each.number == first.number and each.uri == snapshot.uri and each.start >= 0)
    return [each for each in made if b"\n" not in each.old + each.new]
