"""From a request to a suggestion: all steps in their order."""

import asyncio
import math
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from typing import Any, TypeVar, TypeVarTuple

import msgspec

from interfix.completion import confidence
from interfix.completion.calibration_store import find_calibration
from interfix.completion.decision_record import DisplayDecision, SilenceReason
from interfix.completion.feedback_listener import Feedback, NullFeedback
from interfix.completion.filters import FINAL_FILTERS, apply_filters, find_emptying_filter
from interfix.completion.hole import InfillHole
from interfix.completion.multiline_choice import SuggestionShape, is_trigger_position
from interfix.completion.parse_gate import trim_to_parse
from interfix.completion.raw_completion import RawCompletion
from interfix.completion.stops import DEGENERATION_NAMES, StreamStopper
from interfix.completion.suggestion import Suggestion
from interfix.completion.suggestion_request import SuggestionRequest
from interfix.completion.unknown_names import find_name_doubts
from interfix.completion.unlikely_members import CONFIDENCE_FACTOR, NameDoubts
from interfix.config.settings import CompletionSettings, ContextSettings
from interfix.context.gatherer import Gatherer
from interfix.context.names.name_search import KnownNames, NameSearch
from interfix.engine.guided_text import GuidedText
from interfix.engine.protocol import Engine, InfillRequest
from interfix.inference_types import GeneratedToken, GenerationEnd, GenerationStart, Sampling
from interfix.syntax.document_key import DocumentKey
from interfix.syntax.notebook_script import get_script_key

RETRY_SAMPLING = Sampling(temperature=0.8)
"""How every try but the first is sampled: base models degenerate at low ones, 0.7 to 1.0 is what makers give for open text."""
MAX_STARTS = 3
"""Other starts that are tried for who asked."""
_THREADS = 2
"""What was given up may still be computed while the next suggestion is."""
_Arguments = TypeVarTuple("_Arguments")
_Result = TypeVar("_Result")


