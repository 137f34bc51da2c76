"""What to show the model of the file at the cursor. It measures characters and lines; the layout cuts to the budget in tokens."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count, groupby
from pathlib import Path
from typing import TypeVar

from interfix.context import prompt_segment_ranks
from interfix.context.display_paths import make_prompt_path
from interfix.context.skeletons import DOCSTRING_BYTES, CodeScopes, find_code_scopes, find_definition_ranges, summarize_signatures
from interfix.context.window_bounds import compute_bounds
from interfix.inference_types import Segment, SegmentKind
from interfix.masking import MaskedText, mask
from interfix.syntax.enclosing_scopes import Scope, find_docstring, find_enclosing_scopes
from interfix.syntax.imports import find_import_ranges
from interfix.syntax.snapshot import Snapshot
from interfix.syntax.snapshot_text import decode_text, extract_lines

_log = logging.getLogger(__name__)
_Item = TypeVar("_Item")

PLAIN_BEFORE_LINES = 256
"""Lines before the cursor in a plain window: as many as llama.vim shows."""
PLAIN_AFTER_LINES = 64
"""Lines after the cursor in a plain window."""
_MAX_IMPORT_BYTES = 3000
"""Most bytes of imports from outside the near code; what comes first stays."""
_MAX_HEADER_LINES = 12
"""Most lines of one header from outside the near code."""
RUN_LINES = 16
"""Lines away from the cursor that are no definition are shown or left out so many at a time."""
ADJACENT_LINES = {SegmentKind.PREFIX: 40, SegmentKind.SUFFIX: 16}
"""Pieces that begin or end so near to the nearest code are shown whole before other files: lines."""
_NEAR_DEFINITIONS = 10
"""So many definitions above the cursor's, and as many below, show their signatures before other files do."""


def build_window(snapshot: Snapshot, offset: int, root: Path | None = None) -> tuple[Segment, ...]:
    """The segments of the file at the byte `offset`, in prompt order: repository, prefix pieces in the file's order, suffix pieces.

    The code nearest before the cursor, and what follows in its definition, are a piece each, of rank 0. Around them stand the
    file's imports, the headers of the scopes that hold the cursor, and the other definitions, each with its signatures for a
    brief form; no line twice. The nearest code begins at a stepped line, as does the whole window, so that typing moves neither.
    `root` is the workspace's folder: it gives the repository its name and the file its path.
    """
    path = mask(make_prompt_path(snapshot, root))
    scopes = _find_or_empty("scope", lambda: find_enclosing_scopes(snapshot, offset))
    seen = compute_bounds(snapshot, offset, scopes)
    claimed = dict.fromkeys(_find_or_empty("imports", lambda: _find_import_lines(snapshot, offset, seen.near_line)), "imports")
    claimed |= dict.fromkeys(_find_or_empty("scope", lambda: _find_header_lines(snapshot, scopes, seen.near_line)), "scope")
    near, after = (
        mask(decode_text(snapshot.data[seen.near_start : offset])),
        mask(decode_text(snapshot.data[offset : seen.suffix_end])),
    )
    return (
        *_repository_segment(root),
        *_outer_segments(snapshot, offset, SegmentKind.PREFIX, range(seen.first_line, seen.near_line), claimed, path),
        Segment(SegmentKind.PREFIX, near, path=path, line=snapshot.lines.find_line(seen.near_start), source="near"),
        Segment(SegmentKind.SUFFIX, after, path=path, line=snapshot.lines.find_line(offset), source="suffix"),
        *_outer_segments(snapshot, offset, SegmentKind.SUFFIX, range(seen.tail_line, seen.stop_line), {}, path),
    )


def build_plain_window(snapshot: Snapshot, offset: int, root: Path | None = None) -> tuple[Segment, ...]:
    """The window that knows lines only, to measure the other against."""
    path, line = mask(make_prompt_path(snapshot, root)), snapshot.lines.find_line(offset)
    first, last = max(0, line - PLAIN_BEFORE_LINES), min(len(snapshot.lines) - 1, line + PLAIN_AFTER_LINES)
    start, end = snapshot.lines.find_start(first), snapshot.lines.find_next_start(snapshot.data, last)
    return (
        *_repository_segment(root),
        Segment(SegmentKind.PREFIX, mask(decode_text(snapshot.data[start:offset])), path=path, line=first, source="near"),
        Segment(SegmentKind.SUFFIX, mask(decode_text(snapshot.data[offset:end])), path=path, line=line, source="suffix"),
    )


