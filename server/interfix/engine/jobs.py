"""What the engine computes, as generators that yield after each decode so that another job may come first.

A generator yields an event for the reader, or None where it only offers a pause. Knows no thread, no socket and no editor.
"""

from collections.abc import Sequence

import msgspec

from interfix.engine.answer import Answer
from interfix.engine.generation import Steps, generate
from interfix.engine.protocol import ChatRequest, InfillRequest, Reuse
from interfix.engine.residents import Resident
from interfix.engine.slot import Plan, Slot
from interfix.engine.vocabulary import Vocabulary
from interfix.errors import BadUsage, RoleRefused
from interfix.prompt.chat import lay_out_chat
from interfix.prompt.examples import ENDS, lay_out_examples
from interfix.prompt.families import Family, family_of
from interfix.prompt.layout import Prompt, lay_out
from interfix.values import LAID_OUT, Part, Sampling, Started

BRIEF_TOKENS = 256
"""Length of the prompt that is answered while the whole one would take too long; longer where the machine reads more in time."""
ANSWER_ROOM = 256
"""Least room a chat's prompt must leave for the answer, tokens."""


def infill(resident: Resident, request: InfillRequest) -> Steps:
    """Fill the hole between prefix and suffix. Raises `RoleRefused` where the model was not made for it."""
    weights, vocabulary = resident.weights, resident.weights.vocabulary
    family = family_of(vocabulary, weights.origin)
    if not family.can_infill(vocabulary):
        raise RoleRefused(
            f"{request.model.name} cannot complete inside a file. "
            f"{family.refusal or 'Its vocabulary has no fill-in-the-middle tokens.'} "
            "Choose a base code model: interfix models list."
        )
    work = _work(resident, request, family)
    if request.dry:
        yield from _told(request.model.name, work.prompt.tokens, work.prompt.parts, work.budget, vocabulary)
        return
    in_time = resident.pace.within(request.within_ms)
    if request.within_ms and work.plan.decoded > in_time:
        brief = _work(resident, request, family, max(in_time, BRIEF_TOKENS))
        work = brief if brief.plan.decoded < work.plan.decoded else work
    if not work.brief and (outdated := resident.document(_brief(request.document))):
        outdated.clear()
    slot, prompt = _taken(resident, request, work), work.prompt
    sampling = Sampling(temperature=request.temperature).over(family.infill)
    stops = family.infill_ends(vocabulary)
    limit = request.max_tokens
    exact = request.exact or prompt.suffix[1] - prompt.suffix[0] <= in_time
    laid_out = (prompt.suffix, prompt.parts, work.budget)
    yield from generate(weights, slot, prompt.tokens, work.plan, request, limit, sampling, stops, Answer(), *laid_out, exact=exact)


def chat(resident: Resident, request: ChatRequest) -> Steps:
    """Answer the last turn; a model that was forced into the role is shown examples, and cut where it begins another one.

    Raises `RoleRefused` without a chat template, `BadUsage` where the turns do not fit the context.
    """
    weights, vocabulary = resident.weights, resident.weights.vocabulary
    name = request.model.name
    family = family_of(vocabulary, weights.origin)
    slots = resident.chat_slots()
    room = min(ANSWER_ROOM, request.max_tokens)
    if request.model.forced:
        prompt = lay_out_examples(request.messages, vocabulary, slots.tokens - room)
    elif template := weights.chat_template or family.template:
        prompt = lay_out_chat(request.messages, template, vocabulary, name, slots.tokens - room)
    else:
        raise RoleRefused(
            f"{name} has no chat template, so it cannot follow a request. Choose an instruct model: interfix models list."
        )
    left = slots.tokens - len(prompt.tokens)
    if left < room:
        raise BadUsage(
            f"This takes {len(prompt.tokens)} tokens of the {slots.tokens} of {name}: too little is left for an answer. "
            f"{resident.remedy}"
        )
    if request.dry:
        yield from _told(name, prompt.tokens, prompt.parts, slots.tokens - room, vocabulary)
        return
    limit = min(request.max_tokens, left)
    slot = slots.take("chat", len(prompt.tokens) + limit)
    shown = "\n".join(message.whole for message in request.messages)
    answer = Answer(ENDS if request.model.forced else family.answer_ends, shown)
    sampling = request.sampling.over(family.chat)
    plan = slot.plan(prompt.tokens, reuse=Reuse.PREFIX)
    yield from generate(weights, slot, prompt.tokens, plan, request, limit, sampling, family.chat_ends(vocabulary), answer)


def settle(resident: Resident, request: InfillRequest) -> Steps:
    """Make room for the next keystrokes before a document's suffix, while nobody waits."""
    for slot in _slots(resident, request):
        slot.settle()
    yield None


def warm(resident: Resident, request: InfillRequest) -> Steps:
    """Decode the whole prompt of a document that was answered from a brief one, while nobody waits."""
    if resident.document(_brief(request.document)) is None:
        return
    work = _work(resident, request, family_of(resident.weights.vocabulary, resident.weights.origin))
    slot = _taken(resident, request, work)
    for _ in slot.fill(work.plan, work.prompt.tokens, work.prompt.suffix):
        yield None
    slot.settle()


def refresh(resident: Resident, request: InfillRequest) -> Steps:
    """Decode a document's suffix anew where keystrokes have left it behind, while nobody waits."""
    for slot in _slots(resident, request):
        yield from slot.refresh()


class _Work(msgspec.Struct, frozen=True):
    """A prompt, and what it takes."""

    prompt: Prompt
    """The prompt."""
    key: str
    """The slot it belongs in."""
    budget: int
    """Most tokens it might have had."""
    plan: Plan
    """How its slot gets there."""
    brief: bool
    """Whether it is a shorter one than was wanted."""


def _work(resident: Resident, request: InfillRequest, family: Family, brief: int = 0) -> _Work:
    """The prompt as its slot holds it now, whole or within `brief` tokens."""
    wanted = request.prompt_budget or resident.prompt_tokens
    slots = resident.infill_slots(wanted)
    budget = min(brief or wanted, wanted, slots.tokens - request.max_tokens)
    key = _brief(request.document) if brief else request.document
    held = slots.find(key)
    prompt = lay_out(request.segments, resident.weights.vocabulary, family, budget, held.choice if held else None)
    plan = held.plan(prompt.tokens, prompt.suffix, request.reuse) if held else Plan.plain(prompt.tokens)
    return _Work(prompt, key, budget, plan, bool(brief))


def _taken(resident: Resident, request: InfillRequest, work: _Work) -> Slot:
    slots = resident.infill_slots(request.prompt_budget or resident.prompt_tokens)
    slot = slots.take(work.key, len(work.prompt.tokens) + request.max_tokens)
    slot.choice = work.prompt.choice
    return slot


def _slots(resident: Resident, request: InfillRequest) -> list[Slot]:
    """The slots that hold a document now."""
    return [slot for key in (request.document, _brief(request.document)) if (slot := resident.document(key))]


def _brief(document: str) -> str:
    return f"brief {document}"


def _told(model: str, prompt: Sequence[int], parts: tuple[Part, ...], budget: int, vocabulary: Vocabulary) -> Steps:
    """A prompt that is not decoded, word for word."""
    text = b"".join(map(vocabulary.piece, prompt)).decode("utf-8", "replace")
    yield Started(model, len(prompt), 0, parts, budget, text)
    yield LAID_OUT
