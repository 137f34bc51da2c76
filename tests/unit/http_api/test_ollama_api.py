"""Ollama's own Python client against `http_api/ollama_api.py`."""

import httpx
import ollama
import pytest

from interfix.engine.protocol import ChatRequest, InfillRequest
from tests.fake_engine import FakeEngine
from tests.http_client import make_app


def connect(engine: FakeEngine) -> ollama.AsyncClient:
    return ollama.AsyncClient("http://127.0.0.1:8012", transport=httpx.ASGITransport(make_app(engine)))


async def test_an_infill_with_a_suffix() -> None:
    engine = FakeEngine("return 1")
    said = await connect(engine).generate(
        "any", "def f():\n    ", suffix="\n\nf()\n", options={"num_predict": 20, "temperature": 0, "stop": [";"]}
    )
    assert (said.response, said.done, said.done_reason) == ("return 1", True, "stop")
    assert (said.prompt_eval_count, said.eval_count) == (7, 3)
    (request,) = engine.requests
    assert [segment.text for segment in request.segments] == ["def f():\n    ", "\n\nf()\n"]
    assert (request.max_tokens, request.sampling.temperature) == (20, 0.0)


@pytest.mark.parametrize("prompt", ["<|fim_prefix|>a = <|fim_suffix|>\nb<|fim_middle|>", "<PRE> a =  <SUF>\nb <MID>"])
async def test_a_raw_prompt_with_markers(prompt: str) -> None:
    engine = FakeEngine("1")
    await connect(engine).generate("m", prompt, raw=True)
    assert [segment.text for segment in engine.requests[0].segments] == ["a = ", "\nb"]


async def test_a_question() -> None:
    engine = FakeEngine("A list.")
    said = await connect(engine).generate("m", "What is this?", system="Be brief.")
    assert said.response == "A list."
    (request,) = engine.requests
    assert isinstance(request, ChatRequest)
    assert [(turn.role, turn.content) for turn in request.messages] == [("system", "Be brief."), ("user", "What is this?")]


async def test_a_stream_of_lines() -> None:
    engine = FakeEngine("a = 1\n    b = 2\n    c = 3")
    parts = [part async for part in await connect(engine).generate("m", "def f():\n    ", suffix="\n", stream=True)]
    assert "".join(part.response for part in parts) == "a = 1\n    b = 2\n    c = 3"
    assert [part.done for part in parts][-1] is True
    assert isinstance(engine.requests[0], InfillRequest)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_chat(stream: bool) -> None:
    said = await connect(FakeEngine("A list.")).chat("m", [{"role": "user", "content": "?"}], stream=stream)
    text = "".join([part.message.content async for part in said]) if stream else said.message.content
    assert text == "A list."


async def test_the_models_and_what_they_can() -> None:
    client = connect(FakeEngine("x"))
    assert [model.model for model in (await client.list()).models] == ["fake-base", "fake-instruct"]
    shown = await client.show("fake-base")
    assert shown.capabilities == ["completion", "insert"]
    assert shown.modelinfo is not None


async def test_loading_a_model_is_nothing_to_do() -> None:
    engine = FakeEngine("x")
    said = await connect(engine).generate("m", "")
    assert (said.done, said.done_reason, engine.requests) == (True, "load", [])


async def test_an_error_is_told_as_ollama_tells_it() -> None:
    with pytest.raises(ollama.ResponseError, match="calls no tools") as caught:
        await connect(FakeEngine("x")).chat("m", [{"role": "user", "content": "?"}], tools=[{"type": "function", "function": {}}])
    assert caught.value.status_code == 400
