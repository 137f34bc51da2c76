"""A name of the standard library was typed that the file does not import: its import."""

import re
from collections.abc import Iterator, Sequence

from interfix.next_edit.candidate import Candidate
from interfix.next_edit.edit_log import Edit, EditKind
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.finders.python_import_place import place_import
from interfix.next_edit.next_edit_types import Replacement
from interfix.syntax.document import Snapshot
from interfix.syntax.imports import find_import_ranges
from interfix.syntax.languages import StandardImports
from interfix.syntax.name_place import TextKind, find_name_place

MAX_EDITS = 4
"""Edits whose text is looked at, the newest."""
_MAX_WORD_BYTES = 60
_NAME = re.compile(rb"(?<![\w.:$'\"])[A-Za-z]\w*")
_LEADING = re.compile(rb"(?:\s*(?:#|//|/\*|\"\"\"|'''|r\"\"\")|<)")


def find(search: EditSearch) -> list[Candidate]:
    """The imports of names in the text of the newest edits which nothing in the file declares."""
    snapshot = search.context.snapshot
    standard = snapshot.language.standard_imports if snapshot.language else None
    if standard is None:
        return []
    edits = [each for each in search.context.edits if each.uri == snapshot.uri and each.start >= 0]
    candidates: dict[str, Candidate] = {}
    for edit in [each for each in reversed(edits) if each.kind is not EditKind.FORMATTED][:MAX_EDITS]:
        for name in _list_names(snapshot, edit, standard):
            if name in candidates or _is_known(snapshot, name, standard) or _was_used(snapshot, name, standard, edits):
                continue
            if (replacement := _write(snapshot, standard, standard.paths[name])) is not None:
                line = snapshot.lines.find_line(replacement.start)
                label = f"import {standard.paths[name]}"
                candidates[name] = Candidate(
                    "standard_import", "standard_import", line, line, (replacement,), {}, label, edit.number
                )
    return [*candidates.values()]


def _list_names(snapshot: Snapshot, edit: Edit, standard: StandardImports) -> Iterator[str]:
    """The standard library's names that the text of an edit uses and that its old text did not."""
    was = set(re.findall(rb"\w+", edit.old))
    for match in _NAME.finditer(snapshot.data, _find_word_start(snapshot.data, edit.start), edit.end):
        name = match[0].decode("utf-8", "replace")
        follows = snapshot.data[match.end() : match.end() + len(standard.link)] == standard.link.encode()
        if name not in standard.paths or match[0] in was or not follows:
            continue
        if find_name_place(snapshot, match.start()).kind is TextKind.CODE:
            yield name


def _find_word_start(data: bytes, offset: int) -> int:
    """Where the word begins that a byte stands in or behind; the byte itself where there is none."""
    word = re.search(rb"\w*$", data[max(0, offset - _MAX_WORD_BYTES) : offset])
    return offset - len(word[0]) if word else offset


def _is_known(snapshot: Snapshot, name: str, standard: StandardImports) -> bool:
    """Whether the file imports a name or declares it anywhere."""
    package = re.sub(r"(?:::|[./])\w+$", "", standard.paths[name])
    for start, end in find_import_ranges(snapshot, len(snapshot.data)):
        text = snapshot.data[start:end].decode("utf-8", "replace")
        if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) or ("*" in text and package in text):
            return True
    places = (match.start() for match in re.finditer(rb"(?<!\w)" + name.encode() + rb"(?!\w)", snapshot.data))
    return any(find_name_place(snapshot, place).declares for place in places)


def _was_used(snapshot: Snapshot, name: str, standard: StandardImports, edits: Sequence[Edit]) -> bool:
    """Whether code that nobody has edited uses a name as well: then it comes from somewhere."""
    uses = re.finditer(rb"(?<![\w.])" + re.escape((name + standard.link).encode()), snapshot.data)
    old = [each.start() for each in uses if not any(edit.start <= each.start() <= edit.end for edit in edits)]
    return any(find_name_place(snapshot, place).kind is TextKind.CODE for place in old)


def _write(snapshot: Snapshot, standard: StandardImports, path: str) -> Replacement | None:
    """The import, in its place in the order of the others where they have one; None where a file without any begins otherwise."""
    newline = snapshot.newline
    ranges = find_import_ranges(snapshot, len(snapshot.data))
    statement = standard.statement.format(path=path)
    if not ranges:
        if _LEADING.match(snapshot.data):
            return None
        return Replacement(0, 0, f"{statement}{newline}{newline}".encode())
    if snapshot.language is not None and snapshot.language.id == "python" and statement == f"import {path}":
        return place_import(snapshot, ranges, path)
    group = next((each for each in ranges if snapshot.data[each[0] : each[1]].endswith(b")")), None) if standard.item else None
    if group is not None:
        return _insert_line(snapshot, group[0], group[1], standard.item.format(path=path))
    first = next((each for each in ranges if _is_import(snapshot, each, standard)), None)
    if first is None:
        end = snapshot.lines.find_next_start(snapshot.data, snapshot.lines.find_line(ranges[-1][1] - 1))
        return Replacement(end, end, f"{newline}{statement}{newline}".encode())
    return _insert_line(snapshot, first[0], ranges[-1][1], statement)


def _is_import(snapshot: Snapshot, span: tuple[int, int], standard: StandardImports) -> bool:
    return snapshot.data[slice(*span)].startswith(standard.statement.split(" ")[0].encode())


def _insert_line(snapshot: Snapshot, start: int, end: int, text: str) -> Replacement:
    """A line among those from one byte to another: in alphabetical order if they are in it, else behind the last."""
    head = text.split(" ")[0] if " " in text else text[:1]
    numbers = range(snapshot.lines.find_line(start), snapshot.lines.find_line(end - 1) + 1)
    lines = [(number, snapshot.data[slice(*_find_span(snapshot, number))].decode("utf-8", "replace")) for number in numbers]
    alike = [(number, line) for number, line in lines if line.strip().startswith(head)]
    if not alike:
        alike = lines[:1]
    texts = [line.strip() for _, line in alike]
    later = next((number for number, line in alike if line.strip() > text), None) if texts == sorted(texts) else None
    indent = re.match(r"\s*", alike[-1][1])
    line = (indent[0] if indent else "") + text + snapshot.newline
    at = snapshot.lines.find_start(later) if later is not None else _find_next(snapshot, alike[-1][0])
    return Replacement(at, at, line.encode())


def _find_span(snapshot: Snapshot, line: int) -> tuple[int, int]:
    return snapshot.lines.find_start(line), snapshot.lines.find_end(snapshot.data, line)


def _find_next(snapshot: Snapshot, line: int) -> int:
    return snapshot.lines.find_next_start(snapshot.data, line)
