"""Which model a server has, what it may be used for, and what a probe finds out: from the servers' documented answers."""

from pathlib import Path

import pytest

from interfix.engine.probes.role_probe_cases import HOLES
from interfix.engine.probes.server_role_probe import MARKER_REPEATS
from interfix.errors import InterfixError, RoleMismatchError, UnavailableError, UsageError
from interfix.inference_types import Role
from interfix.models.role_check import make_remote_instruct
from tests.unit.engine.remote.fake_http_server import FakeHttpServer, HttpReply, json_reply, ndjson_reply, sse_reply
from tests.unit.engine.remote.remote_requests import (
    QWEN_MODEL,
    chat_request,
    collect_events,
    complete_text,
    infill_request,
    open_remote_engine,
    serve_openai_model,
)

ANSWERS = {hole.prefix: hole.answer for hole in HOLES}


def serve_infill(
    body: dict[str, object], marks: tuple[str, str] = ("<|fim_prefix|>", "<|fim_suffix|>"), around: int = 0
) -> HttpReply:
    """A server with a model that fills holes; `around` is what it makes of a raw prompt besides, tokens."""
    prompt = str(body["prompt"])
    if not body.get("stream"):
        markers = prompt.count(marks[0])
        return json_reply({"choices": [{"text": "x"}], "usage": {"prompt_tokens": 4 + around + markers}})
    before = prompt.split(marks[0])[1].split(marks[1])[0]
    return sse_reply(
        {"choices": [{"text": ANSWERS.get(before, "a + b"), "finish_reason": "stop"}]},
        {"choices": [], "usage": {"prompt_tokens": 40}},
    )


def serve_chat(_body: dict[str, object]) -> HttpReply:
    return sse_reply({"choices": [{"delta": {"content": "It goes round."}}]}, {"choices": [{"delta": {}, "finish_reason": "stop"}]})


def serve_ollama(server: FakeHttpServer, model: str, *, template: str = "{{ .Prompt }}", **info: str) -> None:
    """Answers as Ollama's documentation has them; not Ollama."""
    server.routes["/api/tags"] = json_reply(
        {"models": [{"name": model, "digest": "8eeb52dfb3bb"}, {"name": "other:7b", "digest": "1"}]}
    )
    keys = {f"general.{key}": value for key, value in info.items()}
    keys |= {"general.architecture": "llama", "llama.context_length": "16384"}
    server.routes["/api/show"] = json_reply({"details": {"family": "llama"}, "model_info": keys, "template": template})


async def refusal_sentence(server: FakeHttpServer, tmp_path: Path, role: Role, kind: str = "openai", model: str = "") -> str:
    async with open_remote_engine(server.url, tmp_path, kind=kind, role=role, model=model) as remote:
        with pytest.raises(RoleMismatchError) as caught:
            await collect_events(remote, infill_request() if role is Role.BASE else chat_request())
        assert (await remote.read_server_status()).problem in ("", str(caught.value))
        return str(caught.value)


async def test_a_base_model_of_ollama_is_no_instruct_model_and_its_variants_are_named(
    server: FakeHttpServer, tmp_path: Path
) -> None:
    serve_ollama(server, "codellama:7b", template="[INST] {{ .Prompt }} [/INST]", name="codellama")
    said = await refusal_sentence(server, tmp_path, Role.INSTRUCT, "ollama", "codellama:7b")
    assert "codellama:7b is a base model" in said
    assert "codellama:7b-instruct" in said
    assert "codellama:7b-code is for the base role" in said
    assert not server.count_requests("/api/chat")


@pytest.mark.parametrize(
    ("name", "variant"), [("codellama:7b-code", "codellama:7b-instruct"), ("Qwen2.5-Coder-7B-base", "qwen2.5-coder-7b-instruct")]
)
def test_a_name_that_says_base_is_refused_before_anybody_is_asked(name: str, variant: str) -> None:
    with pytest.raises(RoleMismatchError, match=variant):
        make_remote_instruct(name, "http://gpu.example")
    assert make_remote_instruct(name, "http://gpu.example", override_roles=True).is_forced


@pytest.mark.parametrize(
    ("name", "template", "info"),
    [
        ("qwen2.5-coder:7b", "{{ .Prompt }}", {"name": "Qwen2.5 Coder 7B Instruct", "finetune": "Instruct"}),
        ("codegemma:7b", "{{ range .Messages }}<start_of_turn>{{ .Role }}{{ end }}", {}),
        ("gemma4:e4b", "{{ .Prompt }}", {}),
    ],
)
async def test_a_name_that_says_nothing_is_an_instruct_models_where_the_server_says_so(
    server: FakeHttpServer, tmp_path: Path, name: str, template: str, info: dict[str, str]
) -> None:
    serve_ollama(server, name, template=template, **info)
    server.routes["/api/chat"] = ndjson_reply({"message": {"content": "Hi."}, "done": False}, {"done": True, "done_reason": "stop"})
    async with open_remote_engine(server.url, tmp_path, kind="ollama", role=Role.INSTRUCT, model=name) as remote:
        assert await complete_text(remote, chat_request()) == "Hi."
    _, body = server.requests[-1]
    assert body["options"]["num_ctx"] == 8192


async def test_a_name_of_no_known_family_is_judged_by_the_probe_alone(server: FakeHttpServer, tmp_path: Path) -> None:
    serve_openai_model(server, name="team-model")
    server.routes["/v1/chat/completions"] = serve_chat
    async with open_remote_engine(server.url, tmp_path, role=Role.INSTRUCT) as remote:
        assert await complete_text(remote, chat_request()) == "It goes round."
    assert "Neither its name nor its vocabulary" in await refusal_sentence(server, tmp_path, Role.BASE)


