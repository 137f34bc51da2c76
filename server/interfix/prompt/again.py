"""Lays a document out as its last prompt was: while what it showed is still there and fits, nothing of it moves. Chooses nothing.

A prompt whose head changes with a keystroke is decoded anew from there on, so a choice stands until it cannot.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from interfix.prompt.families import Family
from interfix.prompt.tokenizer import Tokenizer
from interfix.values import NEEDED, Segment, SegmentKind

Key = tuple[SegmentKind, str, str, int]
"""What tells a segment from others, wherever typing has moved it: kind, path, text, and how many like it come before it."""

WHOLE = -1


class Choice(msgspec.Struct, frozen=True):
    """What a layout has decided."""

    shown: dict[Key, bool]
    """The segments above rank 0 that are shown, and whether in their brief form."""
    files: frozenset[tuple[Key, bool]]
    """The file segments there were to choose from, and whether each was needed: where they change, the choice is a new one."""
    begins: tuple[int, ...]
    """Line of its file at which each rank-0 prefix segment begins."""
    suffixes: tuple[int, ...]
    """Tokens shown of each rank-0 suffix segment; -1 for all of it."""


def choice_of(
    segments: Sequence[Segment], encoded: Mapping[int, list[int]], kept: Mapping[int, list[int]], tokenizer: Tokenizer
) -> Choice | None:
    """What was decided; None where a prefix is cut inside a line, which the next keystroke cannot repeat."""
    begins, suffixes = [], []
    for i, segment in enumerate(segments):
        if segment.rank == 0 and segment.kind is SegmentKind.SUFFIX:
            suffixes.append(WHOLE if kept[i] == encoded[i] else len(kept[i]))
        elif segment.rank == 0 and segment.kind is SegmentKind.PREFIX:
            if (line := _begin(segment, kept[i], tokenizer)) is None:
                return None
            begins.append(line)
    keys = _keys(segments)
    shown = {keys[i]: kept[i] != encoded[i] for i, segment in enumerate(segments) if segment.rank and kept.get(i)}
    return Choice(shown, _files(segments, keys), tuple(begins), tuple(suffixes))


def again(
    choice: Choice, segments: Sequence[Segment], encoded: Mapping[int, list[int]], tokenizer: Tokenizer, family: Family, room: int
) -> dict[int, list[int]] | None:
    """The tokens to show of each segment by that choice; None where it does not fit any more, or not what there is now."""
    keys = _keys(segments)
    if choice.files != _files(segments, keys):
        return None
    kept: dict[int, list[int]] = {}
    missing = dict(choice.shown)
    begins, suffixes = list(choice.begins), list(choice.suffixes)
    for i, segment in enumerate(segments):
        if segment.rank:
            brief = missing.pop(keys[i], None)
            if brief is not None:
                kept[i] = tokenizer.encode(segment.brief) if brief else encoded[i]
                room -= family.segment_overhead(segment, tokenizer)
        elif segment.kind is SegmentKind.PREFIX:
            if not begins or (start := begins.pop(0) - segment.line) < 0:
                return None
            kept[i] = tokenizer.encode("".join(segment.text.splitlines(keepends=True)[start:])) if start else encoded[i]
        elif segment.kind is SegmentKind.SUFFIX:
            if not suffixes:
                return None
            count = suffixes.pop(0)
            kept[i] = encoded[i] if count == WHOLE else encoded[i][:count]
    fits = sum(map(len, kept.values())) <= room
    return kept if fits and not (missing or begins or suffixes) else None


def _files(segments: Sequence[Segment], keys: Sequence[Key]) -> frozenset[tuple[Key, bool]]:
    found = ((segment, key) for segment, key in zip(segments, keys, strict=True) if segment.kind is SegmentKind.FILE)
    return frozenset((key, (segment.brief_rank or segment.rank) < NEEDED) for segment, key in found)


def _keys(segments: Sequence[Segment]) -> list[Key]:
    seen: Counter[tuple[SegmentKind, str, str]] = Counter()
    keys: list[Key] = []
    for segment in segments:
        alike = (segment.kind, segment.path, segment.text)
        keys.append((*alike, seen[alike]))
        seen[alike] += 1
    return keys


def _begin(segment: Segment, kept: list[int], tokenizer: Tokenizer) -> int | None:
    """The line of its file at which the shown part of a prefix begins; None where that is not the beginning of a line."""
    shown = b"".join(map(tokenizer.piece, kept)).decode("utf-8", "replace")
    head = segment.text.removesuffix(shown)
    if not segment.text.endswith(shown) or (head and not head.endswith(("\n", "\r"))):
        return None
    return segment.line + len(head.splitlines())
