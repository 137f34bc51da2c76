"""A name that other files use was changed where it is defined: its import there or its first use; the other uses then follow."""

import re
from collections.abc import Sequence
from functools import cache

from interfix.context.name_visibility import NameVisibility
from interfix.next_edit.candidate import Candidate
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.line_search_index import LineTable
from interfix.next_edit.moved_names import MovedName, name_module
from interfix.next_edit.next_edit_types import Replacement
from interfix.next_edit.visible_use import find_visible_use, is_of_another
from interfix.syntax.document import Snapshot
from interfix.syntax.imports import parse_imports
from interfix.syntax.name_place import TextKind, find_name_place

_IMPORT_WORD = re.compile(rb"\b(?:import|from|use|require)\b")
"""In a line that takes a name out of a module, or hands it on."""


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
    name = moved.old
    if name.encode() not in snapshot.data:
        return None
    start = _find_import(snapshot, name, origin.path)
    if start is not None or search.context.find_visibility is None:
        return start
    visibility = search.context.find_visibility(snapshot, origin)
    return (
        None if visibility is None else find_visible_use(snapshot, name, moved.owner, visibility, may_define=not moved.is_defined)
    )


def _find_import(snapshot: Snapshot, name: str, origin: str) -> int | None:
    """The byte at which a file first imports a name from a module that is called like the file at the path `origin`."""
    stem = re.compile(rf"\b{re.escape(name_module(origin))}\b".encode())
    word = re.compile(rf"\b{re.escape(name)}\b".encode())
    starts, data = snapshot.lines, snapshot.data
    if not stem.search(data):
        return None
    statements = [(each.start, each.end) for each in parse_imports(snapshot) if name in each.names]
    lines = ((starts.find_start(line), starts.find_end(data, line)) for line in LineTable(snapshot).find_lines(name))
    imports = (each for each in lines if _IMPORT_WORD.search(data, *each))
    for start, end in (*statements, *imports):
        if stem.search(data, start, end):
            for match in word.finditer(data, start, end):
                name_place = find_name_place(snapshot, match.start())
                is_import = (start, end) in statements or (name_place.declares and name_place.function is None)
                if name_place.kind is TextKind.CODE and is_import:
                    return match.start()
    return None
