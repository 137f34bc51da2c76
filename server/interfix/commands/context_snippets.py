"""What to show the model besides the code it is asked about: what is wrong there, what is imported, what its names mean."""

import logging
import re
from collections.abc import Callable, Iterable
from pathlib import PurePath

from interfix.commands.command_request import CommandRequest
from interfix.commands.selection import Selection
from interfix.context.skeletons import outline_file
from interfix.inference_types import ContextSnippet
from interfix.masking import NO_TEXT, Masker
from interfix.output.markdown_code import fence_code
from interfix.syntax.identifiers_in_range import list_identifiers
from interfix.syntax.imports import find_import_ranges
from interfix.syntax.notebook_file import NOTEBOOK_SUFFIX
from interfix.syntax.notebook_script import join_cells

_log = logging.getLogger(__name__)

NamedText = tuple[str, str]
"""What a piece is of, and the piece."""

_MAX_DEFINITIONS = 12
"""Most definitions that are shown."""
_MIN_NAME_CHARACTERS = 3
"""Shorter names mean too many things."""


def gather_context(request: CommandRequest, selection: Selection, max_bytes: int, masker: Masker) -> tuple[ContextSnippet, ...]:
    """All there is; what is beyond `max_bytes` is marked as left out. A source that fails is logged and left out."""
    candidates = list[ContextSnippet]()
    for source, find in _SOURCES.items():
        try:
            candidates += [ContextSnippet(source, masker.mask(text), name) for name, text in find(request, selection)]
        except Exception as error:
            _log.warning("context source %s failed and is left out: %s", source, type(error).__name__)
    snippets, taken = list[ContextSnippet](), 0
    for piece in candidates:
        taken += len(piece.text.encode("utf-8", "surrogatepass"))
        left = f"beyond {max_bytes} bytes of context" if taken > max_bytes else ""
        snippets.append(ContextSnippet(piece.source, NO_TEXT, piece.name, left) if left else piece)
    return tuple(snippets)


def format_diagnostics(request: CommandRequest, selection: Selection) -> str:
    """The diagnostics that touch the selection, one a line, each by its line of the selection; empty where there are none."""
    lines = selection.snapshot.lines
    first = lines.find_line(selection.start)
    return "\n".join(
        f"- line {lines.find_line(each.start) - first + 1}: {' '.join(each.message.split())}"
        + (f" ({each.source})" if each.source else "")
        for each in request.diagnostics
        if each.start <= selection.end and selection.start <= each.end
    )


def _list_diagnostics(request: CommandRequest, selection: Selection) -> Iterable[NamedText]:
    diagnostics = format_diagnostics(request, selection)
    return [("", f"Reported for the code below:\n{diagnostics}")] if diagnostics else []


def _list_imports(_request: CommandRequest, selection: Selection) -> Iterable[NamedText]:
    snapshot, start = join_cells(selection.snapshot, selection.start)
    spans = [span for span in find_import_ranges(snapshot, start) if span[1] <= start]
    text = "\n".join(snapshot.data[start:end].decode("utf-8", "replace").strip() for start, end in spans)
    return [("", f"The file imports:\n{fence_code(text, selection.language)}")] if text else []


def _find_file_definitions(_request: CommandRequest, selection: Selection) -> Iterable[NamedText]:
    """What the selection uses of its own file: signatures and documentation, not bodies."""
    used = set(list_identifiers(selection.snapshot, selection.start, selection.end)) - selection.find_definitions().keys()
    snapshot, start = join_cells(selection.snapshot, selection.start)
    first, last = snapshot.lines.find_line(start), snapshot.lines.find_line(start + selection.end - selection.start)
    _, definitions = outline_file(snapshot, PurePath(snapshot.path).name)
    used_definitions = [each for each in definitions if each.name in used and not first <= each.line <= last][:_MAX_DEFINITIONS]
    return [(each.name, f"From the same file:\n{fence_code(each.skeleton, selection.language)}") for each in used_definitions]


def _find_workspace_definitions(request: CommandRequest, selection: Selection) -> Iterable[NamedText]:
    """What the selection uses of the rest of the workspace, by its index."""
    if request.index is None:
        return []
    snapshot = selection.snapshot
    own = {each.name for each in outline_file(join_cells(snapshot, 0)[0], "")[1]}
    names = [
        name
        for name in dict.fromkeys(list_identifiers(snapshot, selection.start, selection.end))
        if len(name) >= _MIN_NAME_CHARACTERS and name not in own
    ]
    path = PurePath(snapshot.path)
    here = path.relative_to(request.root).as_posix() if request.root and path.is_relative_to(request.root) else ""
    definitions = [each for each in request.index.find_definitions(names, _MAX_DEFINITIONS) if each.path != here]
    return [
        (f"{each.path} {each.name}", f"From {each.path}:\n{fence_code(each.skeleton, _find_info(each.path, selection))}")
        for each in definitions
    ]


def _find_info(path: str, selection: Selection) -> str:
    """What a block of a file's code is said to be in; a notebook's is most likely in the language of who asks."""
    return selection.language if path.endswith(NOTEBOOK_SUFFIX) else re.sub(r".*\.", "", PurePath(path).name)


_SOURCES: dict[str, Callable[[CommandRequest, Selection], Iterable[NamedText]]] = {
    "diagnostics": _list_diagnostics,
    "imports": _list_imports,
    "file": _find_file_definitions,
    "definitions": _find_workspace_definitions,
}
"""In the order shown, the most telling first."""
