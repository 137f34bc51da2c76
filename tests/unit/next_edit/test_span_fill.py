"""The text of a stale span by a base model: what it is shown, where its answer ends, and what its old text is worth.

About `next_edit/span_prompt.py` and `next_edit/span_fill.py`.
"""

import asyncio

import pytest

from interfix.config.settings import CompletionSettings
from interfix.engine.scheduler import JobPriority, choose_priority
from interfix.models.role_check import BaseModel
from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.span_fill import SpanFill, SpanFiller
from interfix.next_edit.span_prompt import SpanPrompt, build_span_prompt
from interfix.next_edit.stale_spans import StaleSpan
from tests.fake_engine import FakeAnswer, FakeEngine
from tests.unit.next_edit.edit_contexts import make_context

CODE = "one = load('a')\nother = 1\ntwo = load('b')\nprint(one, two)\n"
BASE = BaseModel("fake-base", "/b.gguf")


def make_prompt(context: EditContext, first: int = 2, end: int = 3) -> SpanPrompt | None:
    return build_span_prompt(context.snapshot, StaleSpan(first, end, "alike", {}, 1), context.edits, "a.py")


async def fill(answer: str, code: str = CODE, *, score: float | None = -9.0, lines: tuple[int, int] = (2, 3)) -> SpanFill | None:
    context = make_context(code, ("load('a')", "load('a', True)"))
    prompt = make_prompt(context, *lines)
    assert prompt is not None
    engine = FakeEngine(respond=lambda _: FakeAnswer(answer, logprob=-0.5, score=score))
    return await SpanFiller(engine, BASE, CompletionSettings()).fill(context.snapshot, prompt)


def test_the_edits_and_the_span_are_shown_as_changes_of_one_form() -> None:
    prompt = make_prompt(make_context(CODE, ("load('a')", "load('a', True)")))
    assert prompt is not None
    assert prompt.old == "two = load('b')"
    before, after = (segment.text for segment in prompt.segments)
    assert before.startswith("<<<<<<< before\none = load('a')\n=======\none = load('a', True)\n>>>>>>> after\n")
    assert before.endswith("one = load('a', True)\nother = 1\n<<<<<<< before\ntwo = load('b')\n=======\n")
    assert after == "\n>>>>>>> after\nprint(one, two)\n"


def test_what_was_deleted_is_no_example() -> None:
    assert make_prompt(make_context(CODE, ("one = load('a')\n", "")), 1, 2) is None


def test_a_secret_is_neither_shown_nor_written_over() -> None:
    secret = "token = 'ghp_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8'\n"
    context = make_context(CODE + secret, ("load('a')", "load('a', True)"))
    assert make_prompt(context, 4, 5) is None
    prompt = make_prompt(context)
    assert prompt is not None
    assert "ghp_A1b2" not in "".join(segment.text for segment in prompt.segments)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("two = load('b', True)", "two = load('b', True)"),
        ("two = load('b', True)\n", "two = load('b', True)"),
        ("two = load('b', True)\n>>>>>>> after\nprint(one, two)\n", "two = load('b', True)"),
        ("two = load('b', True)\nthree = load('c', True)\nfour = 4\n", "two = load('b', True)"),
        ("two = load(\n    'b', True\n)\nfive = 5\n", "two = load(\n    'b', True\n)"),
    ],
    ids=["the model ends", "a line end", "the mark", "the shape of the old text", "brackets are closed first"],
)
async def test_where_an_answer_ends(answer: str, text: str) -> None:
    found = await fill(answer)
    assert found is not None
    assert found.text == text
    assert found.old_logprob == -9.0
    assert found.margin == pytest.approx(9.0 - 0.5 * len(found.logprobs))
    assert len(found.logprobs) == -(-len(text) // 3)


async def test_a_span_of_several_lines_gets_as_many() -> None:
    found = await fill("a = 1\nb = 2\nc = 3\n", lines=(1, 3))
    assert found is not None
    assert found.text == "a = 1\nb = 2"


@pytest.mark.parametrize(
    "answer",
    ["two = load('b')", "two = load(\n1\n2\n3\n4\n5\n6\n7\n", "", "\n\n"],
    ids=["the old text", "no end", "nothing", "blank lines"],
)
async def test_what_is_no_new_text(answer: str) -> None:
    assert await fill(answer) is None


async def test_the_lines_keep_their_indentation() -> None:
    found = await fill("  two = load(\n    'b', True\n  )\n")
    assert found is not None
    assert found.text == "two = load(\n  'b', True\n)"


async def test_a_model_that_cannot_score_the_old_text_is_not_believed() -> None:
    assert await fill("two = load('b', True)", score=None) is None


async def test_line_ends_are_the_models_in_the_prompt() -> None:
    context = make_context(CODE.replace("\n", "\r\n"), ("load('a')", "load('a', True)"))
    prompt = make_prompt(context)
    assert prompt is not None
    assert all("\r" not in segment.text for segment in prompt.segments)
    assert context.snapshot.data[prompt.start : prompt.end] == b"two = load('b')"


async def test_it_is_asked_behind_completions_and_ends_when_it_is_cancelled() -> None:
    context = make_context(CODE, ("load('a')", "load('a', True)"))
    prompt = make_prompt(context)
    assert prompt is not None
    engine = FakeEngine(respond=lambda _: FakeAnswer("two = load('b', True)", score=-9.0))
    engine.token_gate = asyncio.Event()
    task = asyncio.create_task(SpanFiller(engine, BASE, CompletionSettings()).fill(context.snapshot, prompt))
    await engine.has_written.wait()
    task.cancel()
    assert await engine.endings.get() == "closed"
    assert choose_priority(engine.requests[0]) is JobPriority.NEXT_EDIT
    assert JobPriority.INFILL < JobPriority.NEXT_EDIT < JobPriority.CHAT
