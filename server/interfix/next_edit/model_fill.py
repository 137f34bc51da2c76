"""The next edit where rules know the place and the base model the text: the stale span that is likeliest, filled and weighed."""

import asyncio

import msgspec

from interfix.errors import UsageError
from interfix.next_edit.certainty import load_certainty
from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.fill_certainty import load_fill_tables, weigh_fill
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.finders import collect_candidates
from interfix.next_edit.model_rewrite import ModelRewrite
from interfix.next_edit.next_edit_types import Replacement
from interfix.next_edit.ranking import rank_edits, trim_replacement
from interfix.next_edit.span_fill import SpanFiller
from interfix.next_edit.span_prompt import SpanPrompt, build_span_prompt
from interfix.next_edit.stale_spans import StaleSpan, list_stale_spans


class WeighedSpan(msgspec.Struct, frozen=True):
    """A span, how likely it is stale, and what the model is asked."""

    span: StaleSpan
    place: float
    """The probability that the user is about to change just these lines, 0 to 1."""
    prompt: SpanPrompt


def find_likeliest_span(context: EditContext, path: str) -> WeighedSpan | None:
    """The span worth asking about; None where none is. `path` is the document's in its workspace."""
    search, tables = EditSearch(context), load_fill_tables()
    ranked = rank_edits(context.snapshot, collect_candidates(search), load_certainty(), context.offset)
    weighed = [(tables.place.estimate(each.evidence), each) for each in list_stale_spans(search, ranked)]
    for certainty, span in sorted(weighed, key=lambda each: -each[0]):
        if certainty < tables.place_threshold:
            return None
        if (prompt := build_span_prompt(context.snapshot, span, context.edits, path)) is not None:
            return WeighedSpan(span, min(0.999, certainty), prompt)
    return None


async def propose_fill(filler: SpanFiller, context: EditContext, path: str) -> ModelRewrite | None:
    """What the model makes of the likeliest span; None where there is none, or it would leave it as it is, or is not done in time.

    Raises what the engine raises.
    """
    seconds = filler.count_seconds(explicit=context.explicit)
    try:
        async with asyncio.timeout(seconds):
            return await _fill_likeliest(filler, context, path)
    except (TimeoutError, UsageError):  # too late to be shown, or this code cannot be; other code can
        return None


async def _fill_likeliest(filler: SpanFiller, context: EditContext, path: str) -> ModelRewrite | None:
    likeliest = await asyncio.to_thread(find_likeliest_span, context, path)
    fill = await filler.fill(context.snapshot, likeliest.prompt) if likeliest is not None else None
    if likeliest is None or fill is None:
        return None
    calibration = load_fill_tables().find_calibration(filler.model.name)
    evidence = weigh_fill(context.snapshot, likeliest.span, likeliest.place, likeliest.prompt, fill)
    text = fill.text.replace("\n", context.snapshot.newline).encode("utf-8", "surrogatepass")
    return ModelRewrite(
        trim_replacement(context.snapshot.data, Replacement(likeliest.prompt.start, likeliest.prompt.end, text)),
        calibration.table.estimate(evidence),
        filler.model.name,
        finder=likeliest.span.finder,
        label=next(line.strip() for line in fill.text.splitlines() if line.strip()),
        reason=likeliest.span.reason,
        number=likeliest.span.number,
        threshold=calibration.explicit_threshold if context.explicit else calibration.threshold,
        evidence=evidence,
    )
