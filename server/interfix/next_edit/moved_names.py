"""Names that the last edits changed where they are defined, outside of functions: what other files still call by the old one."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

import msgspec

from interfix.context.name_visibility import PACKAGE_STEMS
from interfix.next_edit.line_search_index import LineTable
from interfix.next_edit.rewrite_sites import is_rename_of_words
from interfix.next_edit.rewrites import History, Occasion, Rewrite
from interfix.syntax.document import Snapshot
from interfix.syntax.enclosing_scopes import find_enclosing_scopes
from interfix.syntax.name_place import find_name_place

MIN_NAME_CHARACTERS = 3
"""Shorter names are too common to look for elsewhere."""
MAX_NAMES = 4
"""Names that are looked for in one search, the newest."""
_OWNERS = frozenset(["class", "interface", "struct", "enum", "trait", "impl"])


class MovedName(msgspec.Struct, frozen=True):
    """A name defined outside of functions that its document has under another name now."""

    old: str
    new: str
    owner: str = ""
    """The innermost type or trait that it is a member of."""
    is_defined: bool = True
    """Whether the document has its body, and not only a declaration as C's headers do."""


def list_moved_names(table: LineTable, history: History) -> list[MovedName]:
    """Those of a document, the newest first."""
    renames = [each for each in history.rewrites if is_rename_of_words(each)]
    long = [each for each in renames if len(each.changes[0][0]) >= MIN_NAME_CHARACTERS]
    moved = (_find_moved(table, each) for each in long)
    return [each for each in moved if each is not None][:MAX_NAMES]


def _find_moved(table: LineTable, rewrite: Rewrite) -> MovedName | None:
    snapshot = table.snapshot
    old, new = rewrite.changes[0]
    if re.search(rf"\b{re.escape(old)}\b".encode(), snapshot.data):
        return None
    here = [each for each in rewrite.occasions if each.uri == snapshot.uri and each.line >= 0]
    start = next((start for each in here if (start := _find_definition(table, each)) is not None), None)
    if start is None:
        return None
    scopes = find_enclosing_scopes(snapshot, start)
    owners = [each for each in scopes if each.kind in _OWNERS and each.name != new]
    is_defined = bool(scopes) and scopes[-1].name == new
    return MovedName(old, new, owners[-1].name if owners else _find_receiver(snapshot, start), is_defined)


def _find_definition(table: LineTable, occasion: Occasion) -> int | None:
    """The byte at which a line of the document defines the new name outside of functions."""
    line = table.lines[occasion.line] if occasion.line < len(table.lines) else ""
    if "import" in line and PurePosixPath(table.snapshot.path).stem not in PACKAGE_STEMS:
        return None  # but a package's own file hands on what it imports
    for start in _find_words(table, occasion.line, occasion.changes[0].new):
        name_place = find_name_place(table.snapshot, start)
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