class Completer:
    """Makes suggestions with an engine. Keeps nothing between two of them, and waits for nothing but the engine.

    What parses or reads the text around the cursor is done in a thread: the event loop has to answer the editor meanwhile.
    """

    def __init__(
        self,
        engine: Engine,
        settings: CompletionSettings,
        feedback: Feedback | None = None,
        calibrations: Mapping[str, confidence.ModelCalibration] | None = None,
        *,
        gatherer: Gatherer | None = None,
        names: NameSearch | None = None,
    ) -> None:
        """Without `names` nothing is known of which exist."""
        self._engine = engine
        self._settings = settings
        self._feedback = feedback or NullFeedback()
        self._calibrations = calibrations or {}
        self._gatherer = gatherer or Gatherer(ContextSettings(), settings.prompt_tokens)
        self._names = names if settings.guide else None
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="completion")

    async def suggest(self, request: SuggestionRequest, on_text: Callable[[str], None] | None = None) -> Suggestion:
        """What to show at the cursor; its text is empty where nothing is worth showing, and its decision then says why.

        `on_text` hears the text so far with each token. Raises what the engine raises; cancelling it closes the engine's stream.
        """
        began = time.perf_counter()
        hole, unwelcome = await self._compute(self._open_hole, request)
        if unwelcome is not None:
            return _build_suggestion(request, RawCompletion(), "", unwelcome, began)
        prompt, known_names = await self._prepare(request, hole)
        completion = await self._generate(prompt, hole, on_text)
        text = await self._compute(_clean_text, hole, completion.text)
        branches = completion.branches
        retries = () if text or request.attempt or request.start else _plan_retries(hole, completion)
        tried_start = completion.token_texts[0] if completion.token_texts and hole.explicit and not branches else None
        for changes in retries:
            retry = await self._generate(msgspec.structs.replace(prompt, **changes), hole, on_text, tried_start)
            completion = retry if retry.token_texts else completion
            branches = tuple(branch for branch in branches if branch != changes.get("start"))
            if text := await self._compute(_clean_text, hole, retry.text):
                break
        doubts = await self._compute(find_name_doubts, hole, completion, text, known_names, self._names, request.root)
        decision = self._decide(hole, completion, text, self._get_calibration(request), doubts)
        decision = msgspec.structs.replace(decision, guided_by=known_names.sources, late=known_names.late)
        suggestion = _build_suggestion(request, completion, "" if decision.silent else text, decision, began)
        return msgspec.structs.replace(suggestion, branches=branches)

    def prepare(self, request: SuggestionRequest) -> None:
        """A request is about to come: have the context's sources begin."""
        if self._settings.enabled:
            self._gatherer.begin_search(request.snapshot, request.offset, request.root, request.model.name)
            if self._names is not None:
                self._names.begin(request.snapshot, request.offset, request.root)

    async def _compute(self, function: Callable[[*_Arguments], _Result], *arguments: *_Arguments) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._pool, function, *arguments)

    def _open_hole(self, request: SuggestionRequest) -> tuple[InfillHole, DisplayDecision | None]:
        """The hole at the cursor, and why nothing is suggested there, if so."""
        hole = InfillHole.from_cursor(
            request.snapshot, request.offset, request.shape, explicit=not request.automatic, after_accepted=request.after_accepted
        )
        unwelcome = self._explain_skip(hole) if request.automatic else None
        if unwelcome is None:
            _ = hole.is_prose  # asked at the first token, in the event loop, and what costs most of all that is asked there
        return hole, unwelcome

    async def may_differ(self, request: SuggestionRequest, made: Suggestion) -> bool:
        """Whether a suggestion that was made at a place names what is known by now not to exist there. Who asks waits for those who
        know; who types does not, and learns only from those who were late.
        """
        text = made.text or made.decision.held_back
        if self._names is None or not text or (request.automatic and not made.decision.late):
            return False
        position = (request.snapshot, request.offset, request.root)
        known_names = self._names.recall(*position) if request.automatic else await self._names.find(*position, explicit=True)
        # The same sources may refuse by now what they only made dearer: once the workspace's index is there.
        cost = GuidedText(msgspec.structs.replace(known_names.guide, uses="")).judge(text.encode()) if known_names.guide else 0.0
        return cost == math.inf or (cost > 0.0 and not set(known_names.sources) <= set(made.decision.guided_by))

    def _explain_skip(self, hole: InfillHole) -> DisplayDecision | None:
        if not self._settings.enabled:
            return DisplayDecision("suggestions are switched off", SilenceReason.SWITCHED_OFF)
        if is_trigger_position(hole.line_prefix, hole.line_suffix):
            return None
        return DisplayDecision("the cursor is in a word, or much code stands right of it", SilenceReason.BAD_PLACE)

    def _get_calibration(self, request: SuggestionRequest | InfillRequest) -> confidence.ModelCalibration:
        return find_calibration(self._calibrations, request.model.name)

    def _decide(
        self,
        hole: InfillHole,
        completion: RawCompletion,
        text: str,
        calibration: confidence.ModelCalibration,
        doubts: NameDoubts,
    ) -> DisplayDecision:
        """Whether what is left of a completion is worth showing."""
        output = completion.text or "".join(completion.token_texts)
        if not text:
            silence, hidden_by = "nothing is left of what the model said", _find_hiding_rule(hole, completion.text)
            return DisplayDecision(silence, SilenceReason.NOTHING_LEFT, output, completion.stop_rule, hidden_by=hidden_by)
        features, probability = _score(hole, completion, calibration, len(doubts.unknown))
        probability *= CONFIDENCE_FACTOR if doubts.unlikely else 1.0
        worth = calibration.choose_threshold(self._settings.threshold)
        threshold = 0.0 if hole.explicit else self._feedback.get_threshold(hole.language_id, worth)
        is_sure = probability >= threshold
        return DisplayDecision(
            "" if is_sure else "the model is not sure enough",
            SilenceReason.NONE if is_sure else SilenceReason.UNSURE,
            output,
            completion.stop_rule,
            probability,
            threshold,
            held_back="" if is_sure else text,
            unknown_names=tuple(dict.fromkeys((*doubts.unknown, *doubts.unlikely))),
            features=features,
            doubts=() if is_sure else confidence.find_doubts(features, calibration.get_weights(confidence.classify_hole(hole))),
            hole_kind=confidence.classify_hole(hole),
        )

    async def _generate(
        self, request: InfillRequest, hole: InfillHole, on_text: Callable[[str], None] | None, tried_start: str | None = None
    ) -> RawCompletion:
        """Streams until a stop rule or the model ends it; nothing where it begins as what was tried."""
        calibration = self._get_calibration(request)
        completion = RawCompletion()
        stopper = StreamStopper(
            hole,
            self._settings.time_ms / 1000,
            is_confident=lambda: _score(hole, completion, calibration)[1] >= calibration.threshold,
        )
        async with aclosing(self._engine.infill(request)) as events:
            async for event in events:
                match event:
                    case GenerationStart():
                        completion.start(event)
                        self._gatherer.record_layout(DocumentKey(request.document), event)
                    case GeneratedToken() if not completion.token_texts and event.text == tried_start:
                        return RawCompletion()
                    case GeneratedToken():
                        completion.add_token(event)
                        if stopper.feed(event.text, event.logprob):
                            break
                        if on_text is not None:
                            on_text(stopper.text)
                    case GenerationEnd():
                        stopper.finish(cut_short=event.reason != "end")
                        break
            else:
                return RawCompletion()  # the engine ended before the model did: half an answer is none
        completion.truncate(stopper.text, stopper.stop_rule)
        return completion

    async def _prepare(self, request: SuggestionRequest, hole: InfillHole) -> tuple[InfillRequest, KnownNames]:
        """What to ask of the engine: the context at the cursor, the names that exist there, and how much it may write."""
        if self._names is not None:
            self._names.begin(request.snapshot, request.offset, request.root)
        lines = (hole.shape is SuggestionShape.BLOCK and not hole.after_accepted) or (hole.may_add_block and hole.is_line_start)
        gathered = await self._gatherer.gather(
            request.snapshot, request.offset, request.root, request.model.name, explicit=hole.explicit
        )
        known_names = KnownNames()
        if self._names is not None:
            known_names = await self._names.find(request.snapshot, request.offset, request.root, explicit=hole.explicit)
        infill_request = InfillRequest(
            model=request.model,
            document=get_script_key(request.snapshot),
            segments=gathered.segments,
            prompt_budget=self._settings.prompt_tokens,
            max_tokens=self._settings.block_tokens if lines else self._settings.line_tokens,
            sampling=RETRY_SAMPLING if request.attempt else Sampling(),
            seed=request.attempt,
            max_prefill_ms=self._settings.asked_ms if hole.explicit else self._settings.latency_ms,
            is_asked=hole.explicit,
            exact_suffix=hole.explicit,
            start=request.start,
            tell_runners_up=hole.explicit and not request.start,
            guide=known_names.guide,
        )
        return infill_request, known_names


