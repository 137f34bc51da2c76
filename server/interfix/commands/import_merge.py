"""Moves the imports at the beginning of an answer to the imports of the file."""

import re

from interfix.commands.edit_hunks import Hunk
from interfix.commands.selection import Selection
from interfix.syntax.document import Document, Snapshot
from interfix.syntax.imports import Import, find_import_ranges, parse_imports
from interfix.syntax.notebook_script import join_cells
from interfix.syntax.query_matches import find_text_spans

_OPENINGS = {"php": "<?php\n"}
"""What a file of a language begins with, or it is none."""
_PREAMBLE_STARTS = (b"#!", b"<?", b"'use ", b'"use ')
"""What comes before imports, besides comments and documentation."""


def split_imports(code: str, selection: Selection) -> tuple[str, tuple[Hunk, ...]]:
    """The code without the imports it begins with, and the lines to add to the file's own imports: those it does not have yet.

    Where the imports of the file are part of the selection, they are the answer's to change, and nothing is moved.
    """
    snapshot = selection.snapshot
    at = _find_import_offset(snapshot, selection.start)
    if snapshot.language is None or at is None or _begins_with_imports(selection):
        return code, ()
    opening = _file_opening(snapshot)
    code = _strip_opening(code, opening)
    alone = Document(snapshot.uri, opening + code, 0, snapshot.language.ids[0]).snapshot()
    taken, end = list[str](), len(opening)
    imported = {name for each in parse_imports(join_cells(snapshot, 0)[0]) for name in _import_keys(each)}
    for start, stop in find_import_ranges(alone, len(alone.data)):
        if alone.data[end:start].strip():
            break
        brought = [each for each in parse_imports(alone) if start <= each.start < stop]
        if brought and not all(name in imported for each in brought for name in _import_keys(each)):
            taken.append(alone.data[start:stop].decode("utf-8", "replace").strip())
        end = stop
    if end == len(opening):
        return code, ()
    rest = alone.data[end:].decode("utf-8", "surrogatepass").lstrip("\n;")
    if not taken:
        return rest, ()
    newline = snapshot.newline
    begins = snapshot.data[:at].endswith((b"\n", b"\r")) or not at
    first = not find_import_ranges(snapshot, at)
    text = newline.join(taken).replace("\n", newline) + newline + (newline if first else "")
    return rest, (Hunk(at, at, text if begins else newline + text),)


def ensure_opening(code: str, snapshot: Snapshot) -> str:
    """The code as a file of the document's language may begin, with `<?php` in PHP, whether or not the code begins so itself."""
    return _file_opening(snapshot) + _strip_opening(code, _file_opening(snapshot))


def _file_opening(snapshot: Snapshot) -> str:
    return _OPENINGS.get(snapshot.language.id, "") if snapshot.language else ""


def _strip_opening(code: str, opening: str) -> str:
    return re.sub(rf"\A\s*{re.escape(opening.strip())}\b\s*", "", code) if opening else code


def _import_keys(each: Import) -> list[tuple[str, int, str]]:
    return [(each.module, each.relative_level, name) for name in each.names or ("",)]


def _begins_with_imports(selection: Selection) -> bool:
    return any(selection.start <= start < selection.end for start, _ in find_import_ranges(selection.snapshot, selection.end))


def _find_import_offset(snapshot: Snapshot, before: int) -> int | None:
    """Where a line of imports may be added above the byte `before`: behind the last one, else behind what the file begins with."""
    ends = [end for _, end in find_import_ranges(snapshot, before) if end <= before]
    if ends:
        end = max(ends)
        line_end = snapshot.lines.find_next_start(snapshot.data, snapshot.lines.find_line(max(0, end - 1)))
        return line_end if line_end <= before else None
    leads = find_text_spans(snapshot, 0, before)
    for line in range(snapshot.lines.find_line(before) + 1):
        start, end = snapshot.lines.find_start(line), snapshot.lines.find_end(snapshot.data, line)
        text = snapshot.data[start:end].strip()
        code = end - len(text)
        is_text = any(first <= start < last or first == code for first, last in leads)
        if text and not is_text and not text.startswith(_PREAMBLE_STARTS):
            return start
    return None
