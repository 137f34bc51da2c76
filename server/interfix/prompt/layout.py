"""Lays segments out as one infill prompt within an exact number of tokens. Knows no model file, no engine and no language."""

from collections.abc import Sequence

import msgspec

from interfix.prompt.families import Family
from interfix.prompt.tokenizer import Tokenizer
from interfix.values import Part, Segment, SegmentKind

SUFFIX_SHARE = 0.25
"""Share of the budget the suffix gets where the prefix could fill the rest (llama-server's share, and close to others')."""
OPTIONAL_SHARE = 0.25
"""Share that segments above rank 0 may take from a prefix that could fill it."""
STEP_LINES = 16
"""A cut prefix begins at a multiple of this line, so that typing does not shift all of the prompt and its KV cache."""


class Prompt(msgspec.Struct, frozen=True):
    """A laid-out infill prompt."""

    tokens: tuple[int, ...]
    """Never more than the budget."""
    suffix: tuple[int, int]
    """Where the suffix begins, its marker included, and ends; the same index twice where it does not come after the prefix."""
    parts: tuple[Part, ...]
    """What became of each segment, in their order."""


def lay_out(segments: Sequence[Segment], tokenizer: Tokenizer, family: Family, budget: int) -> Prompt:
    """Choose, cut and order the segments for `family` within `budget` tokens, markers included.

    Segments of rank 0 are cut by whole lines at their far end; the others are kept whole or left out, lowest rank first. A budget
    too small even for the cursor's own line cuts that line between tokens.
    """
    room = budget - family.overhead(segments, tokenizer)
    encoded = [tokenizer.encode(segment.text) for segment in segments]
    sizes = [len(tokens) for tokens in encoded]
    near = [i for i, s in enumerate(segments) if s.rank == 0 and s.kind is SegmentKind.PREFIX]
    after = [i for i, s in enumerate(segments) if s.rank == 0 and s.kind is SegmentKind.SUFFIX]
    optional = sorted((i for i, s in enumerate(segments) if s.rank > 0), key=lambda i: segments[i].rank)

    wanted = sum(sizes[i] for i in near + after)
    spare = max(room - wanted, int(room * OPTIONAL_SHARE))
    kept: dict[int, list[int]] = {}
    for i in optional:
        cost = sizes[i] + family.segment_overhead(segments[i], tokenizer)
        if cost <= spare:
            kept[i] = encoded[i]
            spare -= cost
            room -= cost
    suffix_room = min(sum(sizes[i] for i in after), max(int(room * SUFFIX_SHARE), room - sum(sizes[i] for i in near)))
    prefix_room = room - suffix_room
    for i in reversed(near):
        kept[i] = _tail(segments[i], encoded[i], prefix_room, tokenizer)
        prefix_room -= len(kept[i])
    for i in after:
        kept[i] = _head(segments[i], encoded[i], suffix_room, tokenizer)
        suffix_room -= len(kept[i])

    shown = [(segment, kept[i]) for i, segment in enumerate(segments) if kept.get(i)]
    parts = tuple(
        Part(kind=s.kind, source=s.source, path=s.path, tokens=len(kept.get(i, ())), kept=bool(kept.get(i)))
        for i, s in enumerate(segments)
    )
    tokens = family.arrange(shown, tokenizer)
    return Prompt(tokens=tuple(tokens), suffix=family.suffix(tokens, tokenizer), parts=parts)


def _tail(segment: Segment, tokens: list[int], room: int, tokenizer: Tokenizer) -> list[int]:
    """The end of a segment that fits in `room` tokens, begun at a stepped line where that leaves at least half of the room."""
    if len(tokens) <= room:
        return tokens
    lines = segment.text.splitlines(keepends=True)
    first, used = len(lines), 0
    while first > 0:
        cost = len(tokenizer.encode(lines[first - 1]))
        if used + cost > room:
            break
        used += cost
        first -= 1
    stepped = min(len(lines), first + -(segment.line + first) % STEP_LINES)
    for start in (stepped, *range(first, len(lines))):
        fitting = tokenizer.encode("".join(lines[start:]))
        if len(fitting) <= room and (start != stepped or len(fitting) >= room // 2):
            return fitting
    return _whole_characters(tokens[max(0, len(tokens) - room) :] if room > 0 else [], tokenizer)


def _head(segment: Segment, tokens: list[int], room: int, tokenizer: Tokenizer) -> list[int]:
    """The beginning of a segment that fits in `room` tokens, whole lines where at least one fits."""
    if len(tokens) <= room:
        return tokens
    lines = segment.text.splitlines(keepends=True)
    last, used = 0, 0
    while last < len(lines):
        cost = len(tokenizer.encode(lines[last]))
        if used + cost > room:
            break
        used += cost
        last += 1
    for end in range(last, 0, -1):
        fitting = tokenizer.encode("".join(lines[:end]))
        if len(fitting) <= room:
            return fitting
    return tokens[: max(0, room)]


def _whole_characters(tokens: list[int], tokenizer: Tokenizer) -> list[int]:
    """Without the leading tokens that begin inside a UTF-8 character."""
    start = 0
    while start < len(tokens) and (piece := tokenizer.piece(tokens[start])) and piece[0] & 0xC0 == 0x80:
        start += 1
    return tokens[start:]
