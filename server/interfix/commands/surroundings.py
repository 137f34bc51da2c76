"""What to show the model besides the code it is asked about: what is wrong there, what is imported, what its names mean.

Knows no prompt: pieces of text, the most telling first, that the layout of a chat leaves out from the end where there is no room.
"""

import logging
import re
from collections.abc import Callable, Iterable
from pathlib import PurePath

from interfix.commands.prompts import fenced
from interfix.commands.selection import Selection
from interfix.commands.situation import Situation
from interfix.context.index.outline import outline
from interfix.masking import NO_TEXT, Masker
from interfix.syntax.imports import imports
from interfix.syntax.outline import identifiers
from interfix.values import Piece

_log = logging.getLogger(__name__)

Named = tuple[str, str]
"""What a piece is of, and the piece."""

_PIECES = 12
"""Most definitions that are shown."""
_LEAST_NAME = 3
"""Shorter names mean too many things."""


def surroundings(situation: Situation, selection: Selection, room: int, masker: Masker) -> tuple[Piece, ...]:
    """All there is; what is beyond `room` bytes is marked as left out. A source that fails is logged and left out."""
    found = list[Piece]()
    for source, find in _SOURCES.items():
        try:
            found += [Piece(source, masker.mask(text), name) for name, text in find(situation, selection)]
        except Exception as error:
            _log.warning("context source %s failed and is left out: %s", source, type(error).__name__)
    shown, taken = list[Piece](), 0
    for piece in found:
        taken += len(piece.text.encode("utf-8", "surrogatepass"))
        left = f"beyond {room} bytes of context" if taken > room else ""
        shown.append(Piece(piece.source, NO_TEXT, piece.name, left) if left else piece)
    return tuple(shown)


def reported(situation: Situation, selection: Selection) -> str:
    """The diagnostics that touch the selection, one a line, each by its line of the selection; empty where there are none."""
    lines = selection.snapshot.lines
    first = lines.at(selection.start)
    return "\n".join(
        f"- line {lines.at(each.start) - first + 1}: {' '.join(each.message.split())}"
        + (f" ({each.source})" if each.source else "")
        for each in situation.diagnostics
        if each.start <= selection.end and selection.start <= each.end
    )


def _diagnostics(situation: Situation, selection: Selection) -> Iterable[Named]:
    found = reported(situation, selection)
    return [("", f"Reported for the code below:\n{found}")] if found else []


def _imports(_situation: Situation, selection: Selection) -> Iterable[Named]:
    snapshot = selection.snapshot
    spans = [span for span in imports(snapshot, selection.start) if span[1] <= selection.start]
    text = "\n".join(snapshot.data[start:end].decode("utf-8", "replace").strip() for start, end in spans)
    return [("", f"The file imports:\n{fenced(text, selection.language)}")] if text else []


def _file(_situation: Situation, selection: Selection) -> Iterable[Named]:
    """What the selection uses of its own file: signatures and documentation, not bodies."""
    snapshot = selection.snapshot
    used = set(identifiers(snapshot, selection.start, selection.end)) - selection.names().keys()
    first, last = snapshot.lines.at(selection.start), snapshot.lines.at(selection.end)
    _, definitions = outline(snapshot, PurePath(snapshot.path).name)
    told = [each for each in definitions if each.name in used and not first <= each.line <= last][:_PIECES]
    return [(each.name, f"From the same file:\n{fenced(each.skeleton, selection.language)}") for each in told]


def _definitions(situation: Situation, selection: Selection) -> Iterable[Named]:
    """What the selection uses of the rest of the workspace, by its index."""
    if situation.index is None:
        return []
    snapshot = selection.snapshot
    own = {each.name for each in outline(snapshot, "")[1]}
    names = [
        name
        for name in dict.fromkeys(identifiers(snapshot, selection.start, selection.end))
        if len(name) >= _LEAST_NAME and name not in own
    ]
    path = PurePath(snapshot.path)
    here = path.relative_to(situation.root).as_posix() if situation.root and path.is_relative_to(situation.root) else ""
    found = [each for each in situation.index.definitions(names, _PIECES) if each.path != here]
    return [(f"{each.path} {each.name}", f"From {each.path}:\n{fenced(each.skeleton, _language(each.path))}") for each in found]


def _language(path: str) -> str:
    return re.sub(r".*\.", "", PurePath(path).name)


_SOURCES: dict[str, Callable[[Situation, Selection], Iterable[Named]]] = {
    "diagnostics": _diagnostics,
    "imports": _imports,
    "file": _file,
    "definitions": _definitions,
}
"""In the order shown, the most telling first."""
