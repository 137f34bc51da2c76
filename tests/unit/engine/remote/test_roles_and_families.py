"""Which model a server has, what it may be used for, and what a probe finds out: from the servers' documented answers."""

from pathlib import Path

import pytest
from loopback import Loopback, Reply, ndjson, sse, told
from speaking import QWEN, engine, events, filled, hole, openai, question

from interfix.engine.questions import HOLES
from interfix.engine.remote.probe import MARKERS
from interfix.errors import BadUsage, InterfixError, RoleRefused, Unavailable
from interfix.models.roles import served_instruct
from interfix.values import Role

ANSWERS = {hole.before: hole.answer for hole in HOLES}


def fills_holes(body: dict[str, object], marks: tuple[str, str] = ("<|fim_prefix|>", "<|fim_suffix|>"), around: int = 0) -> Reply:
    """A server with a model that fills holes; `around` is what it makes of a raw prompt besides, tokens."""
    prompt = str(body["prompt"])
    if not body.get("stream"):
        markers = prompt.count(marks[0])
        return told({"choices": [{"text": "x"}], "usage": {"prompt_tokens": 4 + around + markers}})
    before = prompt.split(marks[0])[1].split(marks[1])[0]
    return sse(
        {"choices": [{"text": ANSWERS.get(before, "a + b"), "finish_reason": "stop"}]},
        {"choices": [], "usage": {"prompt_tokens": 40}},
    )


def talks(_body: dict[str, object]) -> Reply:
    return sse({"choices": [{"delta": {"content": "It goes round."}}]}, {"choices": [{"delta": {}, "finish_reason": "stop"}]})


def ollama(server: Loopback, model: str, *, template: str = "{{ .Prompt }}", **info: str) -> None:
    """Answers as Ollama's documentation has them; not Ollama."""
    server.routes["/api/tags"] = told({"models": [{"name": model, "digest": "8eeb52dfb3bb"}, {"name": "other:7b", "digest": "1"}]})
    keys = {f"general.{key}": value for key, value in info.items()}
    keys |= {"general.architecture": "llama", "llama.context_length": "16384"}
    server.routes["/api/show"] = told({"details": {"family": "llama"}, "model_info": keys, "template": template})


async def refusal(server: Loopback, tmp_path: Path, role: Role, kind: str = "openai", model: str = "") -> str:
    async with engine(server.url, tmp_path, kind=kind, role=role, model=model) as remote:
        with pytest.raises(RoleRefused) as caught:
            await events(remote, hole() if role is Role.BASE else question())
        assert (await remote.server_status()).problem in ("", str(caught.value))
        return str(caught.value)


async def test_a_base_model_of_ollama_is_no_instruct_model_and_its_variants_are_named(server: Loopback, tmp_path: Path) -> None:
    ollama(server, "codellama:7b", template="[INST] {{ .Prompt }} [/INST]", name="codellama")
    said = await refusal(server, tmp_path, Role.INSTRUCT, "ollama", "codellama:7b")
    assert "codellama:7b is a base model" in said
    assert "codellama:7b-instruct" in said
    assert "codellama:7b-code is for the base role" in said
    assert not server.count("/api/chat")


@pytest.mark.parametrize(
    ("name", "variant"), [("codellama:7b-code", "codellama:7b-instruct"), ("Qwen2.5-Coder-7B-base", "qwen2.5-coder-7b-instruct")]
)
def test_a_name_that_says_base_is_refused_before_anybody_is_asked(name: str, variant: str) -> None:
    with pytest.raises(RoleRefused, match=variant):
        served_instruct(name, "http://gpu.example")
    assert served_instruct(name, "http://gpu.example", override=True).forced


async def test_a_name_that_says_nothing_is_an_instruct_models_where_the_server_says_so(server: Loopback, tmp_path: Path) -> None:
    ollama(server, "qwen2.5-coder:7b", name="Qwen2.5 Coder 7B Instruct", finetune="Instruct")
    server.routes["/api/chat"] = ndjson({"message": {"content": "Hi."}, "done": False}, {"done": True, "done_reason": "stop"})
    async with engine(server.url, tmp_path, kind="ollama", role=Role.INSTRUCT, model="qwen2.5-coder:7b") as remote:
        assert await filled(remote, question()) == "Hi."
    _, body = server.asked[-1]
    assert body["options"]["num_ctx"] == 8192


async def test_a_name_of_no_known_family_is_judged_by_the_probe_alone(server: Loopback, tmp_path: Path) -> None:
    openai(server, name="team-model")
    server.routes["/v1/chat/completions"] = talks
    async with engine(server.url, tmp_path, role=Role.INSTRUCT) as remote:
        assert await filled(remote, question()) == "It goes round."
    assert "Neither its name nor its vocabulary" in await refusal(server, tmp_path, Role.BASE)


async def test_a_chat_model_that_never_ends_is_refused(server: Loopback, tmp_path: Path) -> None:
    openai(server, name="team-model")
    server.routes["/v1/chat/completions"] = sse({"choices": [{"delta": {"content": "So "}, "finish_reason": "length"}]})
    assert "it had not ended its answer" in await refusal(server, tmp_path, Role.INSTRUCT)


