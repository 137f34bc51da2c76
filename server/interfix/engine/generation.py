"""From a laid-out prompt to a stream of tokens: fill the cache, choose, decode, again. Knows no family and no layout."""

import math
import time
from collections.abc import Generator, Sequence

import numpy as np

from interfix.engine.answer import Answer
from interfix.engine.drafting import Drafter
from interfix.engine.protocol import ChatRequest, InfillRequest
from interfix.engine.runtime import Weights
from interfix.engine.sampling import choose, lead
from interfix.engine.slot import Slot
from interfix.engine.slot_plan import Plan
from interfix.engine.vocabulary import Decoder
from interfix.values import Finished, Part, Sampling, Started, StreamEvent, Token

Steps = Generator[StreamEvent | None, None, None]
"""Events for the reader, and None where there is only a pause for another job."""

CLOSE = 0.5
"""Where the likeliest token is less far ahead of the second than this (natural logarithm of the ratio of their probabilities), a
suffix that typing has left behind may decide between them."""
UNSURE = -math.log1p(math.exp(-CLOSE))
"""A token likelier than this (natural logarithm) is farther ahead of any other."""


def generate(
    weights: Weights,
    slot: Slot,
    prompt: Sequence[int],
    plan: Plan,
    request: InfillRequest | ChatRequest,
    limit: int,
    sampling: Sampling,
    stops: frozenset[int],
    answer: Answer,
    suffix: tuple[int, int] = (0, 0),
    parts: tuple[Part, ...] = (),
    budget: int = 0,
    *,
    exact: bool = False,
) -> Steps:
    """Decode the prompt as planned, then write up to `limit` tokens, through `answer`; one of `stops`, or of the model, ends it.

    An answer that copies is guessed ahead: guesses are decoded behind the token that was chosen, and each is kept if the model
    would have chosen it, too. What is written is the same without them. Where `exact`, a suffix that typing has left behind is
    decoded anew before a close call is made.
    """
    vocabulary, context = weights.vocabulary, slot.context
    yield Started(request.model.name, len(prompt), len(prompt) - plan.decoded, parts, budget)
    begun = time.perf_counter()
    yield from slot.fill(plan, prompt, suffix)
    filled = time.perf_counter()
    decoder, random = Decoder(), np.random.default_rng(request.seed if isinstance(request, InfillRequest) else 0)
    drafter = Drafter(prompt if isinstance(request, ChatRequest) and request.draft and context.can_truncate else ())
    draft: list[int] = []  # decoded behind the last token, not proven yet
    drafted, seconds = 0, 0.0  # of the last decode
    written: list[int] = []
    reason, count, index = "length", 0, -1
    while count < limit:
        choice = choose(context.logits(index), sampling, random)
        if exact and slot.drift and choice.logprob < UNSURE and lead(context.logits(index)) < CLOSE:
            yield from slot.renew(written)
            choice, index, seconds = choose(context.logits(), sampling, random), -1, 0.0
        if vocabulary.ends(choice.token) or choice.token in stops:
            reason = "end"
            break
        count += 1
        yield Token(text=answer.take(decoder.text(vocabulary.piece(choice.token))), logprob=choice.logprob)
        if answer.ended:
            reason = answer.ended
            break
        written.append(choice.token)
        drafter.add(choice.token)
        if draft and draft[0] == choice.token:
            draft, index = draft[1:], index + 1
        elif count < limit:
            slot.drop(len(draft))
            if seconds:
                drafter.measured(seconds, drafted, index + 1)
            draft = drafter.propose(limit - count)
            decoding = time.perf_counter()
            slot.append([choice.token, *draft])
            drafted, seconds, index = len(draft), time.perf_counter() - decoding, 0
            yield None
    if held := answer.rest():
        yield Token(text=held, logprob=0.0)  # its tokens were told of when they were written
    yield Finished(reason=reason, tokens=count, prefill_ms=(filled - begun) * 1000, decode_ms=(time.perf_counter() - filled) * 1000)
