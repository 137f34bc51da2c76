"""Why a suggestion is what it is: the prompt it was made from, and where every token of it came from. Decodes nothing."""

from contextlib import aclosing

from interfix.completion.suggestion_request import SuggestionRequest
from interfix.config.settings import CompletionSettings
from interfix.context.gatherer import GatheredContext, Gatherer, SourceCost
from interfix.context.stable_chunk_selection import OmittedChunk
from interfix.engine.protocol import Engine, InfillRequest
from interfix.errors import UnavailableError
from interfix.inference_types import GenerationStart, PromptReport
from interfix.syntax.notebook_script import get_script_key


class CompletionPromptReport(PromptReport, frozen=True):
    """A suggestion's prompt, and what its context took."""

    costs: tuple[SourceCost, ...]
    """What each source took."""
    left: tuple[OmittedChunk, ...]
    """What was left out before the layout, and by which rule."""
    context_ms: float
    """How long the suggestion waited for its context, ms."""


async def build_prompt_report(
    engine: Engine, gatherer: Gatherer, request: SuggestionRequest, settings: CompletionSettings
) -> CompletionPromptReport:
    """The prompt of a suggestion, laid out by the engine and not computed. Raises what the engine raises."""
    snapshot = request.snapshot
    gathered = await gatherer.gather(snapshot, request.offset, request.root, request.model.name, explicit=not request.automatic)
    dry_run = InfillRequest(
        model=request.model,
        document=get_script_key(snapshot),
        segments=gathered.segments,
        prompt_budget=settings.prompt_tokens,
        max_tokens=settings.line_tokens,
        dry_run=True,
    )
    async with aclosing(engine.infill(dry_run)) as events:
        async for event in events:
            if isinstance(event, GenerationStart):
                return build_last_report(gathered, event)
    raise UnavailableError("The engine did not lay the prompt out; try again.")


def build_last_report(gathered: GatheredContext, start: GenerationStart) -> CompletionPromptReport:
    """What was gathered, with what the engine made of it."""
    return CompletionPromptReport(
        model=start.model,
        prompt=start.prompt,
        prompt_tokens=start.prompt_tokens,
        budget=start.budget,
        parts=start.parts,
        costs=gathered.costs,
        left=gathered.omitted,
        context_ms=gathered.ms,
    )
