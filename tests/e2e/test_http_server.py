"""The real `interfix serve --http` with the real small model, and the clients that people use against it."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import ollama
import openai
import pytest

from tests.isolated_home import INTERFIX_COMMAND, SMALL_MODEL, SMOLLM

PREFIX = "def area(width, height):\n    return width * height\n\n\ndef volume(width, height, depth):\n    "
SUFFIX = "\n\n\n" + "".join(f"def test_{n}():\n    assert volume({n}, 2, 3) == {n * 6}\n\n\n" for n in range(12))
TIMEOUT_SECONDS = 120


@asynccontextmanager
async def serve(environment: dict[str, str], *arguments: str) -> AsyncIterator[str]:
    """The server's address."""
    process = await asyncio.create_subprocess_exec(
        *(INTERFIX_COMMAND, "serve", "--http", *(arguments or ("127.0.0.1:0",))), env=environment, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while not (address := re.search(rb"listening on (\S+)", await process.stderr.readline())):
                assert process.returncode is None
        yield address[1].decode()
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), TIMEOUT_SECONDS)


@pytest.fixture
async def url(environment: dict[str, str]) -> AsyncIterator[str]:
    async with serve(environment) as address:
        yield address


async def infill(url: str, prompt: str, **fields: object) -> dict[str, object]:
    body = {"input_prefix": PREFIX, "input_suffix": SUFFIX, "prompt": prompt, "n_predict": 12, **fields}
    async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS) as client:
        answer = await client.post(f"{url}/infill", json=body)
    assert answer.status_code == 200, answer.text
    result: dict[str, object] = answer.json()
    return result


async def test_a_keystroke_decodes_what_was_typed_and_not_the_suffix_again(url: str) -> None:
    whole = (await infill(url, ""))["timings"]["prompt_n"]
    counts = [(await infill(url, "return width"[:typed]))["timings"]["prompt_n"] for typed in range(6, 13)]
    assert whole > 200
    assert max(counts) < whole / 5


async def test_two_files_that_are_jumped_between_keep_their_caches(url: str) -> None:
    other = {
        "input_prefix": "class Stack:\n    def __init__(self):\n        self.items = []\n\n    def push(self, item):\n        ",
        "input_suffix": "\n",
    }
    await infill(url, "ret")
    await infill(url, "", **other)
    assert (await infill(url, "retu"))["timings"]["prompt_n"] < 40
    assert (await infill(url, "s", **other))["timings"]["prompt_n"] < 20


async def test_a_warm_up_leaves_little_to_decode(url: str) -> None:
    fresh = {
        "input_prefix": "# another file\n" + PREFIX.replace("width", "breadth"),
        "input_suffix": SUFFIX.replace("assert", "check"),
    }
    await infill(url, "", n_predict=0, **fresh)
    assert (await infill(url, "r", **fresh))["timings"]["prompt_n"] < 40


async def test_the_client_of_openai(url: str) -> None:
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="none", timeout=TIMEOUT_SECONDS) as client:
        said = await client.completions.create(model="any", prompt=PREFIX, suffix=SUFFIX, max_tokens=12, logprobs=2)
        assert said.choices[0].text.strip()
        assert said.choices[0].logprobs is not None
        assert len(said.choices[0].logprobs.top_logprobs[0]) == 2
        stream = await client.chat.completions.create(
            model="any", messages=[{"role": "user", "content": "Say yes."}], max_tokens=8, stream=True
        )
        assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream])


async def test_the_client_of_ollama(url: str) -> None:
    client = ollama.AsyncClient(url, timeout=TIMEOUT_SECONDS)
    assert SMALL_MODEL in [model.model for model in (await client.list()).models]
    raw = f"<|fim_prefix|>{PREFIX}<|fim_suffix|>{SUFFIX}<|fim_middle|>"
    assert (await client.generate(SMALL_MODEL, raw, raw=True, options={"num_predict": 12})).response.strip()
    assert (await client.chat(SMALL_MODEL, [{"role": "user", "content": "Say yes."}], options={"num_predict": 8})).message.content


async def test_tokens_are_counted_and_spelled(url: str) -> None:
    async with httpx.AsyncClient(base_url=url, timeout=TIMEOUT_SECONDS) as client:
        tokens = (await client.post("/tokenize", json={"content": PREFIX})).json()["tokens"]
        assert (await client.post("/detokenize", json={"tokens": tokens})).json()["content"] == PREFIX
        assert (await client.post("/detokenize", json={"tokens": [10**9]})).status_code == 400


async def test_a_chat_only_model_is_refused_by_name(url: str, single_role_files: dict[str, Path]) -> None:
    assert SMOLLM in single_role_files
    async with httpx.AsyncClient(base_url=url, timeout=TIMEOUT_SECONDS) as client:
        answer = await client.post("/infill", json={"model": SMOLLM, "input_prefix": "a", "input_suffix": "b"})
    assert answer.status_code == 400
    assert SMOLLM in answer.json()["error"]["message"]


async def test_a_client_that_goes_away_frees_the_engine_at_once(url: str) -> None:
    body = {"messages": [{"role": "user", "content": "Count to ten thousand, a number a line."}], "stream": True}
    async with httpx.AsyncClient(base_url=url, timeout=TIMEOUT_SECONDS) as client:
        async with client.stream("POST", "/v1/chat/completions", json=body) as answer:
            async for _ in answer.aiter_lines():
                break
        short = {**body, "stream": False, "max_tokens": 1, "messages": [{"role": "user", "content": "Say yes."}]}
        assert (await client.post("/v1/chat/completions", json=short)).status_code == 200


async def test_other_machines_need_a_token(environment: dict[str, str]) -> None:
    process = await asyncio.create_subprocess_exec(
        *(INTERFIX_COMMAND, "serve", "--http", "0.0.0.0:0"), env=environment, stderr=asyncio.subprocess.PIPE
    )
    _, said = await asyncio.wait_for(process.communicate(), TIMEOUT_SECONDS)
    assert process.returncode == 2
    assert b"http.token" in said
    assert b"Traceback" not in said
    guarded = {**environment, "INTERFIX_HTTP_TOKEN": "env:SECRET_TOKEN", "SECRET_TOKEN": "open-sesame"}
    async with serve(guarded, "0.0.0.0:0") as address, httpx.AsyncClient() as client:
        port = address.rsplit(":", 1)[1]
        models = f"http://127.0.0.1:{port}/v1/models"
        assert (await client.get(models)).status_code == 401
        assert (await client.get(models, headers={"authorization": "Bearer open-sesame"})).status_code == 200
