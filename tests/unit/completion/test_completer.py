"""The completer around the model: when it asks, what it asks for, when it stops reading, and what it does when parts fail."""

import asyncio
import logging
from collections.abc import Callable

import pytest

from interfix.completion import filters
from interfix.completion.completer import Completer
from interfix.completion.confidence import UNCALIBRATED, ConfidenceWeights, ModelCalibration
from interfix.completion.hole import InfillHole
from interfix.completion.multiline_choice import HoleKind, SuggestionShape
from interfix.completion.suggestion import Suggestion
from interfix.completion.suggestion_request import SuggestionRequest
from interfix.config.settings import CompletionSettings
from interfix.errors import UnavailableError
from interfix.inference_types import Sampling, SegmentKind
from interfix.models.role_check import BaseModel
from interfix.syntax.document import Document, Snapshot
from tests.fake_engine import FakeEngine

MODEL = BaseModel("prepared", "/models/prepared.gguf")
NOW = CompletionSettings(threshold=0)


def make_snapshot(text: str, name: str = "a.py") -> tuple[Snapshot, int]:
    prefix, suffix = text.split("‸")
    return Document(f"file:///project/{name}", prefix + suffix).snapshot(), len(prefix.encode())


async def run_completer(
    engine: FakeEngine,
    text: str,
    settings: CompletionSettings = NOW,
    *,
    automatic: bool = False,
    shape: SuggestionShape = SuggestionShape.AUTO,
) -> Suggestion | None:
    request = SuggestionRequest(MODEL, *make_snapshot(text), automatic=automatic, shape=shape)
    suggestion = await Completer(engine, settings).suggest(request)
    assert bool(suggestion.text) != bool(suggestion.decision.silent)
    return suggestion if suggestion.text else None


async def test_a_suggestion_tells_all() -> None:
    engine = FakeEngine("1 + 2\nprint(total)\n", logprob=-0.5)
    suggestion = await run_completer(engine, "total = ‸\n")
    assert suggestion is not None
    assert (suggestion.text, suggestion.offset, suggestion.model) == ("1 + 2", 8, "prepared")
    assert (suggestion.prompt_tokens, suggestion.tokens, suggestion.logprob) == (7, 2, -0.5)
    assert suggestion.ms > 0


async def test_the_stream_is_closed_as_soon_as_a_rule_stops_it() -> None:
    engine = FakeEngine("1 + 2\nprint(total)\nprint(total * 2)\n")
    await run_completer(engine, "total = ‸\n")
    assert engine.ended_count == 1
    assert "".join(engine.sent_pieces) == "1 + 2\n"


async def test_the_request_names_the_document_and_its_budget() -> None:
    engine = FakeEngine("1\n")
    await run_completer(
        engine, "total = ‸\n", CompletionSettings(prompt_tokens=256, line_tokens=7, block_tokens=70), shape=SuggestionShape.LINE
    )
    (request,) = engine.requests
    assert (request.model, request.document) == (MODEL, "file:///project/a.py")
    assert (request.prompt_budget, request.max_tokens, request.sampling) == (256, 7, Sampling())
    prefix = "".join(segment.text for segment in request.segments if segment.kind is SegmentKind.PREFIX)
    suffix = "".join(segment.text for segment in request.segments if segment.kind is SegmentKind.SUFFIX)
    assert prefix.endswith("total = ")
    assert suffix.startswith("\n")


@pytest.mark.parametrize(
    ("shape", "tokens"), [(SuggestionShape.AUTO, 160), (SuggestionShape.BLOCK, 160), (SuggestionShape.LINE, 64)]
)
async def test_a_block_may_be_longer_than_a_line(shape: SuggestionShape, tokens: int) -> None:
    engine = FakeEngine("return 1\n")
    await run_completer(engine, "def one():\n    ‸\n", shape=shape)
    assert engine.requests[0].max_tokens == tokens


@pytest.mark.parametrize(("logprob", "lines"), [(-0.01, 2), (-1.5, 1)])
async def test_who_asks_for_a_line_gets_its_block_where_the_line_would_be_shown_unasked(logprob: float, lines: int) -> None:
    engine = FakeEngine("if value:\n        total = 1\n    return value\n", logprob=logprob)
    suggestion = await run_completer(engine, "def f(value):\n    total = 0\n    ‸\n    return value\n")
    assert suggestion is not None
    assert len(suggestion.text.splitlines()) == lines
    assert (suggestion.decision.confidence >= UNCALIBRATED.threshold) == (lines == 2)


async def test_a_requested_one_does_not_wait() -> None:
    assert await run_completer(FakeEngine("1\n"), "total = ‸\n") is not None


async def test_switched_off_only_requested_ones_are_given() -> None:
    off = CompletionSettings(enabled=False)
    engine = FakeEngine("1\n")
    assert await run_completer(engine, "total = ‸\n", off, automatic=True) is None
    assert not engine.requests
    assert await run_completer(engine, "total = ‸\n", off) is not None


async def test_where_none_is_welcome_the_model_is_not_asked() -> None:
    engine = FakeEngine("1\n")
    assert await run_completer(engine, "to‸tal = 1\n", automatic=True) is None
    assert not engine.requests


async def test_cancelling_closes_the_stream() -> None:
    waiting = FakeEngine("x = 1")
    waiting.token_gate = asyncio.Event()
    task = asyncio.create_task(run_completer(waiting, "total = ‸\n"))
    await waiting.has_written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert waiting.ended_count == 1


async def test_a_stream_that_the_engine_ends_early_suggests_nothing() -> None:
    assert await run_completer(FakeEngine("1 + ", end_reason=""), "total = ‸\n") is None


