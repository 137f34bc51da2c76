"""The KV cache of one document, and how little of its next prompt has to be decoded.

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

import msgspec

from interfix.engine.kv_fill_plan import FillPlan, count_changed_tokens, find_common_run
from interfix.engine.llama_runtime import DecodeAborted, DecodeInterrupted, LlamaContext
from interfix.engine.prefill_speed import PrefillSpeed
from interfix.engine.protocol import KvReuse
from interfix.engine.state_checkpoints import NEAR_DISTANCE_TOKENS, StateCheckpoints
from interfix.errors import UnavailableError
from interfix.models.memory_estimate import SEQUENCE_COUNT
from interfix.prompt.layout_reuse import LayoutChoice
from interfix.system.common_prefix import count_common_prefix

MAIN_SEQUENCE, PARKING_SEQUENCE, SPARE_SEQUENCE = range(SEQUENCE_COUNT)
"""The cache's sequences: the document's, one to park cells in, and one to decode a suffix anew in.

A cache that cannot be cut has no use for the last two: there they hold the checkpoints.
"""
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


class SlotKey(msgspec.Struct, frozen=True):
    """Whose prompt a slot holds."""

    document: str = ""
    """The document's URI; empty: that of no document."""
    is_brief: bool = False
    """Whether it is the short prompt that is answered while the whole one would take too long."""


