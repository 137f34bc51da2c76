"""Explaining: what is sent, what comes back, and that closing it reaches the engine."""

import pytest
from marked import marked

from interfix.commands.explain import explain
from interfix.commands.situation import Situation
from interfix.errors import BadUsage
from interfix.values import Sampling
from scripted_chat import MODEL, ScriptedChat, asking


async def test_the_answer_streams_through_and_ends_by_itself() -> None:
    engine = ScriptedChat("It returns **one**.")
    pieces = [piece async for piece in explain(asking(engine), Situation(*marked("def f():\n    return ‸1\n")))]
    assert "".join(pieces) == "It returns **one**."
    assert len(pieces) > 1
    assert engine.closed == 1


async def test_the_model_sees_the_code_its_language_and_what_is_around_it() -> None:
    engine = ScriptedChat("x")
    text = "class A:\n    def f(self):\n        return «'$HOME'»\n"
    async for _ in explain(asking(engine, max_tokens=99, temperature=0.1), Situation(*marked(text))):
        pass
    request = engine.asked[0]
    assert [message.role for message in request.messages] == ["system", "user"]
    assert "```python\n        return '$HOME'\n```" in request.messages[1].content
    assert "`class A:`, `def f(self):`" in request.messages[1].content
    assert (request.max_tokens, request.sampling, request.model) == (99, Sampling(temperature=0.1), MODEL)


async def test_closing_it_stops_the_engine() -> None:
    engine = ScriptedChat("a long answer that nobody reads to its end")
    stream = explain(asking(engine), Situation(*marked("x = ‸1")))
    await anext(stream)
    assert engine.closed == 0
    await stream.aclose()
    assert engine.closed == 1


async def test_nothing_to_explain_asks_nobody() -> None:
    engine = ScriptedChat()
    with pytest.raises(BadUsage):
        explain(asking(engine), Situation(*marked("‸\n")))
    assert engine.asked == []


async def test_its_own_sampling_comes_before_that_of_all_commands() -> None:
    engine = ScriptedChat("x")
    own = {"temperature": 0.7, "top_k": 5}
    async for _ in explain(asking(engine, temperature=0.1, explain=own), Situation(*marked("x = ‸1"))):
        pass
    assert engine.asked[0].sampling == Sampling(temperature=0.7, top_k=5)
