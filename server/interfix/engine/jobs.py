"""What the engine computes, as generators that yield after each decode so that another job may come first.

A generator yields an event for the reader, or None where it only offers a pause. Knows no thread, no socket and no editor.
"""

import time
from collections.abc import Generator, Sequence

import numpy as np

from interfix.engine.protocol import ChatRequest, InfillRequest, Reuse
from interfix.engine.residents import Resident
from interfix.engine.runtime import Decoder, Weights
from interfix.engine.sampling import choose
from interfix.engine.slot import Slot
from interfix.errors import BadUsage, RoleRefused
from interfix.prompt.chat import lay_out_chat
from interfix.prompt.families import family_of
from interfix.prompt.layout import lay_out
from interfix.values import Finished, Part, Started, StreamEvent, Token

Steps = Generator[StreamEvent | None, None, None]

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
    budget = min(request.prompt_budget, slots.context.tokens - request.max_tokens)
    prompt = lay_out(request.segments, vocabulary, family, budget)
    slot = slots.take(request.document, len(prompt.tokens) + request.max_tokens)
    yield from _generate(resident.weights, slot, prompt.tokens, request, request.max_tokens, prompt.suffix, prompt.parts)


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
    yield from _generate(weights, slot, prompt, request, limit)


def refresh(resident: Resident, document: str) -> Steps:
    """Decode a document's suffix anew where keystrokes have left it behind, while nobody waits."""
    slots = resident.infill_slots()
    slot = slots.find(document)
    if slot is not None and slots.room() >= slot.cells():
        yield from slot.refresh(slots.spare)


def _generate(
    weights: Weights,
    slot: Slot,
    prompt: Sequence[int],
    request: InfillRequest | ChatRequest,
    limit: int,
    suffix: tuple[int, int] = (0, 0),
    parts: tuple[Part, ...] = (),
) -> Steps:
    """Decode the prompt, then up to `limit` tokens; a model that writes an infill marker has left the hole."""
    vocabulary, context = weights.vocabulary, slot.context
    stops = vocabulary.fim.all()
    plan = slot.plan(prompt, suffix, request.reuse if isinstance(request, InfillRequest) else Reuse.PREFIX)
    yield Started(model=request.model.name, prompt_tokens=len(prompt), reused_tokens=len(prompt) - plan.decoded, parts=parts)
    begun = time.perf_counter()
    yield from slot.fill(plan, prompt, suffix)
    filled = time.perf_counter()
    decoder, random = Decoder(), np.random.default_rng(0)
    reason, count = "length", 0
    while count < limit:
        choice = choose(context.logits(), request.temperature, random)
        if vocabulary.ends(choice.token) or choice.token in stops:
            reason = "end"
            break
        count += 1
        yield Token(text=decoder.text(vocabulary.piece(choice.token)), logprob=choice.logprob)
        if count < limit:
            slot.append(choice.token)
            yield None
    yield Finished(reason=reason, tokens=count, prefill_ms=(filled - begun) * 1000, decode_ms=(time.perf_counter() - filled) * 1000)
