"""The KV cache of one document, and how little of its next prompt has to be decoded. Knows of a prompt only where its suffix is.

In prefix-suffix-middle order every keystroke changes what stands before the suffix, so reuse by longest common prefix decodes
the whole suffix again. Here the suffix keeps its cells: what is new in the prefix is decoded, then the suffix marker and the first
few tokens of the suffix afresh (the marker's cell tells the model where the prefix ends; with a stale one the output collapses),
and the rest of the suffix is put behind them as it stands.

llama.cpp decodes a sequence only at the position behind its last, so the rest waits in a sequence of its own meanwhile. Moving it
to other positions costs a rotation of the whole K cache, so it leaves a gap that the prefix grows into, made anew after each
answer, when nobody waits. The gap is as small as it can be, because it is what a model notices most: typed as sessions,
Qwen2.5-Coder 0.5B wrote the line of full decoding in 7 of 12 cases with 8 positions and in all 12 with one. How many tokens of the
suffix are decoded afresh matters less: in 10 cases, with one position, 16 gave the same line in 10, 8 in 9 and 4 in 8.
"""

import time
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Self

import msgspec

from interfix.engine.llama_runtime import DecodeAborted, DecodeInterrupted, LlamaContext
from interfix.engine.prefill_speed import PrefillSpeed
from interfix.engine.protocol import KvReuse
from interfix.errors import UnavailableError
from interfix.prompt.layout_reuse import LayoutChoice

MAIN_SEQUENCE, PARKING_SEQUENCE, SPARE_SEQUENCE = range(3)
"""The cache's sequences: the document's, one to park cells in, and one to decode a suffix anew in."""
SEQUENCE_COUNT = 3
STEP_TOKENS = 128
"""Most tokens decoded between two chances for another job to come first."""
MIN_STEP_TOKENS = 16
"""The same where a more urgent job keeps interrupting: so small a step gets done between two keystrokes."""
SUFFIX_HEAD_TOKENS = 8
"""Tokens of the suffix, marker included, decoded afresh after a change of the prefix."""
MAX_DRIFT_TOKENS = 48
"""From this many changed tokens on the suffix is decoded in full."""
GAP_POSITIONS = 1
"""Positions left free before a suffix that is moved; with none left after an answer it is moved before the next keystroke."""
MAX_GAP_POSITIONS = 2
"""A suffix farther behind the prefix than this (text was deleted) is moved up."""
REFRESH_STEP_TOKENS = 32
"""Most tokens of a refresh decoded at once."""
MOVE_COST_TOKENS = 24
"""What a move is worth in decoded tokens, about."""


class FillPlan(msgspec.Struct, frozen=True):
    """How to bring a slot to a prompt."""

    reused_prefix: int
    """Leading tokens that stay in the cache."""
    decode_end: int
    """Tokens from `keep` to here are decoded next."""
    reused_suffix: int
    """Tokens from `until` on whose cells are put behind them; 0: none, and all the rest is decoded."""
    source_position: int
    """Position at which those cells are."""
    target_position: int
    """Position to which they go."""
    decode_count: int
    """Tokens to decode in all."""

    @classmethod
    def without_splice(cls, tokens: Sequence[int], reused_prefix: int = 0) -> Self:
        """Decode everything behind the first `keep` tokens."""
        return cls(
            reused_prefix=reused_prefix,
            decode_end=len(tokens),
            reused_suffix=0,
            source_position=0,
            target_position=0,
            decode_count=len(tokens) - reused_prefix,
        )


