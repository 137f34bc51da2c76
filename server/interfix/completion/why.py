"""Why a suggestion is what it is: the prompt it was made from, and where every token of it came from. Decodes nothing."""

from contextlib import aclosing
from pathlib import Path

from interfix.config.settings import Completion
from interfix.context.gathering import Cost, Gathered, Gatherer
from interfix.context.selection import Left
from interfix.engine.protocol import Engine, InfillRequest
from interfix.errors import Unavailable
from interfix.models.roles import BaseModel
from interfix.syntax.snapshot import Snapshot
from interfix.values import Shown, Started


class Why(Shown, frozen=True):
    """A suggestion's prompt, and what its context took."""

    costs: tuple[Cost, ...]
    """What each source took."""
    left: tuple[Left, ...]
    """What was left out before the layout, and by which rule."""
    context_ms: float
    """How long the suggestion waited for its context, ms."""


async def why(
    engine: Engine,
    gatherer: Gatherer,
    model: BaseModel,
    snapshot: Snapshot,
    offset: int,
    root: Path | None,
    settings: Completion,
) -> Why:
    """The prompt of a suggestion at a byte offset, laid out by the engine and not computed. Raises what the engine raises."""
    gathered = await gatherer.gather(snapshot, offset, root, model.name, asked=True)
    request = InfillRequest(
        model=model,
        document=f"why:{snapshot.uri}",
        segments=gathered.segments,
        prompt_budget=settings.prompt_tokens,
        max_tokens=settings.line_tokens,
        dry=True,
    )
    async with aclosing(engine.infill(request)) as events:
        async for event in events:
            if isinstance(event, Started):
                return told(gathered, event)
    raise Unavailable("The engine did not lay the prompt out; try again.")


def told(gathered: Gathered, started: Started) -> Why:
    """What was gathered, with what the engine made of it."""
    return Why(
        model=started.model,
        prompt=started.prompt,
        prompt_tokens=started.prompt_tokens,
        budget=started.budget,
        parts=started.parts,
        costs=gathered.costs,
        left=gathered.left,
        context_ms=gathered.ms,
    )
