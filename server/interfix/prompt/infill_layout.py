"""Lays segments out as one infill prompt within an exact number of tokens."""

from collections.abc import Iterator, Sequence

import msgspec

from interfix.inference_types import NEEDED_RANK_LIMIT, PartState, PromptPart, Segment, SegmentKind
from interfix.prompt.families import Family
from interfix.prompt.layout_reuse import LayoutChoice, is_outgrown, record_layout, reuse_layout
from interfix.prompt.token_healing import find_healed_length
from interfix.prompt.tokenizer import Tokenizer

SUFFIX_SHARE = 0.25
"""Share of the budget the suffix gets where the prefix could fill the rest (llama-server's share, and close to others')."""
OPTIONAL_SHARE = 0.35
"""Share that segments above rank 0 may take from a prefix and suffix that could fill it."""
NEEDED_SHARE = 0.5
"""Share that segments of a rank below `NEEDED_RANK_LIMIT` may take."""
PREFIX_STEP_LINES = 4
"""A cut prefix begins at a multiple of this line, so that a choice that is made again soon is the same."""
TYPING_RESERVE_TOKENS = 64
"""Left free where not everything is shown: so much can be typed before another choice is made."""
OUTGROWN_RESERVE_TOKENS = 160
"""The same of a choice that is made because so much was typed: each one decodes the whole prompt anew."""

_STATE_WORDS = {
    PartState.WHOLE: "",
    PartState.BRIEF: "signatures only: no room for bodies",
    PartState.CUT: "cut to the budget",
    PartState.NO_ROOM: "left out: prompt full",
    PartState.EMPTY: "empty",
    PartState.NO_OTHER_FILES: "this model knows no other files",
}


class PromptLayout(msgspec.Struct, frozen=True):
    """A laid-out infill prompt."""

    tokens: tuple[int, ...]
    """Never more than the budget."""
    suffix_range: tuple[int, int]
    """Where the suffix begins, its marker included, and ends; the same index twice where it does not come after the prefix."""
    parts: tuple[PromptPart, ...]
    """What became of each segment, in their order."""
    choice: LayoutChoice | None = None
    """What was decided, for the document's next prompt; None where that cannot be decided the same."""
    healed: tuple[int, ...] = ()
    """The end of the prefix that the prompt leaves out, and with whose text the answer has to begin."""


def lay_out_infill(
    segments: Sequence[Segment],
    tokenizer: Tokenizer,
    family: Family,
    budget: int,
    choice: LayoutChoice | None = None,
    *,
    heals_tokens: bool = False,
) -> PromptLayout:
    """Choose, cut and order the segments for `family` within `budget` tokens, markers included.

    Segments of rank 0 are cut by whole lines at their far end; the others are kept whole, in their brief form or not at all, lowest
    rank first. A budget too small even for the cursor's own line cuts that line between tokens. The `choice` of the document's last
    prompt stands while it fits; a new one leaves room for typing where something is left out. With `heals_tokens` the prompt leaves
    out the end of the prefix that an answer writes once more.
    """
    usable = [s for s in segments if s.kind is not SegmentKind.FILE or family.is_multi_file]
    room = budget - family.count_overhead(usable, tokenizer)
    encoded = {
        i: tokenizer.encode(s.text) for i, s in enumerate(segments) if s.kind is not SegmentKind.FILE or family.is_multi_file
    }
    chosen_tokens = reuse_layout(choice, segments, encoded, tokenizer, family, room) if choice else None
    if chosen_tokens is None:
        reserve = OUTGROWN_RESERVE_TOKENS if choice and is_outgrown(choice, segments) else TYPING_RESERVE_TOKENS
        chosen_tokens = _choose_tokens(segments, encoded, tokenizer, family, room, reserve)
        choice = record_layout(segments, encoded, chosen_tokens, tokenizer)

    parts = tuple(_describe_part(segment, encoded.get(i), chosen_tokens.get(i, [])) for i, segment in enumerate(segments))
    healed = _leave_out_end(segments, chosen_tokens, tokenizer) if heals_tokens else ()
    visible = [(segment, chosen_tokens[i]) for i, segment in enumerate(segments) if chosen_tokens.get(i)]
    tokens = family.arrange(visible, tokenizer)
    return PromptLayout(tuple(tokens), family.locate_suffix(tokens, tokenizer), parts, choice, healed)


def _leave_out_end(segments: Sequence[Segment], chosen_tokens: dict[int, list[int]], tokenizer: Tokenizer) -> tuple[int, ...]:
    """Takes the end that is healed off the code before the cursor, and returns it."""
    near = next((i for i in reversed(range(len(segments))) if segments[i].rank == 0 and segments[i].kind is SegmentKind.PREFIX), -1)
    tokens = chosen_tokens.get(near, [])
    kept = len(tokens) - find_healed_length(tokens, tokenizer)
    if kept < len(tokens):
        chosen_tokens[near] = tokens[:kept]
    return tuple(tokens[kept:])


def _choose_tokens(
    segments: Sequence[Segment],
    segment_tokens: dict[int, list[int]],
    tokenizer: Tokenizer,
    family: Family,
    room: int,
    reserve: int,
) -> dict[int, list[int]]:
    """The tokens to show of each segment. Where the code at the cursor is cut at its end, nothing is shown from behind the cut:
    brackets would not match across it.
    """
    tokens_by_segment = _fill_room(segments, segment_tokens, tokenizer, family, room, reserve)
    after = [i for i, s in enumerate(segments) if s.rank == 0 and s.kind is SegmentKind.SUFFIX]
    behind = {i for i, s in enumerate(segments) if after and i > after[-1] and s.kind is SegmentKind.SUFFIX}
    if behind & tokens_by_segment.keys() and any(len(tokens_by_segment[i]) < len(segment_tokens[i]) for i in after):
        near_only = {i: tokens for i, tokens in segment_tokens.items() if i not in behind}
        tokens_by_segment = _fill_room(segments, near_only, tokenizer, family, room, reserve)
    return tokens_by_segment