class KvSlot:
    """A cache and what stands in its first sequence: a run from position 0 on, and possibly a kept suffix behind a gap."""

    def __init__(self, context: LlamaContext, prefill_speed: PrefillSpeed | None = None) -> None:
        """`context` has `SEQUENCES` sequences, all empty; `pace` hears how long prompts take."""
        self.document = ""
        """Whose prompt it holds; empty while free."""
        self.context = context
        """Its cache."""
        self.layout_choice: LayoutChoice | None = None
        """What the layout of its prompt has decided, so that the next one moves nothing without need."""
        self.drift_tokens = 0
        """Tokens before the suffix that have changed since the suffix was decoded in full."""
        self._prefill_speed = prefill_speed or PrefillSpeed()
        self._run_tokens: list[int] = []
        self._suffix_tokens: list[int] = []
        self._suffix_position = 0
        self._prompt: Sequence[int] = ()
        self._suffix_range = (0, 0)
        self._step_tokens = STEP_TOKENS

    def plan_fill(self, tokens: Sequence[int], suffix_range: tuple[int, int] = (0, 0), reuse: KvReuse = KvReuse.SPLICE) -> FillPlan:
        """The cheapest way to `tokens`, whose suffix, marker included, is `tokens[suffix[0]:suffix[1]]`; empty where it is none."""
        keep = 0 if reuse is KvReuse.NONE else min(_count_common_prefix(self._run_tokens, tokens), len(tokens) - 1)
        plain = FillPlan.without_splice(tokens, keep)
        able = reuse is KvReuse.SPLICE and suffix_range[1] > suffix_range[0] and self.context.can_shift
        spliced = self._plan_splice(tokens, suffix_range) if able else None
        return spliced if spliced and spliced.decode_count < plain.decode_count else plain

    def fill(self, plan: FillPlan, tokens: Sequence[int], suffix_range: tuple[int, int] = (0, 0)) -> Iterator[None]:
        """Carry the plan out; yields between two decodes. Afterwards the logits of the last token are there to read."""
        self._prompt, self._suffix_range = tokens, suffix_range
        if not plan.reused_suffix:
            self._truncate(plan.reused_prefix)
            self.drift_tokens = 0 if plan.reused_prefix <= suffix_range[0] else self.drift_tokens
            yield from self._extend(self._run_tokens, tokens, len(self._run_tokens), len(tokens))
            return
        rest = list(tokens[plan.decode_end : plan.decode_end + plan.reused_suffix])
        self.drift_tokens += max(0, suffix_range[0] - plan.reused_prefix)
        self.context.truncate(MAIN_SEQUENCE, plan.source_position + plan.reused_suffix)
        self.context.copy_range(MAIN_SEQUENCE, PARKING_SEQUENCE, plan.source_position, plan.source_position + plan.reused_suffix)
        self._truncate(plan.reused_prefix)
        try:
            yield from self._extend(self._run_tokens, tokens, plan.reused_prefix, plan.decode_end)
        finally:
            # Also after an abort: what is parked comes home, and the next plan starts from it.
            if plan.target_position != plan.source_position:
                self.context.shift_range(
                    PARKING_SEQUENCE,
                    plan.source_position,
                    plan.source_position + plan.reused_suffix,
                    plan.target_position - plan.source_position,
                )
            self.context.copy_range(
                PARKING_SEQUENCE, MAIN_SEQUENCE, plan.target_position, plan.target_position + plan.reused_suffix
            )
            self.context.truncate(PARKING_SEQUENCE, 0)
            self._suffix_tokens, self._suffix_position = rest, plan.target_position
        yield from self._extend(
            self._suffix_tokens,
            tokens,
            plan.decode_end + plan.reused_suffix,
            len(tokens),
            at=plan.target_position + plan.reused_suffix,
        )

    def open_gap(self) -> None:
        """Leave a gap before the suffix that the next keystroke fits into, if there is none: one decode, while nobody waits."""
        start, end = self._suffix_range
        if not self._suffix_tokens and self._run_tokens[:end] == list(self._prompt[:end]) and end - start > SUFFIX_HEAD_TOKENS:
            self._split_suffix(start + SUFFIX_HEAD_TOKENS, end)
        length = end - len(self._run_tokens)
        gap = self._suffix_position - len(self._run_tokens)
        if (
            self._suffix_tokens
            and self.context.can_shift
            and 0 < length <= len(self._suffix_tokens)
            and not GAP_POSITIONS <= gap <= MAX_GAP_POSITIONS
        ):
            self.drop_last(len(self._suffix_tokens) - length)
            self._move_suffix(len(self._run_tokens) + GAP_POSITIONS)

    def refresh_suffix(self) -> Iterator[None]:
        """`renew`, and make room for the next keystrokes."""
        yield from self.redecode_suffix()
        self.open_gap()

    def redecode_suffix(self, written: Sequence[int] = ()) -> Iterator[None]:
        """Decode a drifted suffix anew, in the spare sequence, then the end of the prompt and what was `written` behind it.

        Afterwards the logits of the last token are there to read. Yields between two short decodes; what ends it before the suffix
        is whole leaves the slot as it was. The spare sequence is empty before and after.
        """
        start, end = self._suffix_range
        room = self.context.tokens - self.count_cells()
        if not self.drift_tokens or room < end - start or list(self._prompt[:start]) != self._run_tokens[:start]:
            return
        fresh: list[int] = []
        try:
            self.context.copy_range(MAIN_SEQUENCE, SPARE_SEQUENCE, 0, start)
            for first in range(start, end, REFRESH_STEP_TOKENS):
                tokens = self._prompt[first : min(first + REFRESH_STEP_TOKENS, end)]
                self.context.decode(tokens, first, SPARE_SEQUENCE)
                fresh += tokens
                yield
            self._truncate(start)
            self.context.copy_range(SPARE_SEQUENCE, MAIN_SEQUENCE, start, end)
        finally:
            self.context.truncate(SPARE_SEQUENCE, 0)
        self._run_tokens += fresh
        self.drift_tokens = 0
        yield from self._extend(self._run_tokens, [*self._prompt, *written], end, len(self._prompt) + len(written))

    def append(self, tokens: Sequence[int]) -> None:
        """Decode tokens behind everything; the logits of each are then there to read."""
        held, at = (self._suffix_tokens, self._suffix_position) if self._suffix_tokens else (self._run_tokens, 0)
        self._decode(held, tokens, at + len(held), all_logits=True)

    def drop_last(self, count: int) -> None:
        """Forget the last tokens that were appended."""
        held, at = (self._suffix_tokens, self._suffix_position) if self._suffix_tokens else (self._run_tokens, 0)
        if count:
            self.context.truncate(MAIN_SEQUENCE, at + len(held) - count)
            del held[len(held) - count :]

    def count_cells(self) -> int:
        """Cells of the cache that the slot takes."""
        return len(self._run_tokens) + len(self._suffix_tokens)

    def clear(self) -> None:
        """Forget everything."""
        self._truncate(0)
        self.document = ""
        self.layout_choice = None
        self.drift_tokens = 0

    def _split_suffix(self, at: int, end: int) -> None:
        """Take the run apart: what stands from `at` to `end` becomes the kept suffix, what stands behind it is forgotten."""
        self.drop_last(len(self._run_tokens) - end)
        self._run_tokens, self._suffix_tokens, self._suffix_position = self._run_tokens[:at], self._run_tokens[at:], at

    def _move_suffix(self, position: int) -> None:
        """Put the kept suffix at another position. A token behind it makes the rotation happen now, not at the next keystroke."""
        at = self._suffix_position
        self.context.shift_range(MAIN_SEQUENCE, at, at + len(self._suffix_tokens), position - at)
        self._suffix_position = position
        self.append([self._prompt[self._suffix_range[1]]])

    def _plan_splice(self, tokens: Sequence[int], suffix_range: tuple[int, int]) -> FillPlan | None:
        """The plan that keeps cells of the suffix, if any can be kept."""
        start, end = suffix_range
        here, at = (
            (self._suffix_tokens, self._suffix_position)
            if self._suffix_tokens
            else (self._run_tokens[slice(*self._suffix_range)], self._suffix_range[0])
        )
        wanted = tokens[start:end]
        mine, theirs, length = _find_common_run(here, wanted)
        keep = _count_common_prefix(self._run_tokens, tokens[:start])
        if self.drift_tokens + start - keep > MAX_DRIFT_TOKENS:
            return None
        skipped = max(0, SUFFIX_HEAD_TOKENS - theirs)
        mine, theirs, length = mine + skipped, theirs + skipped, length - skipped
        until, source = start + theirs, at + mine
        if length <= 0 or source < keep:
            return None
        target = source if 0 <= source - until <= MAX_GAP_POSITIONS else until + GAP_POSITIONS
        decoded = until - keep + len(tokens) - until - length
        if decoded + (MOVE_COST_TOKENS if target != source else 0) >= len(tokens) - keep:
            return None
        return FillPlan(
            reused_prefix=keep,
            decode_end=until,
            reused_suffix=length,
            source_position=source,
            target_position=target,
            decode_count=decoded,
        )

    def _extend(self, cached: list[int], tokens: Sequence[int], start: int, end: int, at: int | None = None) -> Iterator[None]:
        """Decode `tokens[start:end]` onto the end of `held`, at consecutive positions from `at` (where not given: `start`).

        A step that is interrupted is taken again, half as long; so is the next where one was ended for good.
        """
        offset = 0 if at is None else at - start
        held_before = len(cached)
        while (first := start + len(cached) - held_before) < end:
            step = tokens[first : min(first + self._step_tokens, end)]
            began = time.perf_counter()
            try:
                self._decode(cached, step, first + offset, interruptible=True)
                self._prefill_speed.record(len(step), time.perf_counter() - began)
                self._step_tokens = min(2 * self._step_tokens, STEP_TOKENS)
            except DecodeAborted as ended:
                self._step_tokens = max(self._step_tokens // 2, MIN_STEP_TOKENS)
                if not isinstance(ended, DecodeInterrupted):
                    raise
            yield

    def _decode(
        self, cached: list[int], tokens: Sequence[int], position: int, *, all_logits: bool = False, interruptible: bool = False
    ) -> None:
        try:
            self.context.decode(tokens, position, MAIN_SEQUENCE, all_logits=all_logits, interruptible=interruptible)
        except DecodeAborted:
            cached += tokens[: max(0, self.context.find_end(MAIN_SEQUENCE) - position)]  # finished micro-batches stay
            raise
        except UnavailableError:
            self._truncate(0)
            raise
        cached += tokens

    def _truncate(self, position: int) -> None:
        held = self.context.truncate(MAIN_SEQUENCE, position) if self.count_cells() > position else position
        del self._run_tokens[held:]
        self._suffix_tokens = []


def _count_common_prefix(one: Sequence[int], other: Sequence[int]) -> int:
    """Length of the common beginning."""
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def _find_common_run(here: Sequence[int], wanted: Sequence[int]) -> tuple[int, int, int]:
    """A long run that both have: where it is in each, and its length. The whole, or a common ending, before a search."""
    if here[: len(wanted)] == wanted:
        return 0, 0, len(wanted)
    ending = _count_common_prefix(here[::-1], wanted[::-1])
    if ending * 2 >= len(wanted):
        return len(here) - ending, len(wanted) - ending, ending
    match = SequenceMatcher(None, here, wanted, autojunk=False).find_longest_match()
    return match.a, match.b, match.size
