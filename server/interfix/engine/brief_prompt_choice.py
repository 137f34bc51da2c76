"""Which prompt a document gets now, and in which slot: the whole one, or a brief one that is read in time.

What the slots hold already takes no time, so it decides: of the prompts that are read in time the longest is answered.
"""

from collections.abc import Iterator

import msgspec

from interfix.engine.document_slot_pool import KvSlotPool
from interfix.engine.kv_fill_plan import FillPlan
from interfix.engine.kv_slot import KvSlot, SlotKey
from interfix.engine.model_pool import LoadedModel
from interfix.engine.protocol import InfillRequest
from interfix.prompt.families import Family
from interfix.prompt.infill_layout import PromptLayout, lay_out_infill

BRIEF_PROMPT_TOKENS = 256
"""Length of the prompt that is answered unasked while the whole one would take too long; longer where the machine reads more in
time."""
MIN_BRIEF_PROMPT_TOKENS = 96
"""The same where the machine reads no more in `FIRST_SUGGESTION_MS`: a shorter one is not worth answering."""
FIRST_SUGGESTION_MS = 2500
"""The prompt of the first suggestion in a file that is not read yet may take so long, ms."""

EXTRA_WAIT_MS = 300
"""Reading what is worth no wait, and what has to be read again because of it, may take so much longer, ms."""


class SlotLayout(msgspec.Struct, frozen=True):
    """An infill prompt as its slot holds it now."""

    prompt: PromptLayout
    """The prompt."""
    slots: KvSlotPool
    """Where its slot is."""
    key: SlotKey
    """Which one that is."""
    held: KvSlot | None
    """The slot, if it holds the document already."""
    budget: int
    """Most tokens the prompt might have had."""
    max_tokens: int
    """Most tokens of an answer that there is room for."""
    plan: FillPlan
    """How the slot gets there."""

    def acquire_slot(self) -> KvSlot:
        """The slot, with room for the answer."""
        return self._prepare(self.slots.acquire(self.key, self._count_cells(), self.held))

    def acquire_slot_ahead(self) -> KvSlot | None:
        """The same for a prompt that nobody has asked for; None where there is none to spare."""
        slot = self.slots.acquire_ahead(self.key, self._count_cells(), self.held)
        return self._prepare(slot) if slot is not None else None

    def _count_cells(self) -> int:
        """What the prompt takes, and at most the answer, which writes the end of the prefix once more."""
        return len(self.prompt.tokens) + len(self.prompt.healed) + self.max_tokens

    def _prepare(self, slot: KvSlot) -> KvSlot:
        slot.layout_choice, slot.budget = self.prompt.choice, self.budget
        return slot


def lay_out_whole(model: LoadedModel, request: InfillRequest, family: Family) -> SlotLayout:
    """The whole prompt."""
    return _lay_out(model, request, family)


def choose_layout(model: LoadedModel, request: InfillRequest, family: Family) -> SlotLayout:
    """The whole prompt where it is read within `max_prefill_ms`; else the longest brief one that is read in time, if any is.

    What is worth no wait is left out of a brief one, and of the whole one where that is read much sooner without it.
    """
    best = _lay_out(model, request, family)
    if not request.max_prefill_ms:
        return best
    if (lasting := tuple(segment for segment in request.segments if not segment.is_worth_no_wait)) != request.segments:
        request = msgspec.structs.replace(request, segments=lasting)
        without = _lay_out(model, request, family)
        extra = model.prefill_speed.estimate_tokens_within(EXTRA_WAIT_MS)
        if best.plan.decode_count > without.plan.decode_count + extra:
            best = without
    in_time = model.prefill_speed.estimate_tokens_within(request.max_prefill_ms)
    if best.plan.decode_count <= in_time:
        return best
    most = max(in_time, model.prefill_speed.estimate_tokens_within(FIRST_SUGGESTION_MS))
    for tokens in _list_brief_lengths(model, request, in_time):
        brief = _lay_out(model, request, family, tokens)
        if brief.plan.decode_count < best.plan.decode_count:
            best = brief
        if best.plan.decode_count <= most:
            break
    return best


def _list_brief_lengths(model: LoadedModel, request: InfillRequest, in_time: int) -> Iterator[int]:
    """Lengths of brief prompts to choose from, the longest first: that of the one that is there, and what is read in time."""
    first = model.prefill_speed.estimate_tokens_within(FIRST_SUGGESTION_MS) or BRIEF_PROMPT_TOKENS
    length = max(in_time, MIN_BRIEF_PROMPT_TOKENS, min(BRIEF_PROMPT_TOKENS, first))
    held = model.find_document_slot(SlotKey(request.document, is_brief=True))
    if held is not None and held.budget > length:
        yield held.budget
    yield length


def _lay_out(model: LoadedModel, request: InfillRequest, family: Family, brief_tokens: int = 0) -> SlotLayout:
    """The whole prompt, or one of at most `brief_tokens`."""
    prompt_budget = request.prompt_budget or model.prompt_tokens
    slots = model.open_infill_slots(prompt_budget)
    max_tokens = min(request.max_tokens, slots.tokens // 2)  # whatever is asked for, half of the cache is the prompt's
    budget = min(brief_tokens or prompt_budget, prompt_budget, slots.tokens - max_tokens)
    key = SlotKey(request.document, is_brief=bool(brief_tokens))
    held = slots.find(key)
    choice = held.layout_choice if held else None
    # A text is scored as what the hole might hold, which begins at the cursor.
    prompt = lay_out_infill(
        request.segments, model.weights.vocabulary, family, budget, choice, heals_tokens=not request.scored_text
    )
    plan = held.plan_fill(prompt.tokens, prompt.suffix_range, request.reuse) if held else FillPlan.without_splice(prompt.tokens)
    return SlotLayout(prompt, slots, key, held, budget, max_tokens, plan)
