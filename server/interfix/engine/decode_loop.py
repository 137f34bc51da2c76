"""From a laid-out prompt to a stream of tokens: fill the cache, choose, decode, again."""

import math
import time
from collections.abc import Generator, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from interfix.engine.guided_sampling import GuidedSampler, GuidedToken
from interfix.engine.guided_text import GuidedText
from interfix.engine.healed_start import HealedStart
from interfix.engine.kv_fill_plan import FillPlan
from interfix.engine.kv_slot import KvSlot
from interfix.engine.llama_runtime import Weights
from interfix.engine.prompt_lookup import PromptLookupDrafter
from interfix.engine.sampling import SampledToken, compute_lead, pick_start, rank_tokens, sample_token
from interfix.engine.stop_texts_and_loops import StopDetector
from interfix.engine.text_scoring import score_text
from interfix.engine.vocabulary import Utf8Decoder
from interfix.guided_decoding_names import NameGuide
from interfix.inference_types import (
    GeneratedToken,
    GenerationEnd,
    GenerationEvent,
    GenerationStart,
    PromptPart,
    Sampling,
    StartToken,
)

Steps = Generator[GenerationEvent | None, None, None]
"""Events for the reader, and None where there is only a pause for another job."""

CLOSE_CALL_MARGIN = 0.5
"""Where the likeliest token is less far ahead of the second than this (natural logarithm of the ratio of their probabilities), a
suffix that typing has left behind may decide between them."""
SAFE_LOGPROB = -math.log1p(math.exp(-CLOSE_CALL_MARGIN))
"""A token likelier than this (natural logarithm) is farther ahead of any other."""


NO_TOKEN = SampledToken(-1, 0.0)
"""Where there is no other."""


class PreparedPrompt(msgspec.Struct, frozen=True, kw_only=True):
    """A prompt that is ready to be decoded, and how it is to be answered."""

    model: str
    """Name of the model that answers."""
    tokens: Sequence[int]
    """The prompt."""
    plan: FillPlan
    """How its slot gets there."""
    suffix_range: tuple[int, int] = (0, 0)
    """Where in it the suffix begins, its marker included, and ends; the same index twice where it is not after the prefix."""
    parts: tuple[PromptPart, ...] = ()
    """What became of each segment."""
    budget: int = 0
    """Most tokens it might have had."""
    is_brief: bool = False
    """Whether it is cut so that it is read in time."""
    max_tokens: int
    """At most this many tokens are told."""
    sampling: Sampling
    """How they are drawn."""
    seed: int = 0
    """Another one draws others."""
    alternatives: int = 0
    """So many of the likeliest tokens are told beside each."""
    start_rank: int = 0
    """Of the first token among those that do not end the answer, from 1; 0: as the model would have it."""
    start: Sequence[StartToken] = ()
    """What the answer begins with."""
    tell_runners_up: bool = False
    """Tell each token's id, and the second likeliest in its place."""
    stop_tokens: frozenset[int]
    """Each ends the answer, besides those that end it in every vocabulary."""
    exact_suffix: bool = False
    """A suffix that typing has left behind is decoded anew before a close call is made."""
    prompt_lookup: bool = False
    """An answer that copies the prompt is guessed ahead."""
    scored: Sequence[int] = ()
    """A text whose probability is told before the answer."""
    guide: NameGuide | None = None
    """Which names exist; None: any may be written."""
    healed: Sequence[int] = ()
    """The end of the prefix, which the prompt leaves out: the answer begins with its text, and that is not told."""


