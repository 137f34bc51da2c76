"""A name that others import was changed where it is defined: the imports of it in other files, whose uses then follow there."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from interfix.next_edit.candidate import Candidate
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.line_search_index import LineTable
from interfix.next_edit.next_edit_types import Replacement
from interfix.next_edit.rewrite_sites import is_rename_of_words
from interfix.next_edit.rewrites import Occasion, Rewrite
from interfix.syntax.document import Snapshot
from interfix.syntax.name_place import TextKind, find_name_place

MIN_NAME_CHARACTERS = 3
"""Shorter names are too common to look for elsewhere."""
MAX_NAMES = 4
"""Names that are looked for in one search, the newest."""
_PACKAGE_STEMS = frozenset(["__init__", "index", "mod"])


def find(search: EditSearch) -> list[Candidate]:
    """The imports in this document of names that were changed in other open ones."""
    found = (
        find_import(search.context.snapshot, moved, origin.context.snapshot.path)
        for origin in search.others
        for moved in list_moved_names(origin)
    )
    return [each for each in found if each is not None]


def list_moved_names(search: EditSearch) -> list[tuple[str, str]]:
    """Names defined outside of functions that the document has under another name now, old and new; the newest first."""
    renames = [each for each in search.history.rewrites if is_rename_of_words(each)]
    long = [each for each in renames if len(each.changes[0][0]) >= MIN_NAME_CHARACTERS]
    return [each.changes[0] for each in long if _is_moved(search, each)][:MAX_NAMES]


def find_import(snapshot: Snapshot, moved: tuple[str, str], origin: str) -> Candidate | None:
    """The first import of a moved name in another file, from a module that is called like the file at the path `origin`."""
    old, new = moved
    path = PurePosixPath(origin)
    stem = path.parent.name if path.stem in _PACKAGE_STEMS else path.stem
    table = LineTable(snapshot)
    for line in table.find_lines(old):
        text = table.lines[line]
        if not re.search(rf"\b{re.escape(stem)}\b", text):
            continue
        for match in re.finditer(rf"\b{re.escape(old)}\b", text):
            start = table.find_byte(line, match.start())
            name_place = find_name_place(snapshot, start)
            if name_place.kind is TextKind.CODE and name_place.declares and name_place.function is None:
                replacement = Replacement(start, start + len(old.encode()), new.encode())
                return Candidate("rename", "rename_import", line, line + 1, (replacement,), {}, f"{old} → {new}")
    return None


def _is_moved(search: EditSearch, rewrite: Rewrite) -> bool:
    snapshot = search.context.snapshot
    here = [each for each in rewrite.occasions if each.uri == snapshot.uri and each.line >= 0]
    old = re.compile(rf"\b{re.escape(rewrite.changes[0][0])}\b".encode())
    return not old.search(snapshot.data) and any(_is_definition(search, each) for each in here)


def _is_definition(search: EditSearch, occasion: Occasion) -> bool:
    starts = _find_words(search.table, occasion.line, occasion.changes[0].new)
    places = [find_name_place(search.context.snapshot, start) for start in starts]
    line = search.table.lines[occasion.line] if occasion.line < len(search.table.lines) else ""
    return "import" not in line and any(each.declares and each.function is None for each in places)


def _find_words(table: LineTable, line: int, word: str) -> Iterator[int]:
    if line < len(table.lines):
        for match in re.finditer(rf"\b{re.escape(word)}\b", table.lines[line]):
            yield table.find_byte(line, match.start())
