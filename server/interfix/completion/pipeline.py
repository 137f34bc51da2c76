"""From a cursor to a suggestion: the order of everything. Knows no editor, no process and no model family."""

import asyncio
import time
from contextlib import aclosing
from pathlib import Path

import msgspec

from interfix.completion.filters import FINISHING, filtered
from interfix.completion.gate import gated
from interfix.completion.hole import Hole
from interfix.completion.shape import Shape, welcome
from interfix.completion.stops import Stopper
from interfix.config.settings import Completion, ContextSettings
from interfix.context.gathering import Gatherer
from interfix.engine.protocol import Engine, InfillRequest
from interfix.models.roles import BaseModel
from interfix.syntax.document import Snapshot
from interfix.values import Finished, Started, Token

__all__ = ["Completer", "Shape", "Suggestion"]


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
    """Time from the end of the debounce to the answer, ms."""
    logprob: float
    """Mean natural log-probability of the tokens the stop rules kept."""


class Completer:
    """Makes suggestions with an engine. Keeps nothing between two of them."""

    def __init__(self, engine: Engine, settings: Completion, *, gatherer: Gatherer | None = None) -> None:
        self._engine = engine
        self._settings = settings
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
    ) -> Suggestion | None:
        """A suggestion at a byte offset, or None where there is nothing worth showing or a newer request took over.

        An automatic one waits for the debounce first. Raises what the engine raises; cancelling it closes the engine's stream.
        """
        if automatic:
            if not self._settings.enabled:
                return None
            await asyncio.sleep(self._settings.debounce_ms / 1000)
        began = time.perf_counter()
        hole = Hole.at(snapshot, offset, shape, requested=not automatic)
        if automatic and not welcome(hole.left, hole.right):
            return None
        draft = await self._draft(model, hole, root)
        if draft is None:
            return None
        text = filtered(hole, draft.text)
        text = gated(hole, text) if text else ""
        text = filtered(hole, text, FINISHING)
        if not text:
            return None
        ms = (time.perf_counter() - began) * 1000
        return Suggestion(text, offset, draft.model, draft.prompt_tokens, len(draft.logprobs), ms, draft.logprob)

    async def _draft(self, model: BaseModel, hole: Hole, root: Path | None) -> "_Draft | None":
        """Streams until a stop rule or the model ends it; None where the stream was taken away by a newer request."""
        lines = hole.shape is Shape.BLOCK or hole.may_grow
        gathered = await self._gatherer.gather(hole.snapshot, hole.offset, root, model.name)
        request = InfillRequest(
            model=model,
            document=hole.snapshot.uri,
            segments=gathered.segments,
            prompt_budget=self._settings.prompt_tokens,
            max_tokens=self._settings.block_tokens if lines else self._settings.line_tokens,
        )
        stopper = Stopper(hole)
        draft = _Draft()
        async with aclosing(self._engine.infill(request)) as events:
            async for event in events:
                match event:
                    case Started():
                        draft.model, draft.prompt_tokens = event.model, event.prompt_tokens
                        self._gatherer.laid_out(request.document, event)
                    case Token():
                        draft.take(event)
                        if stopper.feed(event.text):
                            break
                    case Finished():
                        stopper.finish(cut_short=event.reason != "end")
                        break
            else:
                return None
        draft.keep(stopper.text)
        return draft


class _Draft:
    """What came out of one stream."""

    def __init__(self) -> None:
        self.model = ""
        self.prompt_tokens = 0
        self.text = ""
        self.logprobs: list[float] = []
        self.logprob = 0.0
        self._ends: list[int] = []

    def take(self, token: Token) -> None:
        self.logprobs.append(token.logprob)
        self._ends.append((self._ends[-1] if self._ends else 0) + len(token.text))

    def keep(self, text: str) -> None:
        kept = [logprob for logprob, end in zip(self.logprobs, self._ends, strict=True) if end <= len(text)]
        self.text = text
        self.logprob = sum(kept) / len(kept) if kept else 0.0
