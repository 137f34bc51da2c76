"""What the last edits have in common: the same change made once or more, with what stood around it each time."""

from collections.abc import Sequence

import msgspec

from interfix.next_edit.edit_log import Edit, EditKind, is_layout_only, widen_to_lines
from interfix.next_edit.rewrapped_statements import find_rewrapped
from interfix.next_edit.token_changes import BlockChange, LineChange, TokenChange, list_changes, trim_equal_lines
from interfix.syntax.document import Snapshot

MAX_REWRITES = 60
"""Rewrites that are looked at, those of the newest edits."""


class Occasion(msgspec.Struct, frozen=True):
    """One time that a rewrite was made."""

    uri: str
    """In which document."""
    line: int
    """Zero-based line of the document as it is now; -1 where it is closed."""
    number: int
    """The number of the edit."""
    text: str
    """The whole line before, without indentation."""
    indent: str
    """Its indentation."""
    changes: tuple[TokenChange, ...]
    """The rewrite's changes, with their surroundings at that time."""
    total: int
    """Changes that the line had in all."""
    accepted: bool
    """Whether it is a next edit that the user took."""


class Rewrite(msgspec.Struct):
    """Changes of one line, made the same way each time."""

    changes: tuple[tuple[str, str], ...]
    """Old and new text of each."""
    occasions: list[Occasion]
    """When it was made, the newest first."""

    @property
    def is_rename(self) -> bool:
        """Whether it is one word that gave way to another."""
        return len(self.changes) == 1 and self.occasions[0].changes[0].is_rename

    @property
    def is_accepted(self) -> bool:
        """Whether the user took it as a next edit at some place."""
        return any(each.accepted for each in self.occasions)


class Example(msgspec.Struct, frozen=True):
    """Whole lines that were changed, for whoever looks for others that are like them."""

    uri: str
    """In which document."""
    line: int
    """Zero-based line at which the new lines begin now; -1 where the document is closed."""
    number: int
    """The number of the edit."""
    old: tuple[str, ...]
    """The lines before; none: lines were inserted."""
    new: tuple[str, ...]
    """The lines now; none: they were deleted."""
    above: str
    """The line above, with its indentation."""
    below: str
    """The line below."""
    renames: bool
    """Whether all that changed is words that gave way to others."""
    accepted: bool
    """Whether it is a next edit that the user took."""
    changes: tuple[TokenChange, ...] = ()
    """What changed in them, token by token, where each of them is a line that was changed."""


class History(msgspec.Struct, frozen=True):
    """All rewrites that the log shows."""

    rewrites: tuple[Rewrite, ...]
    """Those of the newest edits first."""
    examples: tuple[Example, ...]
    """The same edits as whole lines, the newest first."""
    newest: int
    """The number of the newest edit."""


def collect_history(snapshot: Snapshot, edits: Sequence[Edit]) -> History:
    """What the edits of a document, and of closed ones, come to."""
    rewrites: dict[tuple[tuple[str, str], ...], Rewrite] = {}
    examples: list[Example] = []
    renamed: dict[str, str] = {}
    for edit in reversed(edits):
        lines = widen_to_lines(snapshot.data, edit) if edit.uri == snapshot.uri else edit
        if edit.kind is EditKind.FORMATTED or is_layout_only(lines.old, lines.new, marks=False):
            continue
        first = snapshot.lines.find_line(lines.start) if edit.uri == snapshot.uri and edit.start >= 0 else -1
        changes = list_changes(lines)
        renames_of_edit = _list_renames(changes)
        if first < 0 and any(renamed.get(old, new) != new for old, new in renames_of_edit):
            continue  # another thing of the same name: here the user has since given it another one
        if first >= 0:
            renamed = {**dict(renames_of_edit), **renamed}
        for change in changes:
            at = first + change.line_number if first >= 0 else -1
            renames = isinstance(change, LineChange) and all(each.is_rename for each in change.changes)
            if isinstance(change, BlockChange):
                old, new = change.old, change.new
            else:
                old, new = (change.indent + change.line,), tuple(change.new.split("\n"))
                _add_line(rewrites, change, edit, at)
            tokens = change.changes if isinstance(change, LineChange) else ()
            examples.append(_build_example(snapshot, edit, at, (old, new), tokens, renames=renames))
        if (statement := find_rewrapped(lines)) is not None:
            _add_line(rewrites, statement, edit, first + statement.line_number if first >= 0 else -1)
        if len(changes) > 1 and all(isinstance(change, LineChange) for change in changes):
            at = first + changes[0].line_number if first >= 0 else -1
            old_lines, new_lines = trim_equal_lines(lines)
            tokens = tuple(token for change in changes if isinstance(change, LineChange) for token in change.changes)
            examples.append(_build_example(snapshot, edit, at, (tuple(old_lines), tuple(new_lines)), tokens, renames=False))
    newest = tuple(rewrites.values())[:MAX_REWRITES]
    return History(newest, tuple(examples[:MAX_REWRITES]), max((edit.number for edit in edits), default=0))


def _list_renames(changes: Sequence[LineChange | BlockChange]) -> list[tuple[str, str]]:
    """The words that gave way to others, each with the other."""
    lines = (each for each in changes if isinstance(each, LineChange))
    return [(change.old, change.new) for line in lines for change in line.changes if change.is_rename]


def _build_example(
    snapshot: Snapshot,
    edit: Edit,
    at: int,
    lines: tuple[tuple[str, ...], tuple[str, ...]],
    changes: tuple[TokenChange, ...],
    *,
    renames: bool,
) -> Example:
    above, below = (get_line(snapshot, at - 1), get_line(snapshot, at + len(lines[1]))) if at >= 0 else ("", "")
    accepted = edit.kind is EditKind.SUGGESTED
    return Example(edit.uri, at, edit.number, *lines, above, below, renames, accepted, changes)


def _add_line(rewrites: dict[tuple[tuple[str, str], ...], Rewrite], line: LineChange, edit: Edit, at: int) -> None:
    groups = [line.changes] if len(line.changes) == 1 else [line.changes, *((change,) for change in line.changes)]
    seen = set()
    for changes in groups:
        key = tuple((change.old, change.new) for change in changes)
        if key in seen:
            continue
        seen.add(key)
        if all(not old.strip() and not new.strip() for old, new in key):
            continue  # layout only
        accepted = edit.kind is EditKind.SUGGESTED
        occasion = Occasion(edit.uri, at, edit.number, line.line, line.indent, changes, len(line.changes), accepted)
        rewrites.setdefault(key, Rewrite(key, [])).occasions.append(occasion)


def get_line(snapshot: Snapshot, line: int) -> str:
    """The text of a line without its line ending; empty where there is none."""
    if not 0 <= line < len(snapshot.lines):
        return ""
    lines = snapshot.lines
    return snapshot.data[lines.find_start(line) : lines.find_end(snapshot.data, line)].decode("utf-8", "replace")
