"""From a cursor to a suggestion: the order of everything. Knows no editor, no process and no model family."""

import time
from collections.abc import Callable, Mapping
from contextlib import aclosing
from pathlib import Path

import msgspec

from interfix.completion import confidence
from interfix.completion.draft import Draft
from interfix.completion.feedback import Feedback, Unheard
from interfix.completion.filters import FINISHING, filtered
from interfix.completion.gate import gated
from interfix.completion.hole import Hole
from interfix.completion.shape import Shape, welcome
from interfix.completion.stops import VICES, Stopper
from interfix.completion.verdict import Verdict
from interfix.config.settings import Completion, ContextSettings
from interfix.context.gathering import Gatherer
from interfix.engine.protocol import Engine, InfillRequest
from interfix.models.roles import BaseModel
from interfix.syntax.document import Snapshot
from interfix.values import Finished, Started, Token

__all__ = ["Completer", "Shape", "Suggestion"]

HOTTER = 0.8
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
    features: confidence.Features
    """What its confidence was reckoned from."""
    confidence: float
    """The probability that its first line is right, 0 to 1."""


class Completer:
    """Makes suggestions with an engine. Keeps nothing between two of them, and waits for nothing but the engine."""

    def __init__(
        self,
        engine: Engine,
        settings: Completion,
        feedback: Feedback | None = None,
        fits: Mapping[str, confidence.Fit] | None = None,
        *,
        gatherer: Gatherer | None = None,
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._feedback = feedback or Unheard()
        self._fits = fits or {}
        self._gatherer = gatherer or Gatherer(ContextSettings(), settings.prompt_tokens)

    async def suggest(
        self,
        model: BaseModel,
        snapshot: Snapshot,
        offset: int,
        *,
        automatic: bool,
        shape: Shape = Shape.AUTO,
        root: Path | None = None,
        accepted: bool = False,
        attempt: int = 0,
        streamed: Callable[[str], None] | None = None,
        judged: Callable[[Verdict], None] = lambda _: None,
    ) -> Suggestion | None:
        """A suggestion at a byte offset, or None where there is nothing worth showing or a newer request took over.

        `accepted` says that the text right before the cursor is a suggestion the user has just taken; each `attempt` above 0 draws
        another one; `streamed` hears the text so far with each token, `judged` what became of it. Raises what the engine raises;
        cancelling it closes the engine's stream.
        """
        began = time.perf_counter()
        hole = Hole.at(snapshot, offset, shape, requested=not automatic, accepted=accepted)
        if automatic and (unwelcome := self._unwelcome(hole)):
            judged(Verdict(unwelcome))
            return None
        fit = self._fits.get(model.name, confidence.UNFITTED)
        draft = await self._draft(model, hole, root, attempt, streamed, fit)
        text = _shown(hole, draft.text) if draft else ""
        if draft and not text and (draft.rule in VICES or draft.text.strip()) and not attempt:
            # Nothing is left of what the model said: once more, hotter, and then silence.
            draft = await self._draft(model, hole, root, attempt + 1, streamed, fit)
            text = _shown(hole, draft.text) if draft else ""
        if draft is None:
            return None
        if not text:
            judged(Verdict("nothing is left of what the model said", draft.text, draft.rule))
            return None
        found, sure = _confidence(hole, draft, fit)
        worth = fit.worth(self._settings.threshold)
        needed = self._feedback.threshold(hole.language, worth) if automatic else 0.0
        silent = "the model is not sure enough" if sure < needed else ""
        judged(Verdict(silent, draft.text, draft.rule, sure, needed, found))
        if silent:
            return None
        ms = (time.perf_counter() - began) * 1000
        return Suggestion(
            text, offset, draft.model, draft.prompt_tokens, len(draft.logprobs), ms, draft.logprob, features=found, confidence=sure
        )

    def _unwelcome(self, hole: Hole) -> str:
        if not self._settings.enabled:
            return "suggestions are switched off"
        return "" if welcome(hole.left, hole.right) else "the cursor is in a word, or much code stands right of it"

    async def _draft(
        self,
        model: BaseModel,
        hole: Hole,
        root: Path | None,
        attempt: int,
        streamed: Callable[[str], None] | None,
        fit: confidence.Fit,
    ) -> Draft | None:
        """Streams until a stop rule or the model ends it; None where the stream was taken away by a newer request."""
        lines = (hole.shape is Shape.BLOCK and not hole.accepted) or (hole.may_grow and hole.fresh)
        gathered = await self._gatherer.gather(hole.document, hole.offset, root, model.name, asked=hole.requested)
        request = InfillRequest(
            model=model,
            document=hole.document.uri,
            segments=gathered.segments,
            prompt_budget=self._settings.prompt_tokens,
            max_tokens=self._settings.block_tokens if lines else self._settings.line_tokens,
            temperature=HOTTER if attempt else 0.0,
            seed=attempt,
            within_ms=0 if hole.requested else self._settings.latency_ms,
            exact=hole.requested,
        )
        draft = Draft()
        stopper = Stopper(hole, self._settings.time_ms / 1000, sure=lambda: _confidence(hole, draft, fit)[1] >= fit.threshold)
        async with aclosing(self._engine.infill(request)) as events:
            async for event in events:
                match event:
                    case Started():
                        draft.model, draft.prompt_tokens = event.model, event.prompt_tokens
                        self._gatherer.laid_out(request.document, event)
                    case Token():
                        draft.take(event)
                        if stopper.feed(event.text, event.logprob):
                            break
                        if streamed is not None:
                            streamed(stopper.text)
                    case Finished():
                        stopper.finish(cut_short=event.reason != "end")
                        break
            else:
                return None
        draft.keep(stopper.text, stopper.rule)
        return draft


def _confidence(hole: Hole, draft: Draft, fit: confidence.Fit) -> tuple[confidence.Features, float]:
    """What is known of a draft, and the probability that its first line is right."""
    found = confidence.features(hole, draft.pieces, draft.logprobs)
    return found, confidence.probability(found, fit.parameters)


def _shown(hole: Hole, text: str) -> str:
    """What the user would see of a draft."""
    text = filtered(hole, text)
    text = gated(hole, text) if text else ""
    return filtered(hole, text, FINISHING)
