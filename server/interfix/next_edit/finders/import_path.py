"""A module's name was changed in an import: the other imports from it."""

import re
from collections.abc import Iterator, Sequence

from interfix.next_edit.candidate import Candidate
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.name_changes import NameChange, list_name_changes
from interfix.next_edit.renamed_text import offer_rename
from interfix.syntax.imports import find_import_ranges

_PATH = r"[\w./@:\\~-]*"
"""Characters of a module's path."""


def find(search: EditSearch) -> list[Candidate]:
    """The imports that name the module by the path that an import had before the newest edits."""
    snapshot = search.context.snapshot
    imports = find_import_ranges(snapshot, len(snapshot.data))
    return [
        candidate
        for change in list_name_changes(search.context, "-")
        if any(start <= change.start < end for start, end in imports)
        for candidate in _list_imports(search, change, imports)
    ]


def _list_imports(search: EditSearch, change: NameChange, imports: Sequence[tuple[int, int]]) -> Iterator[Candidate]:
    snapshot = search.context.snapshot
    start, end = change.start, change.start + len(change.new.encode())
    before = re.search(_PATH.encode() + rb"\Z", snapshot.data[max(0, start - 200) : start])
    behind = re.match(_PATH.encode(), snapshot.data[end : end + 200])
    head, tail = before[0] if before else b"", behind[0] if behind else b""
    if not re.search(rb"[./:\\]", head + tail):
        return  # a name of its own, and no part of a path
    path = re.compile(rb"(?<![\w./@-])" + re.escape(head) + rb"(?P<name>" + re.escape(change.old.encode()) + rb")(?![\w-])")
    for low, high in imports:
        for match in path.finditer(snapshot.data, low, high):
            yield from offer_rename(search, "import_path", match.start("name"), change.old, change.new, change.number)
