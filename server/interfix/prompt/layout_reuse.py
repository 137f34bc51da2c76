"""Lays a document out as its last prompt was: segments stay where they are while they are unchanged and fit.

A prompt whose head changes with a keystroke is decoded anew from there on, so a choice stands until it cannot.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from interfix.inference_types import NEEDED_RANK_LIMIT, Segment, SegmentKind
from interfix.prompt.families import Family
from interfix.prompt.tokenizer import Tokenizer

SegmentKey = tuple[SegmentKind, str, str, int]
"""What tells a segment from others, wherever typing has moved it: kind, path, text, and how many like it come before it."""

WHOLE_SUFFIX = -1
MIN_REUSED_SHARE = 0.65
"""A choice that cuts the code at the cursor is kept while the prompt fills so much of its budget: after a jump, it may cut what
would fit."""


class LayoutChoice(msgspec.Struct, frozen=True):
    """What a layout has decided."""

    brief_forms: dict[SegmentKey, bool]
    """The segments above rank 0 that are shown, and whether in their brief form."""
    files: frozenset[tuple[SegmentKey, bool]]
    """The file segments there were to choose from, and whether each was needed: where they change, the choice is a new one."""
    prefix_start_lines: tuple[int, ...]
    """Line of its file at which each rank-0 prefix segment begins."""
    suffix_tokens: tuple[int, ...]
    """Tokens shown of each rank-0 suffix segment; -1 for all of it."""


def record_layout(
    segments: Sequence[Segment], segment_tokens: Mapping[int, list[int]], kept_tokens: Mapping[int, list[int]], tokenizer: Tokenizer
) -> LayoutChoice | None:
    """What was decided; None where a prefix is cut inside a line, which the next keystroke cannot repeat."""
    begins, suffixes = [], []
    for i, segment in enumerate(segments):
        if segment.rank == 0 and segment.kind is SegmentKind.SUFFIX:
            suffixes.append(WHOLE_SUFFIX if kept_tokens[i] == segment_tokens[i] else len(kept_tokens[i]))
        elif segment.rank == 0 and segment.kind is SegmentKind.PREFIX:
            if (line := _find_start_line(segment, kept_tokens[i], tokenizer)) is None:
                return None
            begins.append(line)
    keys = _build_keys(segments)
    visible = {
        keys[i]: kept_tokens[i] != segment_tokens[i] for i, segment in enumerate(segments) if segment.rank and kept_tokens.get(i)
    }
    return LayoutChoice(visible, _identify_files(segments, keys), tuple(begins), tuple(suffixes))


def reuse_layout(
    choice: LayoutChoice,
    segments: Sequence[Segment],
    segment_tokens: Mapping[int, list[int]],
    tokenizer: Tokenizer,
    family: Family,
    room: int,
) -> dict[int, list[int]] | None:
    """The tokens to show of each segment by that choice; None where it does not fit any more, or not what there is now."""
    keys = _build_keys(segments)
    if choice.files != _identify_files(segments, keys):
        return None
    reused: dict[int, list[int]] = {}
    missing = dict(choice.brief_forms)
    begins, suffixes = list(choice.prefix_start_lines), list(choice.suffix_tokens)
    for i, segment in enumerate(segments):
        if segment.rank:
            brief = missing.pop(keys[i], None)
            if brief is not None:
                reused[i] = tokenizer.encode(segment.brief) if brief else segment_tokens[i]
                room -= family.count_segment_overhead(segment, tokenizer)
        elif segment.kind is SegmentKind.PREFIX:
            if not begins or (start := begins.pop(0) - segment.line) < 0:
                return None
            reused[i] = tokenizer.encode("".join(segment.text.splitlines(keepends=True)[start:])) if start else segment_tokens[i]
        elif segment.kind is SegmentKind.SUFFIX:
            if not suffixes:
                return None
            count = suffixes.pop(0)
            reused[i] = segment_tokens[i] if count == WHOLE_SUFFIX else segment_tokens[i][:count]
    length = sum(map(len, reused.values()))
    is_cut = any(len(reused[i]) < len(segment_tokens[i]) for i, segment in enumerate(segments) if not segment.rank and i in reused)
    fits = length <= room and not (is_cut and length < MIN_REUSED_SHARE * room)
    return reused if fits and not (missing or begins or suffixes) else None


def is_outgrown(choice: LayoutChoice, segments: Sequence[Segment]) -> bool:
    """Whether what no longer fits is the code that was at the cursor when it was chosen: something was typed there."""
    near = next((s for s in segments if s.rank == 0 and s.kind is SegmentKind.PREFIX), None)
    if near is None or not choice.prefix_start_lines:
        return False
    return 0 <= choice.prefix_start_lines[0] - near.line <= near.text.count("\n")


def _identify_files(segments: Sequence[Segment], keys: Sequence[SegmentKey]) -> frozenset[tuple[SegmentKey, bool]]:
    files = ((segment, key) for segment, key in zip(segments, keys, strict=True) if segment.kind is SegmentKind.FILE)
    return frozenset((key, (segment.brief_rank or segment.rank) < NEEDED_RANK_LIMIT) for segment, key in files)


def _build_keys(segments: Sequence[Segment]) -> list[SegmentKey]:
    seen: Counter[tuple[SegmentKind, str, str]] = Counter()
    keys: list[SegmentKey] = []
    for segment in segments:
        alike = (segment.kind, segment.path, segment.text)
        keys.append((*alike, seen[alike]))
        seen[alike] += 1
    return keys


def _find_start_line(segment: Segment, kept_tokens: list[int], tokenizer: Tokenizer) -> int | None:
    """The line of its file at which the shown part of a prefix begins; None where that is not the beginning of a line."""
    visible_text = b"".join(map(tokenizer.token_to_piece, kept_tokens)).decode("utf-8", "replace")
    head = segment.text.removesuffix(visible_text)
    if not segment.text.endswith(visible_text) or (head and not head.endswith(("\n", "\r"))):
        return None
    return segment.line + len(head.splitlines())
