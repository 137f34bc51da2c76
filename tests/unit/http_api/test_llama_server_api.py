"""llama-server's API, as its plugins use it."""

from typing import Any

import httpx
import pytest

from interfix.http_api.request_fields import MAX_INFILL_TOKENS
from interfix.inference_types import Role
from interfix.models.model_selection import ModelSelection
from interfix.models.role_check import InstructModel
from tests.fake_engine import FAKE_MODELS, FakeEngine
from tests.http_client import make_app, make_client

LLAMA_VIM = {
    "id_slot": 0,
    "input_prefix": "import os\n\ndef area(width, height):\n",
    "input_suffix": "\n\nprint(area(1, 2))\n",
    "input_extra": [{"text": "A = 1\n", "time": [12, 3456], "filename": "a.py"}],
    "prompt": "    ",
    "n_predict": 128,
    "stop": [],
    "n_indent": 4,
    "top_k": 40,
    "top_p": 0.9,
    "samplers": ["top_k", "top_p", "infill"],
    "stream": False,
    "cache_prompt": True,
    "t_max_prompt_ms": 500,
    "t_max_predict_ms": 250,
    "response_fields": ["content", "timings/prompt_n", "timings/predicted_ms", "truncated", "tokens_cached", "no/such", "nothing"],
}
"""A request as llama.vim of 2026-01-31 sends it."""


async def post(engine: FakeEngine, path: str, body: Any, selection: ModelSelection = FAKE_MODELS, **headers: str) -> httpx.Response:
    async with make_client(make_app(engine, selection), **headers) as client:
        return await client.post(path, json=body)


async def test_the_request_of_llama_vim() -> None:
    engine = FakeEngine("return width * height")
    answer = await post(engine, "/infill", LLAMA_VIM)
    assert answer.status_code == 200
    said = answer.json()
    assert set(said) == {"content", "timings/prompt_n", "timings/predicted_ms", "truncated", "tokens_cached"}
    assert said["content"] == "return width * height"
    (request,) = engine.requests
    assert "".join(s.text for s in request.segments if s.kind == "prefix") == LLAMA_VIM["input_prefix"] + "    "
    assert (request.max_tokens, request.max_prefill_ms) == (128, 500)
    assert (request.sampling.temperature, request.sampling.top_k, request.sampling.top_p) == (None, 40, 0.9)


async def test_a_warm_up_is_answered_with_no_more_than_was_asked_for() -> None:
    body = {**LLAMA_VIM, "n_predict": 0, "samplers": [], "t_max_predict_ms": 1, "response_fields": [""]}
    engine = FakeEngine("")
    assert (await post(engine, "/infill", body)).json() == {}
    assert engine.requests[0].max_tokens == 0


async def test_the_whole_answer_of_an_infill() -> None:
    said = (await post(FakeEngine("return 1"), "/infill", {"input_prefix": "a", "input_suffix": ""})).json()
    assert said["stop"] is True
    assert said["stop_type"] == "eos"
    assert said["tokens_evaluated"] == 7
    assert said["timings"]["prompt_n"] == 7
    assert said["model"] == "fake-base"


async def test_a_stream_of_events() -> None:
    body = {"input_prefix": "a = ", "input_suffix": "", "stream": True}
    answer = await post(FakeEngine("abcdef"), "/infill", body, **{"x-interfix-raw": "1"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [httpx.Response(200, content=line[6:]).json() for line in answer.text.split("\n\n") if line.startswith("data: {")]
    assert "".join(event["content"] for event in events) == "abcdef"
    assert [event["stop"] for event in events] == [False, False, True]
    assert "[DONE]" not in answer.text


async def test_several_candidates_begin_in_different_ways() -> None:
    engine = FakeEngine("x")
    said = (await post(engine, "/infill", {**LLAMA_VIM, "n_cmpl": 3})).json()
    assert [each["content"] for each in said] == ["x"] * 3
    assert [request.start_rank for request in engine.requests] == [0, 2, 3]


async def test_a_prompt_with_markers_is_an_infill() -> None:
    engine = FakeEngine("x")
    prompt = "<|fim_prefix|>before<|fim_suffix|>after<|fim_middle|>"
    assert (await post(engine, "/completion", {"prompt": prompt})).json()["content"] == "x"
    assert [segment.text for segment in engine.requests[0].segments] == ["before", "after"]


async def test_a_prompt_without_markers_is_gone_on_with() -> None:
    engine = FakeEngine("x")
    await post(engine, "/completion", {"prompt": "def f("})
    assert [segment.text for segment in engine.requests[0].segments] == ["def f(", ""]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "input_prefix"),
        ({"input_prefix": "a"}, "input_suffix"),
        ({"input_prefix": 1, "input_suffix": ""}, "input_prefix"),
        ({"input_prefix": "", "input_suffix": "", "temperature": "hot"}, "temperature"),
        ({"input_prefix": "", "input_suffix": "", "n_predict": -2}, "n_predict"),
        ({"input_prefix": "", "input_suffix": "", "top_p": 1.5}, "top_p"),
        ({"input_prefix": "", "input_suffix": "", "stop": ["x" * 10_000]}, "stop"),
        ({"input_prefix": "", "input_suffix": "", "input_extra": [{"text": 5}]}, "input_extra[0].text"),
    ],
)
async def test_an_impossible_field_is_named(body: dict[str, Any], field: str) -> None:
    engine = FakeEngine("x")
    answer = await post(engine, "/infill", body)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert answer.json()["error"]["param"] == field
    assert engine.requests == []


@pytest.mark.parametrize(
    ("asked", "given"), [(None, MAX_INFILL_TOKENS), (-1, MAX_INFILL_TOKENS), (2**31 - 1, MAX_INFILL_TOKENS), (5, 5)]
)
async def test_no_answer_is_endless(asked: int | None, given: int) -> None:
    engine = FakeEngine("x")
    await post(engine, "/infill", {"input_prefix": "a", "input_suffix": "", "n_predict": asked})
    assert engine.requests[0].max_tokens == given


async def test_a_chat_only_model_is_refused_with_a_sentence() -> None:
    refusal = "smollm2-135m-instruct has no fill-in-the-middle tokens: it cannot complete between what stands before and after."
    selection = ModelSelection(None, InstructModel("smollm2-135m-instruct", "/i.gguf"), "", {Role.BASE: refusal})
    answer = await post(FakeEngine("x"), "/infill", LLAMA_VIM, selection)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == refusal


async def test_health_and_what_is_not_there() -> None:
    async with make_client(make_app(FakeEngine("x"))) as client:
        assert (await client.get("/health")).json() == {"status": "ok"}
        assert (await client.get("/nothing/here")).status_code == 404
        assert (await client.get("/infill")).status_code in (404, 405)
        props = (await client.get("/props")).json()
    assert props["default_generation_settings"]["n_ctx"] > 0
    assert "/" not in props["model_path"]
