"""A key of several parts was changed in a string, such as `server.http.port`: the same key elsewhere."""

import re
from collections.abc import Iterator

from interfix.next_edit.candidate import Candidate
from interfix.next_edit.edit_log import Edit
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.name_changes import list_edits
from interfix.next_edit.renamed_text import offer_rename

MIN_PARTS = 3
"""Parts of a key between dots: of two, it may be the name of a file."""
_STRING = re.compile(r"(?P<quote>[\"'`])(?P<text>[A-Za-z_][\w.:-]*)(?P=quote)")
_KEY = re.compile(r"[A-Za-z_][\w-]*(?:[.:][A-Za-z_][\w-]*)+|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")


def find(search: EditSearch) -> list[Candidate]:
    """The strings that are the same key as one that the newest edits changed a part of."""
    return [candidate for edit in list_edits(search.context) for candidate in _list_equal(search, edit)]


def _list_equal(search: EditSearch, edit: Edit) -> Iterator[Candidate]:
    table, snapshot = search.table, search.context.snapshot
    line = snapshot.lines.find_line(edit.start)
    for match in _STRING.finditer(table.lines[line]):
        start, end = (table.find_byte(line, at) for at in match.span("text"))
        if not (start <= edit.start and edit.end <= end):
            continue
        old = (snapshot.data[start : edit.start] + edit.old + snapshot.data[edit.end : end]).decode("utf-8", "replace")
        if (
            not _is_key(old)
            or not _is_key(match["text"])
            or set(re.split(r"[._:]", old)).isdisjoint(re.split(r"[._:]", match["text"]))
        ):
            return
        pattern = re.compile(rf"(?<=[\"'`]){re.escape(old)}(?=[\"'`])")
        for other in table.find_lines(old):
            for key in pattern.finditer(table.lines[other]):
                yield from offer_rename(search, "equal_key", table.find_byte(other, key.start()), old, match["text"], edit.number)


def _is_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None and (len(re.split(r"[.:]", text)) >= MIN_PARTS or "_" in text)
