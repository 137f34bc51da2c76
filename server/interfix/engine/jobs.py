"""What the engine computes, as generators that yield after each decode so that another job may come first.

A generator yields an event for the reader, or None where it only offers a pause. Knows no thread, no socket and no editor.
"""

from collections.abc import Sequence

import msgspec

from interfix.engine.generation import Steps, generate
from interfix.engine.kv_slot import FillPlan, KvSlot
from interfix.engine.model_pool import LoadedModel
from interfix.engine.protocol import ChatRequest, InfillRequest, KvReuse
from interfix.engine.stop_detection import StopDetector
from interfix.engine.vocabulary import Vocabulary
from interfix.errors import RoleMismatchError, UsageError
from interfix.prompt.chat_layout import lay_out_chat
from interfix.prompt.families import Family, detect_family
from interfix.prompt.few_shot import ANSWER_ENDS, lay_out_few_shot
from interfix.prompt.infill_layout import PromptLayout, lay_out_infill
from interfix.values import LAYOUT_ONLY_END, GenerationStart, PromptPart, Sampling

BRIEF_PROMPT_TOKENS = 256
"""Length of the prompt that is answered while the whole one would take too long; longer where the machine reads more in time."""
MIN_ANSWER_TOKENS = 256
"""Least room a chat's prompt must leave for the answer, tokens."""


def infill(model: LoadedModel, request: InfillRequest) -> Steps:
    """Fill the hole between prefix and suffix. Raises `RoleRefused` where the model was not made for it."""
    weights, vocabulary = model.weights, model.weights.vocabulary
    family = detect_family(vocabulary, weights.origin)
    if not family.can_infill(vocabulary):
        raise RoleMismatchError(
            f"{request.model.name} cannot complete inside a file. "
            f"{family.no_infill_reason or 'Its vocabulary has no fill-in-the-middle tokens.'} "
            "Choose a base code model: interfix models list."
        )
    work = _prepare_prompt(model, request, family)
    if request.dry_run:
        yield from _report_prompt(request.model.name, work.prompt.tokens, work.prompt.parts, work.budget, vocabulary)
        return
    in_time = model.prefill_speed.estimate_tokens_within(request.max_prefill_ms)
    if request.max_prefill_ms and work.plan.decode_count > in_time:
        brief = _prepare_prompt(model, request, family, max(in_time, BRIEF_PROMPT_TOKENS))
        work = brief if brief.plan.decode_count < work.plan.decode_count else work
    if not work.is_brief and (outdated := model.find_document_slot(_make_brief_key(request.document))):
        outdated.clear()
    slot, prompt = _acquire_slot(model, request, work), work.prompt
    sampling = Sampling(temperature=request.temperature).with_defaults(family.infill_sampling)
    stops = family.find_infill_ends(vocabulary)
    limit = request.max_tokens
    exact = request.exact_suffix or prompt.suffix_range[1] - prompt.suffix_range[0] <= in_time
    laid_out = (prompt.suffix_range, prompt.parts, work.budget)
    yield from generate(
        weights, slot, prompt.tokens, work.plan, request, limit, sampling, stops, StopDetector(), *laid_out, exact_suffix=exact
    )


def chat(model: LoadedModel, request: ChatRequest) -> Steps:
    """Answer the last turn; a model that was forced into the role is shown examples, and cut where it begins another one.

    Raises `RoleRefused` without a chat template, `BadUsage` where the turns do not fit the context.
    """
    weights, vocabulary = model.weights, model.weights.vocabulary
    name = request.model.name
    family = detect_family(vocabulary, weights.origin)
    slots = model.open_chat_slots()
    room = min(MIN_ANSWER_TOKENS, request.max_tokens)
    if request.model.is_forced:
        prompt = lay_out_few_shot(request.messages, vocabulary, slots.tokens - room)
    elif template := weights.chat_template or family.chat_template:
        prompt = lay_out_chat(request.messages, template, vocabulary, name, slots.tokens - room)
    else:
        raise RoleMismatchError(
            f"{name} has no chat template, so it cannot follow a request. Choose an instruct model: interfix models list."
        )
    left = slots.tokens - len(prompt.tokens)
    if left < room:
        raise UsageError(
            f"This takes {len(prompt.tokens)} tokens of the {slots.tokens} of {name}: too little is left for an answer. "
            f"{model.remedy}"
        )
    if request.dry_run:
        yield from _report_prompt(name, prompt.tokens, prompt.parts, slots.tokens - room, vocabulary)
        return
    limit = min(request.max_tokens, left)
    slot = slots.acquire("chat", len(prompt.tokens) + limit)
    shown = "\n".join(message.full_text for message in request.messages)
    answer = StopDetector(ANSWER_ENDS if request.model.is_forced else family.answer_end_texts, shown)
    sampling = request.sampling.with_defaults(family.chat_sampling)
    plan = slot.plan_fill(prompt.tokens, reuse=KvReuse.PREFIX)
    yield from generate(weights, slot, prompt.tokens, plan, request, limit, sampling, family.find_chat_ends(vocabulary), answer)


