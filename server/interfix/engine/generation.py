"""From a laid-out prompt to a stream of tokens: fill the cache, choose, decode, again. Knows no family and no layout."""

import math
import time
from collections.abc import Generator, Sequence

import numpy as np

from interfix.engine.kv_slot import FillPlan, KvSlot
from interfix.engine.llama_runtime import Weights
from interfix.engine.prompt_lookup import PromptLookupDrafter
from interfix.engine.protocol import ChatRequest, InfillRequest
from interfix.engine.sampling import compute_lead, sample_token
from interfix.engine.stop_detection import StopDetector
from interfix.engine.vocabulary import Utf8Decoder
from interfix.values import GeneratedToken, GenerationEnd, GenerationEvent, GenerationStart, PromptPart, Sampling

Steps = Generator[GenerationEvent | None, None, None]
"""Events for the reader, and None where there is only a pause for another job."""

CLOSE_CALL_MARGIN = 0.5
"""Where the likeliest token is less far ahead of the second than this (natural logarithm of the ratio of their probabilities), a
suffix that typing has left behind may decide between them."""
SAFE_LOGPROB = -math.log1p(math.exp(-CLOSE_CALL_MARGIN))
"""A token likelier than this (natural logarithm) is farther ahead of any other."""


def generate(
    weights: Weights,
    slot: KvSlot,
    prompt: Sequence[int],
    plan: FillPlan,
    request: InfillRequest | ChatRequest,
    max_tokens: int,
    sampling: Sampling,
    stop_tokens: frozenset[int],
    stop_detector: StopDetector,
    suffix: tuple[int, int] = (0, 0),
    parts: tuple[PromptPart, ...] = (),
    budget: int = 0,
    *,
    exact_suffix: bool = False,
) -> Steps:
    """Decode the prompt as planned, then write up to `limit` tokens, through `answer`; one of `stops`, or of the model, ends it.

    An answer that copies is guessed ahead: guesses are decoded behind the token that was chosen, and each is kept if the model
    would have chosen it, too. What is written is the same without them. Where `exact`, a suffix that typing has left behind is
    decoded anew before a close call is made.
    """
    vocabulary, context = weights.vocabulary, slot.context
    yield GenerationStart(request.model.name, len(prompt), len(prompt) - plan.decode_count, parts, budget)
    begun = time.perf_counter()
    yield from slot.fill(plan, prompt, suffix)
    filled = time.perf_counter()
    decoder, random = Utf8Decoder(), np.random.default_rng(request.seed if isinstance(request, InfillRequest) else 0)
    drafter = PromptLookupDrafter(
        prompt if isinstance(request, ChatRequest) and request.prompt_lookup and context.can_shift else ()
    )
    draft: list[int] = []  # decoded behind the last token, not proven yet
    drafted, seconds = 0, 0.0  # of the last decode
    written: list[int] = []
    reason, count, index = "length", 0, -1
    while count < max_tokens:
        choice = sample_token(context.read_logits(index), sampling, random)
        if (
            exact_suffix
            and slot.drift_tokens
            and choice.logprob < SAFE_LOGPROB
            and compute_lead(context.read_logits(index)) < CLOSE_CALL_MARGIN
        ):
            yield from slot.redecode_suffix(written)
            choice, index, seconds = sample_token(context.read_logits(), sampling, random), -1, 0.0
        if vocabulary.is_end_of_generation(choice.token) or choice.token in stop_tokens:
            reason = "end"
            break
        count += 1
        yield GeneratedToken(
            text=stop_detector.feed(decoder.decode(vocabulary.token_to_piece(choice.token))), logprob=choice.logprob
        )
        if stop_detector.stop_reason:
            reason = stop_detector.stop_reason
            break
        written.append(choice.token)
        drafter.add(choice.token)
        if draft and draft[0] == choice.token:
            draft, index = draft[1:], index + 1
        elif count < max_tokens:
            slot.drop_last(len(draft))
            if seconds:
                drafter.record_decode(seconds, drafted, index + 1)
            draft = drafter.propose(max_tokens - count)
            decoding = time.perf_counter()
            slot.append([choice.token, *draft])
            drafted, seconds, index = len(draft), time.perf_counter() - decoding, 0
            yield None
    if held := stop_detector.flush():
        yield GeneratedToken(text=held, logprob=0.0)  # its tokens were told of when they were written
    yield GenerationEnd(
        reason=reason, tokens=count, prefill_ms=(filled - begun) * 1000, decode_ms=(time.perf_counter() - filled) * 1000
    )
