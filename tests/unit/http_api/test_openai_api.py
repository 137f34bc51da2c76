"""OpenAI's own client against `http_api/openai_api.py`."""

from typing import TYPE_CHECKING

import httpx
import pytest

from interfix.masking import mask
from tests.fake_engine import FakeAnswer, FakeEngine
from tests.http_client import make_app, make_client

if TYPE_CHECKING:
    import openai


def connect(engine: FakeEngine) -> "openai.AsyncOpenAI":
    import openai  # here, since it takes two seconds, which whoever collects these tests need not wait

    http = httpx.AsyncClient(transport=httpx.ASGITransport(make_app(engine)))
    return openai.AsyncOpenAI(base_url="http://127.0.0.1:8012/v1", api_key="none", http_client=http, max_retries=0)


@pytest.mark.slow
async def test_a_completion_with_a_suffix() -> None:
    engine = FakeEngine("return 1")
    async with connect(engine) as client:
        said = await client.completions.create(
            model="any", prompt="def f():\n    ", suffix="\n\nf()\n", max_tokens=9, temperature=0.3
        )
    assert said.choices[0].text == "return 1"
    assert said.choices[0].finish_reason == "stop"
    assert said.usage is not None
    assert (said.usage.prompt_tokens, said.usage.completion_tokens, said.usage.total_tokens) == (7, 3, 10)
    (request,) = engine.requests
    assert [segment.text for segment in request.segments] == ["def f():\n    ", "\n\nf()\n"]
    assert (request.max_tokens, request.sampling.temperature) == (9, 0.3)


async def test_a_completion_with_markers_as_zed_sends_it() -> None:
    engine = FakeEngine("x")
    body = {
        "model": "qwen2.5-coder",
        "prompt": "<|fim_prefix|>a = <|fim_suffix|>\nb\n<|fim_middle|>",
        "max_tokens": 64,
        "temperature": None,
        "stop": ["<|endoftext|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>"],
        "environment": None,
    }
    async with make_client(make_app(engine)) as client:
        said = (await client.post("/v1/completions", json=body)).json()
    assert said["choices"][0]["text"] == "x"
    assert said["id"]
    assert [segment.text for segment in engine.requests[0].segments] == ["a = ", "\nb\n"]


@pytest.mark.slow
async def test_a_stream_of_a_completion_with_usage() -> None:
    async with connect(FakeEngine("return 1\n    x = 2")) as client:
        stream = await client.completions.create(
            model="m", prompt="def f():\n    ", stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in stream]
    assert "".join(chunk.choices[0].text for chunk in chunks if chunk.choices) == "return 1\n    x = 2"
    assert chunks[-1].usage is not None
    assert chunks[-1].choices == []


@pytest.mark.slow
async def test_log_probabilities_of_a_completion() -> None:
    engine = FakeEngine("abc", logprob=-0.5)
    async with connect(engine) as client:
        said = await client.completions.create(model="m", prompt="x", logprobs=3)
    found = said.choices[0].logprobs
    assert found is not None
    assert (found.tokens, found.token_logprobs, found.text_offset) == (["abc"], [-0.5], [0])
    assert engine.requests[0].alternatives == 3


@pytest.mark.slow
async def test_several_completions() -> None:
    engine = FakeEngine("x")
    async with connect(engine) as client:
        said = await client.completions.create(model="m", prompt="a", n=3)
    assert [choice.index for choice in said.choices] == [0, 1, 2]
    assert len({request.start_rank for request in engine.requests}) == 3


@pytest.mark.slow
async def test_a_chat() -> None:
    engine = FakeEngine("It is a list.")
    async with connect(engine) as client:
        said = await client.chat.completions.create(
            model="m",
            messages=[
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": [{"type": "text", "text": "What is "}, {"type": "text", "text": "this?"}]},
            ],
            max_completion_tokens=50,
            seed=3,
            logprobs=True,
            top_logprobs=2,
        )
    assert said.choices[0].message.content == "It is a list."
    assert said.choices[0].logprobs is not None
    (request,) = engine.requests
    assert [(turn.role, turn.content) for turn in request.messages] == [("system", "Be brief."), ("user", "What is this?")]
    assert (request.max_tokens, request.seed, request.alternatives) == (50, 3, 2)


@pytest.mark.slow
async def test_a_stream_of_a_chat() -> None:
    async with connect(FakeEngine("It is a list.")) as client:
        stream = await client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "?"}], stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in stream]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "It is a list."
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].usage is not None


@pytest.mark.slow
@pytest.mark.parametrize("stream", [False, True])
async def test_a_secret_is_masked_in_the_prompt_and_itself_in_the_answer(stream: bool) -> None:
    line = 'password = "' + "hunter2-" + 'Xq9!fk3"'
    secret = line.split('"')[1]
    assert secret not in mask(line)
    engine = FakeEngine(respond=lambda request: FakeAnswer(f"Use:\n{request.messages[-1].content}\nas it is."))
    async with connect(engine) as client:
        answer = await client.chat.completions.create(model="m", messages=[{"role": "user", "content": line}], stream=stream)
        text = (
            "".join([chunk.choices[0].delta.content or "" async for chunk in answer])
            if stream
            else answer.choices[0].message.content
        )
    assert secret not in engine.requests[0].messages[0].content
    assert text == f"Use:\n{line}\nas it is."


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]}, "messages[0].content"),
        ({"tools": [{"type": "function"}]}, "tools"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"n": 2}, "n"),
        ({"temperature": -5}, "temperature"),
    ],
)
async def test_what_cannot_be_done_is_said(change: dict[str, object], param: str) -> None:
    engine = FakeEngine("x")
    body = {"messages": [{"role": "user", "content": "?"}], **change}
    async with make_client(make_app(engine)) as client:
        answer = await client.post("/v1/chat/completions", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == param
    assert engine.requests == []


@pytest.mark.slow
async def test_the_error_is_one_that_the_client_knows() -> None:
    from openai import BadRequestError

    async with connect(FakeEngine("x")) as client:
        with pytest.raises(BadRequestError, match="from one to"):
            await client.chat.completions.create(model="m", messages=[])


@pytest.mark.slow
async def test_the_models() -> None:
    async with connect(FakeEngine("x")) as client:
        assert [model.id async for model in client.models.list()] == ["fake-base", "fake-instruct"]


async def test_mistrals_way_to_ask_for_an_infill() -> None:
    engine = FakeEngine("return 1")
    async with make_client(make_app(engine)) as client:
        said = (await client.post("/v1/fim/completions", json={"prompt": "def f():\n    ", "suffix": "\n"})).json()
    assert said["choices"][0]["message"]["content"] == "return 1"
