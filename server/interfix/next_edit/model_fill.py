"""The next edit where rules know the place and the base model the text: the stale span that is likeliest, filled and weighed."""

import asyncio
from collections.abc import Sequence

import msgspec

from interfix.errors import UsageError
from interfix.next_edit.certainty import load_certainty
from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.fill_certainty import load_fill_tables, weigh_fill
from interfix.next_edit.finders import collect_candidates
from interfix.next_edit.model_rewrite import ModelRewrite
from interfix.next_edit.next_edit import Replacement
from interfix.next_edit.ranking import rank_edits, trim_replacement
from interfix.next_edit.search import EditSearch
from interfix.next_edit.span_fill import SpanFiller
from interfix.next_edit.span_prompt import SpanPrompt, build_span_prompt
from interfix.next_edit.stale_spans import StaleSpan, list_stale_spans

MAX_ASKED = 2
"""Spans that the model is asked about, the likeliest; each costs as much as a completion."""


class WeighedSpan(msgspec.Struct, frozen=True):
    """A span, how likely it is stale, and what the model is asked."""

    span: StaleSpan
    place: float
    """The probability that the user is about to change just these lines, 0 to 1."""
    prompt: SpanPrompt


def find_spans(context: EditContext, path: str) -> Sequence[WeighedSpan]:
    """The spans worth asking about, the likeliest first. `path` is the document's in its workspace."""
    search, tables = EditSearch(context), load_fill_tables()
    ranked = rank_edits(context.snapshot, collect_candidates(search), load_certainty(), context.offset)
    weighed = [(tables.place.estimate(each.evidence), each) for each in list_stale_spans(search, ranked)]
    found: list[WeighedSpan] = []
    for place, span in sorted(weighed, key=lambda each: -each[0]):
        if place < tables.place_threshold or len(found) == MAX_ASKED:
            break
        if (prompt := build_span_prompt(context.snapshot, span, context.edits, path)) is not None:
            found.append(WeighedSpan(span, min(0.999, place), prompt))
    return found


async def propose_fill(filler: SpanFiller, context: EditContext, path: str) -> ModelRewrite | None:
    """What the model makes of the likeliest span that it would change; None where it would change none, or is not sure.

    Raises what the engine raises.
    """
    seconds = filler.count_seconds(explicit=context.explicit)
    try:
        async with asyncio.timeout(seconds):
            return await _fill_likeliest(filler, context, path)
    except (TimeoutError, UsageError):  # too late to be shown, or this code cannot be; other code can
        return None


async def _fill_likeliest(filler: SpanFiller, context: EditContext, path: str) -> ModelRewrite | None:
    calibration = load_fill_tables().find_calibration(filler.model.name)
    least = calibration.explicit_threshold if context.explicit else calibration.threshold
    best: ModelRewrite | None = None
    for each in await asyncio.to_thread(find_spans, context, path):
        fill = await filler.fill(context.snapshot, each.prompt)
        if fill is None:
            continue
        evidence = weigh_fill(context.snapshot, each.span, each.place, each.prompt, fill)
        certainty = calibration.table.estimate(evidence)
        text = fill.text.replace("\n", context.snapshot.newline).encode("utf-8", "surrogatepass")
        place = trim_replacement(context.snapshot.data, Replacement(each.prompt.start, each.prompt.end, text))
        found = ModelRewrite(
            place,
            certainty,
            filler.model.name,
            finder=each.span.finder,
            label=next((line.strip() for line in fill.text.splitlines() if line.strip()), ""),
            reason=each.span.reason,
            number=each.span.number,
            threshold=least,
            evidence=evidence,
        )
        if best is None or certainty > best.certainty:
            best = found
        if certainty >= least:
            break
    return best
