"""A name that other files use was changed where it is defined: its import there or its first use; the other uses then follow."""

import re
from collections.abc import Sequence
from functools import cache

from interfix.context.name_visibility import NameVisibility
from interfix.next_edit.candidate import Candidate
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.moved_names import MovedName
from interfix.next_edit.next_edit_types import Replacement
from interfix.next_edit.visible_use import find_visible_use, is_of_another
from interfix.syntax.document import Snapshot
from interfix.syntax.imports import parse_imports
from interfix.syntax.name_place import TextKind, find_name_place


def find(search: EditSearch) -> list[Candidate]:
    """What the document still calls by the old name of what was renamed in another open one: its import, else its first use."""
    snapshot = search.context.snapshot
    pairs = ((moved, origin.context.snapshot) for origin in search.others for moved in origin.moved_names)
    uses = (find_use(search, snapshot, moved, origin) for moved, origin in pairs)
    return [each for each in uses if each is not None]


def drop_others_names(search: EditSearch, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates without those that rename what only is called like a name that another file defines."""
    see = search.context.find_visibility
    if see is None:
        return list(candidates)
    snapshot = search.context.snapshot
    moved = [(name, at) for at, origin in enumerate(search.others) for name in origin.moved_names]

    @cache
    def see_origin(at: int) -> NameVisibility | None:
        return see(snapshot, search.others[at].context.snapshot)

    def is_others(candidate: Candidate) -> bool:
        first = candidate.replacements[0]
        change = snapshot.data[first.start : first.end], first.text
        return candidate.finder == "rename" and any(
            change == (name.old.encode(), name.new.encode())
            and (visibility := see_origin(at)) is not None
            and is_of_another(snapshot, first.start, first.end, name.owner, visibility)
            for name, at in moved
        )

    return [each for each in candidates if not is_others(each)]


def find_use(search: EditSearch, snapshot: Snapshot, moved: MovedName, origin: Snapshot) -> Candidate | None:
    """Where a file first uses a name that was changed in the file `origin`: in an import, by its module, or as of one package."""
    if (start := find_place(search, snapshot, moved, origin)) is None:
        return None
    line = snapshot.lines.find_line(start)
    replacement = Replacement(start, start + len(moved.old.encode()), moved.new.encode())
    return Candidate("rename", "rename_in_other_file", line, line + 1, (replacement,), {}, f"{moved.old} → {moved.new}")


def find_place(search: EditSearch, snapshot: Snapshot, moved: MovedName, origin: Snapshot) -> int | None:
    """The byte at which a file first uses, by its old name, what the file `origin` defines."""
    see = search.context.find_visibility
    if see is None or moved.old.encode() not in snapshot.data or (visibility := see(snapshot, origin)) is None:
        return None
    start = _find_import(snapshot, moved, visibility)
    if start is not None:
        return start
    return find_visible_use(snapshot, moved.old, moved.owner, visibility, may_define=not moved.is_defined)


def _find_import(snapshot: Snapshot, moved: MovedName, visibility: NameVisibility) -> int | None:
    """The byte at which a file first takes the name out of the other one; a member only with the type that it is of."""
    word, owner = (re.compile(rf"\b{re.escape(each)}\b".encode()) for each in (moved.old, moved.owner))
    for each in parse_imports(snapshot):
        is_of_it = each.start in visibility.imports and moved.old in each.names
        if is_of_it and (not moved.owner or owner.search(snapshot.data, each.start, each.end)):
            for match in word.finditer(snapshot.data, each.start, each.end):
                if find_name_place(snapshot, match.start()).kind is TextKind.CODE:
                    return match.start()
    return None