def _plan_retries(hole: InfillHole, completion: RawCompletion) -> tuple[dict[str, Any], ...]:
    """How the model is asked again where nothing is left of what it said: what changes in the request, each time.

    Who asked is offered the next best answer of which something is left: a branch of this one, or one with another start. Unasked,
    a model that degenerated is asked once more at a higher temperature; one that had nothing to say is not.
    """
    if hole.explicit and completion.branches:
        return tuple({"start": branch, "tell_runners_up": False} for branch in completion.branches)
    if hole.explicit and completion.model:
        # One of them may be the one that was tried: which, a near tie may decide otherwise than before.
        count = MAX_STARTS + bool(completion.token_texts)
        return tuple({"start_rank": rank} for rank in range(1, count + 1))
    degenerated = completion.stop_rule in DEGENERATION_NAMES or completion.text.strip()
    return ({"sampling": RETRY_SAMPLING, "seed": 1},) if degenerated else ()


def _build_suggestion(
    request: SuggestionRequest, completion: RawCompletion, text: str, decision: DisplayDecision, began: float
) -> Suggestion:
    return Suggestion(
        id=uuid.uuid4().hex,
        anchor=request.anchor,
        whole_text=text,
        offset=request.offset,
        text=text,
        is_prefetched=request.is_prefetch,
        is_asked=not request.automatic,
        model=completion.model,
        prompt_tokens=completion.prompt_tokens,
        is_brief=completion.is_brief,
        tokens=len(completion.token_logprobs),
        ms=(time.perf_counter() - began) * 1000,
        logprob=completion.mean_logprob,
        decision=decision,
    )


def _score(
    hole: InfillHole, completion: RawCompletion, calibration: confidence.ModelCalibration, unknown_names: int = 0
) -> tuple[confidence.ConfidenceFeatures, float]:
    """What is known of a completion, and the probability that its first line is right."""
    texts, logprobs = completion.token_texts, completion.token_logprobs
    features = confidence.extract_features(hole, texts, logprobs, completion.removed, unknown_names)
    return features, confidence.estimate_probability(features, calibration.get_weights(confidence.classify_hole(hole)))


def _find_hiding_rule(hole: InfillHole, text: str) -> str:
    """What leaves nothing of a completion: the name of a filter, or of the gate; empty where the completion itself is empty."""
    if not text.strip():
        return ""
    return find_emptying_filter(hole, text) or "parse_gate"


def _clean_text(hole: InfillHole, text: str) -> str:
    """What the user would see of a completion."""
    trimmed = apply_filters(hole, text)
    return apply_filters(hole, trim_to_parse(hole, trimmed) if trimmed else "", FINAL_FILTERS)
