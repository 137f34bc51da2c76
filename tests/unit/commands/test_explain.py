"""Explaining: what is sent, what comes back, and that closing it reaches the engine."""

import pytest

from interfix.commands.command_request import CommandRequest
from interfix.commands.explain import explain
from interfix.errors import UsageError
from interfix.inference_types import Sampling
from tests.fake_engine import FAKE_MODELS, FakeEngine, make_instruct_client
from tests.unit.commands.marked_text import parse_marked


async def test_the_answer_streams_through_and_ends_by_itself() -> None:
    engine = FakeEngine("It returns **one**.")
    pieces = [
        piece async for piece in explain(make_instruct_client(engine), CommandRequest(*parse_marked("def f():\n    return ‸1\n")))
    ]
    assert "".join(pieces) == "It returns **one**."
    assert len(pieces) > 1
    assert engine.ended_count == 1


async def test_the_model_sees_the_code_its_language_and_what_is_around_it() -> None:
    engine = FakeEngine("x")
    text = "class A:\n    def f(self):\n        return «'$HOME'»\n"
    async for _ in explain(make_instruct_client(engine, max_tokens=99, temperature=0.1), CommandRequest(*parse_marked(text))):
        pass
    request = engine.requests[0]
    assert [message.role for message in request.messages] == ["system", "user"]
    assert "```python\n        return '$HOME'\n```" in request.messages[1].content
    assert "`class A:`, `def f(self):`" in request.messages[1].content
    assert (request.max_tokens, request.sampling, request.model) == (99, Sampling(temperature=0.1), FAKE_MODELS.instruct)


async def test_closing_it_stops_the_engine() -> None:
    engine = FakeEngine("a long answer that nobody reads to its end")
    stream = explain(make_instruct_client(engine), CommandRequest(*parse_marked("x = ‸1")))
    await anext(stream)
    assert engine.ended_count == 0
    await stream.aclose()
    assert engine.ended_count == 1


async def test_nothing_to_explain_asks_nobody() -> None:
    engine = FakeEngine()
    with pytest.raises(UsageError):
        explain(make_instruct_client(engine), CommandRequest(*parse_marked("‸\n")))
    assert engine.requests == []


async def test_its_own_sampling_comes_before_that_of_all_commands() -> None:
    engine = FakeEngine("x")
    own = {"temperature": 0.7, "top_k": 5}
    async for _ in explain(make_instruct_client(engine, temperature=0.1, explain=own), CommandRequest(*parse_marked("x = ‸1"))):
        pass
    assert engine.requests[0].sampling == Sampling(temperature=0.7, top_k=5)
