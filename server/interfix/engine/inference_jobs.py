"""What the engine computes, as generators that yield after each decode so that another job may come first.

A generator yields an event for the reader, or None where it only offers a pause.
"""

from collections.abc import Sequence

from interfix.engine.brief_prompt_choice import SlotLayout, choose_layout, lay_out_whole
from interfix.engine.decode_loop import PreparedPrompt, Steps, generate
from interfix.engine.kv_slot import KvSlot, SlotKey
from interfix.engine.model_pool import LoadedModel
from interfix.engine.protocol import ChatRequest, InfillRequest, KvReuse
from interfix.engine.side_work_thread import offload
from interfix.engine.stop_texts_and_loops import StopDetector
from interfix.engine.vocabulary import Vocabulary
from interfix.errors import RoleMismatchError, UsageError
from interfix.inference_types import LAYOUT_ONLY_END, GeneratedToken, GenerationStart, PromptPart
from interfix.prompt.chat_layout import lay_out_chat, render_turns
from interfix.prompt.families import Family, detect_family
from interfix.prompt.few_shot_chat_layout import ANSWER_ENDS, lay_out_few_shot

AHEAD_MS = 15_000
"""A prompt that is read ahead is read as a whole where that takes no longer than this; else its brief form has to do."""
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
    if request.dry_run:
        layout = lay_out_whole(model, request, family)
        yield from describe_prompt(request.model.name, layout.prompt.tokens, layout.prompt.parts, layout.budget, vocabulary)
        return
    if request.is_ahead:
        yield from _read_ahead(model, request, family)
        return
    if request.max_prefill_ms and not model.prefill_speed.is_known:
        yield from _measure_speed(model, lay_out_whole(model, request, family))
    layout = choose_layout(model, request, family)
    in_time = model.prefill_speed.estimate_tokens_within(request.max_prefill_ms)
    if not layout.key.is_brief and (outdated := layout.slots.find(SlotKey(request.document, is_brief=True))):
        outdated.clear()
    suffix_range = layout.prompt.suffix_range
    scored = vocabulary.encode(request.scored_text)
    if layout.prompt.healed:
        yield from _index_pieces(vocabulary)
    prompt = PreparedPrompt(
        model=request.model.name,
        tokens=layout.prompt.tokens,
        plan=layout.plan,
        suffix_range=suffix_range,
        parts=layout.prompt.parts,
        budget=layout.budget,
        is_brief=layout.key.is_brief,
        max_tokens=layout.max_tokens,
        sampling=request.sampling.with_defaults(family.infill_sampling),
        seed=request.seed,
        alternatives=request.alternatives,
        start_rank=request.start_rank,
        start=request.start,
        tell_runners_up=request.tell_runners_up,
        stop_tokens=family.find_infill_ends(vocabulary),
        prompt_lookup=request.prompt_lookup,
        scored=scored if len(scored) <= layout.max_tokens else (),
        guide=request.guide,
        healed=layout.prompt.healed,
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
        yield from offload(lambda: render_turns(request.messages, template, vocabulary))
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
    prompt_text = "\n".join(message.full_text for message in request.messages)
    answer = StopDetector(ANSWER_ENDS if request.model.is_forced else family.answer_end_texts, prompt_text)
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


def open_gap(model: LoadedModel, request: InfillRequest) -> Steps:
    """Make room for the next keystrokes before a document's suffix, while nobody waits."""
    for slot in _find_slots(model, request):
        slot.open_gap()
    yield None


def decode_full_prompt(model: LoadedModel, request: InfillRequest) -> Steps:
    """Decode the whole prompt of a document that was answered from a brief one, while nobody waits."""
    if model.find_document_slot(SlotKey(request.document, is_brief=True)) is None:
        return
    layout = lay_out_whole(model, request, detect_family(model.weights.vocabulary, model.weights.origin))
    if request.is_ahead and (
        layout.plan.decode_count > model.prefill_speed.estimate_tokens_within(AHEAD_MS)
        or (layout.held is not None and not layout.held.is_ahead)  # its user may come back to where they typed
    ):
        return
    slot = layout.acquire_slot_ahead() if request.is_ahead else layout.acquire_slot()
    if slot is not None:
        yield from _fill(slot, layout)
        slot.open_gap()


def refresh_suffix(model: LoadedModel, request: InfillRequest) -> Steps:
    """Decode a document's suffix anew where keystrokes have left it behind, while nobody waits."""
    for slot in _find_slots(model, request):
        yield from slot.refresh_suffix()


def _read_ahead(model: LoadedModel, request: InfillRequest, family: Family) -> Steps:
    """Read what is answered first should somebody ask, and have at hand what healing takes; `decode_full_prompt` reads the rest."""
    layout = choose_layout(model, request, family)
    yield GenerationStart(request.model.name, len(layout.prompt.tokens), len(layout.prompt.tokens) - layout.plan.decode_count)
    if (slot := layout.acquire_slot_ahead()) is not None:
        yield from _fill(slot, layout)
    yield from _index_pieces(model.weights.vocabulary)
    yield LAYOUT_ONLY_END


def _index_pieces(vocabulary: Vocabulary) -> Steps:
    """Make what healing looks tokens up in, once for each vocabulary."""
    if not vocabulary.is_indexed:
        yield from offload(lambda: vocabulary.piece_index)


def _measure_speed(model: LoadedModel, layout: SlotLayout) -> Steps:
    """Read the first tokens of a prompt, where nobody knows yet how fast that goes."""
    reading = _fill(layout.acquire_slot(), layout)
    for _ in reading:
        yield None
        if model.prefill_speed.is_known:
            break
    reading.close()


def _fill(slot: KvSlot, layout: SlotLayout) -> Steps:
    """Read a prompt into its slot."""
    for _ in slot.fill(layout.plan, layout.prompt.tokens, layout.prompt.suffix_range):
        yield None


def _find_slots(model: LoadedModel, request: InfillRequest) -> list[KvSlot]:
    """The slots that hold a document now."""
    keys = (SlotKey(request.document, is_brief=is_brief) for is_brief in (False, True))
    return [slot for key in keys if (slot := model.find_document_slot(key))]


def describe_prompt(model: str, tokens: Sequence[int], parts: tuple[PromptPart, ...], budget: int, vocabulary: Vocabulary) -> Steps:
    """A prompt that is not decoded, word for word."""
    text = b"".join(map(vocabulary.token_to_piece, tokens)).decode("utf-8", "replace")
    yield GenerationStart(model, len(tokens), 0, parts, budget, text)
    yield LAYOUT_ONLY_END
