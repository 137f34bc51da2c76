"""From a cursor to a suggestion: the order of everything. Knows no editor, no process and no model family."""

import time
from collections.abc import Callable, Mapping
from contextlib import aclosing
from pathlib import Path

import msgspec

from interfix.completion import confidence
from interfix.completion.display_decision import DisplayDecision
from interfix.completion.filters import FINAL_FILTERS, apply_filters
from interfix.completion.hole import InfillHole
from interfix.completion.parse_gate import trim_to_parse
from interfix.completion.raw_completion import RawCompletion
from interfix.completion.stops import DEGENERATION_NAMES, StreamStopper
from interfix.completion.suggestion_feedback import Feedback, NullFeedback
from interfix.completion.trigger_policy import SuggestionShape, is_trigger_position
from interfix.config.settings import CompletionSettings, ContextSettings
from interfix.context.gatherer import Gatherer
from interfix.engine.protocol import Engine, InfillRequest
from interfix.models.roles import BaseModel
from interfix.syntax.document import Snapshot
from interfix.values import GeneratedToken, GenerationEnd, GenerationStart

__all__ = ["Completer", "Suggestion", "SuggestionShape"]

RETRY_TEMPERATURE = 0.8
"""Temperature of every try but the first: base models degenerate at low ones, 0.7 to 1.0 is what makers give for open text."""


class Suggestion(msgspec.Struct, frozen=True):
    """Text to show at the cursor."""

    text: str
    """What to insert, with the file's own line endings."""
    offset: int
    """Byte offset of the snapshot at which to insert it."""
    model: str
    """Name of the model that wrote it."""
    prompt_tokens: int
    """Length of the prompt, tokens."""
    tokens: int
    """Tokens generated, those cut off again included."""
    ms: float
    """Time it took, ms."""
    logprob: float
    """Mean natural log-probability of the tokens the stop rules kept."""
    features: confidence.ConfidenceFeatures
    """What its confidence was reckoned from."""
    confidence: float
    """The probability that its first line is right, 0 to 1."""


