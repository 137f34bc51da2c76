"""What the engine computes, as generators that yield after each decode so that another job may come first.

A generator yields an event for the reader, or None where it only offers a pause.
"""

from collections.abc import Sequence

import msgspec

from interfix.engine.fill_plan import FillPlan
from interfix.engine.generation import PreparedPrompt, Steps, generate
from interfix.engine.kv_slot import KvSlot, SlotKey
from interfix.engine.kv_slot_pool import KvSlotPool
from interfix.engine.model_pool import LoadedModel
from interfix.engine.protocol import ChatRequest, InfillRequest, KvReuse
from interfix.engine.side_work import do_beside
from interfix.engine.stop_texts_and_loops import StopDetector
from interfix.engine.vocabulary import Vocabulary
from interfix.errors import RoleMismatchError, UsageError
from interfix.prompt.chat_layout import lay_out_chat, render_turns
from interfix.prompt.families import Family, detect_family
from interfix.prompt.few_shot_layout import ANSWER_ENDS, lay_out_few_shot
from interfix.prompt.infill_layout import PromptLayout, lay_out_infill
from interfix.values import LAYOUT_ONLY_END, GeneratedToken, GenerationStart, PromptPart

BRIEF_PROMPT_TOKENS = 256
"""Length of the prompt that is answered while the whole one would take too long; longer where the machine reads more in time."""
MIN_BRIEF_PROMPT_TOKENS = 96
"""The same of a prompt that nobody asked for, where the machine reads no more in `FIRST_SUGGESTION_MS`."""
FIRST_SUGGESTION_MS = 2500
"""The prompt of the first suggestion in a file that is not read yet may take so long."""
MIN_ANSWER_TOKENS = 256
"""Least room a chat's prompt must leave for the answer, tokens."""


def infill(model: LoadedModel, request: InfillRequest) -> Steps:
    """Fill the hole between prefix and suffix. Raises `RoleMismatchError` where the model was not made for it."""
    weights, vocabulary = model.weights, model.weights.vocabulary
    family = detect_family(vocabulary, weights.origin)
    if not family.can_infill(vocabulary):
        raise RoleMismatchError(
            f"{request.model.name} cannot complete inside a file. "
            f"{family.no_infill_reason or 'Its vocabulary has no fill-in-the-middle tokens.'} "
            "Choose a base code model: interfix models list."
        )
    layout = _lay_out(model, request, family)
    if request.dry_run:
        yield from describe_prompt(request.model.name, layout.prompt.tokens, layout.prompt.parts, layout.budget, vocabulary)
        return
    in_time = model.prefill_speed.estimate_tokens_within(request.max_prefill_ms)
    is_known = model.prefill_speed.is_known or not request.is_asked
    if request.max_prefill_ms and is_known and layout.plan.decode_count > in_time:
        brief = _lay_out(model, request, family, max(in_time, _choose_brief_length(model, request)))
        layout = brief if brief.plan.decode_count < layout.plan.decode_count else layout
    if not layout.key.is_brief and (outdated := layout.slots.find(SlotKey(request.document, is_brief=True))):
        outdated.clear()
    suffix_range = layout.prompt.suffix_range
    prompt = PreparedPrompt(
        model=request.model.name,
        tokens=layout.prompt.tokens,
        plan=layout.plan,
        suffix_range=suffix_range,
        parts=layout.prompt.parts,
        budget=layout.budget,
        max_tokens=layout.max_tokens,
        sampling=request.sampling.with_defaults(family.infill_sampling),
        seed=request.seed,
        alternatives=request.alternatives,
        start_rank=request.start_rank,
        start=request.start,
        tell_runners_up=request.tell_runners_up,
        stop_tokens=family.find_infill_ends(vocabulary),
        guide=request.guide,
        exact_suffix=request.exact_suffix or suffix_range[1] - suffix_range[0] <= in_time,
    )
    yield from generate(weights, layout.acquire_slot(), prompt, StopDetector())