@pytest.mark.parametrize("output", ["```\nfence\n", "total = = 1\n", "value = 1\n"])
async def test_where_nothing_is_left_it_tries_once_hotter(output: str) -> None:
    engine = FakeEngine(output)
    assert await run_completer(engine, "value = 1\n‸\n", automatic=True) is None
    assert [bool(request.sampling.temperature) for request in engine.requests] == [False, True]


async def test_where_the_model_has_nothing_to_say_it_is_not_asked_again() -> None:
    engine = FakeEngine("")
    assert await run_completer(engine, "x = ‸\n", automatic=True) is None
    assert len(engine.requests) == 1


@pytest.mark.parametrize(
    ("answers", "ranks", "shown"),
    [
        (["", "2\n"], [0, 1], "2"),
        (["value = 1\n", "value = 1\n", "total = 2\n"], [0, 1, 2], "total = 2"),
        (["value = 1\n", "total = 2\n", "value = 1\n"], [0, 1], "total = 2"),
        (["value = 1\n", "value = 1\n", "= = =\n", "```\n", "total = 2\n"], [0, 1, 2, 3, 4], "total = 2"),
        (["", "", "", "", "total = 2\n"], [0, 1, 2, 3], ""),
    ],
)
async def test_who_asks_is_offered_the_next_start_of_which_something_is_left(
    answers: list[str], ranks: list[int], shown: str
) -> None:
    engine = FakeEngine(*answers)
    suggestion = await run_completer(engine, "value = 1\n‸\n")
    assert (suggestion.text if suggestion else "") == shown
    assert [request.start_rank for request in engine.requests] == ranks
    assert len({request.segments for request in engine.requests}) == 1
    assert not any(request.sampling.temperature for request in engine.requests)
    assert engine.sent_pieces.count("val") <= 2
    assert engine.sent_pieces.count("ue ") <= 1  # what was tried is not written again


@pytest.mark.parametrize(("threshold", "automatic", "given"), [(0.0, True, True), (1.0, True, False), (1.0, False, True)])
async def test_an_unsure_suggestion_is_only_given_to_who_asks(threshold: float, automatic: bool, given: bool) -> None:
    suggestion = await run_completer(FakeEngine("1\n"), "x = ‸\n", CompletionSettings(threshold=threshold), automatic=automatic)
    assert (suggestion is not None) == given


@pytest.mark.parametrize(
    ("output", "text", "settings", "silent"),
    [
        ("1\n", "x = ‸\n", NOW, ""),
        ("1\n", "x = ‸\n", CompletionSettings(threshold=1.0), "not sure enough"),
        ("1\n", "to‸tal = 1\n", NOW, "in a word"),
        ("1\n", "x = ‸\n", CompletionSettings(enabled=False), "switched off"),
        ("value = 1\n", "value = 1\n‸\n", NOW, "nothing is left"),
    ],
)
async def test_it_says_why_nothing_is_shown(output: str, text: str, settings: CompletionSettings, silent: str) -> None:
    request = SuggestionRequest(MODEL, *make_snapshot(text), automatic=True)
    suggestion = await Completer(FakeEngine(output), settings).suggest(request)
    decision = suggestion.decision
    assert silent in decision.silent
    assert bool(decision.silent) == (not suggestion.text)
    assert decision.threshold == (settings.threshold if decision.features else 0.0)


@pytest.mark.parametrize(
    ("text", "shown", "kind"),
    [
        ("x = ‸\n", True, HoleKind.TAIL),
        ("x = 1\n‸\nprint(x)\n", False, HoleKind.LINE),
        ("def one():\n    ‸\n\n\nprint(one())\n", True, HoleKind.BODY),
    ],
)
async def test_each_kind_of_hole_is_judged_by_its_own_weights(text: str, shown: bool, kind: HoleKind) -> None:
    """And by what is known of the model, though it has the name of its file."""
    sure, unsure = ConfidenceWeights(bias=3.0), ConfidenceWeights(bias=-3.0)
    known = {"prepared": ModelCalibration(0.4, tail=sure, line=unsure, body=sure)}
    request = SuggestionRequest(BaseModel("prepared-q4_k_m", "/models/a.gguf"), *make_snapshot(text), automatic=True)
    decision = (await Completer(FakeEngine("return 1\n"), CompletionSettings(), calibrations=known).suggest(request)).decision
    assert (not decision.silent, decision.hole_kind, decision.threshold) == (shown, kind, 0.4)


async def test_what_the_engine_raises_reaches_the_caller() -> None:
    with pytest.raises(UnavailableError, match="gone"):
        await run_completer(FakeEngine("1 +", late_failure=UnavailableError("The engine is gone.")), "total = ‸\n")


async def test_a_failing_filter_is_named_in_the_log_and_left_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(hole: InfillHole, text: str) -> str:
        raise ValueError(hole.line_prefix + text)

    steps: tuple[Callable[[InfillHole, str], str], ...] = (broken, *filters.TRIM_FILTERS)
    monkeypatch.setattr(filters.apply_filters, "__defaults__", (steps,))
    with caplog.at_level(logging.WARNING):
        suggestion = await run_completer(FakeEngine("secret  \n"), "total = ‸\n")
    assert suggestion is not None
    assert suggestion.text == "secret"
    assert "broken" in caplog.text
    assert "secret" not in caplog.text


async def test_a_character_that_spans_tokens_and_empty_tokens_do_no_harm() -> None:
    suggestion = await run_completer(FakeEngine('"na\u00efve \u2192 \U0001f600"\n'), "text = ‸  # \u00e9\n")
    assert suggestion is not None
    assert suggestion.text == '"na\u00efve \u2192 \U0001f600"'
