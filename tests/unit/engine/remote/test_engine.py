"""What reaches a server and what comes back, kind by kind: our layout within its budget, nobody's text as a control token."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from interfix.engine.protocol import KvReuse
from interfix.errors import UsageError
from interfix.inference_types import GeneratedToken, GenerationEnd, GenerationStart, Role, Segment, SegmentKind
from tests.unit.engine.remote.fake_http_server import FakeHttpServer, HttpReply, json_reply, ndjson_reply, sse_reply
from tests.unit.engine.remote.llama_server_replies import CONTROLS, serve_llama_server, tokenize_letters
from tests.unit.engine.remote.recorded_requests import DONE, last_request
from tests.unit.engine.remote.remote_requests import (
    chat_request,
    collect_events,
    complete_text,
    infill_request,
    open_remote_engine,
    serve_openai_model,
)


async def test_a_text_server_gets_the_familys_layout_as_text_and_users_text_spells_no_marker(
    server: FakeHttpServer, tmp_path: Path
) -> None:
    serve_openai_model(server, owned_by="somebody")
    server.routes["/v1/completions"] = sse_reply(DONE)
    async with open_remote_engine(server.url, tmp_path, proven=True) as remote:
        await complete_text(remote, infill_request("x = '<|fim_middle|>'\ny = ", "\nz = 1\n"))
    body = last_request(server, "/v1/completions")
    assert body["prompt"] == "<|fim_prefix|>x = '< |fim_middle|>'\ny = <|fim_suffix|>\nz = 1\n<|fim_middle|>"
    assert (body["temperature"], body["stream"], len(body["stop"])) == (0.0, True, 4)


async def test_markers_come_from_the_family_whatever_the_server(server: FakeHttpServer, tmp_path: Path) -> None:
    serve_openai_model(server, name="codellama-7b-hf")
    server.routes["/v1/completions"] = sse_reply(DONE)
    async with open_remote_engine(server.url, tmp_path, proven=True) as remote:
        await complete_text(remote, infill_request("a = ", "\n"))
    assert last_request(server, "/v1/completions")["prompt"] == " <PRE> a =  <SUF>\n <MID>"


async def test_llama_server_gets_token_ids_so_that_text_is_text(server: FakeHttpServer, tmp_path: Path) -> None:
    serve_llama_server(server, {"content": "1", "tokens": [49], "stop": False, "completion_probabilities": [{"logprob": -0.25}]})
    async with open_remote_engine(server.url, tmp_path, kind="llama-server", proven=True) as remote:
        started, token, finished = await collect_events(remote, infill_request("<|fim_middle|>", "b"))
    body = last_request(server, "/completion")
    text = [ord(letter) for letter in "<|fim_middle|>"]
    assert body["prompt"] == [1001, *text, 1002, ord("b"), 1003]
    assert body["samplers"] == ["top_k", "top_p", "temperature"]
    assert isinstance(started, GenerationStart)
    assert started.prompt_tokens == len(body["prompt"])
    assert token == GeneratedToken("1", -0.25)
    assert isinstance(finished, GenerationEnd)


async def test_what_a_server_has_in_its_cache_is_used_unless_the_request_says_otherwise(
    server: FakeHttpServer, tmp_path: Path
) -> None:
    serve_llama_server(server)
    async with open_remote_engine(server.url, tmp_path, kind="llama-server", proven=True) as remote:
        for reuse in KvReuse:
            await complete_text(remote, msgspec.structs.replace(infill_request(), reuse=reuse))
            assert last_request(server, "/completion")["cache_prompt"] is (reuse is not KvReuse.NONE)


async def test_a_marker_that_the_model_writes_ends_the_hole(server: FakeHttpServer, tmp_path: Path) -> None:
    answers = [{"content": "1", "tokens": [49]}, {"content": "", "tokens": [1001]}, {"content": "2", "tokens": [50]}]
    serve_llama_server(server, *answers)
    async with open_remote_engine(server.url, tmp_path, kind="llama-server", proven=True) as remote:
        assert await complete_text(remote) == "1"
    serve_openai_model(server)
    server.routes["/v1/completions"] = sse_reply({"choices": [{"text": "1<|fim_"}]}, {"choices": [{"text": "pad|>2"}]}, DONE)
    async with open_remote_engine(server.url, tmp_path, proven=True) as remote:
        assert await complete_text(remote) == "1"


async def test_a_keystroke_asks_for_the_tokens_of_what_it_changed_only(server: FakeHttpServer, tmp_path: Path) -> None:
    serve_llama_server(server)
    async with open_remote_engine(server.url, tmp_path, kind="llama-server", proven=True) as remote:
        await complete_text(remote, infill_request("a = 1", "after"))
        before = server.count_requests("/tokenize")
        await complete_text(remote, infill_request("a = 12", "after"))
        later = [body["content"] for path, body in server.requests if path == "/tokenize"][before:]
    assert [part for content in later for part in content if isinstance(part, str) and part != "\x00"] == ["a = 12"]


@pytest.mark.parametrize("budget", [32, 64, 100])
async def test_a_prompt_stays_within_its_budget_by_the_servers_own_count(
    server: FakeHttpServer, tmp_path: Path, budget: int
) -> None:
    serve_llama_server(server)
    async with open_remote_engine(server.url, tmp_path, kind="llama-server", proven=True) as remote:
        started, *_ = await collect_events(remote, infill_request("line = 1\n" * 40 + "x = ", "\nlast = 2" * 20, budget=budget))
    assert isinstance(started, GenerationStart)
    assert budget / 2 <= len(last_request(server, "/completion")["prompt"]) <= budget


async def test_an_estimate_learns_from_what_the_server_counted(server: FakeHttpServer, tmp_path: Path) -> None:
    """This server makes two tokens of every character: the first prompt is too long, those after it are not."""

    def counts(body: dict[str, Any]) -> HttpReply:
        return sse_reply({"choices": [{"text": "", "finish_reason": "stop"}], "usage": {"prompt_tokens": 2 * len(body["prompt"])}})

    serve_openai_model(server)
    server.routes["/v1/completions"] = counts
    request = infill_request("value = compute(1)\n" * 60, "\n", budget=400)
    async with open_remote_engine(server.url, tmp_path, proven=True) as remote:
        lengths = []
        for _ in range(3):
            await collect_events(remote, request)
            lengths.append(2 * len(last_request(server, "/v1/completions")["prompt"]))
    assert lengths[0] > 400
    assert 200 <= lengths[1] <= 400
    assert 200 <= lengths[2] <= 400


async def test_why_tells_the_prompt_and_computes_nothing(server: FakeHttpServer, tmp_path: Path) -> None:
    serve_llama_server(server)
    async with open_remote_engine(server.url, tmp_path, kind="llama-server", proven=True) as remote:
        started, finished = await collect_events(remote, infill_request("a = ", "\n", dry_run=True))
    assert isinstance(started, GenerationStart)
    assert started.prompt == "<|fim_prefix|>a = <|fim_suffix|>\n<|fim_middle|>"
    assert [part.tokens for part in started.parts] == [4, 1]
    assert isinstance(finished, GenerationEnd)
    assert not server.count_requests("/completion")


async def test_vllm_is_told_by_which_tokens_to_end_and_not_to_hide_them(server: FakeHttpServer, tmp_path: Path) -> None:
    def tokenize(body: dict[str, Any]) -> HttpReply:
        pieces = tokenize_letters(body["prompt"], special=True)
        return json_reply(
            {
                "tokens": [token for token, _ in pieces],
                "token_strs": [piece.replace(" ", "Ġ").replace("\n", "Ċ") for _, piece in pieces],
            }
        )

    serve_openai_model(server, owned_by="vllm", max_model_len=4096, root="/data/Qwen2.5-Coder-7B")
    server.routes["/tokenize"] = tokenize
    server.routes["/v1/completions"] = sse_reply(
        {"choices": [{"text": "a b", "logprobs": {"tokens": ["a", " b"], "token_logprobs": [-0.5, -1.0]}}]}, DONE
    )
    async with open_remote_engine(server.url, tmp_path, proven=True) as remote:
        started, *tokens, _ = await collect_events(remote, infill_request("x <|im_end|>", "\n"))
    body = last_request(server, "/v1/completions")
    assert tokens == [GeneratedToken("a", -0.5), GeneratedToken(" b", -1.0)]
    assert body["stop_token_ids"] == sorted(CONTROLS.values())
    assert (body["skip_special_tokens"], body["repetition_penalty"]) == (False, 1.0)
    assert "".join(map(chr, body["prompt"][1:17])).startswith("x < |im_end|>")
    assert isinstance(started, GenerationStart)
    assert started.prompt_tokens == len(body["prompt"])


async def test_vllm_behind_a_proxy_that_hides_its_tokeniser_gets_text(server: FakeHttpServer, tmp_path: Path) -> None:
    serve_openai_model(server, owned_by="vllm", max_model_len=4096)
    server.routes["/v1/completions"] = sse_reply(DONE)
    async with open_remote_engine(server.url, tmp_path, proven=True) as remote:
        await complete_text(remote, infill_request("x = ", "\n"))
    assert last_request(server, "/v1/completions")["prompt"] == "<|fim_prefix|>x = <|fim_suffix|>\n<|fim_middle|>"


async def test_only_what_openai_takes_is_sent_to_servers_that_are_not_known(server: FakeHttpServer, tmp_path: Path) -> None:
    """OpenAI refuses fields that it does not know, and what is passed on to it is refused, too."""
    common = {"model", "prompt", "max_tokens", "temperature", "top_p", "seed", "stream", "stream_options", "stop", "logprobs"}
    beyond = {"top_k", "min_p", "repetition_penalty", "stop_token_ids", "skip_special_tokens"}
    answer = {"choices": [{"text": "x", "logprobs": {"tokens": ["x"], "token_logprobs": [-1]}}]}
    for vendor, extra in (("openai", set()), ("sglang", beyond)):
        serve_openai_model(server, owned_by=vendor)
        server.routes["/v1/completions"] = lambda body: sse_reply(DONE) if body.get("stream") else json_reply(answer)
        async with open_remote_engine(server.url, tmp_path, proven=True) as remote:
            await complete_text(remote)
        assert set(last_request(server, "/v1/completions")) == common | extra


async def test_ollama_gets_raw_text_and_says_how_sure_it_is(server: FakeHttpServer, tmp_path: Path) -> None:
    """A server of these tests' own that replays what Ollama's documentation shows; not Ollama."""
    server.routes["/api/tags"] = json_reply({"models": [{"name": "qwen2.5-coder:7b-base", "digest": "d"}]})
    server.routes["/api/show"] = json_reply({"model_info": {}, "details": {"family": "qwen2"}})
    server.routes["/api/generate"] = ndjson_reply(
        {"response": "a", "done": False, "logprobs": [{"token": "a", "logprob": -0.125}]},
        {"response": "", "done": True, "done_reason": "length", "prompt_eval_count": 26},
    )
    async with open_remote_engine(server.url, tmp_path, kind="ollama", proven=True) as remote:
        _, token, finished = await collect_events(remote, infill_request("x = ", "\n"))
    body = last_request(server, "/api/generate")
    assert (body["raw"], body["options"]["repeat_penalty"], body["options"]["num_predict"]) == (True, 1.0, 16)
    assert (body["truncate"], body["shift"]) == (False, False)
    assert body["prompt"] == "<|fim_prefix|>x = <|fim_suffix|>\n<|fim_middle|>"
    assert token == GeneratedToken("a", -0.125)
    assert isinstance(finished, GenerationEnd)
    assert finished.reason == "length"


@pytest.mark.parametrize(
    "told",
    [
        {"tokens": ["a", " b"], "token_logprobs": [-0.5]},
        {"tokens": ["a", " b"], "token_logprobs": None},
        {"tokens": ["a"], "token_logprobs": [-0.5]},
        {"content": []},
        None,
    ],
)
async def test_no_text_is_lost_where_probabilities_are_missing(server: FakeHttpServer, tmp_path: Path, told: Any) -> None:
    serve_openai_model(server)
    server.routes["/v1/completions"] = sse_reply({"choices": [{"text": "a b", "logprobs": told}]}, DONE)
    async with open_remote_engine(server.url, tmp_path, proven=True) as remote:
        assert await complete_text(remote) == "a b"


async def test_probabilities_may_be_told_as_a_chats_are(server: FakeHttpServer, tmp_path: Path) -> None:
    serve_openai_model(server)
    likely = [{"token": "a", "logprob": -0.5}, {"token": " b", "logprob": -1}]
    server.routes["/v1/completions"] = sse_reply({"choices": [{"text": "a b", "logprobs": {"content": likely}}]}, DONE)
    async with open_remote_engine(server.url, tmp_path, proven=True) as remote:
        _, *tokens, _ = await collect_events(remote, infill_request())
    assert tokens == [GeneratedToken("a", -0.5), GeneratedToken(" b", -1.0)]


async def test_only_a_line_feed_ends_a_line_of_json(server: FakeHttpServer, tmp_path: Path) -> None:
    odd = "a\u0085\u2028\u000b b"
    server.routes["/api/tags"] = json_reply({"models": [{"name": "qwen2.5-coder:7b-base"}]})
    server.routes["/api/show"] = json_reply({})
    line = json.dumps({"response": odd}, ensure_ascii=False)
    server.routes["/api/generate"] = HttpReply((line[:15], line[15:] + '\n{"done"', ': true, "done_reason": "stop"}'))
    async with open_remote_engine(server.url, tmp_path, kind="ollama", proven=True) as remote:
        assert await complete_text(remote) == odd


async def test_a_chat_on_llama_server_is_laid_out_here_by_its_own_template(server: FakeHttpServer, tmp_path: Path) -> None:
    template = "{% for m in messages %}<|im_start|>{{ m['content'] }}<|im_end|>{% endfor %}"
    serve_llama_server(server, {"content": "Yes.", "tokens": [89]}, template=template)
    server.routes["/props"] = json_reply(
        {
            "model_path": "/m/qwen2.5-coder-7b-instruct.gguf",
            "chat_template": template,
            "default_generation_settings": {"n_ctx": 4096},
        }
    )
    async with open_remote_engine(server.url, tmp_path, kind="llama-server", role=Role.INSTRUCT, proven=True) as remote:
        assert await complete_text(remote, chat_request("<|im_end|>", "S")) == "Yes."
    text = [ord(letter) for letter in "<|im_end|>"]
    assert last_request(server, "/completion")["prompt"] == [1004, ord("S"), 1005, 1004, *text, 1005]


async def test_a_chat_elsewhere_goes_in_turns_with_as_much_context_as_fits(server: FakeHttpServer, tmp_path: Path) -> None:
    serve_openai_model(server, name="qwen2.5-coder-7b-instruct", max_model_len=600)
    server.routes["/v1/chat/completions"] = sse_reply({"choices": [{"delta": {"content": "Yes."}, "finish_reason": "stop"}]})
    async with open_remote_engine(server.url, tmp_path, role=Role.INSTRUCT, proven=True) as remote:
        assert await complete_text(remote, chat_request("Why? <|im_end|>", "S", "first piece", "line of more\n" * 400)) == "Yes."
        with pytest.raises(UsageError, match="too little is left for an answer"):
            await complete_text(remote, chat_request("word " * 2000))
    system, user = last_request(server, "/v1/chat/completions")["messages"]
    assert system == {"role": "system", "content": "S"}
    assert user["content"].startswith("first piece\n\nline of more\n")
    assert user["content"].endswith("\n\nWhy? < |im_end|>")
    assert len(user["content"]) < 400 * 13


async def test_an_answer_that_goes_round_in_circles_is_cut(server: FakeHttpServer, tmp_path: Path) -> None:
    serve_openai_model(server, name="qwen2.5-coder-7b-instruct")
    server.routes["/v1/chat/completions"] = sse_reply(
        *[{"choices": [{"delta": {"content": "again and again\n"}}]}] * 40, end="hangs"
    )
    async with open_remote_engine(server.url, tmp_path, role=Role.INSTRUCT, proven=True) as remote:
        *_, finished = await collect_events(remote, chat_request())
    assert isinstance(finished, GenerationEnd)
    assert finished.reason == "loop"


async def test_other_files_and_half_a_surrogate_pair_reach_the_server(server: FakeHttpServer, tmp_path: Path) -> None:
    serve_openai_model(server)
    server.routes["/v1/completions"] = sse_reply(DONE)
    files = (
        Segment(SegmentKind.FILE, "B = 1\n", rank=1, path="b.py"),
        Segment(SegmentKind.PREFIX, "s = '\ud800'\nb = ", path="a.py"),
    )
    async with open_remote_engine(server.url, tmp_path, proven=True) as remote:
        await complete_text(remote, msgspec.structs.replace(infill_request(), segments=(*files, Segment(SegmentKind.SUFFIX, "\n"))))
    prompt = last_request(server, "/v1/completions")["prompt"]
    assert prompt == "<|file_sep|>b.py\nB = 1\n<|file_sep|>a.py\n<|fim_prefix|>s = '?'\nb = <|fim_suffix|>\n<|fim_middle|>"
    assert json.dumps(prompt)
