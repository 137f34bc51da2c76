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

from interfix.engine.checkpoints import NEAR_TOKENS, Checkpoints
from interfix.engine.pace import Pace
from interfix.engine.protocol import Reuse
from interfix.engine.runtime import Aborted, Context, Interrupted
from interfix.engine.slot_plan import Plan, changed_tokens, common_run, shared_tokens
from interfix.errors import Unavailable
from interfix.prompt.again import Choice

MAIN, PARKING, SPARE = range(3)
"""The cache's sequences: the document's, one to park cells in, and one to decode a suffix anew in.

A cache that cannot be cut has no use for the last two: there they hold the checkpoints.
"""
SEQUENCES = 3
STEP_TOKENS = 128
"""Most tokens decoded between two chances for another job to come first."""
LEAST_STEP_TOKENS = 16
"""The same where a more urgent job keeps interrupting: so small a step gets done between two keystrokes."""
FRESH_TOKENS = 8
"""Tokens of the suffix, marker included, decoded afresh after a change of the prefix."""
LARGE_DRIFT = 48
"""From this many changed tokens on the suffix is decoded in full."""
GAP = 1
"""Positions left free before a suffix that is moved; with none left after an answer it is moved before the next keystroke."""
LARGEST_GAP = 2
"""A suffix farther behind the prefix than this (text was deleted) is moved up."""
REFRESH_STEP_TOKENS = 32
"""Most tokens of a refresh decoded at once."""
MOVE_COST = 24
"""What a move is worth in decoded tokens, about."""


