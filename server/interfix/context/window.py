"""What to show the model of the file at the cursor. Knows characters and lines, no tokens: the layout cuts to the budget."""

import logging
from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path, PurePath
from typing import TypeVar

from interfix.context.reach import Reach, reach
from interfix.syntax.imports import imports
from interfix.syntax.scopes import Scope, documentation, enclosing
from interfix.syntax.snapshot import Snapshot
from interfix.values import Segment, SegmentKind

_log = logging.getLogger(__name__)
_Found = TypeVar("_Found")

_RANKS = {"near": 0, "scope": 1, "imports": 2}
_IMPORT_BYTES = 3000
"""Most bytes of imports from outside the near code; what comes first stays."""
_SIGNATURE_LINES = 12
"""Most lines of one header from outside the near code."""
_DOCSTRING_BYTES = 300
"""A longer docstring is left out: its first line alone would leave a string open."""


def window(snapshot: Snapshot, offset: int, root: Path | None = None) -> tuple[Segment, ...]:
    """The segments of the file at the byte `offset`, in prompt order: repository, prefix pieces in the file's order, suffix.

    The prefix pieces are the file's imports (rank 2), the headers of the scopes around the cursor (rank 1), and the code before the
    cursor (rank 0), no line twice. The nearest code is one piece that begins at a stepped line, as does the whole window, so that
    typing moves neither. `root` is the workspace's folder: it gives the repository its name and the file its path.
    """
    scopes = _safely("scope", lambda: enclosing(snapshot, offset))
    seen = reach(snapshot, offset, scopes)
    claimed = dict.fromkeys(range(seen.first, seen.near), "near")
    claimed |= dict.fromkeys(_safely("imports", lambda: _import_lines(snapshot, offset, seen.near)), "imports")
    claimed |= dict.fromkeys(_safely("scope", lambda: _header_lines(snapshot, scopes, seen.near)), "scope")
    segments = list(_prefix(snapshot, offset, seen, claimed, _shown_path(snapshot, root)))
    line = snapshot.lines.at(offset)
    segments.append(Segment(SegmentKind.SUFFIX, _text(snapshot, offset, seen.end), line=line, source="suffix"))
    if root is not None and root.name:
        segments.insert(0, Segment(SegmentKind.REPOSITORY, root.name, rank=3, source="repository"))
    return tuple(segments)


def _safely(source: str, find: Callable[[], tuple[_Found, ...]]) -> tuple[_Found, ...]:
    """What a source finds; nothing where it fails, whatever the reason: the completion goes on without it."""
    try:
        return find()
    except Exception as error:
        _log.warning("context source %s failed and is left out: %s", source, type(error).__name__)
        return ()


def _prefix(snapshot: Snapshot, offset: int, seen: Reach, claimed: dict[int, str], path: str) -> Iterable[Segment]:
    """The pieces before the cursor: runs of lines of one source, then the nearest code, which may be empty but is always there."""
    for line in sorted(claimed):
        # A piece never begins with a blank line: a tokeniser joins line ends, and would not across two pieces.
        if line - 1 in claimed and not _text(snapshot, *_lines(snapshot, line, line + 1)).strip():
            claimed[line] = claimed[line - 1]
    for (source, _), run in groupby(enumerate(sorted(claimed)), key=lambda item: (claimed[item[1]], item[1] - item[0])):
        lines = [line for _, line in run]
        text = _text(snapshot, *_lines(snapshot, lines[0], lines[-1] + 1))
        yield Segment(SegmentKind.PREFIX, text, _RANKS[source], path, lines[0], source)
        path = ""
    line = snapshot.lines.at(seen.start)
    yield Segment(SegmentKind.PREFIX, _text(snapshot, seen.start, offset), 0, path, line, "near")


def _import_lines(snapshot: Snapshot, offset: int, near: int) -> tuple[int, ...]:
    """The lines above `near` that hold imports."""
    room = _IMPORT_BYTES
    found: list[int] = []
    for start, end in imports(snapshot, min(offset, snapshot.lines.start(near))):
        room -= end - start
        if room < 0:
            break
        # A node may reach to the beginning of the next line (an include does): that line is not part of it.
        found.extend(range(snapshot.lines.at(start), min(near, snapshot.lines.at(max(start, end - 1)) + 1)))
    return tuple(found)


def _header_lines(snapshot: Snapshot, scopes: Iterable[Scope], near: int) -> tuple[int, ...]:
    """The lines above `near` with the scopes' headers: decorators, signature, and a docstring that is short."""
    found: list[int] = []
    for scope in scopes:
        last = snapshot.lines.at(scope.signature_end) + 1
        first = max(snapshot.lines.at(scope.start), last - _SIGNATURE_LINES)
        docstring = documentation(snapshot, scope)
        if docstring and docstring[1] - docstring[0] <= _DOCSTRING_BYTES:
            last = snapshot.lines.at(docstring[1]) + 1
        found.extend(range(first, min(near, last)))
    return tuple(found)


def _lines(snapshot: Snapshot, first: int, last: int) -> tuple[int, int]:
    return snapshot.lines.start(first), snapshot.lines.after(snapshot.data, last - 1)


def _text(snapshot: Snapshot, start: int, end: int) -> str:
    """What a model can be shown of these bytes: a lone surrogate, which no tokeniser takes, becomes a replacement character."""
    return snapshot.data[start:end].decode("utf-8", "replace")


def _shown_path(snapshot: Snapshot, root: Path | None) -> str:
    """The file's path below `root`, or its name alone; a model is not shown where on the disk a workspace is."""
    path = PurePath(snapshot.path)
    if root is not None and path.is_relative_to(root):
        return path.relative_to(root).as_posix()
    return path.name
