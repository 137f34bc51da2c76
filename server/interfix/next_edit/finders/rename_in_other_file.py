"""A name that other files use was changed where it is defined: its import there or its first use; the other uses then follow."""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

import msgspec

from interfix.next_edit.candidate import Candidate
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.line_search_index import LineTable
from interfix.next_edit.next_edit_types import Replacement
from interfix.next_edit.rewrite_sites import is_rename_of_words
from interfix.next_edit.rewrites import Occasion, Rewrite
from interfix.next_edit.visible_use import find_visible_use, is_of_another
from interfix.syntax.document import Snapshot
from interfix.syntax.enclosing_scopes import find_enclosing_scopes
from interfix.syntax.imports import parse_imports
from interfix.syntax.name_place import TextKind, find_name_place

MIN_NAME_CHARACTERS = 3
"""Shorter names are too common to look for elsewhere."""
MAX_NAMES = 4
"""Names that are looked for in one search, the newest."""
_OWNERS = frozenset(["class", "interface", "struct", "enum", "trait", "impl"])
_PACKAGE_STEMS = frozenset(["__init__", "index", "mod"])


class MovedName(msgspec.Struct, frozen=True):
    """A name defined outside of functions that its document has under another name now."""

    old: str
    new: str
    owner: str = ""
    """The innermost type or trait that it is a member of."""
    is_defined: bool = True
    """Whether the document has its body, and not only a declaration as C's headers do."""


def find(search: EditSearch) -> list[Candidate]:
    """What the document still calls by the old name of what was renamed in another open one: its import, else its first use."""
    snapshot = search.context.snapshot
    pairs = ((moved, origin.context.snapshot) for origin in search.others for moved in list_moved_names(origin))
    found = (find_use(search, snapshot, moved, origin) for moved, origin in pairs)
    return [each for each in found if each is not None]


def drop_others_names(search: EditSearch, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates without those that rename what only is called like a name that another file defines."""
    if search.context.find_visibility is None:
        return list(candidates)
    snapshot = search.context.snapshot
    moved = [(each, origin.context.snapshot) for origin in search.others for each in list_moved_names(origin)]
    known = [(each, search.context.find_visibility(snapshot, origin)) for each, origin in moved]

    def is_others(candidate: Candidate) -> bool:
        first = candidate.replacements[0]
        return any(
            (snapshot.data[first.start : first.end], first.text) == (each.old.encode(), each.new.encode())
            and visibility is not None
            and is_of_another(snapshot, first.start, first.end, each.owner, visibility)
            for each, visibility in known
        )

    return [each for each in candidates if each.finder != "rename" or not is_others(each)] if known else list(candidates)


def list_moved_names(search: EditSearch) -> list[MovedName]:
    """The names that the last edits changed where they are defined; the newest first."""
    renames = [each for each in search.history.rewrites if is_rename_of_words(each)]
    long = [each for each in renames if len(each.changes[0][0]) >= MIN_NAME_CHARACTERS]
    moved = (_find_moved(search, each) for each in long)
    return [each for each in moved if each is not None][:MAX_NAMES]


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
    stem = re.compile(rf"\b{re.escape(_name_module(origin))}\b".encode())
    word = re.compile(rf"\b{re.escape(name)}\b".encode())
    starts, data = snapshot.lines, snapshot.data
    if not stem.search(data):
        return None
    statements = [(each.start, each.end) for each in parse_imports(snapshot) if name in each.names]
    lines = ((starts.find_start(line), starts.find_end(data, line)) for line in LineTable(snapshot).find_lines(name))
    for start, end in (*statements, *lines):
        if stem.search(data, start, end):
            for match in word.finditer(data, start, end):
                name_place = find_name_place(snapshot, match.start())
                is_import = (start, end) in statements or (name_place.declares and name_place.function is None)
                if name_place.kind is TextKind.CODE and is_import:
                    return match.start()
    return None


def _name_module(path: str) -> str:
    """What imports call the file at a path."""
    parts = PurePosixPath(path)
    return parts.parent.name if parts.stem in _PACKAGE_STEMS else parts.stem


def _find_moved(search: EditSearch, rewrite: Rewrite) -> MovedName | None:
    snapshot = search.context.snapshot
    old, new = rewrite.changes[0]
    if re.search(rf"\b{re.escape(old)}\b".encode(), snapshot.data):
        return None
    here = [each for each in rewrite.occasions if each.uri == snapshot.uri and each.line >= 0]
    start = next((start for each in here if (start := _find_definition(search, each)) is not None), None)
    if start is None:
        return None
    scopes = find_enclosing_scopes(snapshot, start)
    owners = [each for each in scopes if each.kind in _OWNERS and each.name != new]
    is_defined = bool(scopes) and scopes[-1].name == new
    return MovedName(old, new, owners[-1].name if owners else _find_receiver(snapshot, start), is_defined)


def _find_definition(search: EditSearch, occasion: Occasion) -> int | None:
    """The byte at which a line of the document defines the new name outside of functions."""
    line = search.table.lines[occasion.line] if occasion.line < len(search.table.lines) else ""
    if "import" in line and PurePosixPath(search.context.snapshot.path).stem not in _PACKAGE_STEMS:
        return None  # but a package's own file hands on what it imports
    for start in _find_words(search.table, occasion.line, occasion.changes[0].new):
        name_place = find_name_place(search.context.snapshot, start)
        if name_place.declares and name_place.function is None:
            return start
    return None


def _find_receiver(snapshot: Snapshot, start: int) -> str:
    """The type that Go's method before a name belongs to; empty where there is none."""
    before = snapshot.data[snapshot.lines.find_start(snapshot.lines.find_line(start)) : start].decode("utf-8", "replace")
    match = re.fullmatch(r"func\s*\([^)]*?(\w+)(?:\[[^\]]*\])?\)\s*", before)
    return match[1] if match else ""


def _find_words(table: LineTable, line: int, word: str) -> Iterator[int]:
    if line < len(table.lines):
        for match in re.finditer(rf"\b{re.escape(word)}\b", table.lines[line]):
            yield table.find_byte(line, match.start())