class Slot:
    """A cache and what stands in its first sequence: a run from position 0 on, and possibly a kept suffix behind a gap."""

    def __init__(self, context: Context, pace: Pace | None = None) -> None:
        """`context` has `SEQUENCES` sequences, all empty; `pace` hears how long prompts take."""
        self.document = ""
        """Whose prompt it holds; empty while free."""
        self.context = context
        """Its cache."""
        self.choice: Choice | None = None
        """What the layout of its prompt has decided, so that the next one moves nothing without need."""
        self.drift = 0
        """Tokens before the suffix, inserted or deleted, that have changed since the suffix was decoded in full."""
        self._pace = pace or Pace()
        self._run: list[int] = []
        self._kept: list[int] = []
        self._kept_at = 0
        self._kept_from = 0  # which token of the prompt the kept suffix begins with
        self._checkpoints = Checkpoints(context, MAIN, PARKING, SPARE)
        self._prompt: Sequence[int] = ()
        self._suffix = (0, 0)
        self._step = STEP_TOKENS

    def plan(self, tokens: Sequence[int], suffix: tuple[int, int] = (0, 0), reuse: Reuse = Reuse.SPLICE) -> Plan:
        """The cheapest way to `tokens`, whose suffix, marker included, is `tokens[suffix[0]:suffix[1]]`; empty where it is none."""
        keep = 0 if reuse is Reuse.NONE else self._reach(tokens)
        plain = Plan.plain(tokens, keep)
        able = reuse is Reuse.SPLICE and suffix[1] > suffix[0] and self.context.can_shift
        spliced = self._splice(tokens, suffix) if able else None
        return spliced if spliced and spliced.decoded < plain.decoded else plain

    def fill(self, plan: Plan, tokens: Sequence[int], suffix: tuple[int, int] = (0, 0)) -> Iterator[None]:
        """Carry the plan out; yields between two decodes. Afterwards the logits of the last token are there to read."""
        self._prompt, self._suffix, self._kept_from = tokens, suffix, plan.until
        if not plan.kept or not self._park(plan):
            self.drift = 0
            self._checkpoints.prune(tokens)
            self._truncate(plan.keep)
            yield from self._extend(self._run, tokens, len(tokens))
            return
        rest = list(tokens[plan.until : plan.until + plan.kept])
        self.drift = plan.drift
        try:
            yield from self._extend(self._run, tokens, plan.until)
        finally:
            # Also after an abort: what is parked comes home, and the next plan starts from it.
            if plan.target != plan.source:
                self.context.shift(PARKING, plan.source, plan.source + plan.kept, plan.target - plan.source)
            self.context.copy(PARKING, MAIN, plan.target, plan.target + plan.kept)
            self.context.truncate(PARKING, 0)
            self._kept, self._kept_at = rest, plan.target
        yield from self._extend(self._kept, tokens, len(tokens), plan.until, plan.target - plan.until)

    def settle(self) -> None:
        """Leave a gap before the suffix that the next keystroke fits into, if there is none: one decode, while nobody waits."""
        start, end = self._suffix
        if not self.context.can_shift:
            return
        if not self._kept and self._run[:end] == list(self._prompt[:end]) and end - start > FRESH_TOKENS:
            self._part(start + FRESH_TOKENS, end)
        length = end - len(self._run)
        gap = self._kept_at - len(self._run)
        if 0 < length <= len(self._kept) and not GAP <= gap <= LARGEST_GAP and self.drop(len(self._kept) - length):
            self._move(len(self._run) + GAP)

    def refresh(self) -> Iterator[None]:
        """`renew`, and make room for the next keystrokes."""
        yield from self.renew()
        self.settle()

    def renew(self, written: Sequence[int] = ()) -> Iterator[None]:
        """Decode a drifted suffix anew, in the spare sequence, then the end of the prompt and what was `written` behind it.

        Afterwards the logits of the last token are there to read. Yields between two short decodes; what ends it before the suffix
        is whole leaves the slot as it was. The spare sequence is empty before and after.
        """
        start, end = self._suffix
        room = self.context.tokens - self.cells()
        if not self.drift or room < end - start or list(self._prompt[:start]) != self._run[:start]:
            return
        fresh: list[int] = []
        try:
            self.context.copy(MAIN, SPARE, 0, start)
            for first in range(start, end, REFRESH_STEP_TOKENS):
                tokens = self._prompt[first : min(first + REFRESH_STEP_TOKENS, end)]
                self.context.decode(tokens, first, SPARE)
                fresh += tokens
                yield
            self._truncate(start)
            if len(self._run) == start:
                self.context.copy(SPARE, MAIN, start, end)
                self._run += fresh
            self.drift = 0
        finally:
            self.context.truncate(SPARE, 0)
        yield from self._extend(self._run, [*self._prompt, *written], len(self._prompt) + len(written))

    def append(self, tokens: Sequence[int]) -> None:
        """Decode tokens behind everything; the logits of each are then there to read."""
        held, at = (self._kept, self._kept_at) if self._kept else (self._run, 0)
        self._decode(held, tokens, at + len(held), every=True)

    def drop(self, count: int) -> bool:
        """Forget the last tokens that were appended; False where the cache can only forget more, and has."""
        if not count:
            return True
        position = self._end() - count
        if self.context.truncate(MAIN, position) < position:
            self._fall_back(position)
            return False
        held = self._kept or self._run
        del held[len(held) - count :]
        return True

    def cells(self) -> int:
        """Cells of the cache that the slot takes."""
        return len(self._run) + len(self._kept)

    def clear(self) -> None:
        """Forget everything."""
        self._forget()
        self.document = ""
        self.choice = None
        self.drift = 0

    def _part(self, at: int, end: int) -> None:
        """Take the run apart: what stands from `at` to `end` becomes the kept suffix, what stands behind it is forgotten."""
        if self.drop(len(self._run) - end):
            self._run, self._kept, self._kept_at, self._kept_from = self._run[:at], self._run[at:], at, at

    def _move(self, position: int) -> None:
        """Put the kept suffix at another position. A token behind it makes the rotation happen now, not at the next keystroke."""
        at = self._kept_at
        self.context.shift(MAIN, at, at + len(self._kept), position - at)
        self._kept_at = position
        self.append([self._prompt[self._suffix[1]]])

    def _splice(self, tokens: Sequence[int], suffix: tuple[int, int]) -> Plan | None:
        """The plan that keeps cells of the suffix, if any can be kept."""
        start, end = suffix
        here, at, first = self._run[slice(*self._suffix)], self._suffix[0], self._suffix[0]
        if self._kept:
            here, at, first = self._kept[: self._suffix[1] - self._kept_from], self._kept_at, self._kept_from
        wanted = tokens[start:end]
        mine, theirs, length = common_run(here, wanted)
        keep = shared_tokens(self._run, tokens[:start])
        skipped = max(0, FRESH_TOKENS - theirs)
        mine, theirs, length = mine + skipped, theirs + skipped, length - skipped
        until, source = start + theirs, at + mine
        if length <= 0 or source < keep:
            return None
        drift = self.drift + changed_tokens(self._prompt[: first + mine], tokens[:until])
        if drift > LARGE_DRIFT:
            return None
        target = source if 0 <= source - until <= LARGEST_GAP else until + GAP
        decoded = until - keep + len(tokens) - until - length
        if decoded + (MOVE_COST if target != source else 0) >= len(tokens) - keep:
            return None
        return Plan(keep=keep, until=until, kept=length, source=source, target=target, decoded=decoded, drift=drift)

    def _reach(self, tokens: Sequence[int]) -> int:
        """How many leading tokens may stay; the last is always decoded, for its logits."""
        shared = min(shared_tokens(self._run, tokens), len(tokens) - 1)
        if self.context.can_truncate or (shared == len(self._run) and shared >= self._checkpoints.reach(tokens)):
            return shared
        return self._checkpoints.reach(tokens)

    def _park(self, plan: Plan) -> bool:
        """Put what the plan keeps aside, and cut the run to its beginning; False where the cache has forgotten all instead."""
        end = plan.source + plan.kept
        if self.context.truncate(MAIN, end) < end:
            self._fall_back(0)
            return False
        self.context.copy(MAIN, PARKING, plan.source, end)
        self._truncate(plan.keep)
        return True

    def _extend(self, held: list[int], tokens: Sequence[int], end: int, begin: int = 0, offset: int = 0) -> Iterator[None]:
        """Decode what `held` lacks of `tokens[begin:end]`, each token `offset` positions behind its place in the prompt.

        A step that is interrupted is taken again, half as long; so is the next where one was ended for good.
        """
        while (first := begin + len(held)) < end:
            step = tokens[first : min(first + self._step, self._stop(first, end))]
            began = time.perf_counter()
            try:
                self._decode(held, step, first + offset, interruptible=True)
                self._pace.took(len(step), time.perf_counter() - began)
                self._step = min(2 * self._step, STEP_TOKENS)
            except Aborted as ended:
                self._step = max(self._step // 2, LEAST_STEP_TOKENS)
                if not isinstance(ended, Interrupted):
                    raise
            if not self.context.can_truncate and 0 < len(self._run) <= self._checkpoint():
                self._checkpoints.take(self._run)
            yield

    def _checkpoint(self) -> int:
        """The last place of the prompt at which a checkpoint is of use."""
        start, end = self._suffix
        return (start if end > start else len(self._prompt)) - NEAR_TOKENS

    def _stop(self, first: int, end: int) -> int:
        """Where a step that begins at `first` must end."""
        place = self._checkpoint()
        return place if not self.context.can_truncate and first < place < end else end

    def _decode(
        self, held: list[int], tokens: Sequence[int], position: int, *, every: bool = False, interruptible: bool = False
    ) -> None:
        try:
            self.context.decode(tokens, position, MAIN, every=every, interruptible=interruptible)
        except Aborted:
            if self.context.can_truncate:
                held += tokens[: max(0, self.context.length(MAIN) - position)]  # finished micro-batches stay
            else:
                # Some layers have read the tokens and some have not.
                self.context.truncate(MAIN, 0)
                self._fall_back(position)
            raise
        except Unavailable:
            self._forget()
            raise
        held += tokens

    def _end(self) -> int:
        """The position behind everything."""
        return self._kept_at + len(self._kept) if self._kept else len(self._run)

    def _truncate(self, position: int) -> None:
        """Forget everything from `position` on; where the cache can only forget all, everything behind the last checkpoint."""
        if self._end() <= position:
            return
        if self.context.truncate(MAIN, position) < position:
            self._fall_back(position)
            return
        self._kept = []
        del self._run[position:]

    def _fall_back(self, position: int) -> None:
        """Go back to the last checkpoint before `position`, if there is one, now that the cache has forgotten the sequence."""
        self._kept = []
        self._run[:] = self._checkpoints.restore(position)

    def _forget(self) -> None:
        self.context.truncate(MAIN, 0)
        self._run[:], self._kept = [], []
        self._checkpoints.clear()