def open_gap(model: LoadedModel, request: InfillRequest) -> Steps:
    """Make room for the next keystrokes before a document's suffix, while nobody waits."""
    for slot in _find_slots(model, request):
        slot.open_gap()
    yield None


def decode_full_prompt(model: LoadedModel, request: InfillRequest) -> Steps:
    """Decode the whole prompt of a document that was answered from a brief one, while nobody waits."""
    if model.find_document_slot(_make_brief_key(request.document)) is None:
        return
    work = _prepare_prompt(model, request, detect_family(model.weights.vocabulary, model.weights.origin))
    slot = _acquire_slot(model, request, work)
    for _ in slot.fill(work.plan, work.prompt.tokens, work.prompt.suffix_range):
        yield None
    slot.open_gap()


def refresh_suffix(model: LoadedModel, request: InfillRequest) -> Steps:
    """Decode a document's suffix anew where keystrokes have left it behind, while nobody waits."""
    for slot in _find_slots(model, request):
        yield from slot.refresh_suffix()


class _PreparedPrompt(msgspec.Struct, frozen=True):
    """A prompt, and what it takes."""

    prompt: PromptLayout
    """The prompt."""
    key: str
    """The slot it belongs in."""
    budget: int
    """Most tokens it might have had."""
    plan: FillPlan
    """How its slot gets there."""
    is_brief: bool
    """Whether it is a shorter one than was wanted."""


def _prepare_prompt(model: LoadedModel, request: InfillRequest, family: Family, brief_tokens: int = 0) -> _PreparedPrompt:
    """The prompt as its slot holds it now, whole or within `brief` tokens."""
    wanted = request.prompt_budget or model.prompt_tokens
    slots = model.open_infill_slots(wanted)
    budget = min(brief_tokens or wanted, wanted, slots.tokens - request.max_tokens)
    key = _make_brief_key(request.document) if brief_tokens else request.document
    held = slots.find(key)
    prompt = lay_out_infill(request.segments, model.weights.vocabulary, family, budget, held.layout_choice if held else None)
    plan = held.plan_fill(prompt.tokens, prompt.suffix_range, request.reuse) if held else FillPlan.without_splice(prompt.tokens)
    return _PreparedPrompt(prompt, key, budget, plan, bool(brief_tokens))


def _acquire_slot(model: LoadedModel, request: InfillRequest, prepared: _PreparedPrompt) -> KvSlot:
    slots = model.open_infill_slots(request.prompt_budget or model.prompt_tokens)
    slot = slots.acquire(prepared.key, len(prepared.prompt.tokens) + request.max_tokens)
    slot.layout_choice = prepared.prompt.choice
    return slot


def _find_slots(model: LoadedModel, request: InfillRequest) -> list[KvSlot]:
    """The slots that hold a document now."""
    return [slot for key in (request.document, _make_brief_key(request.document)) if (slot := model.find_document_slot(key))]


def _make_brief_key(document: str) -> str:
    return f"brief {document}"


def _report_prompt(model: str, prompt: Sequence[int], parts: tuple[PromptPart, ...], budget: int, vocabulary: Vocabulary) -> Steps:
    """A prompt that is not decoded, word for word."""
    text = b"".join(map(vocabulary.token_to_piece, prompt)).decode("utf-8", "replace")
    yield GenerationStart(model, len(prompt), 0, parts, budget, text)
    yield LAYOUT_ONLY_END