class Completer:
    """Makes suggestions with an engine. Keeps nothing between two of them, and waits for nothing but the engine."""

    def __init__(
        self,
        engine: Engine,
        settings: CompletionSettings,
        feedback: Feedback | None = None,
        calibrations: Mapping[str, confidence.ModelCalibration] | None = None,
        *,
        gatherer: Gatherer | None = None,
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._feedback = feedback or NullFeedback()
        self._calibrations = calibrations or {}
        self._gatherer = gatherer or Gatherer(ContextSettings(), settings.prompt_tokens)

    async def suggest(
        self,
        model: BaseModel,
        snapshot: Snapshot,
        offset: int,
        *,
        automatic: bool,
        shape: SuggestionShape = SuggestionShape.AUTO,
        root: Path | None = None,
        after_accepted: bool = False,
        attempt: int = 0,
        on_text: Callable[[str], None] | None = None,
        on_decision: Callable[[DisplayDecision], None] = lambda _: None,
    ) -> Suggestion | None:
        """A suggestion at a byte offset, or None where there is nothing worth showing or a newer request took over.

        `accepted` says that the text right before the cursor is a suggestion the user has just taken; each `attempt` above 0 draws
        another one; `streamed` hears the text so far with each token, `judged` what became of it. Raises what the engine raises;
        cancelling it closes the engine's stream.
        """
        began = time.perf_counter()
        hole = InfillHole.from_cursor(snapshot, offset, shape, explicit=not automatic, after_accepted=after_accepted)
        if automatic and (unwelcome := self._explain_skip(hole)):
            on_decision(DisplayDecision(unwelcome))
            return None
        fit = self._calibrations.get(model.name, confidence.UNCALIBRATED)
        draft = await self._generate(model, hole, root, attempt, on_text, fit)
        text = _clean_text(hole, draft.text) if draft else ""
        if draft and not text and (draft.stop_rule in DEGENERATION_NAMES or draft.text.strip()) and not attempt:
            # Nothing is left of what the model said: once more, hotter, and then silence.
            draft = await self._generate(model, hole, root, attempt + 1, on_text, fit)
            text = _clean_text(hole, draft.text) if draft else ""
        if draft is None:
            return None
        if not text:
            on_decision(DisplayDecision("nothing is left of what the model said", draft.text, draft.stop_rule))
            return None
        found, sure = _score(hole, draft, fit)
        worth = fit.choose_threshold(self._settings.threshold)
        needed = self._feedback.get_threshold(hole.language_id, worth) if automatic else 0.0
        silent = "the model is not sure enough" if sure < needed else ""
        on_decision(DisplayDecision(silent, draft.text, draft.stop_rule, sure, needed, found))
        if silent:
            return None
        ms = (time.perf_counter() - began) * 1000
        return Suggestion(
            text,
            offset,
            draft.model,
            draft.prompt_tokens,
            len(draft.token_logprobs),
            ms,
            draft.mean_logprob,
            features=found,
            confidence=sure,
        )

    def _explain_skip(self, hole: InfillHole) -> str:
        if not self._settings.enabled:
            return "suggestions are switched off"
        return (
            ""
            if is_trigger_position(hole.line_prefix, hole.line_suffix)
            else "the cursor is in a word, or much code stands right of it"
        )

    async def _generate(
        self,
        model: BaseModel,
        hole: InfillHole,
        root: Path | None,
        attempt: int,
        on_text: Callable[[str], None] | None,
        calibration: confidence.ModelCalibration,
    ) -> RawCompletion | None:
        """Streams until a stop rule or the model ends it; None where the stream was taken away by a newer request."""
        lines = (hole.shape is SuggestionShape.BLOCK and not hole.after_accepted) or (hole.may_add_block and hole.is_line_start)
        gathered = await self._gatherer.gather(hole.document_snapshot, hole.offset, root, model.name, explicit=hole.explicit)
        request = InfillRequest(
            model=model,
            document=hole.document_snapshot.uri,
            segments=gathered.segments,
            prompt_budget=self._settings.prompt_tokens,
            max_tokens=self._settings.block_tokens if lines else self._settings.line_tokens,
            temperature=RETRY_TEMPERATURE if attempt else 0.0,
            seed=attempt,
            max_prefill_ms=0 if hole.explicit else self._settings.latency_ms,
            exact_suffix=hole.explicit,
        )
        draft = RawCompletion()
        stopper = StreamStopper(
            hole, self._settings.time_ms / 1000, is_confident=lambda: _score(hole, draft, calibration)[1] >= calibration.threshold
        )
        async with aclosing(self._engine.infill(request)) as events:
            async for event in events:
                match event:
                    case GenerationStart():
                        draft.model, draft.prompt_tokens = event.model, event.prompt_tokens
                        self._gatherer.record_layout(request.document, event)
                    case GeneratedToken():
                        draft.add_token(event)
                        if stopper.feed(event.text, event.logprob):
                            break
                        if on_text is not None:
                            on_text(stopper.text)
                    case GenerationEnd():
                        stopper.finish(cut_short=event.reason != "end")
                        break
            else:
                return None
        draft.truncate(stopper.text, stopper.stop_rule)
        return draft


def _score(
    hole: InfillHole, completion: RawCompletion, calibration: confidence.ModelCalibration
) -> tuple[confidence.ConfidenceFeatures, float]:
    """What is known of a draft, and the probability that its first line is right."""
    found = confidence.extract_features(hole, completion.token_texts, completion.token_logprobs)
    return found, confidence.estimate_probability(found, calibration.parameters)


def _clean_text(hole: InfillHole, text: str) -> str:
    """What the user would see of a draft."""
    text = apply_filters(hole, text)
    text = trim_to_parse(hole, text) if text else ""
    return apply_filters(hole, text, FINAL_FILTERS)