def generate(weights: Weights, slot: KvSlot, prompt: PreparedPrompt, stop_detector: StopDetector) -> Steps:
    """Decode the prompt as planned, then write its answer, through `stop_detector`.

    Guesses are decoded behind the token that was chosen, and each is kept if the model would have chosen it, too: what is written
    is the same without them.
    """
    vocabulary, context = weights.vocabulary, slot.context
    max_tokens, sampling = prompt.max_tokens, prompt.sampling
    length = len(prompt.tokens)
    yield GenerationStart(
        prompt.model, length, length - prompt.plan.decode_count, prompt.parts, prompt.budget, is_brief=prompt.is_brief
    )
    begun = time.perf_counter()
    yield from slot.fill(prompt.plan, prompt.tokens, prompt.suffix_range)
    filled = time.perf_counter()
    decoder, random = Utf8Decoder(), np.random.default_rng(prompt.seed)
    drafter = PromptLookupDrafter(prompt.tokens if prompt.prompt_lookup and context.can_truncate else ())
    draft: list[int] = []  # decoded behind the last token, not proven yet
    drafted, seconds = 0, 0.0  # of the last decode
    written: list[int] = []
    reason, count, index = "length", 0, -1

    def ends(token: int) -> bool:
        return vocabulary.is_end_of_generation(token) or token in prompt.stop_tokens

    if prompt.scored and context.can_truncate:
        yield from score_text(slot, prompt.tokens, prompt.scored, ends)
    most_written = max_tokens + len(prompt.healed)  # the cache has room for no more
    healing = HealedStart(prompt.healed, vocabulary.piece_index if prompt.healed else None, vocabulary.token_to_piece)
    guide = GuidedSampler(GuidedText(prompt.guide), healing.spell, ends) if prompt.guide else None

    def read_logits() -> npt.NDArray[np.float32]:
        return healing.restrict(context.read_logits(index))

    def choose() -> GuidedToken:
        def draw(weighed: npt.NDArray[np.float32]) -> SampledToken:
            return sample_token(weighed, sampling, random)

        return guide.choose(read_logits(), draw) if guide else GuidedToken(draw(read_logits()))

    def is_no_start(token: int) -> bool:
        return ends(token) or (guide is not None and not guide.may_follow(token))

    def tells_nothing(token: int) -> bool:
        return is_no_start(token) or healing.is_lead(token)

    def find_other(chosen: int) -> SampledToken:
        """The runner-up in the place of a token; a token of -1 where none was asked for, or it may not stand there."""
        ranked = rank_tokens(read_logits(), 2) if prompt.tell_runners_up else ()
        return next((each for each in ranked if each.token != chosen and not is_no_start(each.token)), NO_TOKEN)

    if prompt.start:
        given = [each.token for each in prompt.start[: max_tokens - 1]]
        for each in prompt.start[: max_tokens - 1]:
            text = decoder.decode(healing.spell(each.token))
            if guide:
                guide.accept(each.token)
            if not healing.accept(each.token, each.logprob):
                count += 1
                yield GeneratedToken(text=stop_detector.feed(text), logprob=each.logprob + healing.take_lead()[1])
        slot.append(given)
        written, index = [*given], len(given) - 1

    while count < max_tokens and len(written) < most_written:
        guided = choose()
        choice, removed = guided.choice, guided.removed
        is_given = bool(prompt.start_rank) and not count and not healing.is_lead(choice.token)
        if is_given:
            choice, removed = pick_start(read_logits(), prompt.start_rank, tells_nothing), 0.0
        if (
            prompt.exact_suffix
            and not is_given
            and slot.drift_tokens
            and choice.logprob < SAFE_LOGPROB
            and compute_lead(read_logits()) < CLOSE_CALL_MARGIN
        ):
            yield from slot.redecode_suffix(written)
            draft, index, seconds = [], -1, 0.0
            guided = choose()
            choice, removed = guided.choice, guided.removed
        if ends(choice.token):
            reason = "end"
            break
        other = find_other(choice.token)
        ranked = rank_tokens(read_logits(), prompt.alternatives) if prompt.alternatives else ()
        text = decoder.decode(healing.spell(choice.token))
        alternatives = tuple((healing.spell(each.token).decode("utf-8", "replace"), each.logprob) for each in ranked)
        if guide:
            guide.accept(choice.token)
        if not healing.accept(choice.token, choice.logprob):
            count += 1
            lead, lead_logprob = healing.take_lead()
            yield GeneratedToken(
                text=stop_detector.feed(text),
                logprob=choice.logprob + lead_logprob,
                alternatives=alternatives,
                removed=removed,
                token=choice.token if prompt.tell_runners_up else -1,
                runner_up=other.token,
                runner_up_logprob=other.logprob + lead_logprob,
                lead=lead if prompt.tell_runners_up else (),
            )
        if stop_detector.stop_reason:
            reason = stop_detector.stop_reason
            break
        written.append(choice.token)
        drafter.add(choice.token)
        if draft and draft[0] == choice.token:
            draft, index = draft[1:], index + 1
        elif count < max_tokens and len(written) < most_written:
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
