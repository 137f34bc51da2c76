"""A line that is like those that were just changed, filled by the real small model: its text, and the old text's score."""

from collections.abc import AsyncIterator

import pytest

from interfix.config.settings import CompletionSettings, ModelSettings
from interfix.engine.client import HostEngine, create_local_engine
from interfix.models.model_selection import select_models
from interfix.next_edit.fill_certainty import weigh_fill
from interfix.next_edit.span_fill import SpanFiller
from interfix.next_edit.span_prompt import build_span_prompt
from interfix.next_edit.stale_spans import StaleSpan
from tests.unit.next_edit.edit_contexts import make_context

LINES = [f"    {name}: Optional[{kind}] = None\n" for name, kind in (("width", "int"), ("title", "str"), ("ratio", "float"))]
CODE = "class Box:\n" + "".join(LINES) + "    parent: object = None\n"
CHANGES = (("Optional[int]", "int | None"), ("Optional[str]", "str | None"))


@pytest.fixture
async def engine(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HostEngine]:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    async with create_local_engine() as engine:
        yield engine


async def test_the_third_of_three_equal_changes(engine: HostEngine, model_settings: dict[str, str]) -> None:
    base = select_models(
        ModelSettings(base=model_settings["INTERFIX_MODELS_BASE"], directory=model_settings["INTERFIX_MODELS_DIRECTORY"])
    ).base
    assert base is not None
    context = make_context(CODE, *CHANGES)
    filler = SpanFiller(engine, base, CompletionSettings(time_ms=0))

    span = StaleSpan(3, 4, "likeness", {"alike": 1.0}, 2)
    prompt = build_span_prompt(context.snapshot, span, context.edits, "box.py")
    assert prompt is not None
    fill = await filler.fill(context.snapshot, prompt)
    assert fill is not None
    assert "float" in fill.text
    assert "Optional" not in fill.text
    assert fill.old_logprob < 0
    assert fill.old_tokens > 3
    assert all(logprob <= 0 for logprob in fill.logprobs)
    assert fill.margin > 0
    assert weigh_fill(context.snapshot, span, 0.5, prompt, fill)["margin"] > 0