def chat(model: LoadedModel, request: ChatRequest) -> Steps:
    """Answer the last turn; a model that was forced into the role is shown examples, and cut where it begins another one.

    Raises `RoleMismatchError` without a chat template, `UsageError` where the turns do not fit the context.
    """
    weights, vocabulary = model.weights, model.weights.vocabulary
    name = request.model.name
    family = detect_family(vocabulary, weights.origin)
    slots = model.open_chat_slots()
    room = min(MIN_ANSWER_TOKENS, request.max_tokens)
    if request.model.is_forced:
        layout = lay_out_few_shot(request.messages, vocabulary, slots.tokens - room)
    elif template := weights.chat_template or family.chat_template:
        # A template is a program out of a model's file, run in a process of its own: that takes its time.
        yield from do_beside(lambda: render_turns(request.messages, template, vocabulary))
        layout = lay_out_chat(request.messages, template, vocabulary, name, slots.tokens - room)
    else:
        raise RoleMismatchError(
            f"{name} has no chat template, so it cannot follow a request. Choose an instruct model: interfix models list."
        )
    left = slots.tokens - len(layout.tokens)
    if left < room:
        raise UsageError(
            f"This takes {len(layout.tokens)} tokens of the {slots.tokens} of {name}: too little is left for an answer. "
            f"{model.remedy}"
        )
    if request.dry_run:
        yield from describe_prompt(name, layout.tokens, layout.parts, slots.tokens - room, vocabulary)
        return
    limit = min(request.max_tokens, left)
    slot = slots.acquire(SlotKey(), len(layout.tokens) + limit)
    shown = "\n".join(message.full_text for message in request.messages)
    answer = StopDetector(ANSWER_ENDS if request.model.is_forced else family.answer_end_texts, shown)
    prompt = PreparedPrompt(
        model=name,
        tokens=layout.tokens,
        plan=slot.plan_fill(layout.tokens, reuse=KvReuse.PREFIX),
        max_tokens=limit,
        sampling=request.sampling.with_defaults(family.chat_sampling),
        seed=request.seed,
        alternatives=request.alternatives,
        stop_tokens=family.find_chat_ends(vocabulary),
        prompt_lookup=request.prompt_lookup,
    )
    for step in generate(weights, slot, prompt, answer):
        yield step
        if isinstance(step, GenerationStart) and layout.reasoning_mark:
            # The reader sees where reasoning begins, whoever wrote its beginning.
            yield GeneratedToken(text=layout.reasoning_mark, logprob=0.0)


def _choose_brief_length(model: LoadedModel, request: InfillRequest) -> int:
    """Tokens of a brief prompt: who asked waits for one that is worth answering, who types gets one that is read in time."""
    if request.is_asked or not model.prefill_speed.is_known:
        return BRIEF_PROMPT_TOKENS
    in_time = model.prefill_speed.estimate_tokens_within(FIRST_SUGGESTION_MS)
    return max(MIN_BRIEF_PROMPT_TOKENS, min(BRIEF_PROMPT_TOKENS, in_time))


def open_gap(model: LoadedModel, request: InfillRequest) -> Steps:
    """Make room for the next keystrokes before a document's suffix, while nobody waits."""
    for slot in _find_slots(model, request):
        slot.open_gap()
    yield None


def decode_full_prompt(model: LoadedModel, request: InfillRequest) -> Steps:
    """Decode the whole prompt of a document that was answered from a brief one, while nobody waits."""
    if model.find_document_slot(SlotKey(request.document, is_brief=True)) is None:
        return
    layout = _lay_out(model, request, detect_family(model.weights.vocabulary, model.weights.origin))
    slot = layout.acquire_slot()
    for _ in slot.fill(layout.plan, layout.prompt.tokens, layout.prompt.suffix_range):
        yield None
    slot.open_gap()


def refresh_suffix(model: LoadedModel, request: InfillRequest) -> Steps:
    """Decode a document's suffix anew where keystrokes have left it behind, while nobody waits."""
    for slot in _find_slots(model, request):
        yield from slot.refresh_suffix()


class _SlotLayout(msgspec.Struct, frozen=True):
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
        slot = self.slots.acquire(self.key, len(self.prompt.tokens) + self.max_tokens, self.held)
        slot.layout_choice = self.prompt.choice
        return slot


def _lay_out(model: LoadedModel, request: InfillRequest, family: Family, brief_tokens: int = 0) -> _SlotLayout:
    """The whole prompt, or one of at most `brief_tokens`."""
    wanted = request.prompt_budget or model.prompt_tokens
    slots = model.open_infill_slots(wanted)
    max_tokens = min(request.max_tokens, slots.tokens // 2)  # whatever is asked for, half of the cache is the prompt's
    budget = min(brief_tokens or wanted, wanted, slots.tokens - max_tokens)
    key = SlotKey(request.document, is_brief=bool(brief_tokens))
    held = slots.find(key)
    prompt = lay_out_infill(request.segments, model.weights.vocabulary, family, budget, held.layout_choice if held else None)
    plan = held.plan_fill(prompt.tokens, prompt.suffix_range, request.reuse) if held else FillPlan.without_splice(prompt.tokens)
    return _SlotLayout(prompt, slots, key, held, budget, max_tokens, plan)


def _find_slots(model: LoadedModel, request: InfillRequest) -> list[KvSlot]:
    """The slots that hold a document now."""
    keys = (SlotKey(request.document, is_brief=is_brief) for is_brief in (False, True))
    return [slot for key in keys if (slot := model.find_document_slot(key))]


def describe_prompt(model: str, tokens: Sequence[int], parts: tuple[PromptPart, ...], budget: int, vocabulary: Vocabulary) -> Steps:
    """A prompt that is not decoded, word for word."""
    text = b"".join(map(vocabulary.token_to_piece, tokens)).decode("utf-8", "replace")
    yield GenerationStart(model, len(tokens), 0, parts, budget, text)
    yield LAYOUT_ONLY_END