def _fill_room(
    segments: Sequence[Segment],
    segment_tokens: dict[int, list[int]],
    tokenizer: Tokenizer,
    family: Family,
    room: int,
    reserve: int,
) -> dict[int, list[int]]:
    near = [i for i, s in enumerate(segments) if s.rank == 0 and s.kind is SegmentKind.PREFIX]
    after = [i for i, s in enumerate(segments) if s.rank == 0 and s.kind is SegmentKind.SUFFIX]
    near_tokens = sum(len(segment_tokens[i]) for i in near + after)
    everything = sum(len(tokens) + family.count_segment_overhead(segments[i], tokenizer) for i, tokens in segment_tokens.items())
    typing = min(reserve, room // 8) if everything > room else 0
    spare, needed = (max(room - near_tokens, int(room * share)) - typing for share in (OPTIONAL_SHARE, NEEDED_SHARE))
    placed, taken = _choose_optional(segments, segment_tokens, tokenizer, family, spare, needed)
    room -= taken
    if near_tokens > room:
        room -= typing
    suffix_room = min(
        sum(len(segment_tokens[i]) for i in after), max(int(room * SUFFIX_SHARE), room - sum(len(segment_tokens[i]) for i in near))
    )
    prefix_room = room - suffix_room
    for i in reversed(near):
        placed[i] = _cut_to_tail(segments[i], segment_tokens[i], prefix_room, tokenizer)
        prefix_room -= len(placed[i])
    for i in after:
        placed[i] = _cut_to_head(segments[i], segment_tokens[i], suffix_room, tokenizer)
        suffix_room -= len(placed[i])
    return placed


def _choose_optional(
    segments: Sequence[Segment],
    segment_tokens: dict[int, list[int]],
    tokenizer: Tokenizer,
    family: Family,
    optional_budget: int,
    needed_budget: int,
) -> tuple[dict[int, list[int]], int]:
    """What is shown of the segments above rank 0, and how many tokens that takes, markers included: `optional_budget` in all, and
    up to `needed_budget` for what is needed.
    """
    offers = sorted(_list_forms(segments, segment_tokens), key=lambda offer: offer[0])
    extra = {i: family.count_segment_overhead(segments[i], tokenizer) for _, i, _ in offers}
    placed: dict[int, list[int]] = {}
    taken = 0
    for rank, i, brief in offers:
        if brief and i in placed:
            continue
        tokens = tokenizer.encode(segments[i].brief) if brief else segment_tokens[i]
        cost = len(tokens) - len(placed[i]) if i in placed else len(tokens) + extra[i]
        if taken + cost <= (needed_budget if rank < NEEDED_RANK_LIMIT else optional_budget):
            placed[i] = tokens
            taken += cost
    return placed, taken


def _list_forms(segments: Sequence[Segment], segment_tokens: dict[int, list[int]]) -> Iterator[tuple[int, int, bool]]:
    """Rank, index and whether it is the brief form, of each form of each segment that may be shown or not."""
    for i in segment_tokens:
        if segments[i].rank > 0:
            if segments[i].brief:
                yield segments[i].brief_rank, i, True
            yield segments[i].rank, i, False


def _describe_part(segment: Segment, all_tokens: list[int] | None, kept_tokens: list[int]) -> PromptPart:
    state = PartState.WHOLE
    if all_tokens is None:
        state = PartState.NO_OTHER_FILES
    elif not kept_tokens:
        state = PartState.NO_ROOM if segment.text else PartState.EMPTY
    elif kept_tokens != all_tokens:
        state = PartState.BRIEF if segment.rank else PartState.CUT
    return PromptPart(
        kind=segment.kind,
        source=segment.source,
        path=segment.path,
        tokens=len(kept_tokens),
        kept=bool(kept_tokens),
        state=state,
        rank=segment.brief_rank if state is PartState.BRIEF else segment.rank,
        line=segment.line,
        why=_STATE_WORDS[state],
    )


def _cut_to_tail(segment: Segment, tokens: list[int], room: int, tokenizer: Tokenizer) -> list[int]:
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
    stepped = min(len(lines), first + -(segment.line + first) % PREFIX_STEP_LINES)
    for start in (stepped, *range(first, len(lines))):
        fitting = tokenizer.encode("".join(lines[start:]))
        if len(fitting) <= room and (start != stepped or len(fitting) >= room // 2):
            return fitting
    return _drop_partial_character(tokens[max(0, len(tokens) - room) :] if room > 0 else [], tokenizer)


def _cut_to_head(segment: Segment, tokens: list[int], room: int, tokenizer: Tokenizer) -> list[int]:
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


def _drop_partial_character(tokens: list[int], tokenizer: Tokenizer) -> list[int]:
    """Without the leading tokens that begin inside a UTF-8 character."""
    start = 0
    while start < len(tokens) and (piece := tokenizer.token_to_piece(tokens[start])) and piece[0] & 0xC0 == 0x80:
        start += 1
    return tokens[start:]