class KvSlot:
    """A cache and what stands in its first sequence: a run from position 0 on, and possibly a kept suffix behind a gap."""

    def __init__(self, context: LlamaContext, prefill_speed: PrefillSpeed | None = None) -> None:
        """`context` has `SEQUENCE_COUNT` sequences, all empty; `prefill_speed` hears how long prompts take."""
        self.key: SlotKey | None = None
        """Whose prompt it holds; None while free."""
        self.context = context
        """Its cache."""
        self.layout_choice: LayoutChoice | None = None
        """What the layout of its prompt has decided, so that the next one moves nothing without need."""
        self.budget = 0
        """Most tokens that prompt might have had."""
        self.is_ahead = False
        """Nobody has asked for anything in its document yet: its prompt was read ahead."""
        self.drift_tokens = 0
        """Tokens before the suffix, inserted or deleted, that have changed since the suffix was decoded in full."""
        self._prefill_speed = prefill_speed or PrefillSpeed()
        self._run_tokens: list[int] = []
        self._suffix_tokens: list[int] = []
        self._suffix_position = 0
        self._suffix_index = 0  # which token of the prompt the kept suffix begins with
        self._checkpoints = StateCheckpoints(context, MAIN_SEQUENCE, PARKING_SEQUENCE, SPARE_SEQUENCE)
        self._prompt: Sequence[int] = ()
        self._suffix_range = (0, 0)
        self._step_tokens = STEP_TOKENS

    def plan_fill(self, tokens: Sequence[int], suffix_range: tuple[int, int] = (0, 0), reuse: KvReuse = KvReuse.SPLICE) -> FillPlan:
        """The cheapest way to `tokens`, whose suffix, marker included, is `tokens[slice(*suffix_range)]`; it may be empty."""
        keep = 0 if reuse is KvReuse.NONE else self._find_reusable_prefix(tokens)
        unspliced = FillPlan.without_splice(tokens, keep)
        able = reuse is KvReuse.SPLICE and suffix_range[1] > suffix_range[0] and self.context.can_shift
        spliced = self._plan_splice(tokens, suffix_range) if able else None
        return spliced if spliced and spliced.decode_count < unspliced.decode_count else unspliced

    def fill(self, plan: FillPlan, tokens: Sequence[int], suffix_range: tuple[int, int] = (0, 0)) -> Iterator[None]:
        """Carry the plan out; yields between two decodes. Afterwards the logits of the last token are there to read."""
        self._prompt, self._suffix_range, self._suffix_index = tokens, suffix_range, plan.decode_end
        if not plan.reused_suffix or not self._park_suffix(plan):
            self.drift_tokens = 0
            self._checkpoints.prune(tokens)
            self._truncate(plan.reused_prefix)
            yield from self._extend(self._run_tokens, tokens, len(tokens))
            return
        rest = list(tokens[plan.decode_end : plan.decode_end + plan.reused_suffix])
        self.drift_tokens = plan.drift_tokens
        try:
            yield from self._extend(self._run_tokens, tokens, plan.decode_end)
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
        yield from self._extend(self._suffix_tokens, tokens, len(tokens), plan.decode_end, plan.target_position - plan.decode_end)

    def open_gap(self) -> None:
        """Leave a gap before the suffix that the next keystroke fits into, if there is none: one decode, while nobody waits."""
        start, end = self._suffix_range
        if not self.context.can_shift:
            return
        if not self._suffix_tokens and self._run_tokens[:end] == list(self._prompt[:end]) and end - start > SUFFIX_HEAD_TOKENS:
            self._split_suffix(start + SUFFIX_HEAD_TOKENS, end)
        length = end - len(self._run_tokens)
        gap = self._suffix_position - len(self._run_tokens)
        if (
            0 < length <= len(self._suffix_tokens)
            and not GAP_POSITIONS <= gap <= MAX_GAP_POSITIONS
            and self.drop_last(len(self._suffix_tokens) - length)
        ):
            self._move_suffix(len(self._run_tokens) + GAP_POSITIONS)

    def refresh_suffix(self) -> Iterator[None]:
        """`redecode_suffix`, and make room for the next keystrokes."""
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
            if len(self._run_tokens) == start:
                self.context.copy_range(SPARE_SEQUENCE, MAIN_SEQUENCE, start, end)
                self._run_tokens += fresh
            self.drift_tokens = 0
        finally:
            self.context.truncate(SPARE_SEQUENCE, 0)
        yield from self._extend(self._run_tokens, [*self._prompt, *written], len(self._prompt) + len(written))

    def append(self, tokens: Sequence[int]) -> None:
        """Decode tokens behind everything; the logits of each are then there to read."""
        held, at = (self._suffix_tokens, self._suffix_position) if self._suffix_tokens else (self._run_tokens, 0)
        self._decode(held, tokens, at + len(held), all_logits=True)

    def drop_last(self, count: int) -> bool:
        """Forget the last tokens that were appended; False where the cache can only forget more, and has."""
        if not count:
            return True
        position = self._find_end() - count
        if self.context.truncate(MAIN_SEQUENCE, position) < position:
            self._restore_checkpoint(position)
            return False
        held = self._suffix_tokens or self._run_tokens
        del held[len(held) - count :]
        return True

    def count_cells(self) -> int:
        """Cells of the cache that the slot takes."""
        return len(self._run_tokens) + len(self._suffix_tokens)

    def clear(self) -> None:
        """Forget everything."""
        self._forget_all()
        self.key = None
        self.layout_choice = None
        self.budget = 0
        self.drift_tokens = 0

    def _split_suffix(self, at: int, end: int) -> None:
        """Take the run apart: what stands from `at` to `end` becomes the kept suffix, what stands behind it is forgotten."""
        if self.drop_last(len(self._run_tokens) - end):
            self._run_tokens, self._suffix_tokens, self._suffix_position, self._suffix_index = (
                self._run_tokens[:at],
                self._run_tokens[at:],
                at,
                at,
            )

    def _move_suffix(self, position: int) -> None:
        """Put the kept suffix at another position. A token behind it makes the rotation happen now, not at the next keystroke."""
        at = self._suffix_position
        self.context.shift_range(MAIN_SEQUENCE, at, at + len(self._suffix_tokens), position - at)
        self._suffix_position = position
        self.append([self._prompt[self._suffix_range[1]]])

    def _plan_splice(self, tokens: Sequence[int], suffix_range: tuple[int, int]) -> FillPlan | None:
        """The plan that keeps cells of the suffix, if any can be kept."""
        start, end = suffix_range
        at = first = self._suffix_range[0]
        here = self._run_tokens[slice(*self._suffix_range)]
        if self._suffix_tokens:
            at, first = self._suffix_position, self._suffix_index
            here = self._suffix_tokens[: self._suffix_range[1] - first]
        mine, theirs, length = find_common_run(here, tokens[start:end])
        keep = count_common_prefix(self._run_tokens, tokens[:start])
        skipped = max(0, SUFFIX_HEAD_TOKENS - theirs)
        mine, theirs, length = mine + skipped, theirs + skipped, length - skipped
        until, source = start + theirs, at + mine
        if length <= 0 or source < keep:
            return None
        drift = self.drift_tokens + count_changed_tokens(self._prompt[: first + mine], tokens[:until])
        if drift > MAX_DRIFT_TOKENS:
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
            drift_tokens=drift,
        )

    def _find_reusable_prefix(self, tokens: Sequence[int]) -> int:
        """How many leading tokens may stay; the last is always decoded, for its logits."""
        shared = min(count_common_prefix(self._run_tokens, tokens), len(tokens) - 1)
        if self.context.can_truncate or (shared == len(self._run_tokens) and shared >= self._checkpoints.find_prefix(tokens)):
            return shared
        return self._checkpoints.find_prefix(tokens)

    def _park_suffix(self, plan: FillPlan) -> bool:
        """Put what the plan keeps aside, and cut the run to its beginning; False where the cache has forgotten all instead."""
        end = plan.source_position + plan.reused_suffix
        if self.context.truncate(MAIN_SEQUENCE, end) < end:
            self._restore_checkpoint(0)
            return False
        self.context.copy_range(MAIN_SEQUENCE, PARKING_SEQUENCE, plan.source_position, end)
        self._truncate(plan.reused_prefix)
        return True

    def _extend(self, cached: list[int], tokens: Sequence[int], end: int, begin: int = 0, offset: int = 0) -> Iterator[None]:
        """Decode what `cached` lacks of `tokens[begin:end]`, each token `offset` positions behind its place in the prompt.

        A step that is interrupted is taken again, half as long; so is the next where one was ended for good.
        """
        while (first := begin + len(cached)) < end:
            length = max(MIN_STEP_TOKENS, min(self._step_tokens, self._prefill_speed.step_tokens))
            step = tokens[first : min(first + length, self._find_step_end(first, end))]
            began = time.perf_counter()
            try:
                self._decode(cached, step, first + offset, interruptible=True)
                self._prefill_speed.record(len(step), time.perf_counter() - began)
                self._step_tokens = min(2 * self._step_tokens, STEP_TOKENS)
            except DecodeAborted as ended:
                self._step_tokens = max(self._step_tokens // 2, MIN_STEP_TOKENS)
                if not isinstance(ended, DecodeInterrupted):
                    raise
            if not self.context.can_truncate and 0 < len(self._run_tokens) <= self._find_checkpoint_limit():
                self._checkpoints.save(self._run_tokens)
            yield

    def _find_checkpoint_limit(self) -> int:
        """The last place of the prompt at which a checkpoint is of use."""
        start, end = self._suffix_range
        return (start if end > start else len(self._prompt)) - NEAR_DISTANCE_TOKENS

    def _find_step_end(self, first: int, end: int) -> int:
        """Where a step that begins at `first` must end."""
        checkpoint = self._find_checkpoint_limit()
        return checkpoint if not self.context.can_truncate and first < checkpoint < end else end

    def _decode(
        self, cached: list[int], tokens: Sequence[int], position: int, *, all_logits: bool = False, interruptible: bool = False
    ) -> None:
        try:
            self.context.decode(tokens, position, MAIN_SEQUENCE, all_logits=all_logits, interruptible=interruptible)
        except DecodeAborted:
            if self.context.can_truncate:
                cached += tokens[: max(0, self.context.find_end(MAIN_SEQUENCE) - position)]  # finished micro-batches stay
            else:
                # Some layers have read the tokens and some have not.
                self.context.truncate(MAIN_SEQUENCE, 0)
                self._restore_checkpoint(position)
            raise
        except UnavailableError:
            self._forget_all()
            raise
        cached += tokens

    def _find_end(self) -> int:
        """The position behind everything."""
        return self._suffix_position + len(self._suffix_tokens) if self._suffix_tokens else len(self._run_tokens)

    def _truncate(self, position: int) -> None:
        """Forget everything from `position` on; where the cache can only forget all, everything behind the last checkpoint."""
        if self._find_end() <= position:
            return
        if self.context.truncate(MAIN_SEQUENCE, position) < position:
            self._restore_checkpoint(position)
            return
        self._suffix_tokens = []
        del self._run_tokens[position:]

    def _restore_checkpoint(self, position: int) -> None:
        """Go back to the last checkpoint before `position`, if there is one, now that the cache has forgotten the sequence."""
        self._suffix_tokens = []
        self._run_tokens[:] = self._checkpoints.restore(position)

    def _forget_all(self) -> None:
        self.context.truncate(MAIN_SEQUENCE, 0)
        self._run_tokens[:], self._suffix_tokens = [], []
        self._checkpoints.clear()
