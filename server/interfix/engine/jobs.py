"""What the engine computes, as generators that yield after each decode so that another job may come first.

A generator yields an event for the reader, or None where it only offers a pause. Knows no thread, no socket and no editor.
"""

from interfix.engine.generation import Steps, generate
from interfix.engine.protocol import ChatRequest, InfillRequest
from interfix.engine.residents import Resident
from interfix.errors import BadUsage, RoleRefused
from interfix.prompt.chat import lay_out_chat
from interfix.prompt.families import family_of
from interfix.prompt.layout import lay_out

ANSWER_ROOM = 256
"""Least room a chat's prompt must leave for the answer, tokens."""


def infill(resident: Resident, request: InfillRequest) -> Steps:
    """Fill the hole between prefix and suffix. Raises `RoleRefused` where the vocabulary has no infill markers."""
    vocabulary = resident.weights.vocabulary
    family = family_of(vocabulary)
    if family is None:
        raise RoleRefused(
            f"{request.model.name} has no fill-in-the-middle tokens, so it cannot complete inside a file. "
            "Choose a base code model: interfix models list."
        )
    slots = resident.infill_slots()
    budget = min(request.prompt_budget or resident.prompt_tokens, slots.context.tokens - request.max_tokens)
    prompt = lay_out(request.segments, vocabulary, family, budget)
    slot = slots.take(request.document, len(prompt.tokens) + request.max_tokens)
    yield from generate(resident.weights, slot, prompt.tokens, request, request.max_tokens, prompt.suffix, prompt.parts)


def chat(resident: Resident, request: ChatRequest) -> Steps:
    """Answer the last turn. Raises `RoleRefused` without a chat template, `BadUsage` where the turns do not fit the context."""
    weights = resident.weights
    name = request.model.name
    if not weights.chat_template:
        raise RoleRefused(
            f"{name} has no chat template, so it cannot follow a request. Choose an instruct model: interfix models list."
        )
    slots = resident.chat_slots()
    prompt = lay_out_chat(request.messages, weights.chat_template, weights.vocabulary, name)
    room = slots.context.tokens - len(prompt)
    if room < min(ANSWER_ROOM, request.max_tokens):
        raise BadUsage(
            f"This takes {len(prompt)} tokens of the {slots.context.tokens} of {name}: too little is left for an answer. "
            "Select less, or raise engine.context_tokens."
        )
    limit = min(request.max_tokens, room)
    slot = slots.take("chat", len(prompt) + limit)
    yield from generate(weights, slot, prompt, request, limit)


def settle(resident: Resident, document: str) -> Steps:
    """Make room for the next keystrokes before a document's suffix, while nobody waits."""
    slot = resident.infill_slots().find(document)
    if slot is not None:
        slot.settle()
    yield None


def refresh(resident: Resident, document: str) -> Steps:
    """Decode a document's suffix anew where keystrokes have left it behind, while nobody waits."""
    slots = resident.infill_slots()
    slot = slots.find(document)
    if slot is not None and slots.room() >= slot.cells():
        yield from slot.refresh(slots.spare)
