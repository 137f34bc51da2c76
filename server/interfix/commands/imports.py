"""The imports an answer begins with, moved to where the file has its own. Knows no model."""

import re

from interfix.commands.edit import Hunk
from interfix.commands.selection import Selection
from interfix.syntax.document import Document, Snapshot
from interfix.syntax.imports import Import, imported, imports
from interfix.syntax.queries import texts

_OPENING = {"php": "<?php\n"}
"""What a file of a language begins with, or it is none."""
_LEADS = (b"#!", b"<?", b"'use ", b'"use ')
"""What comes before imports, besides comments and documentation."""


def lifted(code: str, selection: Selection) -> tuple[str, tuple[Hunk, ...]]:
    """The code without the imports it begins with, and the lines to add to the file's own imports: those it does not have yet.

    Where the imports of the file are part of the selection, they are the answer's to change, and nothing is moved.
    """
    snapshot = selection.snapshot
    at = _place(snapshot, selection.start)
    if snapshot.language is None or at is None or _begins_with_imports(selection):
        return code, ()
    opening = _opening(snapshot)
    code = _bare(code, opening)
    alone = Document(snapshot.uri, opening + code, 0, snapshot.language.ids[0]).snapshot()
    taken, end = list[str](), len(opening)
    known = {name for each in imported(snapshot) for name in _named(each)}
    for start, stop in imports(alone, len(alone.data)):
        if alone.data[end:start].strip():
            break
        brought = [each for each in imported(alone) if start <= each.start < stop]
        if brought and not all(name in known for each in brought for name in _named(each)):
            taken.append(alone.data[start:stop].decode("utf-8", "replace").strip())
        end = stop
    if end == len(opening):
        return code, ()
    rest = alone.data[end:].decode("utf-8", "surrogatepass").lstrip("\n;")
    if not taken:
        return rest, ()
    newline = snapshot.newline
    begins = snapshot.data[:at].endswith((b"\n", b"\r")) or not at
    first = not imports(snapshot, at)
    text = newline.join(taken).replace("\n", newline) + newline + (newline if first else "")
    return rest, (Hunk(at, at, text if begins else newline + text),)


def opened(code: str, snapshot: Snapshot) -> str:
    """The code as a file of the document's language may begin, with `<?php` in PHP, whether or not the code begins so itself."""
    return _opening(snapshot) + _bare(code, _opening(snapshot))


def _opening(snapshot: Snapshot) -> str:
    return _OPENING.get(snapshot.language.id, "") if snapshot.language else ""


def _bare(code: str, opening: str) -> str:
    return re.sub(rf"\A\s*{re.escape(opening.strip())}\b\s*", "", code) if opening else code


def _named(each: Import) -> list[tuple[str, int, str]]:
    return [(each.module, each.relative, name) for name in each.names or ("",)]


def _begins_with_imports(selection: Selection) -> bool:
    return any(selection.start <= start < selection.end for start, _ in imports(selection.snapshot, selection.end))


def _place(snapshot: Snapshot, before: int) -> int | None:
    """Where a line of imports may be added above the byte `before`: behind the last one, else behind what the file begins with."""
    ends = [end for _, end in imports(snapshot, before) if end <= before]
    if ends:
        end = max(ends)
        place = snapshot.lines.after(snapshot.data, snapshot.lines.at(max(0, end - 1)))
        return place if place <= before else None
    leads = texts(snapshot, 0, before)
    for line in range(snapshot.lines.at(before) + 1):
        start, end = snapshot.lines.start(line), snapshot.lines.end(snapshot.data, line)
        text = snapshot.data[start:end].strip()
        code = end - len(text)
        said = any(first <= start < last or first == code for first, last in leads)
        if text and not said and not text.startswith(_LEADS):
            return start
    return None
