"""The last use of an imported name was removed, and a server says so: the import goes."""

import re
from collections.abc import Iterator

from interfix.next_edit.candidate import Candidate
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.import_diagnostics import list_unused_places
from interfix.next_edit.next_edit_types import Replacement
from interfix.syntax.document import Snapshot
from interfix.syntax.imports import find_import_ranges

_WORD = re.compile(rb"[^\W\d]\w*")
_ITEM = re.compile(rb"\s*(?:type\s+)?(\w+)(?:\s+as\s+(\w+))?\s*")


def find(search: EditSearch) -> list[Candidate]:
    """Unused names of imports which the user's edits have taken away elsewhere."""
    context, snapshot = search.context, search.context.snapshot
    places = list_unused_places(context)
    if not places:
        return []
    candidates: dict[tuple[int, int], Candidate] = {}
    removed = _list_removed_words(search)
    for start, end in find_import_ranges(snapshot, len(snapshot.data)):
        unused = [removal for removal in places if start <= removal[0] and removal[1] <= end + 1]
        words = {word for removal in unused for word in _WORD.findall(snapshot.data[removal[0] : removal[1]])}
        numbers = [removed[word] for word in words if word in removed and _is_used_only_in(snapshot, word, start, end)]
        removal = _remove(snapshot, start, end, {word for word in words if word in removed}) if numbers else None
        if removal is not None:
            line, last = snapshot.lines.find_line(removal.start), snapshot.lines.find_line(max(removal.start, removal.end - 1))
            candidates[start, end] = Candidate(
                "unused_import", "unused_import", line, last + 1, (removal,), {}, "remove the unused import", max(numbers)
            )
    return [*candidates.values()]


def _list_removed_words(search: EditSearch) -> dict[bytes, int]:
    """The words that edits of the document have taken away, and the number of the newest such edit."""
    snapshot = search.context.snapshot
    removed: dict[bytes, int] = {}
    for edit in search.context.edits:
        if edit.uri == snapshot.uri:
            words_left = set(_WORD.findall(edit.new))
            removed |= {word: edit.number for word in _WORD.findall(edit.old) if word not in words_left}
    return removed


def _is_used_only_in(snapshot: Snapshot, word: bytes, start: int, end: int) -> bool:
    matches = re.finditer(rb"(?<!\w)" + re.escape(word) + rb"(?!\w)", snapshot.data)
    return all(start <= match.start() < end for match in matches)


def _remove(snapshot: Snapshot, start: int, end: int, names: set[bytes]) -> Replacement | None:
    """An import without some of its names; its whole lines where it brings nothing else. None where it is not a plain list."""
    data = snapshot.data
    listed = [*_list_items(data, start, end)]
    bound = [match[2] or match[1] for match in listed]
    going = [number for number, name in enumerate(bound) if name in names]
    if not going:
        # One name: a module, or a path that ends with it.
        if listed and len(listed) > 1:
            return None
        return _cut_lines(snapshot, start, end)
    if len(going) == len(listed):
        default = re.match(rb"import\s+[\w$]+\s*,", data[start:end])
        return None if default else _cut_lines(snapshot, start, end)
    if len(going) > 1:
        return None
    at = going[0]
    low, high = listed[at].start(), listed[at].end()
    if at + 1 < len(listed):
        first = low + len(data[low:high]) - len(data[low:high].lstrip())
        second = listed[at + 1]
        behind = second.start() + len(second[0]) - len(second[0].lstrip())
        return Replacement(first, behind, b"")
    before = listed[at - 1]
    return Replacement(before.start() + len(before[0].rstrip()), low + len(listed[at][0].rstrip()), b"")


def _list_items(data: bytes, start: int, end: int) -> Iterator["re.Match[bytes]"]:
    """The names of a list: what stands between braces or parentheses, or behind `import` in `from … import a, b`."""
    text = data[start:end]
    opening = re.search(rb"[({]|^from\b.*?\bimport\b", text, re.DOTALL)
    if opening is None:
        return
    at = start + opening.end()
    inner = re.compile(rb"\s*\(").match(data, at)
    at = inner.end() if inner and inner.end() <= end else at
    while at < end:
        match = _ITEM.match(data, at, end)
        if match is None:
            return
        yield match
        at = match.end()
        if data[at : at + 1] != b",":
            return
        at += 1


def _cut_lines(snapshot: Snapshot, start: int, end: int) -> Replacement | None:
    """All lines of a statement; None where they hold anything else."""
    lines, data = snapshot.lines, snapshot.data
    first, last = lines.find_line(start), lines.find_line(max(start, end - 1))
    low, high = lines.find_start(first), lines.find_next_start(data, last)
    rest = data[low:start] + data[end:high]
    return Replacement(low, high, b"") if not rest.strip(b" \t\r\n;") else None