def _find_or_empty(source: str, find: Callable[[], tuple[_Item, ...]]) -> tuple[_Item, ...]:
    """What a source finds; nothing where it fails, whatever the reason: the completion goes on without it."""
    try:
        return find()
    except Exception as error:
        _log.warning("context source %s failed and is left out: %s", source, type(error).__name__)
        return ()


def _repository_segment(root: Path | None) -> Iterator[Segment]:
    if root is not None and root.name:
        yield Segment(SegmentKind.REPOSITORY, mask(root.name), rank=prompt_segment_ranks.REPOSITORY, source="repository")


def _outer_segments(
    snapshot: Snapshot, offset: int, kind: SegmentKind, lines: range, claimed_lines: Mapping[int, str], path: MaskedText
) -> Iterator[Segment]:
    """The pieces of some lines away from the cursor, and of the `claimed_lines` of a source: definitions, and runs of what is
    left."""
    code = CodeScopes(snapshot, _find_or_empty("definitions", lambda: find_code_scopes(snapshot, lines).scopes))
    ranges = _find_or_empty("definitions", lambda: find_definition_ranges(code, lines, offset))
    owner = {line: each for each in ranges if claimed_lines.keys().isdisjoint(each) for line in each}
    labels: dict[int, str | range | int] = {}
    for line in sorted({*lines, *claimed_lines}):
        labels[line] = claimed_lines[line] if line in claimed_lines else owner.get(line, line // RUN_LINES)
        # A piece never begins with a blank line: a tokeniser joins line ends, and would not across two pieces.
        if line - 1 in labels and not extract_lines(snapshot, line, line + 1).strip():
            labels[line] = labels[line - 1]
    runs = [[line for line, _ in run] for _, run in groupby(labels.items(), key=_make_run_key())]
    for i, run in enumerate(runs):
        label, text = labels[run[0]], mask(extract_lines(snapshot, run[0], run[-1] + 1))
        distance = len(runs) - 1 - i if kind is SegmentKind.PREFIX else i
        away = lines.stop - 1 - run[-1] if kind is SegmentKind.PREFIX else run[0] - lines.start
        whole_rank = prompt_segment_ranks.DISTANT_CODE + distance
        if is_adjacent := away < ADJACENT_LINES[kind]:
            whole_rank = min(prompt_segment_ranks.ADJACENT_CODE + distance, prompt_segment_ranks.SIGNATURES - 1)
        if isinstance(label, range):
            short = mask(summarize_signatures(code, label))
            is_near = is_adjacent or distance < _NEAR_DEFINITIONS
            rank = prompt_segment_ranks.SIGNATURES if is_near else prompt_segment_ranks.DISTANT_SIGNATURES + distance
            yield Segment(kind, text, whole_rank, short, rank, path, run[0], "outline")
        else:
            source = label if isinstance(label, str) else "far"
            yield Segment(kind, text, _RANKS.get(source, whole_rank), path=path, line=run[0], source=source)


_RANKS = {"scope": prompt_segment_ranks.SCOPE, "imports": prompt_segment_ranks.IMPORTS}


def _make_run_key() -> Callable[[tuple[int, str | range | int]], tuple[str | range | int, int]]:
    """A key that is the same for lines of one label that follow each other."""
    places = count()
    return lambda item: (item[1], item[0] - next(places))


def _find_import_lines(snapshot: Snapshot, offset: int, near: int) -> tuple[int, ...]:
    """The lines above `near` that hold imports."""
    room = _MAX_IMPORT_BYTES
    import_lines: list[int] = []
    for start, end in find_import_ranges(snapshot, min(offset, snapshot.lines.find_start(near))):
        room -= end - start
        if room < 0:
            break
        # A node may reach to the beginning of the next line (an include does): that line is not part of it.
        import_lines.extend(range(snapshot.lines.find_line(start), min(near, snapshot.lines.find_line(max(start, end - 1)) + 1)))
    return tuple(import_lines)


def _find_header_lines(snapshot: Snapshot, scopes: Iterable[Scope], near: int) -> tuple[int, ...]:
    """The lines above `near` with the scopes' headers: decorators, signature, and a docstring that is short."""
    header_lines: list[int] = []
    for scope in scopes:
        last = snapshot.lines.find_line(scope.signature_end) + 1
        first = max(snapshot.lines.find_line(scope.start), last - _MAX_HEADER_LINES)
        docstring = find_docstring(snapshot, scope)
        if docstring and docstring[1] - docstring[0] <= DOCSTRING_BYTES:
            last = snapshot.lines.find_line(docstring[1]) + 1
        header_lines.extend(range(first, min(near, last)))
    return tuple(header_lines)