async def test_a_general_model_cannot_infill_whatever_its_vocabulary_holds(server: Loopback, tmp_path: Path) -> None:
    openai(server, name="Qwen/Qwen2.5-7B-Instruct")
    assert "not trained to fill a hole" in await refusal(server, tmp_path, Role.BASE)


async def test_a_probe_runs_once_and_is_remembered(server: Loopback, tmp_path: Path) -> None:
    openai(server)
    server.routes["/v1/completions"] = fills_holes
    for _ in range(2):
        async with engine(server.url, tmp_path) as remote:
            assert await filled(remote) == "a + b"
            assert (await remote.prove()).says.startswith("it filled 7 of 7 holes")
    assert server.count("/v1/completions") == 2 + len(HOLES) + 2


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        ((40, 40 + MARKERS), "puts 36 tokens of its own, such as a chat template, around a raw prompt"),
        ((4, 4), r"takes the control tokens \(<\|fim_prefix\|> …\) out of a raw prompt"),
        ((4, 4 + 7 * MARKERS), r"reads the control tokens \(<\|fim_prefix\|> …\) of a raw prompt as plain text"),
    ],
)
async def test_a_server_that_mangles_raw_prompts_is_found_out(
    server: Loopback, tmp_path: Path, counts: tuple[int, int], says: str
) -> None:
    openai(server)
    server.routes["/v1/completions"] = lambda body: told({"usage": {"prompt_tokens": counts["<|fim" in body["prompt"]]}})
    with pytest.raises(RoleRefused, match=says):
        async with engine(server.url, tmp_path) as remote:
            await filled(remote)


async def test_a_server_that_cannot_tell_probabilities_is_not_asked_for_them(server: Loopback, tmp_path: Path) -> None:
    def without(body: dict[str, object]) -> Reply:
        return Reply(status=500) if "logprobs" in body else fills_holes(body)

    openai(server, owned_by="me")
    server.routes["/v1/completions"] = without
    async with engine(server.url, tmp_path) as remote:
        assert await filled(remote) == "a + b"
    assert "logprobs" not in server.asked[-1][1]


async def test_what_a_server_does_not_serve_is_told_with_the_nearest(server: Loopback, tmp_path: Path) -> None:
    openai(server)
    async with engine(server.url, tmp_path, model="qwen2.5-coder-9b") as remote:
        with pytest.raises(BadUsage, match=f"the nearest is {QWEN}"):
            await filled(remote)
    ollama(server, "codellama:7b")
    async with engine(server.url, tmp_path, kind="ollama", model="codelama:7b") as remote:
        with pytest.raises(BadUsage, match="the nearest is codellama:7b"):
            await filled(remote)
    async with engine(server.url, tmp_path, kind="ollama") as remote:
        with pytest.raises(BadUsage, match="name one in base"):
            await filled(remote)
    server.routes["/api/tags"] = told({"models": []})
    async with engine(server.url, tmp_path, kind="ollama") as remote:
        with pytest.raises(Unavailable, match="ollama pull"):
            await filled(remote)


async def test_a_model_that_ollama_has_computed_elsewhere_gets_no_code(server: Loopback, tmp_path: Path) -> None:
    ollama(server, "qwen3-coder:480b-cloud")
    away = {"name": "qwen3-coder:480b-cloud", "remote_model": "qwen3-coder:480b", "remote_host": "https://ollama.com:443"}
    server.routes["/api/tags"] = told({"models": [away]})
    async with engine(server.url, tmp_path, kind="ollama", role=Role.INSTRUCT) as remote:
        with pytest.raises(BadUsage, match=r"not computed by the Ollama at 127\.0\.0\.1 but on https://ollama\.com"):
            await filled(remote, question())
        assert "ollama.com" in (await remote.server_status()).problem
    assert not server.count("/api/chat")


async def test_status_tells_where_code_goes_without_a_word_on_the_way_there(server: Loopback, tmp_path: Path) -> None:
    openai(server, owned_by="vendor", max_model_len=2048)
    async with engine(f"{server.url}/v1", tmp_path) as remote:
        found = (await remote.status()).servers[0]
    assert (found.host, found.leaves, found.model, found.family, found.problem) == ("127.0.0.1", False, QWEN, "qwen-coder", "")
    assert found.counted == "by an estimate that learns from the server's counts"
    async with engine("http://127.0.0.1:1/team/v1", tmp_path) as remote:
        assert "cannot be reached" in (await remote.status()).servers[0].problem


async def test_a_failing_probe_is_not_held_against_the_model(server: Loopback, tmp_path: Path) -> None:
    openai(server)
    server.routes["/v1/completions"] = Reply(status=401)
    async with engine(server.url, tmp_path) as remote:
        with pytest.raises(InterfixError, match="token"):
            await filled(remote)
        server.routes["/v1/completions"] = fills_holes
        assert await filled(remote) == "a + b"
