"""The stale span that is likeliest, filled by a base model, weighed, and offered only where the model prefers it clearly.

About `next_edit/model_fill.py` and `next_edit/fill_certainty.py`.
"""

import asyncio

import pytest

from interfix.config.settings import CompletionSettings, NextEditSettings
from interfix.models.role_check import BaseModel
from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.feedback_listener import ShownNextEdit
from interfix.next_edit.fill_certainty import FillCalibration, FillTables, load_fill_tables
from interfix.next_edit.model_fill import propose_fill
from interfix.next_edit.model_rewrite import ModelRewrite
from interfix.next_edit.next_edit_types import NextEdit
from interfix.next_edit.predictor import NextEditPredictor
from interfix.next_edit.span_fill import SpanFiller
from tests.fake_engine import FakeAnswer, FakeEngine
from tests.unit.next_edit.edit_contexts import make_context
from tests.unit.next_edit.fill_tables import FILL, PLACE, fill_tables

__all__ = ["fill_tables"]
pytestmark = pytest.mark.usefixtures("fill_tables")

CODE = 'say("name=" + name)\n\n\ndef both():\n    say("age=" + age)\n    return 1\n'
EDIT = ('"name=" + name', '"name=%s", name')
NEW = '    say("age=%s", age)'
BASE = BaseModel("qwen2.5-coder-1.5b-instruct", "/b.gguf")


class NoFeedback:
    """Takes the news and makes nothing of it."""

    def record_next_edit(self, next_edit: ShownNextEdit) -> None:
        """Nothing is made of it."""

    def record_next_edit_outcome(self, id: str, *, accepted: bool) -> None:
        """Nor of this."""


def make_engine(answer: str = NEW, score: float | None = -40.0, logprob: float = -0.02) -> FakeEngine:
    return FakeEngine(respond=lambda _: FakeAnswer(answer, logprob=logprob, score=score))


async def propose(engine: FakeEngine, context: EditContext, seconds: int = 5) -> ModelRewrite | None:
    filler = SpanFiller(engine, BASE, CompletionSettings(latency_ms=50, time_ms=seconds * 1000))
    return await propose_fill(filler, context, "a.py")


async def suggest(engine: FakeEngine, context: EditContext) -> NextEdit | None:
    predictor = NextEditPredictor(NextEditSettings(), NoFeedback())
    return await predictor.suggest(context, lambda asked: propose(engine, asked))


async def test_a_line_that_is_like_a_changed_one_is_written_anew() -> None:
    context = make_context(CODE, EDIT)
    found = await suggest(make_engine(), context)
    assert found is not None
    assert found.snapshot.text[: found.start] + found.text + found.snapshot.text[found.end :] == context.snapshot.text.replace(
        '    say("age=" + age)', NEW
    )
    assert found.certainty >= FILL.threshold


@pytest.mark.parametrize(
    "engine",
    [
        make_engine(score=-0.5),
        make_engine(logprob=-4.0),
        make_engine(score=None),
        make_engine('    say("age=" + age)'),
        make_engine('    say("age=%s", age'),
        make_engine(""),
    ],
    ids=["the old text is as likely", "it is not sure", "no score", "the old text", "it breaks the parse", "nothing"],
)
async def test_nothing_is_offered(engine: FakeEngine) -> None:
    assert await suggest(engine, make_context(CODE, EDIT)) is None
    assert engine.requests


async def test_where_no_place_is_likely_the_model_is_not_asked() -> None:
    engine = make_engine()
    assert await propose(engine, make_context("one = 1\nlong_name = call(a, b)\n", ("one", "two"))) is None
    assert engine.requests == []


async def test_what_is_later_than_a_completion_is_not_shown() -> None:
    engine = make_engine()
    engine.token_gate = asyncio.Event()
    filler = SpanFiller(engine, BASE, CompletionSettings(latency_ms=50, time_ms=1))
    assert await propose_fill(filler, make_context(CODE, EDIT), "a.py") is None
    assert await engine.endings.get() == "closed"


def test_the_limit_is_a_completions() -> None:
    def count(*, explicit: bool = False, **settings: int) -> float | None:
        return SpanFiller(FakeEngine(), BASE, CompletionSettings(**settings)).count_seconds(explicit=explicit)

    assert count(latency_ms=500, time_ms=5000) == 5.5
    assert count(asked_ms=6000, time_ms=5000, explicit=True) == 21.0
    assert count(time_ms=0) is None


def test_a_model_has_the_table_of_its_name_and_others_have_one() -> None:
    one, two = (FillCalibration(threshold, 0.1, PLACE) for threshold in (0.5, 0.9))
    tables = FillTables(0.1, PLACE, two, {"coder-1.5b": one})
    assert tables.find_calibration("coder-1.5b") is one
    assert tables.find_calibration("coder-1.5b-q4_k_m") is one
    assert tables.find_calibration("coder-1.5base") is two


def test_what_is_shipped_prefers_what_the_model_prefers() -> None:
    tables = load_fill_tables()
    for each in (tables.others, *tables.models.values()):
        assert 0 < each.explicit_threshold <= each.threshold < 1
        assert each.table.weights["margin"] > 0
        assert each.table.weights["place"] > 0
