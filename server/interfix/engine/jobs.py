"""What the engine computes, as generators that yield after each decode so that another job may come first.

A generator yields an event for the reader, or None where it only offers a pause. Knows no thread, no socket and no editor.
"""

from interfix.engine.answer import Answer
from interfix.engine.generation import Steps, generate
from interfix.engine.protocol import ChatRequest, InfillRequest
from interfix.engine.residents import Resident
from interfix.errors import BadUsage, RoleRefused
from interfix.prompt.chat import lay_out_chat
from interfix.prompt.examples import ENDS, lay_out_examples
from interfix.prompt.families import family_of
from interfix.prompt.layout import lay_out
from interfix.values import Finished, Sampling, Started

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
    wanted = request.prompt_budget or resident.prompt_tokens
    slots = resident.infill_slots(wanted)
    budget = min(wanted, slots.tokens - request.max_tokens)
    held = slots.find(request.document)
    prompt = lay_out(request.segments, vocabulary, family, budget, held.choice if held else None)
    if request.dry:
        text = b"".join(map(vocabulary.piece, prompt.tokens)).decode("utf-8", "replace")
        yield Started(request.model.name, len(prompt.tokens), 0, prompt.parts, budget, text)
        yield Finished(reason="end", tokens=0, prefill_ms=0.0, decode_ms=0.0)
        return
    slot = slots.take(request.document, len(prompt.tokens) + request.max_tokens)
    slot.choice = prompt.choice
    sampling = Sampling(temperature=request.temperature).over(family.infill)
    stops = family.infill_ends(vocabulary)
    limit = request.max_tokens
    laid_out = (prompt.suffix, prompt.parts, budget)
    yield from generate(weights, slot, prompt.tokens, request, limit, sampling, stops, Answer(), *laid_out)


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
    left = slots.tokens - len(prompt)
    if left < room:
        raise BadUsage(
            f"This takes {len(prompt)} tokens of the {slots.tokens} of {name}: too little is left for an answer. "
            "Select less, or raise engine.context_tokens."
        )
    limit = min(request.max_tokens, left)
    slot = slots.take("chat", len(prompt) + limit)
    shown = "\n".join(text for message in request.messages for text in (*message.context, message.content))
    answer = Answer(ENDS if request.model.forced else family.answer_ends, shown)
    sampling = request.sampling.over(family.chat)
    yield from generate(weights, slot, prompt, request, limit, sampling, family.chat_ends(vocabulary), answer)


def settle(resident: Resident, document: str) -> Steps:
    """Make room for the next keystrokes before a document's suffix, while nobody waits."""
    if (slot := resident.document(document)) is not None:
        slot.settle()
    yield None


def refresh(resident: Resident, document: str) -> Steps:
    """Decode a document's suffix anew where keystrokes have left it behind, while nobody waits."""
    if (slot := resident.document(document)) is not None:
        yield from slot.refresh()
