"""What to show the model of the file at the cursor. Knows characters and lines, no tokens: the layout cuts to the budget."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count, groupby
from pathlib import Path, PurePath
from typing import TypeVar

from interfix.context import ranks
from interfix.context.pieces import brief, definitions
from interfix.context.reach import reach
from interfix.context.skeleton import DOCSTRING_BYTES, lines_of, shown
from interfix.masking import mask
from interfix.syntax.imports import imports
from interfix.syntax.scopes import Scope, documentation, enclosing, scopes_in
from interfix.syntax.snapshot import Snapshot
from interfix.values import Segment, SegmentKind

_log = logging.getLogger(__name__)
_Found = TypeVar("_Found")

PLAIN_BEFORE = 256
"""Lines before the cursor in a plain window: as many as llama.vim shows."""
PLAIN_AFTER = 64
"""Lines after the cursor in a plain window."""
_IMPORT_BYTES = 3000
"""Most bytes of imports from outside the near code; what comes first stays."""
_SIGNATURE_LINES = 12
"""Most lines of one header from outside the near code."""
FAR_LINES = 16
"""Lines away from the cursor that are no definition are shown or left out so many at a time."""
_SIBLINGS = 10
"""So many definitions above the cursor's, and as many below, show their signatures before other files do."""


def window(snapshot: Snapshot, offset: int, root: Path | None = None) -> tuple[Segment, ...]:
    """The segments of the file at the byte `offset`, in prompt order: repository, prefix pieces in the file's order, suffix pieces.

    The code nearest before the cursor, and what follows in its definition, are a piece each, of rank 0. Around them stand the
    file's imports, the headers of the scopes that hold the cursor, and the other definitions, each with its signatures for a
    brief form; no line twice. The nearest code begins at a stepped line, as does the whole window, so that typing moves neither.
    `root` is the workspace's folder: it gives the repository its name and the file its path.
    """
    path = shown_path(snapshot, root)
    scopes = _safely("scope", lambda: enclosing(snapshot, offset))
    seen = reach(snapshot, offset, scopes)
    claimed = dict.fromkeys(_safely("imports", lambda: _import_lines(snapshot, offset, seen.near)), "imports")
    claimed |= dict.fromkeys(_safely("scope", lambda: _header_lines(snapshot, scopes, seen.near)), "scope")
    near, after = mask(shown(snapshot.data[seen.start : offset])), mask(shown(snapshot.data[offset : seen.end]))
    return (
        *_repository(root),
        *_pieces(snapshot, offset, SegmentKind.PREFIX, range(seen.first, seen.near), claimed, path),
        Segment(SegmentKind.PREFIX, near, path=path, line=snapshot.lines.at(seen.start), source="near"),
        Segment(SegmentKind.SUFFIX, after, path=path, line=snapshot.lines.at(offset), source="suffix"),
        *_pieces(snapshot, offset, SegmentKind.SUFFIX, range(seen.behind, seen.last), {}, path),
    )


def plain(snapshot: Snapshot, offset: int, root: Path | None = None) -> tuple[Segment, ...]:
    """The window that knows lines only, to measure the other against."""
    path, line = shown_path(snapshot, root), snapshot.lines.at(offset)
    first, last = max(0, line - PLAIN_BEFORE), min(len(snapshot.lines) - 1, line + PLAIN_AFTER)
    start, end = snapshot.lines.start(first), snapshot.lines.after(snapshot.data, last)
    return (
        *_repository(root),
        Segment(SegmentKind.PREFIX, mask(shown(snapshot.data[start:offset])), path=path, line=first, source="near"),
        Segment(SegmentKind.SUFFIX, mask(shown(snapshot.data[offset:end])), path=path, line=line, source="suffix"),
    )


def shown_path(snapshot: Snapshot, root: Path | None) -> str:
    """The file's path below `root`, or its name alone; a model is not shown where on the disk a workspace is."""
    path = PurePath(snapshot.path)
    if root is not None and path.is_relative_to(root):
        return path.relative_to(root).as_posix()
    return path.name


def _safely(source: str, find: Callable[[], tuple[_Found, ...]]) -> tuple[_Found, ...]:
    """What a source finds; nothing where it fails, whatever the reason: the completion goes on without it."""
    try:
        return find()
    except Exception as error:
        _log.warning("context source %s failed and is left out: %s", source, type(error).__name__)
        return ()


def _repository(root: Path | None) -> Iterator[Segment]:
    if root is not None and root.name:
        yield Segment(SegmentKind.REPOSITORY, mask(root.name), rank=ranks.REPOSITORY, source="repository")


def _pieces(
    snapshot: Snapshot, offset: int, kind: SegmentKind, lines: range, claimed: Mapping[int, str], path: str
) -> Iterator[Segment]:
    """The pieces of some lines away from the cursor, and of those `claimed` by a source: definitions, and runs of what is left."""
    scopes = _safely("definitions", lambda: _scopes_among(snapshot, lines))
    found = _safely("definitions", lambda: definitions(snapshot, lines.start, lines.stop, offset, scopes))
    owner = {line: each for each in found if claimed.keys().isdisjoint(each) for line in each}
    labels: dict[int, str | range | int] = {}
    for line in sorted({*lines, *claimed}):
        labels[line] = claimed[line] if line in claimed else owner.get(line, line // FAR_LINES)
        # A piece never begins with a blank line: a tokeniser joins line ends, and would not across two pieces.
        if line - 1 in labels and not lines_of(snapshot, line, line + 1).strip():
            labels[line] = labels[line - 1]
    runs = [[line for line, _ in run] for _, run in groupby(labels.items(), key=_in_one_run())]
    for i, run in enumerate(runs):
        label, text = labels[run[0]], mask(lines_of(snapshot, run[0], run[-1] + 1))
        distance = len(runs) - 1 - i if kind is SegmentKind.PREFIX else i
        if isinstance(label, range):
            short = mask(brief(snapshot, label, scopes))
            rank = ranks.SIGNATURES if distance < _SIBLINGS else ranks.DISTANT + distance
            yield Segment(kind, text, ranks.FAR + distance, short, rank, path, run[0], "outline")
        else:
            source = label if isinstance(label, str) else "far"
            yield Segment(kind, text, _RANKS.get(source, ranks.FAR + distance), path=path, line=run[0], source=source)


_RANKS = {"scope": ranks.SCOPE, "imports": ranks.IMPORTS}


def _in_one_run() -> Callable[[tuple[int, str | range | int]], tuple[str | range | int, int]]:
    """A key that is the same for lines of one label that follow each other."""
    places = count()
    return lambda item: (item[1], item[0] - next(places))


def _scopes_among(snapshot: Snapshot, lines: range) -> tuple[Scope, ...]:
    if not lines:
        return ()
    return scopes_in(snapshot, snapshot.lines.start(lines.start), snapshot.lines.after(snapshot.data, lines.stop - 1))


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
        if docstring and docstring[1] - docstring[0] <= DOCSTRING_BYTES:
            last = snapshot.lines.at(docstring[1]) + 1
        found.extend(range(first, min(near, last)))
    return tuple(found)
