"""Lays segments out as one infill prompt within an exact number of tokens. Knows no model file, no engine and no language."""

from collections.abc import Iterator, Sequence

import msgspec

from interfix.prompt.again import Choice, again, choice_of
from interfix.prompt.families import Family
from interfix.prompt.tokenizer import Tokenizer
from interfix.values import NEEDED, NO_FILES, Part, Segment, SegmentKind

SUFFIX_SHARE = 0.25
"""Share of the budget the suffix gets where the prefix could fill the rest (llama-server's share, and close to others')."""
OPTIONAL_SHARE = 0.35
"""Share that segments above rank 0 may take from a prefix and suffix that could fill it."""
NEEDED_SHARE = 0.5
"""Share that segments of a rank below `NEEDED` may take."""
STEP_LINES = 16
"""A cut prefix begins at a multiple of this line, so that typing does not shift all of the prompt and its KV cache."""
TYPING_TOKENS = 64
"""Left free where not everything is shown: so much can be typed before another choice is made."""


class Prompt(msgspec.Struct, frozen=True):
    """A laid-out infill prompt."""

    tokens: tuple[int, ...]
    """Never more than the budget."""
    suffix: tuple[int, int]
    """Where the suffix begins, its marker included, and ends; the same index twice where it does not come after the prefix."""
    parts: tuple[Part, ...]
    """What became of each segment, in their order."""
    choice: Choice | None = None
    """What was decided, for the document's next prompt; None where that cannot be decided the same."""


def lay_out(segments: Sequence[Segment], tokenizer: Tokenizer, family: Family, budget: int, choice: Choice | None = None) -> Prompt:
    """Choose, cut and order the segments for `family` within `budget` tokens, markers included.

    Segments of rank 0 are cut by whole lines at their far end; the others are kept whole, in their brief form or not at all, lowest
    rank first. A budget too small even for the cursor's own line cuts that line between tokens. The `choice` of the document's last
    prompt stands while it fits; a new one leaves room for typing where something is left out.
    """
    usable = [s for s in segments if s.kind is not SegmentKind.FILE or family.files]
    room = budget - family.overhead(usable, tokenizer)
    encoded = {i: tokenizer.encode(s.text) for i, s in enumerate(segments) if s.kind is not SegmentKind.FILE or family.files}
    kept = again(choice, segments, encoded, tokenizer, family, room) if choice else None
    if kept is None:
        kept = _chosen(segments, encoded, tokenizer, family, room)
        choice = choice_of(segments, encoded, kept, tokenizer)

    shown = [(segment, kept[i]) for i, segment in enumerate(segments) if kept.get(i)]
    tokens = family.arrange(shown, tokenizer)
    parts = tuple(_part(segment, encoded.get(i), kept.get(i, [])) for i, segment in enumerate(segments))
    return Prompt(tokens=tuple(tokens), suffix=family.suffix(tokens, tokenizer), parts=parts, choice=choice)


def _chosen(
    segments: Sequence[Segment], encoded: dict[int, list[int]], tokenizer: Tokenizer, family: Family, room: int
) -> dict[int, list[int]]:
    """The tokens to show of each segment."""
    near = [i for i, s in enumerate(segments) if s.rank == 0 and s.kind is SegmentKind.PREFIX]
    after = [i for i, s in enumerate(segments) if s.rank == 0 and s.kind is SegmentKind.SUFFIX]
    wanted = sum(len(encoded[i]) for i in near + after)
    everything = sum(len(tokens) + family.segment_overhead(segments[i], tokenizer) for i, tokens in encoded.items())
    typing = min(TYPING_TOKENS, room // 8) if everything > room else 0
    spare, needed = (max(room - wanted, int(room * share)) - typing for share in (OPTIONAL_SHARE, NEEDED_SHARE))
    kept, taken = _optional(segments, encoded, tokenizer, family, spare, needed)
    room -= taken
    if wanted > room:
        room -= typing
    suffix_room = min(sum(len(encoded[i]) for i in after), max(int(room * SUFFIX_SHARE), room - sum(len(encoded[i]) for i in near)))
    prefix_room = room - suffix_room
    for i in reversed(near):
        kept[i] = _tail(segments[i], encoded[i], prefix_room, tokenizer)
        prefix_room -= len(kept[i])
    for i in after:
        kept[i] = _head(segments[i], encoded[i], suffix_room, tokenizer)
        suffix_room -= len(kept[i])
    return kept


def _optional(
    segments: Sequence[Segment], encoded: dict[int, list[int]], tokenizer: Tokenizer, family: Family, spare: int, needed: int
) -> tuple[dict[int, list[int]], int]:
    """What is shown of the segments above rank 0, and how many tokens that takes, markers included: `spare` in all, and up to
    `needed` for what is.
    """
    offers = sorted(_offers(segments, encoded), key=lambda offer: offer[0])
    extra = {i: family.segment_overhead(segments[i], tokenizer) for _, i, _ in offers}
    kept: dict[int, list[int]] = {}
    taken = 0
    for rank, i, brief in offers:
        tokens = tokenizer.encode(segments[i].brief) if brief else encoded[i]
        cost = len(tokens) - len(kept[i]) if i in kept else len(tokens) + extra[i]
        if taken + cost <= (needed if rank < NEEDED else spare):
            kept[i] = tokens
            taken += cost
    return kept, taken


def _offers(segments: Sequence[Segment], encoded: dict[int, list[int]]) -> Iterator[tuple[int, int, bool]]:
    """Rank, index and whether it is the brief form, of each form of each segment that may be shown or not."""
    for i in encoded:
        if segments[i].rank > 0:
            if segments[i].brief:
                yield segments[i].brief_rank, i, True
            yield segments[i].rank, i, False


def _part(segment: Segment, whole: list[int] | None, kept: list[int]) -> Part:
    why = ""
    if whole is None:
        why = NO_FILES
    elif not kept:
        why = "no room left for its rank" if segment.text else "empty"
    elif kept != whole:
        why = "cut to the budget" if segment.rank == 0 else "signatures only: no room for bodies"
    brief = bool(kept) and kept != whole and segment.rank > 0
    return Part(
        kind=segment.kind,
        source=segment.source,
        path=segment.path,
        tokens=len(kept),
        kept=bool(kept),
        rank=segment.brief_rank if brief else segment.rank,
        line=segment.line,
        why=why,
    )


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