async def test_a_chat_model_that_never_ends_is_refused(server: FakeHttpServer, tmp_path: Path) -> None:
    serve_openai_model(server, name="team-model")
    server.routes["/v1/chat/completions"] = sse_reply({"choices": [{"delta": {"content": "So "}, "finish_reason": "length"}]})
    assert "it had not ended its answer" in await refusal_sentence(server, tmp_path, Role.INSTRUCT)


async def test_a_general_model_cannot_infill_whatever_its_vocabulary_holds(server: FakeHttpServer, tmp_path: Path) -> None:
    serve_openai_model(server, name="Qwen/Qwen2.5-7B-Instruct")
    assert "not trained to fill a hole" in await refusal_sentence(server, tmp_path, Role.BASE)


async def test_a_probe_runs_once_and_is_remembered(server: FakeHttpServer, tmp_path: Path) -> None:
    serve_openai_model(server)
    server.routes["/v1/completions"] = serve_infill
    for _ in range(2):
        async with open_remote_engine(server.url, tmp_path) as remote:
            assert await complete_text(remote) == "a + b"
            assert (await remote.probe_role()).says.startswith("it filled 7 of 7 holes")
    assert server.count_requests("/v1/completions") == 2 + len(HOLES) + 2


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        ((40, 40 + MARKER_REPEATS), "puts 36 tokens of its own, such as a chat template, around a raw prompt"),
        ((4, 4), r"takes the control tokens \(<\|fim_prefix\|> …\) out of a raw prompt"),
        ((4, 4 + 7 * MARKER_REPEATS), r"reads the control tokens \(<\|fim_prefix\|> …\) of a raw prompt as plain text"),
    ],
)
async def test_a_server_that_mangles_raw_prompts_is_found_out(
    server: FakeHttpServer, tmp_path: Path, counts: tuple[int, int], says: str
) -> None:
    serve_openai_model(server)
    server.routes["/v1/completions"] = lambda body: json_reply({"usage": {"prompt_tokens": counts["<|fim" in body["prompt"]]}})
    with pytest.raises(RoleMismatchError, match=says):
        async with open_remote_engine(server.url, tmp_path) as remote:
            await complete_text(remote)


async def test_a_server_that_cannot_tell_probabilities_is_not_asked_for_them(server: FakeHttpServer, tmp_path: Path) -> None:
    def without(body: dict[str, object]) -> HttpReply:
        return HttpReply(status=500) if "logprobs" in body else serve_infill(body)

    serve_openai_model(server, owned_by="me")
    server.routes["/v1/completions"] = without
    async with open_remote_engine(server.url, tmp_path) as remote:
        assert await complete_text(remote) == "a + b"
    assert "logprobs" not in server.requests[-1][1]


async def test_what_a_server_does_not_serve_is_told_with_the_nearest(server: FakeHttpServer, tmp_path: Path) -> None:
    serve_openai_model(server)
    async with open_remote_engine(server.url, tmp_path, model="qwen2.5-coder-9b") as remote:
        with pytest.raises(UsageError, match=f"the nearest is {QWEN_MODEL}"):
            await complete_text(remote)
    serve_ollama(server, "codellama:7b")
    async with open_remote_engine(server.url, tmp_path, kind="ollama", model="codelama:7b") as remote:
        with pytest.raises(UsageError, match="the nearest is codellama:7b"):
            await complete_text(remote)
    async with open_remote_engine(server.url, tmp_path, kind="ollama") as remote:
        with pytest.raises(UsageError, match="name one in base"):
            await complete_text(remote)
    server.routes["/api/tags"] = json_reply({"models": []})
    async with open_remote_engine(server.url, tmp_path, kind="ollama") as remote:
        with pytest.raises(UnavailableError, match="ollama pull"):
            await complete_text(remote)


async def test_a_model_that_ollama_has_computed_elsewhere_gets_no_code(server: FakeHttpServer, tmp_path: Path) -> None:
    serve_ollama(server, "qwen3-coder:480b-cloud")
    away = {"name": "qwen3-coder:480b-cloud", "remote_model": "qwen3-coder:480b", "remote_host": "https://ollama.com:443"}
    server.routes["/api/tags"] = json_reply({"models": [away]})
    async with open_remote_engine(server.url, tmp_path, kind="ollama", role=Role.INSTRUCT) as remote:
        with pytest.raises(UsageError, match=r"not computed by the Ollama at 127\.0\.0\.1 but on https://ollama\.com"):
            await complete_text(remote, chat_request())
        assert "ollama.com" in (await remote.read_server_status()).problem
    assert not server.count_requests("/api/chat")


async def test_status_tells_where_code_goes_without_a_word_on_the_way_there(server: FakeHttpServer, tmp_path: Path) -> None:
    serve_openai_model(server, owned_by="vendor", max_model_len=2048)
    async with open_remote_engine(f"{server.url}/v1", tmp_path) as remote:
        found = (await remote.status()).servers[0]
    assert (found.host, found.leaves, found.model, found.family, found.problem) == (
        "127.0.0.1",
        False,
        QWEN_MODEL,
        "qwen-coder",
        "",
    )
    assert found.counted == "by an estimate that learns from the server's counts"
    async with open_remote_engine("http://127.0.0.1:1/team/v1", tmp_path) as remote:
        assert "cannot be reached" in (await remote.status()).servers[0].problem


async def test_a_failing_probe_is_not_held_against_the_model(server: FakeHttpServer, tmp_path: Path) -> None:
    serve_openai_model(server)
    server.routes["/v1/completions"] = HttpReply(status=401)
    async with open_remote_engine(server.url, tmp_path) as remote:
        with pytest.raises(InterfixError, match="token"):
            await complete_text(remote)
        server.routes["/v1/completions"] = serve_infill
        assert await complete_text(remote) == "a + b"
