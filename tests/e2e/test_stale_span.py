"""A line that is like those that were just changed, filled by the real small model: its text, and the old text's score."""

from contextlib import aclosing

import msgspec
import pytest

from interfix.config.settings import CompletionSettings, ModelSettings
from interfix.engine.client import HostEngine
from interfix.engine.protocol import InfillRequest
from interfix.inference_types import GeneratedToken, TextScore
from interfix.masking import mask
from interfix.models.model_selection import select_models
from interfix.next_edit.span_fill import PROMPT_TOKENS, SpanFiller
from interfix.next_edit.span_prompt import build_span_prompt
from interfix.next_edit.stale_spans import StaleSpan
from tests.unit.next_edit.edit_contexts import make_context

LINES = [f"    {name}: Optional[{kind}] = None\n" for name, kind in (("width", "int"), ("title", "str"), ("ratio", "float"))]
CODE = "class Box:\n" + "".join(LINES) + "    parent: object = None\n"
CHANGES = (("Optional[int]", "int | None"), ("Optional[str]", "str | None"))


async def ask(engine: HostEngine, request: InfillRequest) -> tuple[TextScore, list[GeneratedToken]]:
    """What its text is worth, and what is written in its place."""
    async with aclosing(engine.infill(request)) as stream:
        events = [event async for event in stream]
    (score,) = (event for event in events if isinstance(event, TextScore))
    return score, [event for event in events if isinstance(event, GeneratedToken)]


async def test_what_the_old_text_is_worth_and_what_is_written_in_its_place(
    engine: HostEngine, model_settings: dict[str, str]
) -> None:
    base = select_models(
        ModelSettings(base=model_settings["INTERFIX_MODELS_BASE"], directory=model_settings["INTERFIX_MODELS_DIRECTORY"])
    ).base
    assert base is not None
    context = make_context(CODE, *CHANGES)
    prompt = build_span_prompt(context.snapshot, StaleSpan(3, 4, "likeness", {"alike": 1.0}, 2), context.edits, "box.py")
    assert prompt is not None

    # `start_rank`: the answer is not empty, whatever the model would rather do.
    request = InfillRequest(base, "", prompt.segments, PROMPT_TOKENS, 32, start_rank=1, scored_text=prompt.old, is_next_edit=True)
    old, written = await ask(engine, request)
    assert old.tokens > 3
    assert old.logprob < old.end_logprob < 0

    # What the model wrote itself is as likely when it is scored.
    answer = "".join(token.text for token in written)
    again, _ = await ask(engine, msgspec.structs.replace(request, scored_text=mask(answer), max_tokens=64))
    assert again.logprob - again.end_logprob == pytest.approx(sum(token.logprob for token in written), abs=3)

    fill = await SpanFiller(engine, base, CompletionSettings(time_ms=0)).fill(context.snapshot, prompt)
    if fill is not None:  # it may prefer to leave the line as it is
        assert fill.old_logprob == pytest.approx(old.logprob - old.end_logprob, abs=1)
        assert fill.text.strip() not in ("", prompt.old.strip())
