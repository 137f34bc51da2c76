"""Candidates that differ, from one reading of the prompt: which branches there are, and what who asks is offered of them."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from interfix.completion.branch_points import MAX_BRANCHES, plan_branches
from interfix.completion.caching_suggester import Suggester
from interfix.completion.completer import Completer
from interfix.completion.suggestion import Suggestion
from interfix.completion.suggestion_request import SuggestionRequest
from interfix.config.settings import CompletionSettings
from interfix.engine.protocol import EngineStatus, InfillRequest
from interfix.errors import UnavailableError
from interfix.inference_types import GeneratedToken, GenerationEnd, GenerationEvent, GenerationStart, StartToken
from interfix.models.role_check import BaseModel
from interfix.syntax.document import AppliedEdit, Document

WORDS = ("first", "second", "third", "(", ")", "[0]", "\n", "value = 1")
OTHERS = {"first": ("second", -1.0), "(": ("[0]", -2.0)}
"""By token: the runner-up in its place, and how likely that is."""
FOLLOWING = {"first": "(", "second": "(", "third": "(", "(": ")", ")": "\n", "[0]": "\n"}


def make_token(text: str, logprob: float, token: int, runner_up: int, runner_up_logprob: float) -> GeneratedToken:
    return GeneratedToken(text, logprob, token=token, runner_up=runner_up, runner_up_logprob=runner_up_logprob)


class BranchingEngine:
    """Says first() unless it is told to begin otherwise; each token follows from the one before."""

    def __init__(self, first: str = "first") -> None:
        self.first = first
        self.requests: list[InfillRequest] = []
        self.gate: asyncio.Event | None = None
        self.is_waiting = asyncio.Event()
        self.failing_from: int | None = None
        """So many requests are answered, no more."""
        self.failure: Exception = UnavailableError("the engine has ended")

    async def infill(self, request: InfillRequest) -> AsyncGenerator[GenerationEvent, None]:
        self.requests.append(request)
        if request.start and self.gate is not None:
            self.is_waiting.set()
            await self.gate.wait()
        if self.failing_from is not None and len(self.requests) > self.failing_from:
            raise self.failure
        yield GenerationStart(request.model.name, 10, 0)
        said = [WORDS[each.token] for each in request.start]
        for word in said:
            yield GeneratedToken(word, -0.1)
        word = FOLLOWING.get(said[-1], "") if said else self.first
        while word:
            other, logprob = OTHERS.get(word, ("", 0.0))
            yield make_token(word, -0.1, WORDS.index(word), WORDS.index(other) if other else -1, logprob)
            word = FOLLOWING.get(word, "")
        yield GenerationEnd("end", 1, 0.0, 0.0)

    async def status(self) -> EngineStatus:
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError


def make_request(text: str, *, automatic: bool = False) -> SuggestionRequest:
    before, _, after = text.partition("‸")
    snapshot = Document("file:///a.py", before + after, 1, "python").snapshot()
    return SuggestionRequest(BaseModel("small", "/small.gguf"), snapshot, len(before.encode()), automatic=automatic)


def make_suggester(engine: BranchingEngine) -> Suggester:
    settings = CompletionSettings(debounce_ms=0, ahead=False, threshold=0.0)
    return Suggester(Completer(engine, settings), settings)


def texts(suggestions: tuple[Suggestion, ...]) -> list[str]:
    return [each.text for each in suggestions]


def test_branches_come_by_their_likelihood_and_of_the_first_line_only() -> None:
    tokens = [
        make_token("\n", -0.1, 6, 1, -9.0),
        make_token("a", -0.5, 1, 2, -1.0),
        make_token("b", -0.1, 2, 3, -0.2),
        make_token("\n", -0.1, 6, 4, -3.0),
        make_token("c", -0.1, 5, 5, -0.01),
    ]
    found = plan_branches(tokens)
    assert [[each.token for each in branch] for branch in found] == [[6, 1, 3], [6, 2], [6, 1, 2, 4], [1]]
    assert found[0][-1] == StartToken(3, -0.2)
    assert len(plan_branches([make_token("x", -0.1, 1, 2, -1.0)] * 20)) == MAX_BRANCHES


def test_an_engine_that_tells_no_runners_up_has_no_branches() -> None:
    assert plan_branches([GeneratedToken("a", -0.5), GeneratedToken("b", -0.1)]) == ()


async def test_who_asks_gets_those_that_differ_from_one_prompt_in_their_order() -> None:
    engine = BranchingEngine()
    offered = await make_suggester(engine).suggest(make_request("x = ‸\n"))
    assert texts(offered) == ["first()", "second()", "first[0]"]
    assert len({request.segments for request in engine.requests}) == 1
    assert [len(request.start) for request in engine.requests] == [0, 1, 2]
    assert len({each.id for each in offered}) == 1


async def test_who_does_not_ask_gets_one() -> None:
    engine = BranchingEngine()
    assert texts(await make_suggester(engine).suggest(make_request("x = ‸\n", automatic=True))) == ["first()"]
    assert not engine.requests[0].tell_runners_up


async def test_the_second_is_there_where_the_rules_leave_nothing_of_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OTHERS, "value = 1", ("second", -1.0))
    engine = BranchingEngine("value = 1")
    offered = await make_suggester(engine).suggest(make_request("value = 1\n‸\n"))
    assert texts(offered) == ["second()"]
    assert [request.start_rank for request in engine.requests] == [0, 0]


async def test_the_first_does_not_wait_for_long_and_who_asks_again_gets_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interfix.completion.caching_suggester.ALTERNATIVES_SECONDS", 0.0)
    engine = BranchingEngine()
    engine.gate = asyncio.Event()
    suggester, request = make_suggester(engine), make_request("x = ‸\n")
    assert texts(await suggester.suggest(request)) == ["first()"]
    engine.gate.set()
    assert texts(await suggester.suggest(request)) == ["first()", "second()", "first[0]"]


@pytest.mark.parametrize("answered", [1, 2])
@pytest.mark.parametrize("failure", [UnavailableError("the engine has ended"), ValueError("nobody thought of this")])
async def test_what_is_there_is_shown_though_the_engine_fails_at_the_others(answered: int, failure: Exception) -> None:
    engine = BranchingEngine()
    engine.failing_from, engine.failure = answered, failure
    offered = await make_suggester(engine).suggest(make_request("x = ‸\n"))
    assert texts(offered) == ["first()", "second()"][:answered]
    assert len(engine.requests) == answered + 1


async def test_an_edit_ends_what_is_made_for_the_text_before() -> None:
    engine, request = BranchingEngine(), make_request("x = ‸\n")
    suggester, engine.gate = make_suggester(engine), asyncio.Event()
    asking = asyncio.create_task(suggester.suggest(request))
    await engine.is_waiting.wait()
    other = Document("file:///a.py", "y = \n", 2, "python").snapshot()
    suggester.handle_edit(other, [AppliedEdit(0, 1, 1, 1, b"x", b"y")])
    assert texts(await asking) == ["first()"]
    assert len(engine.requests) == 2


async def test_who_asks_for_more_of_what_was_made_unasked_gets_branches() -> None:
    engine = BranchingEngine()
    suggester = make_suggester(engine)
    assert texts(await suggester.suggest(make_request("x = ‸\n", automatic=True))) == ["first()"]
    assert texts(await suggester.suggest(make_request("x = ‸\n"))) == ["first()", "second()", "first[0]"]
    assert len({request.seed for request in engine.requests}) == 1
    assert [len(request.start) for request in engine.requests] == [0, 0, 1, 2]
